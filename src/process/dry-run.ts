/** Workspaces as a dry run sees them: their numbers are real, their campaigns as last read, and nothing of them can be called. */
import type { Clock } from '../base/clock.ts';
import { refused } from '../base/outcomes.ts';
import { fieldsWith } from '../braze/fence-item.ts';
import type { Budgets, Fence } from '../braze/types.ts';
import type { Store } from '../controller/types.ts';
import type { BrazeWorkspace } from '../crds/braze-workspace.ts';
import { settingsOf } from '../reconcilers/braze-workspace/settings.ts';
import type { UnusableWorkspace, UsableWorkspace } from '../reconcilers/match-notification/ports.ts';

type CampaignFacts = NonNullable<ReturnType<UsableWorkspace['campaign']>>;

const NO_CALL = refused({ reason: 'not-sent', status: 0, message: 'a dry run makes no call' });
const noCall = () => Promise.resolve(NO_CALL);

const FENCE: Fence = { put: noCall, read: noCall, delete: noCall };
const UNLIMITED: Budgets = {
  peek: () => ({ granted: true }),
  take: () => ({ granted: true }),
  reserve: () => ({ granted: true }),
  release: () => {},
  observed: () => {},
  blocked: () => {},
  remaining: () => 0,
};

export function dryWorkspaces(options: { workspaces: Store<BrazeWorkspace>; clock: Clock; longestCallMs: number }) {
  return (namespace: string, name: string): UsableWorkspace | UnusableWorkspace => {
    const object = options.workspaces.get({ namespace, name });
    if (object === undefined) {
      const message = `There is no BrazeWorkspace "${name}" in namespace "${namespace}": create it, or correct spec.workspaceRef.`;
      const problem = { reason: 'WorkspaceNotFound', message, stalled: true };
      return { kind: 'unusable', problem, settings: undefined, fenced: undefined, keyGone: true };
    }
    return {
      kind: 'usable',
      settings: settingsOf(object.spec, options.longestCallMs),
      braze: { createSchedule: noCall, updateSchedule: noCall, deleteSchedule: noCall },
      fence: object.spec.fence === undefined ? undefined : FENCE,
      contentFields: fieldsWith(object.status?.locales ?? []),
      budgets: UNLIMITED,
      clock: { reading: () => ({ offsetMs: 0, at: options.clock.now() }) },
      campaign: (id) => campaignOf(object, id),
      sends: () => undefined,
    };
  };
}

/** As the workspace's status has it; one that was never read is taken to be in order. */
function campaignOf(object: BrazeWorkspace, id: string): CampaignFacts {
  const known = object.status?.campaigns?.find((campaign) => campaign.id === id);
  return {
    found: true,
    live: known?.live ?? 'True',
    fenced: known?.fenced ?? (object.spec.fence === undefined ? 'False' : 'True'),
    message: known?.message ?? 'Not checked in a dry run.',
  };
}
