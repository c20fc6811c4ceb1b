/** What a decision case says, and the situations that several cases share. */
import { instant } from '../../../src/base/instants.ts';
import type { MatchNotification, MatchNotificationSpec, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { Facts } from '../../../src/reconcilers/match-notification/facts.ts';
import type { Step } from '../../../src/reconcilers/match-notification/step.ts';
import { notification } from '../objects.ts';
import { armed, TOKEN } from '../situations.ts';

export interface Case {
  readonly says: string;
  readonly now?: string;
  readonly spec?: Partial<MatchNotificationSpec>;
  readonly metadata?: Partial<MatchNotification['metadata']>;
  readonly status?: (object: MatchNotification) => MatchNotificationStatus;
  readonly facts?: Partial<Facts>;
  readonly step: Step['kind'];
  readonly reason?: string;
  readonly phase?: string;
  /** What else must be so of the step. */
  readonly also?: (step: Step) => void;
}

/** What the item said when this process read it just now. */
export const itemRead = (found: NonNullable<Facts['itemRead']>['found'], at = '2026-12-06T09:00:00Z'): Partial<Facts> => ({
  itemRead: { item: 'football-data-600123-4d1f0d4c', at: instant(at), found },
});
export const nothingRead = itemRead(undefined);
export const DELETING = { deletionTimestamp: '2026-12-06T09:00:00Z' };
export const elsewhere = {
  token: 'f.1.x',
  state: 'open' as const,
  owner: 'cluster-b/default/pl-600123',
  sendAt: undefined,
  announcedSendAt: instant('2026-12-06T11:30:00Z'),
};
export const ours = { ...elsewhere, owner: 'cluster-a/default/pl-600123' };

export function fenceOf(object: MatchNotification) {
  const { fence } = armed(object);
  if (fence === undefined) throw new Error('armed() has a fence');
  return fence;
}
export function unconfirmed(object: MatchNotification) {
  const { confirmedAt: _, ...fence } = fenceOf(object);
  return { ...fence, confirmed: false };
}
export function locked(object: MatchNotification): MatchNotificationStatus {
  return armed(notification({ metadata: object.metadata }), { occasion: { number: 1, announced: [TOKEN], locked: true } });
}
export function sent(object: MatchNotification): MatchNotificationStatus {
  const { schedule: _, occasion: __, ...rest } = armed(object);
  return {
    ...rest,
    occasion: { number: 2 },
    lastSent: {
      sendAt: '2026-12-06T11:30:00Z',
      firesAt: '2026-12-06T11:30:00Z',
      scheduleId: 's1',
      at: '2026-12-06T11:30:00Z',
      reason: 'Sent',
    },
  };
}
export function inFlight(object: MatchNotification): MatchNotificationStatus {
  const { schedule } = armed(object);
  if (schedule === undefined) throw new Error('armed() has a schedule');
  const { id: _, recordedAt: __, ...rest } = schedule;
  return { attempt: 1, operation: { ...rest, id: 'op1', kind: 'Create', startedAt: '2026-12-06T08:58:00Z', holder: 'another' } };
}
