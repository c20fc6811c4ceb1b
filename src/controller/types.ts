/**
 * The words of the controller runtime. It knows objects, keys, versions and time; it knows no football.
 */

/** A kind as the API server's URLs spell it. */
export interface Resource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** What the runtime needs of any object; everything else of it is opaque here. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

/** What a reconciler asks for after a pass. Without `requeueAt` the object is left alone until it changes. */
export interface ReconcileResult {
  readonly requeueAt?: Temporal.Instant;
}

/**
 * One kind's logic. Called for one key at a time; never for the same key twice at once. A thrown error is logged, counted and
 * retried with back-off.
 */
export interface Reconciler {
  reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult>;
}

/** Requests to the API server. Every method throws `ApiError` for an answer outside 2xx, `ApiUnreachable` when no answer was read. */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T>;
  create<T extends KubeObject>(resource: Resource, namespace: string, body: object): Promise<T>;
  /** PUT of the whole object (or its /status); `metadata.resourceVersion` in the body makes a stale one a 409. */
  replace<T extends KubeObject>(resource: Resource, body: T, options?: { subresource?: 'status' }): Promise<T>;
  patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: Patch): Promise<T>;
  delete(resource: Resource, key: ObjectKey, options?: { uid?: string; resourceVersion?: string }): Promise<void>;
  list<T extends KubeObject>(
    resource: Resource,
    options?: { namespace?: string; labelSelector?: string; limit?: number; continue?: string; resourceVersion?: string },
  ): Promise<KubeList<T>>;
}

export interface KubeList<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

export type Patch =
  | { readonly type: 'merge'; readonly body: object; readonly subresource?: 'status' }
  | { readonly type: 'json'; readonly body: readonly object[]; readonly subresource?: 'status' }
  | {
      readonly type: 'apply';
      readonly body: object;
      readonly fieldManager: string;
      readonly force?: boolean;
      readonly subresource?: 'status';
    };

/** A read-only view of the newest state seen of one kind. Objects are frozen; managedFields are stripped. */
export interface Store<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects whose index `name` holds `value`. */
  byIndex(name: string, value: string): readonly T[];
  /**
   * Puts the answer of our own write in at once: the echo guard. An event older than it is ignored from then on, so that no pass
   * starts from a state that our own write has replaced.
   */
  written(object: T): void;
  /** True once the first complete state was seen. */
  readonly synced: boolean;
}

/** Whether this process may start an effect now. */
export interface Leadership {
  /** True when the lease, on the monotonic clock, outlives a call that takes at most `callMs`. */
  mayStart(callMs: number): boolean;
  /** This process' random identity, new in each life. */
  readonly identity: string;
  /** Aborted when leadership ends. */
  readonly lost: AbortSignal;
}
