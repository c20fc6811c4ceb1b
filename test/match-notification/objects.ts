/** MatchNotifications as the API server would return them, for tests of pure functions. */
import type { MatchNotification, MatchNotificationSpec, MatchNotificationStatus } from '../../src/crds/match-notification.ts';

export const CAMPAIGN = '4d1f0d4c-0000-4000-8000-000000000001';

export function specOf(changes: Partial<MatchNotificationSpec> = {}): MatchNotificationSpec {
  return {
    workspaceRef: { name: 'main' },
    campaignId: CAMPAIGN,
    match: {
      provider: 'football-data',
      id: '600123',
      competition: 'PL',
      home: { id: '58', name: 'Aston Villa FC', tla: 'AVL' },
      away: { id: '57', name: 'Arsenal FC', tla: 'ARS' },
    },
    kickoff: '2026-12-06T12:30:00Z',
    sendAt: '2026-12-06T11:30:00Z',
    audience: { broadcast: true },
    suspend: false,
    deletionPolicy: 'Cancel',
    startingDeadline: '10m',
    resendAfter: '6h',
    ...changes,
  };
}

export function notification(
  options: {
    spec?: Partial<MatchNotificationSpec>;
    status?: MatchNotificationStatus;
    metadata?: Partial<MatchNotification['metadata']>;
  } = {},
): MatchNotification {
  return {
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'MatchNotification',
    metadata: {
      name: 'pl-600123',
      namespace: 'default',
      uid: '0a1b2c3d-0000-4000-8000-000000000000',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-12-01T00:00:00Z',
      finalizers: ['matchday.dev/braze-schedule'],
      ...options.metadata,
    },
    spec: specOf(options.spec),
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}
