/**
 * A Lease store with the API server's rules for PUT and POST, in memory, for tests of who believes what: compare-and-set by
 * resourceVersion and uid, create-on-update of a Lease that is gone when the PUT carries no uid, no new version for a PUT that changes
 * nothing. test/controller/election.cluster.test.ts holds the real server to the same rules.
 */
import { ApiError } from '../../src/controller/client-errors.ts';
import type { Lease } from '../../src/controller/election-lease.ts';
import type { KubeClient, KubeObject, ObjectKey, Resource } from '../../src/controller/types.ts';

export type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'replace'>;

export class FakeLeases implements LeaseClient {
  readonly #listeners = new Set<(lease: Lease | undefined) => void>();
  #lease: Lease | undefined;
  #version = 100;
  #uids = 0;
  /** Requests that reached the store. */
  requests = 0;

  get current(): Lease | undefined {
    return this.#lease;
  }

  follow(listener: (lease: Lease | undefined) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#lease);
    return () => this.#listeners.delete(listener);
  }

  async get<T extends KubeObject>(_resource: Resource, key: ObjectKey): Promise<T> {
    return this.commit({ verb: 'GET', name: key.name }) as KubeObject as T;
  }

  async create<T extends KubeObject>(_resource: Resource, _namespace: string, body: object): Promise<T> {
    return this.commit({ verb: 'POST', lease: body as Lease }) as KubeObject as T;
  }

  async replace<T extends KubeObject>(_resource: Resource, body: T): Promise<T> {
    return this.commit({ verb: 'PUT', lease: body as KubeObject as Lease }) as KubeObject as T;
  }

  /** Does one request at once; throws the `ApiError` that the API server would answer with. */
  commit(request: { verb: 'GET'; name: string } | { verb: 'POST' | 'PUT'; lease: Lease }): Lease {
    this.requests += 1;
    if (request.verb === 'GET') {
      if (this.#lease === undefined) throw refusal('GET', 404, 'NotFound');
      return this.#lease;
    }
    return request.verb === 'POST' ? this.#post(request.lease) : this.#put(request.lease);
  }

  /** Somebody deletes the Lease. */
  delete(): void {
    this.#set(undefined);
  }

  /** Somebody edits the Lease without asking. */
  edit(change: (lease: Lease) => Lease): void {
    if (this.#lease !== undefined) this.#store(change(this.#lease), this.#lease.metadata.uid);
  }

  #post(lease: Lease): Lease {
    if (this.#lease !== undefined) throw refusal('POST', 409, 'AlreadyExists');
    return this.#store(lease, undefined);
  }

  #put(lease: Lease): Lease {
    const { uid, resourceVersion } = lease.metadata;
    const current = this.#lease;
    if (uid !== undefined && uid !== current?.metadata.uid) throw refusal('PUT', 409, 'Conflict');
    if (current === undefined) return this.#store(lease, undefined);
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) throw refusal('PUT', 409, 'Conflict');
    if (JSON.stringify(current.spec) === JSON.stringify(lease.spec)) return current;
    return this.#store(lease, current.metadata.uid);
  }

  #store(lease: Lease, uid: string | undefined): Lease {
    const metadata = { ...lease.metadata, uid: uid ?? `uid-${++this.#uids}`, resourceVersion: String(++this.#version) };
    const stored = Object.freeze({ ...lease, metadata });
    this.#set(stored);
    return stored;
  }

  #set(lease: Lease | undefined): void {
    this.#lease = lease;
    for (const listener of [...this.#listeners]) listener(lease);
  }
}

const refusal = (verb: string, status: number, reason: string): ApiError =>
  new ApiError(`${verb} leases default/matchday`, status, { reason, message: `the store says ${reason}` });
