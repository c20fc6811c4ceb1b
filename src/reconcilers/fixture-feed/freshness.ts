/**
 * How old a feed's knowledge is, and what an old one means for a send that is minutes away (`spec.sendWhenStale`). Pure.
 *
 * The question is asked of each match: whether an answer had it lately. A provider whose lists fail while matches can be read one by one
 * leaves no doubt about those.
 */
import { parseDuration } from '../../base/durations.ts';
import { instant, isBefore, msBetween, plusMs } from '../../base/instants.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Hold } from '../../football-data/desired.ts';

/** A near match is asked for every minute: after this long without an answer what is known of it is old. */
const CONFIRMED_MS = 15 * 60_000;
/** Intervals without a whole list, after which the feed itself is stale. */
const INTERVALS = 3;
/** Before a send, early enough to close it within the largest margin. */
const GATE_MS = 10 * 60_000;

export interface Freshness {
  readonly fresh: boolean;
  readonly message: string;
}

/** `heardAt`: the last answer with fixtures; undefined: never. */
export function freshnessOf(feed: FixtureFeed, heardAt: Temporal.Instant | undefined, now: Temporal.Instant): Freshness {
  if (heardAt === undefined) return { fresh: false, message: 'The provider has not answered with fixtures yet.' };
  const limitMs = Math.max(CONFIRMED_MS, INTERVALS * parseDuration(feed.spec.interval));
  const minutes = Math.floor(msBetween(heardAt, now) / 60_000);
  if (msBetween(heardAt, now) <= limitMs) return { fresh: true, message: 'The provider answered with fixtures lately.' };
  const then = feed.spec.sendWhenStale ? 'Sends go out as last known' : 'A send is held ten minutes before it goes out';
  return { fresh: false, message: `The provider last answered with fixtures ${minutes} minutes ago. ${then} (spec.sendWhenStale).` };
}

/** The last answer with fixtures, of this process or, after a restart, as the status tells. */
export function lastAnswer(feed: FixtureFeed, succeededAt: Temporal.Instant | undefined): Temporal.Instant | undefined {
  const { lastSuccessAt } = feed.status ?? {};
  return succeededAt ?? (lastSuccessAt === undefined ? undefined : instant(lastSuccessAt));
}

export interface GateInput {
  readonly object: MatchNotification;
  /** When its match was last in an answer. */
  readonly heardAt: Temporal.Instant | undefined;
  readonly now: Temporal.Instant;
}

/** Whether the send of `object` is near and its match was not confirmed lately. Once held for it, it stays so until an answer comes. */
export function isDoubtful({ object, heardAt, now }: GateInput): boolean {
  const { spec } = object;
  if (heardAt !== undefined && msBetween(heardAt, now) <= CONFIRMED_MS) return false;
  if (spec.hold !== undefined) return spec.hold.reason === 'FeedStale';
  const sendAt = instant(spec.sendAt);
  return isBefore(now, sendAt) && msBetween(now, sendAt) <= GATE_MS;
}

export const staleHold: Hold = {
  reason: 'FeedStale',
  message:
    'The fixture provider has not confirmed this match for a quarter of an hour, and spec.sendWhenStale of the feed is false; sent when it answers.',
};

/** When the next of these sends comes near enough for the question; undefined: none ahead. */
export function nextGateAt(own: readonly MatchNotification[], now: Temporal.Instant): Temporal.Instant | undefined {
  const gates = own
    .filter(({ spec, metadata }) => spec.hold === undefined && metadata.deletionTimestamp === undefined)
    .map(({ spec }) => plusMs(instant(spec.sendAt), -GATE_MS))
    .filter((at) => isBefore(now, at));
  return gates.length === 0 ? undefined : gates.reduce((a, b) => (isBefore(b, a) ? b : a));
}
