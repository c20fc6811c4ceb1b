/** Facts for decisions: everything in order, unless a case says otherwise. */
import type { MatchNotification, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { desiredOf } from '../../src/reconcilers/match-notification/content.ts';
import type { Facts } from '../../src/reconcilers/match-notification/facts.ts';

const SETTINGS = {
  marginMs: 60_000,
  requestTimeoutMs: 10_000,
  updateBufferMs: 20 * 60_000,
  horizonMs: 30 * 86_400_000,
  suspended: false,
  unresolved: 'Block' as const,
};

export function factsOf(object: MatchNotification, changes: Partial<Facts> = {}): Facts {
  return {
    settings: SETTINGS,
    problem: undefined,
    fenced: true,
    campaign: { found: true, live: 'True', fenced: 'True', message: '' },
    desired: desiredOf(object, 'cluster-a'),
    brazeClock: { kind: 'known', offsetMs: 0 },
    createBudget: { granted: true },
    itemRead: undefined,
    ticket: undefined,
    notBefore: {},
    lastFailure: undefined,
    operationSeenAt: undefined,
    operationIsOver: false,
    twin: undefined,
    foreignWrites: 0,
    keyGone: false,
    namespaceEndsSince: undefined,
    ...changes,
  };
}

export const TOKEN = '0a1b2c3d.1.aaaa';

/** Status of an object whose send at 11:30 is armed: scheduled, item confirmed open. */
export function armed(object: MatchNotification, changes: Partial<MatchNotificationStatus> = {}): MatchNotificationStatus {
  const desired = desiredOf(object, 'cluster-a');
  return {
    attempt: 1,
    phase: 'Scheduled',
    schedule: {
      id: 's1',
      campaignId: desired.campaignId,
      sendAt: '2026-12-06T11:30:00Z',
      firesAt: '2026-12-06T11:30:00Z',
      attempt: 1,
      token: TOKEN,
      audienceHash: desired.audienceHash,
      propertiesHash: desired.propertiesHash,
      recordedAt: '2026-12-01T00:00:10Z',
    },
    fence: {
      item: desired.item,
      token: TOKEN,
      state: 'open',
      confirmed: true,
      contentHash: desired.contentHash,
      sendAt: '2026-12-06T11:30:00Z',
      announcedAt: '2026-12-01T00:00:10Z',
      confirmedAt: '2026-12-01T00:00:11Z',
    },
    occasion: { number: 1, announced: [TOKEN] },
    ...changes,
  };
}

/** Status of an object whose schedule was retired and whose close is announced, not confirmed. */
export function closing(
  object: MatchNotification,
  changes: { confirmed?: boolean; unsettled?: string[]; why?: string } = {},
): MatchNotificationStatus {
  const { schedule, fence, ...rest } = armed(object);
  if (schedule === undefined || fence === undefined) throw new Error('armed() arms');
  const { id, campaignId, token, firesAt, recordedAt } = schedule;
  const { confirmedAt: _open, ...closed } = fence;
  return {
    ...rest,
    obsolete: [{ id, campaignId, token, firesAt, recordedAt, why: changes.why ?? 'Moved' }],
    fence: {
      ...closed,
      token: '',
      state: 'closed',
      confirmed: changes.confirmed ?? false,
      ...(changes.unsettled ? { unsettled: changes.unsettled } : {}),
    },
  };
}
