/**
 * The registry that the MatchNotification reconciler asks how a workspace may be used now. It answers from memory, at once, and
 * makes no call; what it does not know it lets the workspace's own reconciler find out.
 */
import { msBetween, plusMs } from '../../base/instants.ts';
import { checkEndpoint } from '../../braze/endpoints.ts';
import type { BrazeClock } from '../../braze/types.ts';
import type { ObjectKey } from '../../controller/types.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { WorkspaceReason } from '../../crds/words.ts';
import { type CampaignFacts, isStale } from './campaigns.ts';
import { listed } from './listing.ts';
import type { WorkspaceMemory } from './memory.ts';
import { type UnusableWorkspace, type UsableWorkspace, type WorkspacePorts, workspaceIndexKey } from './ports.ts';
import { settingsOf } from './settings.ts';
import type { Problem } from './verdict.ts';

type NotificationProblem = UnusableWorkspace['problem'];

/** Braze's clock counts as unknown after this (design §4); it is asked for a little earlier. */
const CLOCK_WANTED_MS = 9 * 60_000;

export class Workspaces {
  readonly #ports: Pick<WorkspacePorts, 'workspaces' | 'clock' | 'longestCallMs' | 'allowEndpoints' | 'enqueue'>;
  readonly #memories = new Map<string, WorkspaceMemory>();

  constructor(ports: Pick<WorkspacePorts, 'workspaces' | 'clock' | 'longestCallMs' | 'allowEndpoints' | 'enqueue'>) {
    this.#ports = ports;
  }

  /** How the workspace of a notification may be used now. Never throws; cheap enough for every pass. */
  readonly lookup = (namespace: string, name: string): UsableWorkspace | UnusableWorkspace => {
    const key = { namespace, name };
    const object = this.#ports.workspaces.get(key);
    if (object === undefined) {
      const message = `There is no BrazeWorkspace "${name}" in namespace "${namespace}": create it, or correct spec.workspaceRef.`;
      const problem = stalled('WorkspaceNotFound', message);
      return { kind: 'unusable', problem, settings: undefined, fenced: undefined, keyGone: true };
    }
    const settings = settingsOf(object.spec, this.#ports.longestCallMs);
    const memory = this.memory(key);
    const obstacle =
      this.#endpointObstacle(object) ??
      (memory?.uid === object.metadata.uid ? obstacleOf(memory, name) : notCheckedYet(object, { unseen: true }));
    if (memory === undefined || obstacle !== undefined) {
      const fenced = object.spec.fence !== undefined;
      const keyGone = memory?.uid === object.metadata.uid && memory.secretMissing !== undefined;
      return { kind: 'unusable', problem: obstacle ?? notCheckedYet(object, { unseen: true }), settings, fenced, keyGone };
    }
    memory.object = object;
    return {
      kind: 'usable',
      uid: memory.uid,
      settings,
      braze: memory.link.client,
      fence: object.spec.fence && memory.link.fence(object.spec.fence.catalog),
      contentFields: memory.link.fields,
      budgets: memory.link.budgets,
      clock: this.#clockOf(key, memory),
      campaign: (id) => this.#campaign(key, memory, id),
      listed: (schedule) => listed(memory.listing, schedule),
      sends: (campaignId) => memory.campaigns.get(campaignId)?.sends,
    };
  };

  memory(key: ObjectKey): WorkspaceMemory | undefined {
    return this.#memories.get(workspaceIndexKey(key));
  }

  remember(key: ObjectKey, memory: WorkspaceMemory): void {
    this.#memories.set(workspaceIndexKey(key), memory);
  }

  /** Closes what was known of a workspace; false when nothing was. */
  forget(key: ObjectKey): boolean {
    this.memory(key)?.link.close();
    return this.#memories.delete(workspaceIndexKey(key));
  }

  /** Closes all connections; calls in flight end by themselves. For an orderly stop, after the last pass. */
  close(): void {
    for (const memory of this.#memories.values()) memory.link.close();
    this.#memories.clear();
  }

  #endpointObstacle(object: BrazeWorkspace): NotificationProblem | undefined {
    const endpoint = checkEndpoint(object.spec.endpoint, this.#ports.allowEndpoints);
    return endpoint.allowed ? undefined : stalled('EndpointNotAllowed', `BrazeWorkspace ${object.metadata.name}: ${endpoint.message}`);
  }

  #campaign(key: ObjectKey, memory: WorkspaceMemory, id: string): CampaignFacts | undefined {
    const known = memory.campaigns.get(id);
    if (isStale(known, this.#ports.clock.now()) && !memory.asked.has(id)) {
      memory.asked.add(id);
      this.#ports.enqueue(key);
    }
    // The key that is gone from its Secret is only kept for cleaning up.
    if (memory.secretMissing !== undefined) return known && { ...known.facts, fenced: 'Unknown', message: memory.secretMissing };
    const sameMode = known?.withFence === (memory.object.spec.fence !== undefined);
    return known?.heard === true && sameMode ? known.facts : undefined;
  }

  /** The clock, and that somebody wanted it: at rest nobody calls Braze only to know its time. */
  #clockOf(key: ObjectKey, memory: WorkspaceMemory): BrazeClock {
    return {
      reading: () => {
        const reading = memory.link.clock.reading();
        const known = reading !== undefined && msBetween(reading.at, this.#ports.clock.now()) < CLOCK_WANTED_MS;
        if (!known && !memory.clockWanted && isNear(memory, this.#ports.clock.now())) {
          memory.clockWanted = true;
          this.#ports.enqueue(key);
        }
        return reading;
      },
    };
  }
}

/** Braze's clock only matters inside the update buffer of a send; that reaches 20 minutes by default, 6 hours at most. */
function isNear(memory: WorkspaceMemory, now: Temporal.Instant): boolean {
  const { nextSendAt } = memory.usage;
  const { updateBufferMs } = settingsOf(memory.object.spec, Number.POSITIVE_INFINITY);
  return nextSendAt !== undefined && Temporal.Instant.compare(nextSendAt, plusMs(now, updateBufferMs + CLOCK_WANTED_MS)) < 0;
}

/** Why a workspace that was looked at can't be used; undefined when it can. */
export function obstacleOf(memory: WorkspaceMemory, name: string): NotificationProblem | undefined {
  const { key, problem, secretMissing, link, object, fenceReady, usage } = memory;
  if (problem?.reason === 'WorkspaceChanged') return translated(problem, name);
  if (secretMissing !== undefined && (key === undefined || !usage.owning)) return stalled('SecretNotFound', secretMissing);
  if (link.client.stopped !== undefined) return stalled('Unauthorized', link.client.stopped);
  if (key !== undefined && (object.spec.fence === undefined || fenceReady)) return undefined;
  return problem === undefined ? notCheckedYet(object, { unseen: !memory.looked }) : translated(problem, name);
}

function notCheckedYet({ metadata }: BrazeWorkspace, { unseen }: { readonly unseen: boolean }): NotificationProblem {
  return { reason: 'BrazeUnavailable', message: `BrazeWorkspace ${metadata.name} is being checked first.`, stalled: false, unseen };
}

const stalled = (reason: NotificationProblem['reason'], message: string): NotificationProblem => ({ reason, message, stalled: true });

/** A workspace's reason in the words of its notifications. */
const TRANSLATION: Readonly<Record<WorkspaceReason, NotificationProblem['reason']>> = {
  Ready: 'BrazeUnavailable',
  Suspended: 'BrazeUnavailable',
  Checking: 'BrazeUnavailable',
  BrazeUnavailable: 'BrazeUnavailable',
  SecretNotFound: 'SecretNotFound',
  Unauthorized: 'Unauthorized',
  Forbidden: 'Unauthorized',
  EndpointNotAllowed: 'EndpointNotAllowed',
  WorkspaceChanged: 'WorkspaceChanged',
  FenceMissing: 'FenceMissing',
  CatalogInvalid: 'FenceMissing',
  ClockSkew: 'BrazeUnavailable',
};

function translated({ reason, message }: Problem, name: string): NotificationProblem {
  const spoken = TRANSLATION[reason];
  return { reason: spoken, message: `BrazeWorkspace ${name}: ${message}`, stalled: spoken !== 'BrazeUnavailable' };
}
