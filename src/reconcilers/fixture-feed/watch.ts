/** Which matches of a feed deserve a re-read of their own, before the next list. Pure. */
import { parseDuration } from '../../base/durations.ts';
import { instant, isBefore, msBetween, plusMs } from '../../base/instants.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Watched } from '../../football-data/next-read.ts';
import type { Known } from './learn.ts';
import { NEAR_SEND_MS } from './poll-times.ts';

/** A match may be corrected for a while after its kickoff; later its object is history and costs no calls. */
const FOLLOW_AFTER_KICKOFF_MS = 6 * 3_600_000;
/** Of a match that was called off the date is the old one; it is looked for as long as it may be set again. */
const FOLLOW_HELD_MS = 300 * 86_400_000;
/** More open questions than this are settled by one list. */
const CONFIRM_BY_ID = 20;

export interface WatchInput {
  readonly feed: FixtureFeed;
  readonly own: readonly MatchNotification[];
  readonly known: Known;
  readonly now: Temporal.Instant;
}

export interface Watch {
  readonly watched: readonly Watched[];
  /** One of them has its send near. */
  readonly near: boolean;
  /** Another answer about some of them could settle something. */
  readonly confirm: boolean;
  /** So many of them that a list does it sooner. */
  readonly confirmByList: boolean;
}

export function watchOf(input: WatchInput): Watch {
  const { feed, own, known, now } = input;
  const near = own.filter((object) => isNear(object, now)).map(({ spec }) => spec.match.id);
  const open = [...known.values()].filter(({ wantsConfirmation }) => wantsConfirmation).map(({ id }) => id);
  const confirm = open.filter((id) => matters(id, input));
  const confirmByList = confirm.length > CONFIRM_BY_ID;
  const ids = new Set([...near, ...(confirmByList ? [] : confirm)]);
  const watched = [...ids].map((id) => watchedMatch(id, known, { feed, now }));
  return { watched, near: near.length > 0, confirm: confirm.length > 0 && !confirmByList, confirmByList };
}

export function watchedMatch(id: string, known: Known, { feed, now }: Pick<WatchInput, 'feed' | 'now'>): Watched {
  return { id, kickoff: known.get(id)?.play.value.kickoff ?? now, competition: feed.spec.source.competition };
}

function isNear({ spec, metadata }: MatchNotification, now: Temporal.Instant): boolean {
  const ahead = msBetween(now, instant(spec.sendAt));
  return metadata.deletionTimestamp === undefined && ahead > 0 && ahead <= NEAR_SEND_MS;
}

/** When the next of these sends comes near; undefined: none ahead that is not. */
export function nextNearAt(own: readonly MatchNotification[], now: Temporal.Instant): Temporal.Instant | undefined {
  const times = own
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ spec }) => plusMs(instant(spec.sendAt), -NEAR_SEND_MS))
    .filter((at) => isBefore(now, at));
  return times.length === 0 ? undefined : times.reduce((a, b) => (isBefore(b, a) ? b : a));
}

/** Whether a second look at this match is worth a call: it has an object, or may get one. */
function matters(id: string, { own, feed, known, now }: WatchInput): boolean {
  if (own.some(({ spec }) => spec.match.id === id)) return true;
  const kickoff = known.get(id)?.play.value.kickoff;
  return kickoff !== undefined && isBefore(now, kickoff) && isBefore(kickoff, plusMs(now, parseDuration(feed.spec.window)));
}

/** Matches whose objects may still have something ahead, nearest first: they are read by id when the list leaves them out. */
export function followed(own: readonly MatchNotification[], now: Temporal.Instant): readonly string[] {
  return own
    .filter((object) => object.metadata.deletionTimestamp === undefined && mayComeBack(object, now))
    .sort((a, b) => (a.spec.kickoff < b.spec.kickoff ? -1 : 1))
    .map(({ spec }) => spec.match.id);
}

function mayComeBack({ spec }: MatchNotification, now: Temporal.Instant): boolean {
  const sinceKickoffMs = msBetween(instant(spec.kickoff), now);
  return sinceKickoffMs < (spec.hold === undefined ? FOLLOW_AFTER_KICKOFF_MS : FOLLOW_HELD_MS);
}
