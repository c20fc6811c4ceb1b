/** One look at the provider: the season's list, and by id what is followed and not in it (contracts 2.7, 1–2). Calls no more than twice. */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { Fixture, FixturesAnswer, FootballDataApi } from '../../football-data/types.ts';

/** As many ids as one call asks for; the rest comes with the next polls. */
const IDS_A_CALL = 50;

export interface Polled {
  readonly answer: FixturesAnswer;
  /** Rows of the matches that were read by id. Absence from there says nothing either. */
  readonly byId: readonly Fixture[];
}

/** `followed`: ids of matches whose objects still have something ahead, nearest first. */
export async function poll(api: FootballDataApi, feed: FixtureFeed, followed: readonly string[]): Promise<Polled> {
  const { competition, season } = feed.spec.source;
  const answer = await api.seasonMatches({ competition, ...(season === undefined ? {} : { season }) });
  if (answer.kind !== 'matches') return { answer, byId: [] };
  const listed = new Set(answer.matches.map(({ id }) => id));
  const missing = followed.filter((id) => !listed.has(id)).slice(0, IDS_A_CALL);
  const spared = answer.quota.remaining === undefined || answer.quota.remaining > 1;
  if (missing.length === 0 || !spared) return { answer, byId: [] };
  const reread = missing.length === 1 ? await api.matchById(missing[0] ?? '') : await api.matchesByIds(missing);
  if (reread.kind !== 'matches') return { answer, byId: [] };
  const asked = new Set(missing);
  return { answer: { ...answer, quota: reread.quota }, byId: reread.matches.filter(({ id }) => asked.has(id)) };
}
