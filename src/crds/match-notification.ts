import { z } from 'zod';
import type { LiveMeta } from './kube.ts';

/* Structure only; limits, CEL rules and descriptions are added to these same schemas. */
const instant = z.string();
const team = z.object({ id: z.string().optional(), name: z.string().optional(), tla: z.string().optional() });

export const HOLD_REASONS = ['KickoffUnconfirmed', 'TeamsUnknown', 'Postponed', 'Cancelled', 'SendAfterKickoff', 'Unconfirmed'] as const;
export const PHASES = ['Pending', 'Held', 'Scheduled', 'Sent', 'Cancelled', 'Missed', 'Blocked'] as const;
export const ACTIONS = [
  'created',
  'updated',
  'moved',
  'cancelled',
  'skipped',
  'adopted',
  'compensated',
  'resolved',
  'sent',
  'missed',
  'error',
] as const;
export const HISTORY_OUTCOMES = ['done', 'refused', 'unknown'] as const;

export const matchNotificationSpec = z.object({
  workspaceRef: z.object({ name: z.string() }),
  campaignId: z.string(),
  match: z.object({
    provider: z.string(),
    id: z.string(),
    competition: z.string(),
    matchday: z.int().optional(),
    home: team.optional(),
    away: team.optional(),
  }),
  kickoff: instant,
  sendAt: instant,
  audience: z.object({
    broadcast: z.boolean().optional(),
    connected: z.record(z.string(), z.unknown()).optional(),
    recipients: z.array(z.record(z.string(), z.unknown())).optional(),
  }),
  triggerProperties: z.record(z.string(), z.string()).optional(),
  suspend: z.boolean().default(false),
  hold: z.object({ reason: z.enum(HOLD_REASONS), message: z.string().optional() }).optional(),
  ignoreHold: z.array(z.enum(HOLD_REASONS)).optional(),
  deletionPolicy: z.enum(['Cancel', 'Retain']).default('Cancel'),
  startingDeadline: z.string().default('10m'),
  resendAfter: z.string().default('6h'),
});

const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().optional(),
  lastTransitionTime: instant,
  reason: z.string(),
  message: z.string(),
});

export const matchNotificationStatus = z.object({
  observedGeneration: z.int().optional(),
  phase: z.enum(PHASES).optional(),
  fixture: z.string().optional(),
  conditions: z.array(condition).optional(),
  /** What we own and want. */
  schedule: z
    .object({
      id: z.string(),
      dispatchId: z.string().optional(),
      campaignId: z.string(),
      sendAt: instant,
      firesAt: instant,
      attempt: z.int(),
      token: z.string(),
      audienceHash: z.string(),
      propertiesHash: z.string(),
      recordedAt: instant,
    })
    .optional(),
  /** Intent in flight. */
  operation: z
    .object({
      id: z.string(),
      kind: z.enum(['Create', 'Update']),
      attempt: z.int(),
      token: z.string(),
      campaignId: z.string(),
      sendAt: instant,
      firesAt: instant,
      audienceHash: z.string(),
      propertiesHash: z.string(),
      scheduleId: z.string().optional(),
      startedAt: instant,
      holder: z.string(),
    })
    .optional(),
  /** Owned ids still to delete. */
  obsolete: z
    .array(
      z.object({
        id: z.string(),
        campaignId: z.string(),
        token: z.string().optional(),
        firesAt: instant,
        recordedAt: instant,
        why: z.string(),
      }),
    )
    .optional(),
  /** What we told the catalog item to say. */
  fence: z
    .object({
      item: z.string(),
      token: z.string(),
      state: z.enum(['open', 'closed', 'sent']),
      confirmed: z.boolean(),
      contentHash: z.string(),
      /** The firesAt of the token that was last announced; stays when the item is closed. */
      sendAt: instant.optional(),
      announcedAt: instant,
      confirmedAt: instant.optional(),
      /** Tokens of PUTs that left without a recorded answer and read-back; a token stands twice when two such PUTs exist. */
      unsettled: z.array(z.string()).optional(),
    })
    .optional(),
  occasion: z
    .object({
      number: z.int(),
      /** Tokens announced in this occasion whose schedules are not confirmed gone. */
      announced: z.array(z.string()).optional(),
      locked: z.boolean().optional(),
    })
    .optional(),
  /** Never cleared. */
  lastSent: z
    .object({
      sendAt: instant,
      firesAt: instant,
      scheduleId: z.string().optional(),
      at: instant,
      reason: z.enum(['Sent', 'PresumedSent']),
    })
    .optional(),
  /** The sendAt last seen, and since when: what startingDeadline counts from. */
  wanted: z.object({ sendAt: instant, since: instant }).optional(),
  attempt: z.int().optional(),
  history: z
    .record(
      z.string(),
      z.object({
        operationId: z.string().optional(),
        at: instant,
        action: z.enum(ACTIONS),
        outcome: z.enum(HISTORY_OUTCOMES),
        attempt: z.int().optional(),
        scheduleId: z.string().optional(),
        sendAt: instant.optional(),
        reason: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .optional(),
  lastHandledReconcileAt: z.string().optional(),
});

export type MatchNotificationSpec = z.output<typeof matchNotificationSpec>;
export type MatchNotificationStatus = z.output<typeof matchNotificationStatus>;
export interface MatchNotification {
  readonly apiVersion: string;
  readonly kind: 'MatchNotification';
  readonly metadata: LiveMeta;
  readonly spec: MatchNotificationSpec;
  readonly status?: MatchNotificationStatus;
}
