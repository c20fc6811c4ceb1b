/** The API server's promises that the protocol stands on: one object, versions, a stale write is refused, finalizers hold deletion. */
import { ApiError } from '../../../src/controller/client-errors.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { notification } from '../objects.ts';

const deepCopy = <T>(value: T): T => structuredClone(value);

export class SimApi {
  #object: MatchNotification | undefined;
  #version = 1;
  #uids = 0;
  readonly now: () => Temporal.Instant;
  writes = 0;

  constructor(now: () => Temporal.Instant) {
    this.now = now;
  }

  get object(): MatchNotification | undefined {
    return this.#object === undefined ? undefined : deepCopy(this.#object);
  }

  apply(spec: MatchNotificationSpec): void {
    this.#uids += 1;
    const uid = `${String(this.#uids).padStart(8, '0')}-0000-4000-8000-000000000000`;
    this.#object ??= { ...notification({ metadata: { uid, creationTimestamp: this.now().toString() } }), spec };
    this.#object = this.#bump({
      ...this.#object,
      spec,
      metadata: { ...this.#object.metadata, generation: (this.#object.metadata.generation ?? 0) + 1 },
    });
  }

  delete(): void {
    if (this.#object === undefined) return;
    this.#object = this.#bump({ ...this.#object, metadata: { ...this.#object.metadata, deletionTimestamp: this.now().toString() } });
    this.#collect();
  }

  replaceStatus(body: MatchNotification): MatchNotification {
    const current = this.#check(body.metadata);
    this.writes += 1;
    const { status } = body;
    this.#object = this.#bump({ ...current, ...(status === undefined ? {} : { status: deepCopy(status) }) });
    return deepCopy(this.#object);
  }

  patchFinalizers(metadata: { resourceVersion?: string; finalizers?: readonly string[] }): MatchNotification {
    const current = this.#check(metadata);
    this.writes += 1;
    const patched = this.#bump({ ...current, metadata: { ...current.metadata, finalizers: [...(metadata.finalizers ?? [])] } });
    this.#object = patched;
    this.#collect();
    return deepCopy(patched);
  }

  get(): MatchNotification {
    if (this.#object === undefined) throw new ApiError('GET', 404, { reason: 'NotFound', message: 'gone' });
    return deepCopy(this.#object);
  }

  #check(metadata: { resourceVersion?: string; uid?: string }): MatchNotification {
    const current = this.get();
    const sameUid = metadata.uid === undefined || metadata.uid === current.metadata.uid;
    if (current.metadata.resourceVersion !== metadata.resourceVersion || !sameUid)
      throw new ApiError('PUT', 409, { reason: 'Conflict', message: 'changed' });
    return current;
  }

  #bump(object: MatchNotification): MatchNotification {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #collect(): void {
    const { deletionTimestamp, finalizers = [] } = this.#object?.metadata ?? {};
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.#object = undefined;
  }
}
