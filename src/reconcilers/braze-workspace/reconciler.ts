/**
 * The BrazeWorkspace's reconciler: read the key, see where it leads, look at the campaigns, say how it is, and wake the
 * notifications that waited for it.
 *
 * It only reads from Braze, but for the catalog's set-up, which changes nothing when done twice: two processes at once, or a crash
 * anywhere, do no harm. What it finds out is kept in `Workspaces`; the status holds what the next life needs to ask nothing again.
 */

import { parseDuration } from '../../base/durations.ts';
import { earliest, latest, plusMs } from '../../base/instants.ts';
import { checkEndpoint } from '../../braze/endpoints.ts';
import type { Bucket } from '../../braze/types.ts';
import type { ObjectKey, ReconcileResult, Reconciler } from '../../controller/types.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { BRAZE_WORKSPACES } from '../../crds/resources.ts';
import { IN_USE_FINALIZER, REQUESTED_AT } from '../../crds/words.ts';
import { logFor } from '../../telemetry/log.ts';
import { lookAtListing } from './broadcasts.ts';
import { lookAgainAt } from './campaigns.ts';
import { checkCatalog, type Pass, readSecret, SECRET_EVERY_MS } from './check.ts';
import { extendCatalog, takenLocales } from './extend.ts';
import { sweepLeftovers } from './leftovers.ts';
import { BrazeLink } from './link.ts';
import { listedRows } from './listing.ts';
import { newMemory, type WorkspaceMemory } from './memory.ts';
import { WORKSPACE_INDEX, type WorkspacePorts, workspaceIndexKey } from './ports.ts';
import { preflight } from './preflight.ts';
import { limitsOf, settingsOf } from './settings.ts';
import { isWorthWriting, statusOf } from './status.ts';
import { sendsOf, usageOf } from './usage.ts';
import { type Problem, verdictOf } from './verdict.ts';
import { obstacleOf, type Workspaces } from './workspaces.ts';

const BUCKETS: readonly Bucket[] = ['hour', 'broadcast', 'audience_min', 'catalog_sync', 'catalog_async'];
const NOT_SYNCED_MS = 1_000;
const PROBE_MS = 60_000;
const SOONEST_MS = 1_000;

export class BrazeWorkspaceReconciler implements Reconciler {
  readonly #ports: WorkspacePorts;
  readonly #workspaces: Workspaces;

  constructor(ports: WorkspacePorts, workspaces: Workspaces) {
    this.#ports = ports;
    this.#workspaces = workspaces;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { workspaces, notifications, clock, allowEndpoints } = this.#ports;
    const object = workspaces.get(key);
    if (object === undefined) return this.#gone(key);
    const now = clock.now();
    // Who owns schedules here is not known before the notifications are.
    if (!notifications.synced) return { requeueAt: plusMs(now, NOT_SYNCED_MS) };
    const endpoint = checkEndpoint(object.spec.endpoint, allowEndpoints);
    if (!endpoint.allowed) return await this.#notAllowed(object, endpoint.message, now);
    const memory = this.#memoryOf(key, object, endpoint.origin);
    memory.usage = usageOf({
      notifications: notifications.byIndex(WORKSPACE_INDEX, workspaceIndexKey(key)),
      feeds: this.#feedsOf(key),
      now,
    });
    const current = await this.#finalizer(object, memory);
    memory.object = current;
    const requested = current.metadata.annotations?.[REQUESTED_AT];
    const forced = requested !== memory.handledRequest;
    return await this.#pass({ object: current, memory, ports: this.#ports, now, signal, forced }, requested);
  }

  async #pass(pass: Pass, requested: string | undefined): Promise<ReconcileResult> {
    try {
      return await this.#look(pass, requested);
    } finally {
      this.#looked(pass);
    }
  }

  /** Until the first look ended, well or not, the notifications showed what they had shown before. */
  #looked({ object, memory }: Pass): void {
    if (memory.looked) return;
    memory.looked = true;
    const { namespace, name } = object.metadata;
    if (obstacleOf(memory, name) !== undefined) this.#ports.enqueueNotifications(namespace, name);
  }

  async #look(pass: Pass, requested: string | undefined): Promise<ReconcileResult> {
    const { memory, object } = pass;
    this.#tellClamped(pass);
    await readSecret(pass);
    await checkCatalog(pass);
    await extendCatalog(pass);
    const looked = await preflight(pass);
    const missing = await lookAtListing(pass);
    await sweepLeftovers(pass);
    memory.handledRequest = requested;
    this.#wake(pass, looked.changed || missing);
    this.#measure(pass);
    const verdict = this.#verdict(pass);
    await this.#show(object, verdict, memory);
    return { requeueAt: looked.more ? plusMs(pass.now, SOONEST_MS) : nextLook(pass) };
  }

  #feedsOf({ namespace, name }: ObjectKey): readonly FixtureFeed[] {
    return this.#ports.feeds.list(namespace).filter(({ spec }) => spec.template.spec.workspaceRef.name === name);
  }

  #gone(key: ObjectKey): ReconcileResult {
    if (this.#workspaces.forget(key)) this.#ports.metrics.gone(key);
    return {};
  }

  async #notAllowed(object: BrazeWorkspace, message: string, now: Temporal.Instant): Promise<ReconcileResult> {
    const verdict: Problem = { reason: 'EndpointNotAllowed', message };
    const fence = { ready: false, reason: verdict.reason, message: 'Braze is not called.' };
    await this.#write(
      object,
      statusOf({
        object,
        verdict,
        fence,
        identity: object.status?.identity,
        campaigns: new Map(),
        locales: object.status?.locales ?? [],
        listed: object.status?.listed ?? [],
        now,
      }),
    );
    return {};
  }

  #memoryOf(key: ObjectKey, object: BrazeWorkspace, origin: string): WorkspaceMemory {
    const kept = this.#workspaces.memory(key);
    if (kept?.uid === object.metadata.uid) return kept;
    this.#workspaces.forget(key);
    const { clock, leadership, ca, longestCallMs, log } = this.#ports;
    const objectLog = logFor(log, { kind: object.kind, ...key });
    const link = new BrazeLink({
      origin,
      ca,
      clock,
      mayStart: (callMs) => leadership.mayStart(callMs),
      timeoutMs: () => settingsOf(memory.object.spec, longestCallMs).requestTimeoutMs,
      limits: () => limitsOf(memory.object.spec),
      onCall: (call) => {
        this.#ports.metrics.called(call);
        objectLog.debug('called Braze', { ...call });
        // A key or permission that Braze refused is a state of the whole workspace.
        if (call.code === '401' || call.code === '403') this.#ports.enqueue(key);
        if (call.code === '400' && call.endpoint.startsWith('items.put')) this.#doubtFields(key, memory);
      },
    });
    const memory = newMemory(object, link);
    this.#workspaces.remember(key, memory);
    return memory;
  }

  /** An item was refused: somebody may have deleted a field in Braze, and every item with it is refused until that is seen. */
  #doubtFields(key: ObjectKey, memory: WorkspaceMemory): void {
    memory.fieldsDoubted = true;
    this.#ports.enqueue(key);
  }

  /** Kept while notifications refer to the workspace; let go when it is deleted and nothing is owned through it. */
  async #finalizer(object: BrazeWorkspace, memory: WorkspaceMemory): Promise<BrazeWorkspace> {
    const { finalizers = [], deletionTimestamp, resourceVersion, name, namespace } = object.metadata;
    const has = finalizers.includes(IN_USE_FINALIZER);
    const deleting = deletionTimestamp !== undefined;
    const add = !has && !deleting && memory.usage.campaigns.size > 0;
    const remove = has && deleting && !memory.usage.owning;
    if (!add && !remove) return object;
    const next = add ? [...finalizers, IN_USE_FINALIZER] : finalizers.filter((finalizer) => finalizer !== IN_USE_FINALIZER);
    const body = { metadata: { resourceVersion, finalizers: next } };
    const written = await this.#ports.kube.patch<BrazeWorkspace>(BRAZE_WORKSPACES, { namespace, name }, { type: 'merge', body });
    this.#ports.workspaces.written(written);
    return written;
  }

  /** Lets the notifications look again when what they see of the workspace became different. */
  #wake({ object, memory }: Pass, seenInBraze: boolean): void {
    const { namespace, name, generation } = object.metadata;
    const usable = obstacleOf(memory, name) === undefined;
    const newSpec = memory.generation !== undefined && memory.generation !== generation;
    if (usable !== memory.wasUsable || newSpec || seenInBraze || memory.contentChanged) this.#ports.enqueueNotifications(namespace, name);
    memory.wasUsable = usable;
    memory.contentChanged = false;
    memory.generation = generation;
  }

  #measure({ object, memory }: Pass): void {
    const { namespace, name } = object.metadata;
    for (const bucket of BUCKETS) this.#ports.metrics.remaining({ namespace, name }, bucket, memory.link.budgets.remaining(bucket));
    const reading = memory.link.clock.reading();
    if (reading !== undefined) this.#ports.metrics.clockSkew({ namespace, name }, reading.offsetMs / 1000);
  }

  #verdict({ object, memory }: Pass): Problem {
    const { secretMissing, problem, key, link, campaigns } = memory;
    return verdictOf({
      object,
      endpoint: undefined,
      secretMissing,
      problem,
      hasKey: key !== undefined,
      stopped: link.client.stopped,
      forbidden: link.client.forbidden,
      campaigns,
      offsetMs: link.clock.reading()?.offsetMs,
    });
  }

  async #show(object: BrazeWorkspace, verdict: Problem, memory: WorkspaceMemory): Promise<void> {
    const { key, holder, campaigns } = memory;
    const locales = takenLocales(memory);
    const listed = listedRows(memory.listing);
    const identity = holder && { secretVersion: key?.version ?? object.status?.identity?.secretVersion ?? '', ...holder };
    await this.#write(
      object,
      statusOf({ object, verdict, fence: fenceState(memory, verdict), identity, campaigns, locales, listed, now: this.#ports.clock.now() }),
    );
  }

  async #write(object: BrazeWorkspace, status: NonNullable<BrazeWorkspace['status']>): Promise<void> {
    if (!isWorthWriting(object.status, status)) return;
    const written = await this.#ports.kube.replace<BrazeWorkspace>(BRAZE_WORKSPACES, { ...object, status }, { subresource: 'status' });
    this.#ports.workspaces.written(written);
  }

  #tellClamped({ object, memory }: Pass): void {
    const { longestCallMs, events } = this.#ports;
    const { generation, name, namespace, uid } = object.metadata;
    if (parseDuration(object.spec.requestTimeout) <= longestCallMs || memory.clampTold === generation) return;
    memory.clampTold = generation;
    const note = `spec.requestTimeout ${object.spec.requestTimeout} is longer than a call may take under this lease; ${longestCallMs} ms are used.`;
    events.record(
      { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid },
      { type: 'Warning', reason: 'RequestTimeoutClamped', note },
    );
  }
}

function fenceState({ fenceReady, object, problem, holder }: WorkspaceMemory, verdict: Problem) {
  const { fence } = object.spec;
  if (fence === undefined) return { ready: false, reason: 'FenceMissing', message: 'The workspace has no spec.fence.' };
  if (!fenceReady) return { ready: false, reason: problem?.reason ?? verdict.reason, message: problem?.message ?? verdict.message };
  return {
    ready: true,
    reason: 'Ready',
    message: `Catalog ${fence.catalog} has the fields that the fence needs; its item names ${holder?.owner ?? 'us'}.`,
  };
}

/** The next thing that is due by itself. What was due and could not be done, for want of a key or of budget, is not due at once again. */
function nextLook({ memory, now }: Pass): Temporal.Instant {
  const looks =
    memory.key === undefined
      ? []
      : [...memory.campaigns].flatMap(([id, campaign]) => lookAgainAt(campaign, sendsOf(memory.usage, id)) ?? []);
  const probes = memory.link.client.stopped === undefined ? [] : [plusMs(now, PROBE_MS)];
  const checks = [memory.checkAt, memory.extendAt, memory.listingAt].filter((at) => at !== undefined);
  const next = earliest(plusMs(memory.secretReadAt ?? now, SECRET_EVERY_MS), ...looks, ...probes, ...checks);
  return latest(next, plusMs(now, SOONEST_MS));
}
