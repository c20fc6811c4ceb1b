/**
 * The condition `Delivered`: what Braze's campaign details say of a send that counts as made (contracts 1.7). Weak evidence, for people:
 * it changes neither phase nor Ready, and nothing is ever sent again because of it. Pure. Judged once per send, from what stands in the
 * object and what the workspace was told last: two that judge at once say the same, and what was said first stays.
 */
import { earliest, hasPassed, isBefore, plusMs, toClock, toText } from '../../base/instants.ts';
import { askedUntil, DELIVERY_LOOKS_MS, lookedAfter, type SendsSeen, type UnjudgedSend, unjudgedSend } from '../../crds/delivery.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';
import type { DELIVERED_REASONS } from '../../crds/words.ts';
import type { Phase, Step } from './step.ts';
import type { View } from './view.ts';

export interface Delivered {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

const HOUR_MS = 3_600_000;
/** After a day nobody begins to say of a send that nothing is known of it. */
const FORGOTTEN_MS = 24 * HOUR_MS;

export interface Evidence {
  /** As it stands. */
  readonly object: MatchNotification;
  /** What is about to be written. */
  readonly next: MatchNotificationStatus;
  readonly phase: Phase;
  /** Of the campaign of its last send. */
  readonly sends: SendsSeen | undefined;
  readonly now: Temporal.Instant;
}

/** What is to be said of the last send; undefined while there is nothing to say. */
export function deliveredOf({ object, next, phase, sends, now }: Evidence): Delivered | undefined {
  if (phase !== 'Sent') return undefined;
  const { lastSent, conditions = [] } = object.status ?? {};
  const said = lastSent?.firesAt === next.lastSent?.firesAt ? conditions.find(({ type }) => type === 'Delivered') : undefined;
  if (said !== undefined) return { status: said.status, reason: said.reason, message: said.message };
  const send = unjudgedSend({ ...object, status: { ...next, phase, conditions: [] } });
  if (send === undefined) return undefined;
  return judge(send, sends) ?? notRead(send, now);
}

function judge({ campaignId, firesAt }: UnjudgedSend, sends: SendsSeen | undefined): Delivered | undefined {
  const [first, second] = DELIVERY_LOOKS_MS;
  if (sends === undefined || !lookedAfter(sends.at, firesAt, first)) return undefined;
  const { lastSent } = sends;
  if (lastSent !== undefined && !isBefore(lastSent, firesAt)) {
    const message = `Campaign ${campaignId} last sent at ${toText(lastSent)}, says Braze; this send was for ${toText(firesAt)}. All sends of the campaign share that time: it is evidence, no proof.`;
    return said('True', 'SeenInCampaign', message);
  }
  if (!lookedAfter(sends.at, firesAt, second)) return undefined;
  if (lastSent !== undefined && lastSent.epochMilliseconds === hourOf(firesAt)) {
    const message = `Campaign ${campaignId} last sent in the hour from ${toText(lastSent)}, says Braze, and no more than the hour; this send was for ${toText(firesAt)}.`;
    return said('Unknown', 'OnlyHourKnown', message);
  }
  const when = lastSent === undefined ? 'names no time at which it ever sent' : `says that it last sent at ${toText(lastSent)}`;
  const message = `A quarter of an hour after the send at ${toText(firesAt)} Braze knew of none: of campaign ${campaignId} it ${when}. Look at its deliveries there; it is not sent again by itself.`;
  return said('Unknown', 'NotSeenInCampaign', message);
}

function notRead({ campaignId, firesAt }: UnjudgedSend, now: Temporal.Instant): Delivered | undefined {
  if (!hasPassed(askedUntil(firesAt), now) || hasPassed(plusMs(firesAt, FORGOTTEN_MS), now)) return undefined;
  const message = `Campaign ${campaignId} could not be read after the send at ${toClock(firesAt)}: look at its deliveries in Braze. The BrazeWorkspace says why, unless the object has another campaign by now.`;
  return said('Unknown', 'CampaignNotRead', message);
}

const said = (status: Delivered['status'], reason: keyof typeof DELIVERED_REASONS, message: string): Delivered => ({
  status,
  reason,
  message,
});

/** Braze documents "date and hour" of the last send: it may be told no finer (contracts 1.7). */
const hourOf = (at: Temporal.Instant): number => Math.floor(at.epochMilliseconds / HOUR_MS) * HOUR_MS;

/** `step`, and a look when nobody is asked any more: then the object says that nothing is known. */
export function untilJudged(view: View, step: Step): Step {
  const send = unjudgedSend(view.object);
  if (step.kind !== 'Rest' || send === undefined) return step;
  const at = askedUntil(send.firesAt);
  if (hasPassed(at, view.now)) return step;
  return { ...step, until: step.until === undefined ? at : earliest(step.until, at) };
}
