/**
 * Two processes that lead at once would undo each other's announcements for as long as both do, and nothing would ever be opened or closed. So
 * an announcement that is a moment old and not ours is left to who made it. After a crash the lease has taken most of that moment; waiting
 * opens nothing; and near the send nobody waits: what must be closed is closed by who can.
 */
import { instant, isBefore, plusMs } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import type { Facts } from './facts.ts';

/** Beside two calls: the bulk PUT is gathered for a second and applied a little later. */
const MOMENT_MS = 5_000;

/** Undefined when it is our turn. */
export function othersTurnUntil(
  status: MatchNotificationStatus,
  { ticket, settings, now }: Pick<Facts, 'ticket' | 'settings'> & { readonly now: Temporal.Instant },
): Temporal.Instant | undefined {
  const { fence } = status;
  if (fence === undefined || fence.confirmed || ticket?.announcedAt === fence.announcedAt) return undefined;
  const turnMs = 2 * settings.requestTimeoutMs + MOMENT_MS;
  const announced = instant(fence.announcedAt);
  const until = plusMs(announced, turnMs);
  // The other's clock, or ours, may be off: nobody waits longer than two turns.
  const isFresh = isBefore(now, until) && isBefore(announced, plusMs(now, turnMs));
  return isFresh && isFar(status, plusMs(now, settings.marginMs + 2 * turnMs + CLOCK_SKEW_MS)) ? until : undefined;
}

/** How far Braze's clock may be from ours before everything near is stopped (design §4). */
const CLOCK_SKEW_MS = 20_000;

/** Nothing that is owned or announced fires before `at`. */
function isFar({ fence, schedule, operation, obsolete = [] }: MatchNotificationStatus, at: Temporal.Instant): boolean {
  const fires = [fence?.sendAt, schedule?.firesAt, operation?.firesAt, ...obsolete.map(({ firesAt }) => firesAt)];
  return fires.every((time) => time === undefined || isBefore(at, instant(time)));
}
