/** The objects of a world: matches within the same hour, their send times in slots that people move them between. */
import type { BrazeWorkspace } from '../../../src/crds/braze-workspace.ts';
import { API_VERSION } from '../../../src/crds/kube.ts';
import type { MatchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { CATALOG } from './braze-routes.ts';
import type { Swarm } from './swarm.ts';

export const START = Date.parse('2026-12-06T09:00:07Z');
export const BUFFER_MS = 20 * 60_000;
export const MARGIN_MS = 60_000;
const MINUTE_MS = 60_000;

export const NAMESPACES = ['default', 'rival'] as const;
const CAMPAIGNS = ['4d1f0d4c-0000-4000-8000-000000000001', '7a2e1b3d-0000-4000-8000-000000000002'] as const;

/** Minutes from the first slot: three of one occasion, then the next (`resendAfter` is an hour). */
const SLOTS = [0, 4, 25, -10, 66] as const;
/** As an editor picks them: mostly within the occasion. */
export const SLOT_CHOICES = [0, 0, 1, 1, 2, 2, 3, 4] as const;
export const LAST_SLOT_MS = 66 * MINUTE_MS;

export function slotMs(firstMs: number, slot: number): number {
  return firstMs + (SLOTS[slot] ?? 0) * MINUTE_MS;
}

export function specOf(options: { match: number; firstMs: number; slot: number }): MatchNotificationSpec {
  const sendAtMs = slotMs(options.firstMs, options.slot);
  return {
    workspaceRef: { name: 'main' },
    campaignId: CAMPAIGNS[0],
    match: {
      provider: 'football-data',
      id: `60012${options.match}`,
      competition: 'PL',
      home: { id: '58', name: 'Aston Villa FC', tla: 'AVL' },
      away: { id: '57', name: 'Arsenal FC', tla: 'ARS' },
    },
    ...timesOf(sendAtMs, 60),
    audience: { broadcast: true },
    suspend: false,
    deletionPolicy: 'Cancel',
    startingDeadline: '10m',
    resendAfter: '1h',
  };
}

export function timesOf(sendAtMs: number, leadMinutes: number): Pick<MatchNotificationSpec, 'sendAt' | 'kickoff'> {
  return { sendAt: textOf(sendAtMs), kickoff: textOf(sendAtMs + leadMinutes * MINUTE_MS) };
}

const textOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const otherCampaign = (id: string): string => (id === CAMPAIGNS[0] ? CAMPAIGNS[1] : CAMPAIGNS[0]);

export function workspaceOf(namespace: string, swarm: Swarm, suspend = false): BrazeWorkspace {
  const limits = {
    requestsPerHour: 250_000,
    broadcastsPerMinute: 250,
    broadcastsPerAudiencePerMinute: swarm.tightBudget ? 1 : 10,
    // Writes leave 15 synchronous calls of a minute to the reads: with no more than those, all of them go the asynchronous way.
    catalogSyncPerMinute: swarm.asyncOnly ? 15 : 45,
    catalogAsyncPerMinute: 16_000,
  };
  return {
    apiVersion: API_VERSION,
    kind: 'BrazeWorkspace',
    metadata: { name: 'main', namespace, uid: `${namespace}-workspace`, resourceVersion: '1' },
    spec: {
      endpoint: 'https://rest.iad-01.braze.com',
      apiKeySecretRef: { name: 'braze', key: 'apiKey' },
      ...(swarm.fenced ? { fence: { catalog: CATALOG, margin: '60s' } } : {}),
      unresolved: swarm.unresolved,
      updateBuffer: '20m',
      horizon: '30d',
      limits,
      requestTimeout: '10s',
      suspend,
    },
  };
}
