/** One life of an operator: the real reconciler on a view of its own, with all its calls in the driver's hand. */
import { done, refused, unknown } from '../../../src/base/outcomes.ts';
import type { FenceItem } from '../../../src/braze/types.ts';
import { ApiUnreachable } from '../../../src/controller/client-errors.ts';
import type { KubeClient, KubeObject } from '../../../src/controller/types.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import type { Ports, UsableWorkspace } from '../../../src/reconcilers/match-notification/ports.ts';
import { MatchNotificationReconciler } from '../../../src/reconcilers/match-notification/reconciler.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import type { World } from './world.ts';

const KEY = { namespace: 'default', name: 'pl-600123' };
const lostApi = (): never => {
  throw new ApiUnreachable('sim', { code: 'TIMEOUT', message: 'no answer', sent: true });
};
const lostBraze = () => unknown('no answer');

export class Operator {
  readonly #world: World;
  readonly #reconciler: MatchNotificationReconciler;
  readonly identity: string;
  view: MatchNotification | undefined;
  running = false;
  wakeAt: Temporal.Instant | undefined;
  #failed: unknown;

  constructor(world: World, identity: string) {
    this.#world = world;
    this.identity = identity;
    this.view = world.api.object;
    this.#reconciler = new MatchNotificationReconciler(this.#ports());
  }

  /** The watch catches up. */
  refresh(): void {
    this.view = this.#world.api.object;
  }

  /** Starts a pass; it proceeds as far as the driver lets its calls. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.wakeAt = undefined;
    this.#reconciler.reconcile(KEY).then(
      (result) => {
        this.running = false;
        this.wakeAt = result.requeueAt;
      },
      (error: unknown) => {
        this.running = false;
        this.wakeAt = this.#world.clock.now();
        // Lost answers of the API server are thrown, for the queue to retry; anything else is a bug.
        if (!(error instanceof ApiUnreachable)) this.#failed = error;
      },
    );
  }

  get failure(): unknown {
    return this.#failed;
  }

  #ports(): Ports {
    const world = this.#world;
    return {
      client: this.#client(),
      notifications: {
        get: () => this.view,
        list: () => (this.view ? [this.view] : []),
        byIndex: () => (this.view ? [this.view] : []),
        written: (object: KubeObject) => {
          const written = object as MatchNotification;
          const older = this.view !== undefined && Number(this.view.metadata.resourceVersion) > Number(written.metadata.resourceVersion);
          if (!older) this.view = written;
        },
        synced: true,
      },
      workspace: () => this.#workspace(),
      clock: world.clock,
      leadership: { mayStart: () => true, identity: this.identity, lost: new AbortController().signal },
      events: { record: () => {} },
      log: silentLog,
      counts: { sent: () => {}, fenceRewritten: () => {}, compensated: () => {} },
      ownerId: 'cluster-a',
      random: () => world.random(),
    };
  }

  #client(): KubeClient {
    const { calls, api } = this.#world;
    const never = () => Promise.reject(new Error('not used'));
    return {
      get: <T extends KubeObject>() => calls.hold('api get', this, () => api.get() as KubeObject as T, lostApi),
      replace: <T extends KubeObject>(_resource: unknown, body: T) =>
        calls.hold('api put', this, () => api.replaceStatus(body as KubeObject as MatchNotification) as KubeObject as T, lostApi),
      patch: <T extends KubeObject>(_resource: unknown, _key: unknown, patch: { body: object }) =>
        calls.hold(
          'api patch',
          this,
          () => api.patchFinalizers((patch.body as { metadata: { finalizers: string[] } }).metadata) as KubeObject as T,
          lostApi,
        ),
      create: never,
      delete: never,
      list: never,
    };
  }

  #workspace(): UsableWorkspace {
    const { calls, braze, clock } = this.#world;
    const world = this.#world;
    return {
      kind: 'usable',
      settings: {
        marginMs: 60_000,
        requestTimeoutMs: 10_000,
        updateBufferMs: 20 * 60_000,
        horizonMs: 30 * 86_400_000,
        suspended: false,
        unresolved: 'Block',
      },
      clock: { reading: () => ({ offsetMs: 0, at: clock.now() }) },
      campaign: () => ({ found: true, live: 'True', fenced: 'True', message: '' }),
      budgets: {
        peek: () => ({ granted: true }),
        take: () => ({ granted: true }),
        reserve: () => ({ granted: true }),
        release: () => {},
        observed: () => {},
        blocked: () => {},
        remaining: () => 1_000,
      },
      braze: {
        createSchedule: (request) =>
          calls.hold(
            'create',
            this,
            () => {
              const id = braze.create(
                String(request.triggerProperties['token']),
                String(request.triggerProperties['notification']),
                request.time,
              );
              if (id === undefined) return refused({ reason: 'invalid-request', status: 400, message: 'Bad Request' });
              return done({ scheduleId: id, dispatchId: undefined });
            },
            lostBraze,
          ),
        updateSchedule: () => Promise.reject(new Error('no update in a fenced workspace')),
        deleteSchedule: ({ scheduleId }) =>
          calls.hold(
            'delete',
            this,
            () => {
              const result = braze.delete(scheduleId, world.deleteIsBestEffort(scheduleId));
              return result === 'done' ? done(undefined) : refused({ reason: 'unknown-id', status: 400, message: 'unknown' });
            },
            lostBraze,
          ),
      },
      fence: {
        put: (item: FenceItem) => this.#put(item),
        read: (id: string) => calls.hold('read', this, () => done(braze.items.get(id)), lostBraze),
        delete: (ids: readonly string[]) =>
          calls.hold(
            'delete item',
            this,
            () => {
              for (const id of ids) braze.items.delete(id);
              return done(undefined);
            },
            lostBraze,
          ),
      },
    };
  }

  /** Synchronous, or asynchronous: accepted at once, applied whenever the driver takes it. */
  #put(item: FenceItem) {
    const { calls, braze } = this.#world;
    const store = () => {
      braze.items.set(item.id, item);
      return done('stored' as const);
    };
    if (!this.#world.nextPutIsAsync()) return calls.hold('put', this, store, lostBraze);
    // Nobody waits for it: not tied to this life.
    void calls.hold('put later', {}, store, lostBraze);
    return calls.hold('put accept', this, () => done('accepted' as const), lostBraze);
  }
}
