/** One life's way to the API server: each request takes effect some time after it was sent, or never, and its answer may be lost. */
import { ApiError, ApiUnreachable } from '../../../src/controller/client-errors.ts';
import { LEASES, type Lease } from '../../../src/controller/election-lease.ts';
import type { CallOptions, KubeClient, KubeObject, ObjectKey, Patch, Resource } from '../../../src/controller/types.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import type { FakeLeases } from '../../support/fake-leases.ts';
import { type Cluster, keyText } from './cluster.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Rates } from './swarm.ts';

export interface ClusterClientOptions {
  readonly scheduler: Scheduler;
  readonly cluster: Cluster;
  readonly leases: FakeLeases;
  readonly random: Random;
  readonly rates: () => Rates;
  readonly actor: Actor;
  /** No request gets through now. */
  readonly isCut: () => boolean;
  /** A write of a MatchNotification was acknowledged. */
  readonly onWritten: (object: MatchNotification) => void;
  readonly note: (line: () => string) => void;
}

const TIMEOUT_MS = 10_000;

interface Request<T> {
  readonly name: string;
  readonly effect: () => T;
  readonly timeoutMs: number;
}

type Ending = 'answered' | 'lost' | 'never' | 'late' | 'failed' | 'failed-done' | 'limited';

export class ClusterClient implements KubeClient {
  readonly #options: ClusterClientOptions;

  constructor(options: ClusterClientOptions) {
    this.#options = options;
  }

  get<T extends KubeObject>(resource: Resource, key: ObjectKey, call?: CallOptions): Promise<T> {
    const { cluster, leases } = this.#options;
    const isLease = resource.plural === LEASES.plural;
    const effect = (): KubeObject => (isLease ? leases.commit({ verb: 'GET', name: key.name }) : cluster.read(keyText(key)));
    return this.#send({ name: `GET ${resource.plural} ${key.name}`, effect: () => effect() as T, timeoutMs: timeoutOf(call) });
  }

  create<T extends KubeObject>(resource: Resource, _namespace: string, body: object, call?: CallOptions): Promise<T> {
    if (resource.plural !== LEASES.plural) return Promise.reject(new Error(`nothing of the operator creates ${resource.plural} here`));
    const effect = (): KubeObject => this.#options.leases.commit({ verb: 'POST', lease: body as Lease });
    return this.#send({ name: 'POST leases', effect: () => effect() as T, timeoutMs: timeoutOf(call) });
  }

  replace<T extends KubeObject>(resource: Resource, body: T, options?: { subresource?: 'status' } & CallOptions): Promise<T> {
    const { leases, cluster, actor } = this.#options;
    const timeoutMs = timeoutOf(options);
    if (resource.plural === LEASES.plural) {
      const put = (): KubeObject => leases.commit({ verb: 'PUT', lease: body });
      return this.#send({ name: 'PUT leases', effect: () => put() as T, timeoutMs });
    }
    const object = body as KubeObject as MatchNotification;
    const put = (): MatchNotification =>
      options?.subresource === 'status' ? cluster.replaceStatus(object, actor.name) : cluster.replaceObject(object, actor.name);
    return this.#acknowledged(
      this.#send({ name: `PUT ${object.metadata.name}/status`, effect: put, timeoutMs }),
    ) as Promise<KubeObject> as Promise<T>;
  }

  patch<T extends KubeObject>(_resource: Resource, key: ObjectKey, patch: Patch, call?: CallOptions): Promise<T> {
    const { cluster, actor } = this.#options;
    const { metadata } = patch.body as { metadata: { resourceVersion?: string; finalizers?: readonly string[] } };
    const effect = (): MatchNotification => cluster.patchFinalizers({ ...key, ...metadata }, actor.name);
    const sent = this.#send({ name: `PATCH ${key.name} finalizers`, effect, timeoutMs: timeoutOf(call) });
    return this.#acknowledged(sent) as Promise<KubeObject> as Promise<T>;
  }

  delete(): Promise<void> {
    return Promise.reject(new Error('nothing of the operator deletes objects here'));
  }

  list(): Promise<never> {
    return Promise.reject(new Error('lists are the reflector’s'));
  }

  async #acknowledged(write: Promise<MatchNotification>): Promise<MatchNotification> {
    const object = await write;
    this.#options.onWritten(object);
    return object;
  }

  #send<T>({ name, effect, timeoutMs }: Request<T>): Promise<T> {
    const { scheduler, random, actor, isCut, note } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const ending: Ending = isCut() ? 'never' : this.#ending();
    const arrivesMs = ending === 'late' ? timeoutMs + random.between(1, 120_000) : random.between(1, 30);
    const answersMs = arrivesMs + random.between(1, 30);
    const unanswered = (): ApiUnreachable => new ApiUnreachable(name, { code: 'TIMEOUT', message: 'no answer', sent: true });
    let result: { value: T } | { error: unknown } | undefined;
    if (ending !== 'never' && ending !== 'limited' && ending !== 'failed')
      scheduler.after(arrivesMs, () => {
        result = outcomeOf(effect);
        note(
          () => `API ${actor.name} ${name} ${'error' in (result ?? {}) ? 'refused' : 'done'}${ending === 'answered' ? '' : ` (${ending})`}`,
        );
      });
    const answer = (act: () => void, ms: number): void => void scheduler.after(ms, act, actor);
    if (ending === 'answered') {
      answer(() => {
        if (result !== undefined && 'value' in result) resolve(result.value);
        else reject(result?.error ?? unanswered());
      }, answersMs);
    } else if (ending === 'failed' || ending === 'failed-done') answer(() => reject(failure(name, 500, 'InternalError')), answersMs);
    else if (ending === 'limited') answer(() => reject(failure(name, 429, 'TooManyRequests')), answersMs);
    else answer(() => reject(unanswered()), ending === 'lost' && random.chance(0.5) ? answersMs : timeoutMs);
    return promise;
  }

  #ending(): Ending {
    const { random } = this.#options;
    const rates = this.#options.rates();
    if (random.chance(rates.apiLost)) return 'lost';
    if (random.chance(rates.apiNever)) return 'never';
    if (random.chance(rates.apiLate)) return 'late';
    if (!random.chance(rates.apiFailing)) return 'answered';
    return random.pick(['failed', 'failed-done', 'limited']);
  }
}

const timeoutOf = (call: CallOptions | undefined): number => call?.timeoutMs ?? TIMEOUT_MS;

function outcomeOf<T>(effect: () => T): { value: T } | { error: unknown } {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}

function failure(name: string, status: number, reason: string): ApiError {
  return new ApiError(name, status, { reason, message: 'the API server is not well' });
}
