import { z } from 'zod';
import type { LiveMeta } from './kube.ts';

/* Structure only; limits, CEL rules and descriptions are added to these same schemas. */
export const brazeWorkspaceSpec = z.object({
  endpoint: z.string(),
  apiKeySecretRef: z.object({ name: z.string(), key: z.string() }),
  fence: z.object({ catalog: z.string(), margin: z.string().default('60s'), assumeFenced: z.array(z.string()).optional() }).optional(),
  unresolved: z.enum(['Block', 'Recreate', 'Abandon']).default('Block'),
  updateBuffer: z.string().default('20m'),
  horizon: z.string().default('30d'),
  limits: z
    .object({
      requestsPerHour: z.int().default(250_000),
      broadcastsPerMinute: z.int().default(250),
      broadcastsPerAudiencePerMinute: z.int().default(10),
      catalogSyncPerMinute: z.int().default(45),
      catalogAsyncPerMinute: z.int().default(16_000),
    })
    .optional(),
  requestTimeout: z.string().default('10s'),
  suspend: z.boolean().default(false),
});
export const brazeWorkspaceStatus = z.object({
  observedGeneration: z.int().optional(),
  conditions: z.array(z.any()).optional(),
  campaigns: z
    .array(
      z.object({
        id: z.string(),
        live: z.enum(['True', 'False', 'Unknown']),
        fenced: z.enum(['True', 'False', 'Unknown']),
        message: z.string().optional(),
        checkedAt: z.string(),
      }),
    )
    .optional(),
});
export type BrazeWorkspaceSpec = z.output<typeof brazeWorkspaceSpec>;
export type BrazeWorkspaceStatus = z.output<typeof brazeWorkspaceStatus>;
export interface BrazeWorkspace {
  readonly apiVersion: string;
  readonly kind: 'BrazeWorkspace';
  readonly metadata: LiveMeta;
  readonly spec: BrazeWorkspaceSpec;
  readonly status?: BrazeWorkspaceStatus;
}
