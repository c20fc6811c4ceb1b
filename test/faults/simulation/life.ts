/**
 * One life of an operator: the real reconciler behind the real controller, queue and store, woken as the process wires it, and either led
 * by the real election and manager, or by nobody. It can be stopped (SIGSTOP) and die at any task; another life begins with nothing.
 */
import { ApiError, ApiUnreachable } from '../../../src/controller/client-errors.ts';
import { Controller } from '../../../src/controller/controller.ts';
import { LeaderElection } from '../../../src/controller/election.ts';
import { leaseTimings } from '../../../src/controller/election-timings.ts';
import { Manager } from '../../../src/controller/manager.ts';
import { isOlder } from '../../../src/controller/resource-version.ts';
import { keepWhole, ObjectStore } from '../../../src/controller/store.ts';
import type { KubeObject, Leadership, ObjectKey, Reconciler } from '../../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../../src/crds/braze-workspace.ts';
import { unjudgedSend } from '../../../src/crds/delivery.ts';
import type { FixtureFeed } from '../../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import { type Controllers, wakeOnChange } from '../../../src/process/wake.ts';
import { WORKSPACE_INDEX, workspaceIndex } from '../../../src/reconcilers/braze-workspace/ports.ts';
import { FEED_INDEX, feedIndex } from '../../../src/reconcilers/fixture-feed/identity.ts';
import { MATCH_INDEX, matchIndex } from '../../../src/reconcilers/match-notification/content.ts';
import { MatchNotificationReconciler } from '../../../src/reconcilers/match-notification/reconciler.ts';
import type { Log, LogFields } from '../../../src/telemetry/log.ts';
import { BrazeWire } from './braze-wire.ts';
import { ClusterClient } from './cluster-client.ts';
import { LifeClock } from './life-clock.ts';
import type { Random } from './random.ts';
import type { Actor, Task } from './scheduler.ts';
import { Watch } from './watch.ts';
import { WorkspaceLink } from './workspace-link.ts';
import type { World } from './world.ts';

/** A minute and not a quarter of one: fewer renewals, and every call still fits into the lease. */
const TIMINGS = leaseTimings({ leaseDurationMs: 60_000, renewDeadlineMs: 40_000, retryPeriodMs: 8_000 });
const WORKERS = 8;

export class Life implements Actor {
  readonly name: string;
  state: Actor['state'] = 'running';
  held: Task[] = [];
  readonly clock: LifeClock;
  readonly watch: Watch;
  apiCutUntilMs = 0;
  brazeCutUntilMs = 0;
  /** Passes begun. */
  passes = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #links = new Map<string, WorkspaceLink>();
  readonly #notifications: ObjectStore<MatchNotification>;
  readonly #workspaces: ObjectStore<BrazeWorkspace>;
  readonly #controllers: Controllers;
  readonly #client: ClusterClient;
  readonly #election: LeaderElection | undefined;
  readonly #stop = new AbortController();
  /** The version of each object's last acknowledged write, by uid. */
  readonly #acknowledged = new Map<string, string>();

  constructor(world: World, name: string) {
    const { scheduler, cluster, swarm } = world;
    this.#world = world;
    this.name = name;
    this.#random = world.random.fork(name);
    const apart = swarm.clocksApartMs;
    this.clock = new LifeClock(scheduler, { offsetMs: this.#random.between(-apart, apart), drift: this.#random.between(-200, 200) / 1e6 });
    this.#notifications = storeOf(world, { [WORKSPACE_INDEX]: workspaceIndex, [FEED_INDEX]: feedIndex, [MATCH_INDEX]: matchIndex });
    this.#workspaces = storeOf<BrazeWorkspace>(world, {});
    this.#client = this.#newClient();
    this.#election = swarm.leaders === 'elected' ? this.#newElection() : undefined;
    this.#controllers = this.#newControllers();
    const random = this.#random.fork('watch');
    const stores = { notifications: this.#notifications, workspaces: this.#workspaces };
    this.watch = new Watch({ scheduler, cluster, random, actor: this, ...stores });
    const feeds = storeOf<FixtureFeed>(world, {});
    wakeOnChange({ ...stores, feeds, steps: [], ready: [] }, this.#controllers);
  }

  /** Runs until it is asked to stop or loses its lease; one that nobody elects runs until it dies. */
  async run(): Promise<void> {
    const past = this.#world.swarm.staleStart ? this.#random.between(0, 6) : 0;
    if (this.#election === undefined) {
      await this.watch.begin(past);
      this.#controllers.notifications.start();
      return;
    }
    const begin = { name: 'caches', why: 'warm before leading', start: () => this.watch.begin(past) };
    const manager = new Manager({
      clock: this.clock,
      log: this.#log(),
      election: this.#election,
      controllers: [this.#controllers.notifications],
      always: [begin],
      healthAddress: undefined,
      metricsAddress: undefined,
      renderMetrics: () => Promise.resolve({ contentType: '', body: '' }),
    });
    const code = await manager.run(this.#stop.signal);
    this.#world.lifeEnded(this, code);
  }

  /** SIGTERM. Without an election there is no orderly end: it just takes no further work. */
  terminate(): void {
    if (this.#election === undefined) this.#controllers.notifications.stop();
    this.#stop.abort(new Error('received SIGTERM'));
  }

  /** SIGKILL. */
  die(): void {
    this.state = 'dead';
    this.held = [];
  }

  get leads(): boolean {
    return this.state !== 'dead' && this.#leadership().mayStart(0);
  }

  get inFlight(): number {
    return [...this.#links.values()].reduce((sum, { wire }) => sum + wire.inFlight, 0);
  }

  get isElected(): boolean {
    return this.#election !== undefined;
  }

  get identity(): string {
    return this.#election?.identity ?? this.name;
  }

  #newElection(): LeaderElection {
    const { scheduler, leases } = this.#world;
    const follow: FollowLease = (listener) =>
      leases.follow((lease) => void scheduler.after(this.#random.between(1, 60), () => listener(lease), this));
    return new LeaderElection({
      client: this.#client,
      clock: this.clock,
      namespace: 'default',
      name: 'matchday',
      timings: TIMINGS,
      feed: { follow },
      log: this.#log(),
    });
  }

  #leadership(): Leadership {
    return this.#election ?? this.#unelected;
  }

  readonly #unelected: Leadership = {
    mayStart: () => this.state !== 'dead',
    get identity(): string {
      return '';
    },
    lost: new AbortController().signal,
  };

  #newClient(): ClusterClient {
    const { scheduler, cluster, leases, note } = this.#world;
    return new ClusterClient({
      scheduler,
      cluster,
      leases,
      random: this.#random.fork('api'),
      rates: () => this.#world.rates,
      actor: this,
      isCut: () => scheduler.nowMs < this.apiCutUntilMs,
      onWritten: ({ metadata }) => void this.#acknowledged.set(metadata.uid, metadata.resourceVersion),
      note,
    });
  }

  #newControllers(): Controllers {
    const backoff = { firstMs: 100, maxMs: 60_000, random: () => this.#random.fraction() };
    const reconciler = this.#newReconciler();
    const common = { clock: this.clock, log: this.#log(), backoff, leadership: this.#leadership() };
    const idle: Reconciler = { reconcile: () => Promise.resolve({}) };
    return {
      notifications: new Controller({
        ...common,
        name: 'match-notification',
        reconciler: { reconcile: (key) => this.#pass(reconciler, key) },
        concurrency: WORKERS,
        deadlineOf: (key) => reconciler.deadlineOf(key),
      }),
      workspaces: new Controller({ ...common, name: 'braze-workspace', reconciler: idle }),
      feeds: new Controller({ ...common, name: 'fixture-feed', reconciler: idle }),
    };
  }

  #newReconciler(): MatchNotificationReconciler {
    const { events, ears } = this.#world;
    const leadership = this.#leadership();
    const identity = this.identity;
    return new MatchNotificationReconciler({
      client: this.#client,
      notifications: this.#notifications,
      workspace: (namespace, name) => this.#link(namespace, name).lookup(name),
      clock: this.clock,
      leadership: { mayStart: (ms) => leadership.mayStart(ms), identity, lost: leadership.lost },
      events,
      log: this.#log(),
      counts: { sent: () => {}, fenceRewritten: () => {}, drifted: () => {}, compensated: () => ears.compensated() },
      ownerId: 'cluster-a',
      random: () => this.#random.hex(),
    });
  }

  async #pass(reconciler: MatchNotificationReconciler, key: ObjectKey) {
    this.passes += 1;
    const object = this.#notifications.get(key);
    const own = object && this.#acknowledged.get(object.metadata.uid);
    if (object !== undefined && own !== undefined && isOlder(object.metadata.resourceVersion, own))
      this.#world.violation('a pass began from a state that its own write had replaced', `${this.name} ${key.name}`);
    const result = await reconciler.reconcile(key);
    const { requeueAt } = result;
    const now = this.clock.now().epochMilliseconds;
    this.#world.note(
      () =>
        `  ${this.name} ${key.name}: again ${requeueAt === undefined ? 'when it changes' : `in ${requeueAt.epochMilliseconds - now} ms`}`,
    );
    return result;
  }

  #link(namespace: string, name: string): WorkspaceLink {
    const known = this.#links.get(namespace);
    if (known !== undefined) return known;
    const link = new WorkspaceLink({
      wire: (onDate) => this.#newWire(onDate),
      clock: this.clock,
      mayStart: (ms) => this.#leadership().mayStart(ms),
      workspace: () => this.#workspaces.get({ namespace, name }),
      longestCallMs: TIMINGS.longestCallMs,
      wake: () => {
        for (const { metadata } of this.#notifications.list(namespace)) this.#controllers.notifications.enqueue(metadata);
      },
      nextSendMs: () => Math.min(...this.#notifications.list(namespace).map(({ spec }) => Date.parse(spec.sendAt))),
      unjudged: () => this.#notifications.list(namespace).flatMap((object) => unjudgedSend(object) ?? []),
      onPut: (item) => this.#world.ears.announcedPut(this, item),
    });
    this.#links.set(namespace, link);
    return link;
  }

  #newWire(onDate: (sample: Parameters<ConstructorParameters<typeof BrazeWire>[0]['onDate']>[0]) => void): BrazeWire {
    const { scheduler, braze, swarm, ears, note } = this.#world;
    return new BrazeWire({
      scheduler,
      braze,
      swarm,
      random: this.#random.fork('braze'),
      rates: () => this.#world.rates,
      actor: this,
      clock: this.clock,
      isCut: () => scheduler.nowMs < this.brazeCutUntilMs,
      isKeyRefused: () => scheduler.nowMs < this.#world.keyRefusedUntilMs,
      onDate,
      ears: {
        asked: (request) => ears.asked(this, request),
        told: (request, exchange) => ears.told(this, { request, exchange }),
      },
      note,
    });
  }

  /** Lost answers of the API server are thrown for the queue to retry, and a compensation that failed; anything else is a bug. */
  #log(): Log {
    const { note, violation } = this.#world;
    const say = (level: string) => (message: string, fields?: LogFields) =>
      note(() => `  ${this.name} ${level}: ${message}${fields?.['error'] instanceof Error ? ` (${fields['error'].message})` : ''}`);
    const error = (message: string, fields: LogFields = {}): void => {
      say('error')(message, fields);
      const cause = fields['error'];
      const expected = cause === undefined || cause instanceof ApiError || cause instanceof ApiUnreachable;
      if (expected || String(cause).includes('was made for nobody')) return;
      violation('a pass threw', `${this.name}: ${message}: ${cause instanceof Error ? cause.stack : String(cause)}`);
    };
    const log: Log = { debug: () => {}, info: say('info'), warn: say('warn'), error, child: () => log };
    return log;
  }
}

type FollowLease = (listener: (lease: Parameters<Parameters<World['leases']['follow']>[0]>[0]) => void) => () => void;

function storeOf<T extends KubeObject>(
  world: World,
  indexes: NonNullable<ConstructorParameters<typeof ObjectStore<T>>[0]['indexes']>,
): ObjectStore<T> {
  return new ObjectStore<T>({
    transform: keepWhole<T>(),
    indexes,
    onHandlerFailure: ({ what, error }) => world.violation('a handler threw', `${what}: ${String(error)}`),
  });
}
