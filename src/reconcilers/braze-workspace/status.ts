/** The status of a BrazeWorkspace, and whether it is worth a write. Pure. */
import { instant, msBetween, toText } from '../../base/instants.ts';
import type { BrazeWorkspace, BrazeWorkspaceStatus } from '../../crds/braze-workspace.ts';
import type { Condition } from '../../crds/kube.ts';
import { WORKSPACE_REASONS } from '../../crds/words.ts';
import { type CampaignMemory, campaignRows } from './campaigns.ts';
import type { Problem } from './verdict.ts';

/** Written when something changed, and otherwise at most this often (design §3a). */
const REFRESH_MS = 5 * 60_000;

export interface StatusInput {
  readonly object: BrazeWorkspace;
  readonly verdict: Problem;
  readonly fence: { readonly ready: boolean; readonly reason: string; readonly message: string };
  readonly identity: BrazeWorkspaceStatus['identity'];
  readonly campaigns: ReadonlyMap<string, CampaignMemory>;
  /** Locales in use that the catalog takes. */
  readonly locales: readonly string[];
  /** Armed sends that Braze's listing showed. */
  readonly listed: NonNullable<BrazeWorkspaceStatus['listed']>;
  readonly now: Temporal.Instant;
}

export function statusOf(input: StatusInput): BrazeWorkspaceStatus {
  const { object, identity, campaigns, locales, listed } = input;
  const { generation } = object.metadata;
  const rows = campaignRows(campaigns);
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: wanted(input).map((condition) => stamped(input, condition)),
    ...(identity === undefined ? {} : { identity }),
    ...(rows.length === 0 ? {} : { campaigns: [...rows] }),
    ...(locales.length === 0 ? {} : { locales: [...locales] }),
    ...(listed.length === 0 ? {} : { listed }),
  };
}

type Wanted = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function wanted({ verdict: { reason, message }, fence }: StatusInput): Wanted[] {
  const kind = WORKSPACE_REASONS[reason].class;
  const conditions: Wanted[] = [{ type: 'Ready', status: kind === 'ready' ? 'True' : 'False', reason, message }];
  if (kind !== 'ready') conditions.push({ type: kind === 'stalled' ? 'Stalled' : 'Reconciling', status: 'True', reason, message });
  conditions.push({ type: 'FenceReady', status: fence.ready ? 'True' : 'False', reason: fence.reason, message: fence.message });
  return conditions;
}

function stamped({ object, now }: StatusInput, condition: Wanted): Condition {
  const old = object.status?.conditions?.find((other) => other.type === condition.type);
  const { generation } = object.metadata;
  return {
    ...condition,
    message: condition.message.slice(0, 4_000),
    lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : toText(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/** Whether `next` says something new, or only newer times and the last write is long enough ago. */
export function isWorthWriting(before: BrazeWorkspaceStatus | undefined, next: BrazeWorkspaceStatus): boolean {
  if (before === undefined || gist(before) !== gist(next) || showsMore(before, next)) return true;
  const [old, latest] = [newest(before), newest(next)];
  return old !== undefined && latest !== undefined && msBetween(old, latest) >= REFRESH_MS;
}

/** What counts as a change: no times, and no numbers inside a message, such as the time at which a limit resets. */
function gist({ conditions, identity, campaigns, locales, observedGeneration }: BrazeWorkspaceStatus): string {
  const words = (text = ''): string => text.replaceAll(/\d+/g, '#');
  return JSON.stringify([
    observedGeneration,
    (conditions ?? []).map(({ type, status, reason, message }) => [type, status, reason, words(message)]),
    identity && [identity.secretVersion, identity.owner, identity.uid],
    (campaigns ?? []).map(({ id, live, fenced, message }) => [id, live, fenced, words(message)]),
    locales ?? [],
  ]);
}

/** What left the listing because it was sent may stay until something else is said. */
function showsMore({ listed: before = [] }: BrazeWorkspaceStatus, { listed = [] }: BrazeWorkspaceStatus): boolean {
  const known = new Set(before.map((row) => Object.values(row).join()));
  return listed.some((row) => !known.has(Object.values(row).join()));
}

function newest({ campaigns }: BrazeWorkspaceStatus): Temporal.Instant | undefined {
  return (campaigns ?? [])
    .map(({ checkedAt }) => instant(checkedAt))
    .toSorted(Temporal.Instant.compare)
    .at(-1);
}
