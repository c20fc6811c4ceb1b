/**
 * A BrazeWorkspace on the real API server and the Braze simulator, on one clock that stands still until the test moves it. The reconciler
 * is called as the controller would: when something was enqueued, and at the time it asked for.
 */
import {
  type BrazeSimulator,
  DEFAULT_API_KEY,
  FENCED_TEMPLATE,
  startBrazeSimulator,
  UNFENCED_TEMPLATE,
} from '../../sandbox/braze/index.ts';
import { until } from '../../sandbox/process/until.ts';
import { type Connection, connect } from '../../src/controller/client.ts';
import { Reflector } from '../../src/controller/reflector.ts';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { KubeObject, Resource } from '../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { BRAZE_WORKSPACES, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { WORKSPACE_INDEX, type WorkspacePorts, workspaceIndex } from '../../src/reconcilers/braze-workspace/ports.ts';
import { BrazeWorkspaceReconciler } from '../../src/reconcilers/braze-workspace/reconciler.ts';
import { Workspaces } from '../../src/reconcilers/braze-workspace/workspaces.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { applyDefinitions } from '../support/definitions.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { recordingLog } from '../support/recording-log.ts';

export const FENCED = 'campaign-fenced';
export const PLAIN = 'campaign-plain';
export const OWNER = 'test-owner';

export interface StageOptions {
  readonly spec?: object;
  readonly apiKey?: string | null;
  readonly allowEndpoints?: readonly string[];
  readonly longestCallMs?: number;
}

export class WorkspaceStage {
  readonly cluster: TestCluster;
  readonly clock: FakeClock;
  readonly braze: BrazeSimulator;
  readonly log = recordingLog();
  /** `reason: note` of each event. */
  readonly events: string[] = [];
  /** How often the notifications were woken. */
  woken = 0;
  /** Those that were woken one by one. */
  readonly wokenAlone: string[] = [];
  /** Feeds as the cache holds them. */
  feeds: readonly FixtureFeed[] = [];
  /** Writes sent to the API server. */
  writes = 0;
  workspaces: Workspaces;
  #reconciler: BrazeWorkspaceReconciler;
  #nextAt: Temporal.Instant | undefined;
  readonly #connection: Connection;
  readonly #options: StageOptions;
  readonly #store: ObjectStore<BrazeWorkspace>;
  readonly #notifications: ObjectStore<MatchNotification>;
  readonly #reflectors: readonly { start(): void; stop(): Promise<void> }[];

  constructor({
    cluster,
    clock,
    braze,
    options,
  }: { cluster: TestCluster; clock: FakeClock; braze: BrazeSimulator; options: StageOptions }) {
    this.cluster = cluster;
    this.clock = clock;
    this.braze = braze;
    this.#options = options;
    this.#connection = connect({ kubeconfig: cluster.kubeconfigPath });
    const onHandlerFailure = ({ error }: { error: unknown }): never => {
      throw error;
    };
    this.#store = new ObjectStore({ transform: keepWhole(), onHandlerFailure });
    this.#notifications = new ObjectStore({ transform: keepWhole(), onHandlerFailure, indexes: { [WORKSPACE_INDEX]: workspaceIndex } });
    this.#reflectors = [this.#reflect(this.#store, BRAZE_WORKSPACES), this.#reflect(this.#notifications, MATCH_NOTIFICATIONS)];
    [this.workspaces, this.#reconciler] = this.#process();
  }

  get key() {
    return { namespace: this.cluster.namespace, name: 'main' };
  }

  #reflect<T extends KubeObject>(store: ObjectStore<T>, resource: Resource): Reflector<T> {
    const { namespace } = this.cluster;
    return new Reflector({ connection: this.#connection, store, resource, namespace, onStoreWentBack: () => {} });
  }

  #process(): [Workspaces, BrazeWorkspaceReconciler] {
    const connection = this.#connection;
    const ports: WorkspacePorts = {
      kube: {
        get: (resource, key, call) => connection.get(resource, key, call),
        patch: (resource, key, patch, call) => {
          this.writes += 1;
          return connection.patch(resource, key, patch, call);
        },
        replace: (resource, body, call) => {
          this.writes += 1;
          return connection.replace(resource, body, call);
        },
      },
      workspaces: this.#store,
      notifications: this.#notifications,
      feeds: { list: () => this.feeds },
      clock: this.clock,
      leadership: { mayStart: () => true },
      longestCallMs: this.#options.longestCallMs ?? 9_000,
      ownerId: OWNER,
      allowEndpoints: this.#options.allowEndpoints ?? [this.braze.url],
      registerSecret: () => {},
      events: { record: (_, { reason, note }) => void this.events.push(`${reason}: ${note}`) },
      log: this.log,
      metrics: { called: () => {}, remaining: () => {}, clockSkew: () => {}, gone: () => {} },
      enqueue: () => {
        this.#nextAt = undefined;
      },
      enqueueNotifications: () => {
        this.woken += 1;
      },
      enqueueNotification: ({ name }) => void this.wokenAlone.push(name),
    };
    const workspaces = new Workspaces(ports);
    return [workspaces, new BrazeWorkspaceReconciler(ports, workspaces)];
  }

  async begin(): Promise<void> {
    const { namespace } = this.cluster;
    const { apiKey = DEFAULT_API_KEY, spec } = this.#options;
    if (apiKey !== null) await this.setKey(apiKey);
    await this.create('BrazeWorkspace', 'main', {
      endpoint: this.braze.url,
      apiKeySecretRef: { name: 'braze', key: 'apiKey' },
      fence: { catalog: 'matchday' },
      ...spec,
    });
    for (const reflector of this.#reflectors) reflector.start();
    await until(() => Promise.resolve(this.#store.get({ namespace, name: 'main' })), {
      what: 'the workspace in the cache',
      timeoutMs: 10_000,
    });
    await until(() => Promise.resolve(this.#notifications.synced || undefined), { what: 'the notifications', timeoutMs: 10_000 });
  }

  async create(kind: string, name: string, spec: object): Promise<void> {
    const { namespace } = this.cluster;
    await this.cluster.apply(JSON.stringify({ apiVersion: 'matchday.dev/v1alpha1', kind, metadata: { name, namespace }, spec }));
  }

  /** A notification that uses a campaign, in the cache. */
  async notification(name: string, campaignId: string, status?: object): Promise<void> {
    const match = { provider: 'football-data', id: name, competition: 'PL' };
    await this.create('MatchNotification', name, {
      workspaceRef: { name: 'main' },
      campaignId,
      match,
      kickoff: '2026-12-08T12:30:00Z',
      sendAt: '2026-12-08T11:30:00Z',
      audience: { broadcast: true },
    });
    if (status !== undefined)
      await this.kubectl(['patch', 'mn', name, '--subresource', 'status', '--type', 'merge', '-p', JSON.stringify({ status })]);
    const seen = () => {
      const found = this.#notifications.get({ namespace: this.cluster.namespace, name });
      return found !== undefined && (status === undefined || found.status !== undefined) ? true : undefined;
    };
    await until(() => Promise.resolve(seen()), { what: `${name} in the cache`, timeoutMs: 10_000 });
  }

  async setKey(apiKey: string): Promise<void> {
    const { namespace } = this.cluster;
    const data = { apiKey: Buffer.from(apiKey).toString('base64') };
    await this.cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'braze', namespace }, data }));
  }

  /** kubectl in the namespace; then waits until the cache has the workspace as it is. */
  async kubectl(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    await this.#caughtUp();
    return stdout;
  }

  async #caughtUp(): Promise<void> {
    const same = async () => {
      const { items } = await this.#connection.list<KubeObject>(BRAZE_WORKSPACES, { namespace: this.cluster.namespace });
      return items[0]?.metadata.resourceVersion === this.#store.get(this.key)?.metadata.resourceVersion || undefined;
    };
    await until(same, { what: 'the cache of workspaces', timeoutMs: 10_000 });
  }

  /** One pass, at the time that the last one asked for. */
  async pass(): Promise<void> {
    if (this.#nextAt !== undefined && Temporal.Instant.compare(this.#nextAt, this.clock.now()) > 0) this.clock.advanceTo(this.#nextAt);
    const before = this.#nextAt;
    const { requeueAt } = await this.#reconciler.reconcile(this.key, AbortSignal.timeout(60_000));
    if (requeueAt !== undefined && requeueAt.epochMilliseconds - this.clock.now().epochMilliseconds < 1_000) {
      throw new Error(`the pass asks to be made again at once (${requeueAt}): a busy loop`);
    }
    this.#nextAt = requeueAt ?? before;
  }

  /** Passes until Ready has this reason; fails with what it has instead. */
  async passUntil(reason: string, most = 8) {
    for (let n = 0; n < most; n += 1) {
      await this.pass();
      if (this.condition('Ready')?.reason === reason) break;
    }
    const ready = this.condition('Ready');
    if (ready?.reason !== reason) throw new Error(`Ready is ${ready?.reason}, not ${reason}: ${ready?.message}`);
    return ready;
  }

  object(): BrazeWorkspace {
    const found = this.#store.get(this.key);
    if (found === undefined) throw new Error('the workspace is not in the cache');
    return found;
  }

  condition(type: string) {
    return this.object().status?.conditions?.find((condition) => condition.type === type);
  }

  lookup() {
    return this.workspaces.lookup(this.cluster.namespace, 'main');
  }

  /** A new process: nothing is remembered. */
  restart(): void {
    this.workspaces.close();
    [this.workspaces, this.#reconciler] = this.#process();
    this.#nextAt = undefined;
  }

  calls(): number {
    return this.braze.log.entries.length;
  }

  async stop(): Promise<void> {
    this.workspaces.close();
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
    await this.#connection.close();
    await this.braze.stop();
  }
}

export async function stageWorkspace(options: StageOptions = {}): Promise<WorkspaceStage> {
  const cluster = await clusterForTests();
  await applyDefinitions(cluster);
  const clock = new FakeClock('2026-12-06T09:00:00Z');
  const braze = await startBrazeSimulator({
    clock,
    campaigns: [
      { id: FENCED, template: FENCED_TEMPLATE },
      { id: PLAIN, template: UNFENCED_TEMPLATE },
    ],
  });
  const stage = new WorkspaceStage({ cluster, clock, braze, options });
  await stage.begin();
  return stage;
}
