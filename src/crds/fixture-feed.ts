import { z } from 'zod';
import type { LiveMeta } from './kube.ts';
import { matchNotificationSpec } from './match-notification.ts';

/* Structure only; limits, CEL rules and descriptions are added to these same schemas. */
export const fixtureFeedSpec = z.object({
  source: z.object({
    competition: z.string(),
    season: z.string().optional(),
    tokenSecretRef: z.object({ name: z.string(), key: z.string() }),
  }),
  interval: z.string().default('5m'),
  leadTime: z.string().default('60m'),
  window: z.string().default('30d'),
  teams: z.array(z.string()).optional(),
  unconfirmedKickoff: z.enum(['Hold', 'Schedule']).default('Hold'),
  maxChangesPerPoll: z.string().default('20%'),
  translation: z.object({ locales: z.array(z.string()), configMapRef: z.object({ name: z.string() }).optional() }).optional(),
  ttlAfterSent: z.string().default('30d'),
  suspend: z.boolean().default(false),
  template: z.object({
    metadata: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
    spec: matchNotificationSpec.pick({ workspaceRef: true, campaignId: true, audience: true, triggerProperties: true }),
  }),
});
export const fixtureFeedStatus = z.object({
  conditions: z.array(z.any()).optional(),
  observedGeneration: z.int().optional(),
  lastPollAt: z.string().optional(),
  lastSuccessAt: z.string().optional(),
  fixtures: z.int().optional(),
  applied: z.int().optional(),
  held: z.int().optional(),
  conflicts: z.int().optional(),
});
export type FixtureFeedSpec = z.output<typeof fixtureFeedSpec>;
export type FixtureFeedStatus = z.output<typeof fixtureFeedStatus>;
export interface FixtureFeed {
  readonly apiVersion: string;
  readonly kind: 'FixtureFeed';
  readonly metadata: LiveMeta;
  readonly spec: FixtureFeedSpec;
  readonly status?: FixtureFeedStatus;
}
