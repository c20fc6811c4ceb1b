/**
 * What the process remembers of one feed between passes. All of it may be lost: knowledge is seeded from the objects, a lost `settled`
 * costs one refused apply, a lost time one early poll.
 */

import { earliest, isBefore, latest } from '../../base/instants.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { APPROVE, REQUESTED_AT } from '../../crds/words.ts';
import type { Seat } from '../../football-data/token-desks.ts';
import type { Known } from './learn.ts';
import { type Misses, NO_MISSES } from './misses.ts';
import type { Settled } from './plan.ts';
import type { Verdict } from './verdict.ts';

/** The season that the last whole list was of. */
export interface ListedSeason {
  readonly from: Temporal.Instant;
  readonly ids: ReadonlySet<string>;
}

export interface FeedMemory {
  /** Another uid is another feed of the same name. */
  readonly uid: string;
  known: Known;
  readonly settled: Map<string, Settled>;
  /** Where those who share the token meet. */
  seat: Seat | undefined;
  /** When the season's list is asked for next; undefined: at once. */
  listAt: Temporal.Instant | undefined;
  /** When single matches are re-read; undefined: none needs it. */
  readAt: Temporal.Instant | undefined;
  /** The provider asked to wait, or the token's calls are spent: neither a change of the feed nor a request polls earlier. */
  notBefore: Temporal.Instant | undefined;
  /** Failed polls in a row. */
  failures: number;
  /** When a list was last read and applied. */
  succeededAt: Temporal.Instant | undefined;
  /** When each followed match was last in an answer. */
  heardAt: ReadonlyMap<string, Temporal.Instant>;
  misses: Misses;
  /** Undefined: no whole list yet, or one that does not tell. */
  season: ListedSeason | undefined;
  /** What was wrong with the last list; a re-read of single matches doesn't make it well. */
  listVerdict: Verdict | undefined;
  /** The nearest send, as the last plan saw it. */
  nextSendAt: Temporal.Instant | undefined;
  /** Of which objects it was said that they were not confirmed before their send: name and send time. */
  readonly toldStale: Set<string>;
  /** Ids of which it was said that they are missing. */
  readonly toldMissing: Set<string>;
  /** Generation of the feed whose wishes were all applied. */
  appliedGeneration: number | undefined;
  /** What the last list was asked for; anything else is a reason to ask at once. */
  polledFor: string | undefined;
}

export const emptyMemory = (uid: string): FeedMemory => ({
  uid,
  known: new Map(),
  settled: new Map(),
  seat: undefined,
  listAt: undefined,
  readAt: undefined,
  notBefore: undefined,
  failures: 0,
  succeededAt: undefined,
  heardAt: new Map(),
  misses: NO_MISSES,
  season: undefined,
  listVerdict: undefined,
  nextSendAt: undefined,
  toldStale: new Set(),
  toldMissing: new Set(),
  appliedGeneration: undefined,
  polledFor: undefined,
});

/** A change of the spec, or of an annotation that asks for a poll or approves what one found. */
export function occasionOf({ metadata }: FixtureFeed): string {
  const said = [REQUESTED_AT, APPROVE].map((annotation) => metadata.annotations?.[annotation] ?? '');
  return [metadata.generation ?? 0, ...said].join('/');
}

/** When the season's list is due; `now` at the earliest. */
export function listDueAt(memory: FeedMemory, feed: FixtureFeed, now: Temporal.Instant): Temporal.Instant {
  const at = memory.polledFor === occasionOf(feed) ? memory.listAt : memory.notBefore;
  return latest(at ?? now, now);
}

/** When there is something to ask for; `now` when there is. */
export function dueAt(memory: FeedMemory, feed: FixtureFeed, now: Temporal.Instant): Temporal.Instant {
  const listAt = listDueAt(memory, feed, now);
  return memory.readAt === undefined ? listAt : earliest(listAt, latest(memory.readAt, now));
}

export const isDue = (at: Temporal.Instant | undefined, now: Temporal.Instant): boolean => at !== undefined && !isBefore(now, at);
