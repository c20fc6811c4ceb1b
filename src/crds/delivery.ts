/**
 * When Braze is asked whether a send went out (design §4). The workspace asks once for all sends of a campaign, and each notification
 * judges for itself: both go by these times, and by what stands in the object, so that who takes over comes to the same.
 */
import { instant, isBefore, msBetween, plusMs } from '../base/instants.ts';
import type { MatchNotification } from './match-notification.ts';

/** With the read-back of the item; and once more, for a Braze that needed longer to say so. */
export const DELIVERY_LOOKS_MS = [60_000, 15 * 60_000] as const;
/** A Braze that could not be read until then is not asked any more. */
const DELIVERY_UNTIL_MS = 75 * 60_000;
/** What was recorded later than this after its time is not judged: by then the campaign may have sent for other matches. */
const RECORDED_WITHIN_MS = 60 * 60_000;

/** What Braze said last of when a campaign sent. */
export interface SendsSeen {
  /** When that was. */
  readonly at: Temporal.Instant;
  /** Maybe only to the hour (contracts 1.7); undefined when it named none. */
  readonly lastSent: Temporal.Instant | undefined;
}

export interface UnjudgedSend {
  readonly campaignId: string;
  readonly firesAt: Temporal.Instant;
}

/** The send that is to be judged, of an object that counts it as sent; undefined when there is none, or when it was judged. */
export function unjudgedSend({ status }: Pick<MatchNotification, 'status'>): UnjudgedSend | undefined {
  const { lastSent, phase, conditions = [] } = status ?? {};
  if (phase !== 'Sent' || lastSent?.campaignId === undefined || conditions.some(({ type }) => type === 'Delivered')) return undefined;
  const firesAt = instant(lastSent.firesAt);
  const recordedInTime = msBetween(firesAt, instant(lastSent.at)) <= RECORDED_WITHIN_MS;
  return recordedInTime ? { campaignId: lastSent.campaignId, firesAt } : undefined;
}

/** Until when Braze is asked about a send. */
export const askedUntil = (firesAt: Temporal.Instant): Temporal.Instant => plusMs(firesAt, DELIVERY_UNTIL_MS);

/** Whether a look at `at` shows how it was `ms` after the send. */
export const lookedAfter = (at: Temporal.Instant | undefined, firesAt: Temporal.Instant, ms: number): boolean =>
  at !== undefined && !isBefore(at, plusMs(firesAt, ms));
