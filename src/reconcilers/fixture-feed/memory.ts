/**
 * What the process remembers of one feed between passes. All of it may be lost: knowledge is seeded from the objects, a lost `settled`
 * costs one refused apply, a lost time one early poll.
 */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { APPROVE, REQUESTED_AT } from '../../crds/words.ts';
import type { FootballDataApi } from '../../football-data/types.ts';
import type { Known } from './learn.ts';
import type { Settled } from './plan.ts';

export interface FeedMemory {
  /** Another uid is another feed of the same name. */
  readonly uid: string;
  known: Known;
  readonly settled: Map<string, Settled>;
  client: { readonly token: string; readonly api: FootballDataApi } | undefined;
  /** Undefined: at once. */
  nextPollAt: Temporal.Instant | undefined;
  /** The provider asked to wait: neither a change of the feed nor a request polls earlier. */
  notBefore: Temporal.Instant | undefined;
  /** Failed polls in a row. */
  failures: number;
  succeededAt: Temporal.Instant | undefined;
  /** The nearest send, as the last plan saw it. */
  nextSendAt: Temporal.Instant | undefined;
  /** Generation of the feed whose wishes were all applied. */
  appliedGeneration: number | undefined;
  /** What the last poll was made for; anything else is a reason to poll at once. */
  polledFor: string | undefined;
}

export const emptyMemory = (uid: string): FeedMemory => ({
  uid,
  known: new Map(),
  settled: new Map(),
  client: undefined,
  nextPollAt: undefined,
  notBefore: undefined,
  failures: 0,
  succeededAt: undefined,
  nextSendAt: undefined,
  appliedGeneration: undefined,
  polledFor: undefined,
});

/** A change of the spec, or of an annotation that asks for a poll or approves what one found. */
export function occasionOf({ metadata }: FixtureFeed): string {
  const said = [REQUESTED_AT, APPROVE].map((annotation) => metadata.annotations?.[annotation] ?? '');
  return [metadata.generation ?? 0, ...said].join('/');
}

/** When this feed is to be polled; undefined: now. */
export function dueAt(memory: FeedMemory, feed: FixtureFeed, now: Temporal.Instant): Temporal.Instant | undefined {
  const asked = memory.polledFor !== occasionOf(feed);
  const at = asked ? memory.notBefore : memory.nextPollAt;
  return at === undefined || Temporal.Instant.compare(at, now) <= 0 ? undefined : at;
}
