/**
 * A feed on the real API server and the football-data simulator, on one clock that stands still until the test moves it. The reconciler is
 * called as the controller would: when its feed changed, and at the time it asked for.
 */
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { type FootballDataSimulator, startFootballDataSimulator } from '../../sandbox/football-data/simulator.ts';
import { until } from '../../sandbox/process/until.ts';
import { type Connection, connect } from '../../src/controller/client.ts';
import { Reflector } from '../../src/controller/reflector.ts';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { KubeObject, ObjectKey, Resource } from '../../src/controller/types.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { FootballDataClient } from '../../src/football-data/client.ts';
import { FEED_INDEX, feedIndex } from '../../src/reconcilers/fixture-feed/identity.ts';
import { FixtureFeedReconciler } from '../../src/reconcilers/fixture-feed/reconciler.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { applyDefinitions } from '../support/definitions.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noTranslators } from '../support/no-translators.ts';
import { type RecordingLog, recordingLog } from '../support/recording-log.ts';

export const TOKEN = 'sandbox-token';
/** Before the season's first match. */
const START = '2025-08-10T09:00:00Z';

export interface Stage {
  readonly cluster: TestCluster;
  readonly clock: FakeClock;
  readonly provider: FootballDataSimulator;
  readonly log: RecordingLog;
  /** Reasons of the events recorded, with the object's name. */
  readonly events: string[];
  /** Writes of MatchNotifications sent to the API server since the last reset, refused ones included. */
  readonly writes: { count: number };
  readonly notifications: ObjectStore<MatchNotification>;
  feed(): FixtureFeed;
  notification(id: string): MatchNotification;
  /** Moves the clock to the time the last pass asked for and makes a pass; of another feed than `pl`, by name. */
  pass(name?: string): Promise<void>;
  /** Makes a feed of this name, as `pl` was made. */
  addFeed(name: string, spec?: object): Promise<void>;
  /** Milliseconds until the next pass, as the last one asked. */
  pauseMs(): number;
  /** A new process: nothing is remembered. */
  restart(): void;
  /** kubectl with this text as input; throws with its words when it fails. */
  kubectl(args: readonly string[], input?: object): Promise<string>;
  /** Resolves when the cache holds what the API server holds. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** The whole season as it may look before it begins: every match set, but the one that is postponed. */
function seasonAhead() {
  return loadSeasons({ competitions: ['PL'] }).map((season) => ({
    ...season,
    matches: season.matches.map((row) => ({
      ...row,
      status: row.status === 'POSTPONED' ? row.status : 'TIMED',
      lastUpdated: '2025-07-01T00:20:00Z',
    })),
  }));
}

export async function stageFeed(spec: object = {}): Promise<Stage> {
  const cluster = await clusterForTests();
  await applyDefinitions(cluster);
  const clock = new FakeClock(START);
  const provider = await startFootballDataSimulator({ clock, seasons: seasonAhead() });
  const connection = connect({ kubeconfig: cluster.kubeconfigPath });
  const stage = new FeedStage({ cluster, clock, provider, connection });
  await stage.begin(spec);
  return stage;
}

interface Parts {
  readonly cluster: TestCluster;
  readonly clock: FakeClock;
  readonly provider: FootballDataSimulator;
  readonly connection: Connection;
}

class FeedStage implements Stage {
  readonly cluster: TestCluster;
  readonly clock: FakeClock;
  readonly provider: FootballDataSimulator;
  readonly log = recordingLog();
  readonly events: string[] = [];
  readonly writes = { count: 0 };
  readonly notifications: ObjectStore<MatchNotification>;
  readonly #feeds: ObjectStore<FixtureFeed>;
  readonly #connection: Connection;
  readonly #reflectors: readonly { start(): void; stop(): Promise<void>; readonly whenSynced: Promise<boolean> }[];
  #reconciler: FixtureFeedReconciler;
  #nextAt: Temporal.Instant | undefined;

  constructor({ cluster, clock, provider, connection }: Parts) {
    this.cluster = cluster;
    this.clock = clock;
    this.provider = provider;
    this.#connection = connection;
    const onHandlerFailure = ({ error }: { error: unknown }): never => {
      throw error;
    };
    this.notifications = new ObjectStore({ transform: keepWhole(), onHandlerFailure, indexes: { [FEED_INDEX]: feedIndex } });
    this.#feeds = new ObjectStore({ transform: keepWhole(), onHandlerFailure });
    this.#reflectors = [this.#reflect(this.#feeds, FIXTURE_FEEDS), this.#reflect(this.notifications, MATCH_NOTIFICATIONS)];
    this.#reconciler = this.#newReconciler();
  }

  get #key(): ObjectKey {
    return { namespace: this.cluster.namespace, name: 'pl' };
  }

  #reflect<T extends KubeObject>(store: ObjectStore<T>, resource: Resource): Reflector<T> {
    const { namespace } = this.cluster;
    return new Reflector({ connection: this.#connection, store, resource, namespace, onStoreWentBack: () => {} });
  }

  #newReconciler(): FixtureFeedReconciler {
    const connection = this.#connection;
    return new FixtureFeedReconciler({
      kube: {
        get: (resource, key, call) => connection.get(resource, key, call),
        delete: (resource, key, options) => connection.delete(resource, key, options),
        patch: (resource, key, patch, call) => {
          if (resource.plural === MATCH_NOTIFICATIONS.plural) this.writes.count += 1;
          return connection.patch(resource, key, patch, call);
        },
      },
      feeds: this.#feeds,
      notifications: this.notifications,
      footballData: ({ token }) => new FootballDataClient({ token, clock: this.clock, baseUrl: this.provider.url }),
      wake: () => {},
      recorded: () => true,
      translators: noTranslators(this.clock),
      allowTranslators: [],
      registerSecret: () => {},
      clock: this.clock,
      log: this.log,
      events: { record: ({ name }, { reason }) => void this.events.push(`${name} ${reason}`) },
      metrics: { succeeded: () => {}, remaining: () => {}, gone: () => {} },
      random: () => 0.5,
    });
  }

  async begin(spec: object): Promise<void> {
    const { namespace } = this.cluster;
    const data = { token: Buffer.from(TOKEN).toString('base64') };
    await this.kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'football-data', namespace }, data });
    await this.addFeed('pl', spec);
    for (const reflector of this.#reflectors) reflector.start();
    await Promise.all(this.#reflectors.map(({ whenSynced }) => whenSynced));
  }

  async addFeed(name: string, spec: object = {}): Promise<void> {
    const { namespace } = this.cluster;
    await this.kubectl(['create', '-f', '-'], {
      apiVersion: 'matchday.dev/v1alpha1',
      kind: 'FixtureFeed',
      metadata: { name, namespace },
      spec: {
        source: { competition: 'PL', season: '2025', tokenSecretRef: { name: 'football-data', key: 'token' } },
        template: { spec: { workspaceRef: { name: 'main' }, campaignId: 'campaign-1', audience: { broadcast: true } } },
        ...spec,
      },
    });
  }

  feed(): FixtureFeed {
    const found = this.#feeds.get(this.#key);
    if (found === undefined) throw new Error('the feed is not in the cache');
    return found;
  }

  notification(id: string): MatchNotification {
    const found = this.notifications.get({ namespace: this.cluster.namespace, name: `pl-${id}` });
    if (found === undefined) throw new Error(`pl-${id} is not in the cache`);
    return found;
  }

  async pass(name = 'pl'): Promise<void> {
    if (this.#nextAt !== undefined && Temporal.Instant.compare(this.#nextAt, this.clock.now()) > 0) this.clock.advanceTo(this.#nextAt);
    const { requeueAt } = await this.#reconciler.reconcile({ ...this.#key, name }, AbortSignal.timeout(60_000));
    this.#nextAt = requeueAt;
  }

  pauseMs(): number {
    return (this.#nextAt ?? this.clock.now()).epochMilliseconds - this.clock.now().epochMilliseconds;
  }

  restart(): void {
    this.#reconciler = this.#newReconciler();
    this.#nextAt = undefined;
  }

  async kubectl(args: readonly string[], input?: object): Promise<string> {
    const { code, stdout, stderr } = await this.cluster.kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  async caughtUp(): Promise<void> {
    const { namespace } = this.cluster;
    for (const [resource, store] of [[FIXTURE_FEEDS, this.#feeds] as const, [MATCH_NOTIFICATIONS, this.notifications] as const]) {
      await until(
        async () => {
          const { items } = await this.#connection.list<KubeObject>(resource, { namespace });
          const cached: readonly KubeObject[] = store.list(namespace);
          const same =
            items.length === cached.length &&
            items.every((item) => cached.some(({ metadata }) => metadata.resourceVersion === item.metadata.resourceVersion));
          return same || undefined;
        },
        { what: `the cache of ${resource.plural}`, timeoutMs: 10_000 },
      );
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
    await this.#connection.close();
    await this.provider.stop();
  }
}
