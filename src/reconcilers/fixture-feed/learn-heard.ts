/** What was heard since the last pass, folded into a feed's memory: each answer is a sighting of its own. */
import { parseDuration } from '../../base/durations.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Heard } from '../../football-data/token-desk.ts';
import { forget, learn } from './learn.ts';
import type { FeedMemory } from './memory.ts';
import { afterList, afterRead } from './misses.ts';
import { seedFrom } from './seed.ts';
import { isWholeList, verdictOn } from './verdict.ts';

export interface Learning {
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  readonly own: readonly MatchNotification[];
  /** Ids of matches whose objects may have something ahead. */
  readonly followed: readonly string[];
}

export function learnHeard({ feed, memory, own, followed }: Learning, heard: readonly Heard[]): void {
  const known = new Map(memory.known);
  for (const object of own) if (!known.has(object.spec.match.id)) known.set(object.spec.match.id, seedFrom(object));
  memory.known = known;
  const leadTimeMs = parseDuration(feed.spec.leadTime);
  for (const { at, list, matches, asked } of heard) {
    const found = new Set(matches.map(({ id }) => id));
    memory.known = learn(memory.known, matches, { now: at, leadTimeMs });
    memory.heardAt = new Map([...memory.heardAt, ...matches.map(({ id }) => [id, at] as const)]);
    if (list === undefined) memory.misses = afterRead(memory.misses, asked, found);
    else if (isWholeList(list)) {
      memory.misses = afterList(memory.misses, followed, found);
      memory.season = list.seasonFrom === undefined ? undefined : { from: list.seasonFrom, ids: found };
    }
    if (list !== undefined) {
      memory.listVerdict = verdictOn(list, feed);
      forgetOthers(memory, new Set([...found, ...own.map(({ spec }) => spec.match.id)]));
    }
  }
}

/** So that memory does not grow over the seasons. */
function forgetOthers(memory: FeedMemory, keep: ReadonlySet<string>): void {
  memory.known = forget(memory.known, keep);
  memory.heardAt = new Map([...memory.heardAt].filter(([id]) => keep.has(id)));
}
