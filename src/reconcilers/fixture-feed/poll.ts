/** One look at the provider: the season's list, and by id what is followed and not in it (contracts 2.7, 1–2). Calls no more than twice. */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { Fixture, FixturesAnswer, FootballDataApi } from '../../football-data/types.ts';

/** As many ids as one call asks for; the rest comes with the next polls. */
const IDS_A_CALL = 50;

export interface Polled {
  readonly answer: FixturesAnswer;
  /** Rows of the matches that were read by id. Absence from there says nothing either. */
  readonly byId: readonly Fixture[];
  /** Matches that were asked for by id and of which the provider knows nothing. */
  readonly unlisted: number;
}

/** `followed`: ids of matches whose objects still have something ahead, nearest first. */
export async function poll(api: FootballDataApi, feed: FixtureFeed, followed: readonly string[]): Promise<Polled> {
  const { competition, season } = feed.spec.source;
  const answer = await api.seasonMatches({ competition, ...(season === undefined ? {} : { season }) });
  if (answer.kind !== 'matches') return { answer, byId: [], unlisted: 0 };
  const listed = new Set(answer.matches.map(({ id }) => id));
  const missing = followed.filter((id) => !listed.has(id)).slice(0, IDS_A_CALL);
  const spared = answer.quota.remaining === undefined || answer.quota.remaining > 1;
  return missing.length > 0 && spared ? await reread(api, answer, missing) : { answer, byId: [], unlisted: 0 };
}

type Matches = Extract<FixturesAnswer, { kind: 'matches' }>;

async function reread(api: FootballDataApi, answer: Matches, missing: readonly string[]): Promise<Polled> {
  const [only = ''] = missing;
  const again = missing.length === 1 ? await api.matchById(only) : await api.matchesByIds(missing);
  const quota = again.quota.remaining === undefined ? answer.quota : again.quota;
  if (again.kind === 'not-found') return { answer: { ...answer, quota }, byId: [], unlisted: missing.length };
  if (again.kind !== 'matches') return { answer: { ...answer, quota }, byId: [], unlisted: 0 };
  const byId = again.matches.filter(({ id }) => missing.includes(id));
  return { answer: { ...answer, quota }, byId, unlisted: missing.length - byId.length };
}
