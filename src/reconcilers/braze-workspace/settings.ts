/** The workspace's numbers, from the texts of its spec. Pure. */
import { parseDuration } from '../../base/durations.ts';
import type { Limits } from '../../braze/budgets.ts';
import type { BrazeWorkspaceSpec } from '../../crds/braze-workspace.ts';

export interface WorkspaceSettings {
  readonly marginMs: number;
  readonly requestTimeoutMs: number;
  readonly updateBufferMs: number;
  readonly horizonMs: number;
  readonly suspended: boolean;
  /** What becomes of a call whose answer was lost in an unfenced workspace. */
  readonly unresolved: BrazeWorkspaceSpec['unresolved'];
}

/** Of an unfenced workspace, where no fence's margin is given: what its default would be. */
const DEFAULT_MARGIN = '60s';

/** `longestCallMs`: what the lease allows a call to take. */
export function settingsOf(spec: BrazeWorkspaceSpec, longestCallMs: number): WorkspaceSettings {
  return {
    marginMs: parseDuration(spec.fence?.margin ?? DEFAULT_MARGIN),
    requestTimeoutMs: Math.min(parseDuration(spec.requestTimeout), longestCallMs),
    updateBufferMs: parseDuration(spec.updateBuffer),
    horizonMs: parseDuration(spec.horizon),
    suspended: spec.suspend,
    unresolved: spec.unresolved,
  };
}

export function limitsOf(spec: BrazeWorkspaceSpec): Limits {
  const { limits } = spec;
  return {
    hour: limits?.requestsPerHour ?? 250_000,
    broadcast: limits?.broadcastsPerMinute ?? 250,
    audience_min: limits?.broadcastsPerAudiencePerMinute ?? 10,
    catalog_sync: limits?.catalogSyncPerMinute ?? 45,
    catalog_async: limits?.catalogAsyncPerMinute ?? 16_000,
  };
}
