/** MatchNotification: one fixture, one send (design §3). */
import type { z } from 'zod';
import type { LiveMeta } from './kube.ts';
import type { matchNotificationSpec } from './match-notification-spec.ts';
import type { matchNotificationStatus } from './match-notification-status.ts';

export { matchNotificationSpec } from './match-notification-spec.ts';
export { matchNotificationStatus, PHASES } from './match-notification-status.ts';

export type MatchNotificationSpec = z.output<typeof matchNotificationSpec>;
export type MatchNotificationStatus = z.output<typeof matchNotificationStatus>;
export interface MatchNotification {
  readonly apiVersion: string;
  readonly kind: 'MatchNotification';
  readonly metadata: LiveMeta;
  readonly spec: MatchNotificationSpec;
  readonly status?: MatchNotificationStatus;
}
