/** What the feeds know of the matches of the old system, and the objects that are there: each feed's own rules decide what it would apply. */
import { parseDuration } from '../../base/durations.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Knowledge } from '../../football-data/knowledge.ts';
import { objectName, PROVIDER } from '../../reconcilers/fixture-feed/identity.ts';
import { type Known, learn } from '../../reconcilers/fixture-feed/learn.ts';
import { seedFrom } from '../../reconcilers/fixture-feed/seed.ts';
import { type ApplyBody, wishFor } from '../../reconcilers/fixture-feed/wish.ts';
import { readFixtures } from '../plan/source.ts';
import type { Session } from '../session.ts';

/** As often as a hold near its send has to be heard before it is believed: the same answer, as `matchday plan` does. */
const SIGHTINGS = 3;

export interface FoundMatch {
  readonly feed: FixtureFeed | undefined;
  readonly fixture: string;
  readonly wish: ApplyBody | 'over' | 'unknown';
  readonly shown: MatchNotification | undefined;
}

export type Finder = (matchId: string) => FoundMatch;

export interface FinderInput {
  readonly feeds: readonly FixtureFeed[];
  readonly objects: readonly MatchNotification[];
  readonly footballDataUrl: string;
}

/** Reads each feed's season once; one after the other, since feeds may share a token and its calls a minute. */
export async function finderOf(session: Session, { feeds, objects, footballDataUrl }: FinderInput): Promise<Finder> {
  const read: { readonly feed: FixtureFeed; readonly known: Known }[] = [];
  for (const feed of feeds) {
    const rows = await readFixtures(session, feed, footballDataUrl);
    const options = { now: session.now, leadTimeMs: parseDuration(feed.spec.leadTime) };
    const inFeed = new Set(rows.map(({ id }) => id));
    let known: Known = new Map(
      objects.filter((each) => inFeed.has(each.spec.match.id)).map((each) => [each.spec.match.id, seedFrom(each)]),
    );
    for (let sighting = 1; sighting <= SIGHTINGS; sighting += 1) known = learn(known, rows, options);
    read.push({ feed, known: new Map([...known].filter(([id]) => inFeed.has(id))) });
  }
  return (matchId) => {
    const found = read.find(({ known }) => known.has(matchId));
    const known = found?.known.get(matchId);
    if (found === undefined || known === undefined) return { feed: undefined, fixture: '', wish: 'unknown', shown: undefined };
    return foundMatch({ feed: found.feed, known, objects, now: session.now });
  };
}

interface Found {
  readonly feed: FixtureFeed;
  readonly known: Knowledge;
  readonly objects: readonly MatchNotification[];
  readonly now: Temporal.Instant;
}

function foundMatch({ feed, known, objects, now }: Found): FoundMatch {
  const { campaignId } = feed.spec.template.spec;
  const ofMatch = objects.filter(
    ({ spec }) => spec.match.provider === PROVIDER && spec.match.id === known.id && spec.campaignId === campaignId,
  );
  const shown = ofMatch.find(({ metadata }) => metadata.name === objectName(feed, known.id)) ?? ofMatch[0];
  const wish = wishFor({ feed, known, now, shown });
  // Of a postponed match the provider keeps the old day: its hold says more than its kick-off.
  const begun = Temporal.Instant.compare(known.play.value.kickoff, now) <= 0 && wish?.held !== true;
  const fixture = [known.home.value.name, known.away.value.name].map((side) => side ?? 'to be decided').join(' v ');
  return { feed, fixture, wish: wish === undefined || begun ? 'over' : wish.body, shown };
}
