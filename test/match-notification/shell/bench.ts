/** The reconciler with small fakes around it: an API server of one object, a Braze that answers what the test says, a fence item. */

import { plusMs } from '../../../src/base/instants.ts';
import { done, type Outcome, type Refusal, refused, unknown } from '../../../src/base/outcomes.ts';
import { fieldsWith } from '../../../src/braze/fence-item.ts';
import type { Fence, FenceItem } from '../../../src/braze/types.ts';
import { ApiUnreachable } from '../../../src/controller/client-errors.ts';
import type { KubeClient, KubeObject } from '../../../src/controller/types.ts';
import type { SendsSeen } from '../../../src/crds/delivery.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { Ports, UsableWorkspace } from '../../../src/reconcilers/match-notification/ports.ts';
import { MatchNotificationReconciler } from '../../../src/reconcilers/match-notification/reconciler.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { specOf } from '../objects.ts';
import { factsOf } from '../situations.ts';
import { SimApi } from './api.ts';

const KEY = { namespace: 'default', name: 'pl-600123' };
type Created = Outcome<{ scheduleId: string; dispatchId: string | undefined }>;

export const refusal = (reason: Refusal['reason'], more: Partial<Refusal> = {}) =>
  refused({ reason, status: 400, message: `Braze says ${reason}`, ...more });
export const lost = unknown('no answer within 10 s');

export class Bench {
  readonly clock: FakeClock;
  readonly api = new SimApi(() => this.clock.now());
  readonly calls: string[] = [];
  readonly told: string[] = [];
  /** Kinds of drift that were counted. */
  readonly drifts: string[] = [];
  item: FenceItem | undefined;
  /** What the next calls answer, in order; success when there is nothing here. */
  readonly createAnswers: Created[] = [];
  readonly updateAnswers: Outcome<{ scheduleId: string }>[] = [];
  readonly deleteAnswers: Outcome<void>[] = [];
  readonly putAnswers: Outcome<'stored' | 'accepted'>[] = [];
  /** What the workspace heard of its campaign's sends. */
  sends: SendsSeen | undefined;
  /** Runs just before a status write takes effect; its number counts from 1. */
  beforeWrite: (n: number) => void = () => {};
  /** Runs while a create call is under way. */
  duringCreate: () => void = () => {};
  mayStart = true;
  fenced = true;
  /** An older object for the same match. */
  twin = false;
  unresolved: 'Block' | 'Recreate' | 'Abandon' = 'Block';
  /** Set by people, over what the object has. */
  annotations: Record<string, string> = {};
  view: MatchNotification | undefined;
  readonly #reconciler: MatchNotificationReconciler;
  readonly #identity: string;
  #writes = 0;
  #made = 0;
  #randoms = 0;

  constructor(now: string, options: { identity?: string; on?: Bench } = {}) {
    this.clock = options.on?.clock ?? new FakeClock(now);
    if (options.on) this.api = options.on.api;
    this.#identity = options.identity ?? 'one';
    this.#reconciler = new MatchNotificationReconciler(this.#ports());
  }

  /** An object as it is found. */
  begin(status?: (object: MatchNotification) => MatchNotificationStatus): this {
    this.api.apply(specOf());
    const object = this.api.get();
    if (status) this.api.replaceStatus({ ...object, status: status(object) });
    return this;
  }

  /** Status writes so far. */
  get writes(): number {
    return this.#writes;
  }

  get status(): MatchNotificationStatus {
    return this.api.get().status ?? {};
  }

  /** Another writer changes the object behind our back. */
  overwrite(change: (status: MatchNotificationStatus) => MatchNotificationStatus): void {
    const object = this.api.get();
    this.api.replaceStatus({ ...object, status: change(object.status ?? {}) });
  }

  /** One pass from what the API server has now. */
  pass() {
    const object = this.api.object;
    this.view = object && {
      ...object,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...this.annotations } },
    };
    return this.#reconciler.reconcile(KEY);
  }

  /** Passes until one asks for nothing at once; the last answer. */
  async passes(): Promise<Temporal.Instant | undefined> {
    for (let n = 0; n < 30; n += 1) {
      const before = this.api.object?.metadata.resourceVersion;
      const { requeueAt } = await this.pass();
      const now = requeueAt !== undefined && Temporal.Instant.compare(requeueAt, this.clock.now()) <= 0;
      if (!now && before === this.api.object?.metadata.resourceVersion) return requeueAt;
    }
    throw new Error(`thirty passes without a rest: ${this.calls.join(', ')}`);
  }

  #ports(): Ports {
    return {
      client: this.#client(),
      notifications: {
        get: () => this.view,
        list: () => (this.view ? [this.view] : []),
        byIndex: () => (this.view ? [this.view, ...(this.twin ? [olderThan(this.view)] : [])] : []),
        written: (object: KubeObject) => {
          this.view = object as MatchNotification;
        },
        synced: true,
      },
      workspace: () => this.#workspace(),
      clock: this.clock,
      leadership: { mayStart: () => this.mayStart, identity: this.#identity, lost: new AbortController().signal },
      events: { record: (_object, event) => void this.told.push(event.reason) },
      log: silentLog,
      counts: { sent: () => {}, fenceRewritten: () => {}, drifted: (kind) => void this.drifts.push(kind), compensated: () => {} },
      ownerId: 'cluster-a',
      random: () => `r${++this.#randoms}`,
    };
  }

  #client(): KubeClient {
    const never = () => Promise.reject(new Error('not used'));
    return {
      get: <T extends KubeObject>() => Promise.try(() => this.api.get() as KubeObject as T),
      replace: <T extends KubeObject>(_resource: unknown, body: T) =>
        Promise.try(() => {
          this.beforeWrite(++this.#writes);
          return this.api.replaceStatus(body as KubeObject as MatchNotification) as KubeObject as T;
        }),
      patch: never,
      create: never,
      delete: never,
      list: never,
    };
  }

  #workspace(): UsableWorkspace {
    const granted = { granted: true } as const;
    return {
      kind: 'usable',
      settings: { ...factsOf(this.api.get()).settings, unresolved: this.unresolved },
      clock: { reading: () => ({ offsetMs: 0, at: this.clock.now() }) },
      sends: () => this.sends,
      campaign: () => ({ found: true, live: 'True', fenced: this.fenced ? 'True' : 'False', message: '' }),
      budgets: {
        peek: () => granted,
        take: () => granted,
        reserve: () => granted,
        release: () => {},
        observed: () => {},
        blocked: () => {},
        remaining: () => 1_000,
      },
      braze: {
        createSchedule: () => this.#create(),
        updateSchedule: ({ scheduleId }) => this.#call(`update ${scheduleId}`, this.updateAnswers.shift() ?? done({ scheduleId })),
        deleteSchedule: ({ scheduleId }) => this.#call(`delete ${scheduleId}`, this.deleteAnswers.shift() ?? done(undefined)),
      },
      fence: this.fenced ? this.#fence() : undefined,
      contentFields: fieldsWith([]),
    };
  }

  #create(): Promise<Created> {
    this.duringCreate();
    return this.#call('create', this.createAnswers.shift() ?? done({ scheduleId: `s${++this.#made}`, dispatchId: undefined }));
  }

  #fence(): Fence {
    return {
      put: (item) => {
        const answer = this.putAnswers.shift() ?? done('stored' as const);
        if (answer.kind === 'done' && answer.value === 'stored') this.item = item;
        return this.#call(`put "${item.token}"`, answer);
      },
      read: () => this.#call('read', done(this.item)),
      delete: () => this.#call('delete item', done(undefined)),
    };
  }

  #call<T>(name: string, answer: T): Promise<T> {
    this.calls.push(name);
    return Promise.resolve(answer);
  }

  count(call: string): number {
    return this.calls.filter((one) => one.startsWith(call)).length;
  }
}

const olderThan = (object: MatchNotification): MatchNotification => ({
  ...object,
  metadata: { ...object.metadata, name: 'twin', uid: 'twin', creationTimestamp: '2026-01-01T00:00:00Z' },
});

export const unreachable = (): never => {
  throw new ApiUnreachable('PUT', { code: 'TIMEOUT', message: 'no answer', sent: true });
};
export const inSeconds = (bench: Bench, seconds: number): Temporal.Instant => plusMs(bench.clock.now(), seconds * 1000);
