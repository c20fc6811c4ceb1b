/** What the MatchNotifications of one workspace need of it. Pure; one look over them per pass. */
import { instant, isBefore } from '../../base/instants.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';

export interface Usage {
  readonly campaigns: ReadonlySet<string>;
  /** Some of them own schedules, or something open in the catalog. */
  readonly owning: boolean;
  /** The nearest send that is still ahead. */
  readonly nextSendAt: Temporal.Instant | undefined;
  /** The nearest armed send that is still ahead, by campaign. */
  readonly armed: ReadonlyMap<string, Temporal.Instant>;
}

export const UNUSED: Usage = { campaigns: new Set(), owning: false, nextSendAt: undefined, armed: new Map() };

export function usageOf(notifications: readonly MatchNotification[], now: Temporal.Instant): Usage {
  const campaigns = new Set<string>();
  let owning = false;
  let nextSendAt: Temporal.Instant | undefined;
  const armed = new Map<string, Temporal.Instant>();
  for (const notification of notifications) {
    campaigns.add(notification.spec.campaignId);
    owning ||= owns(notification);
    noteArmed(armed, notification, now);
    const sendAt = instant(notification.spec.sendAt);
    if (!isBefore(sendAt, now) && (nextSendAt === undefined || isBefore(sendAt, nextSendAt))) nextSendAt = sendAt;
  }
  return { campaigns, owning, nextSendAt, armed };
}

function noteArmed(armed: Map<string, Temporal.Instant>, { status }: MatchNotification, now: Temporal.Instant): void {
  if (status?.schedule === undefined) return;
  const { campaignId, firesAt } = status.schedule;
  const at = instant(firesAt);
  const nearest = armed.get(campaignId);
  if (!isBefore(at, now) && (nearest === undefined || isBefore(at, nearest))) armed.set(campaignId, at);
}

/** An operation in flight may become a schedule; an open item admits one. */
function owns({ status }: MatchNotification): boolean {
  if (status === undefined) return false;
  return (
    status.schedule !== undefined || status.operation !== undefined || (status.obsolete?.length ?? 0) > 0 || status.fence?.state === 'open'
  );
}
