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

/** How one request is made. */
export interface CallOptions {
  /** Ends the request early; a write ended this way may have taken effect. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole request, answer read included; the client's default when absent. */
  readonly timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

/** Requests to the API server. Every method throws `ApiError` for an answer outside 2xx, `ApiUnreachable` when no answer was read. */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource, key: ObjectKey, call?: CallOptions): Promise<T>;
  create<T extends KubeObject>(resource: Resource, namespace: string, body: object, call?: CallOptions): Promise<T>;
  /** PUT of the whole object (or its /status); `metadata.resourceVersion` in the body makes a stale one a 409. */
  replace<T extends KubeObject>(resource: Resource, body: T, options?: { subresource?: 'status' } & CallOptions): Promise<T>;
  patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: Patch, call?: CallOptions): Promise<T>;
  delete(resource: Resource, key: ObjectKey, options?: { uid?: string; resourceVersion?: string } & CallOptions): Promise<void>;
  /** One page (`limit`, `continue`), or everything in one answer: not for kinds with many objects. */
  list<T extends KubeObject>(resource: Resource, options?: ListOptions): Promise<KubeList<T>>;
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
   * starts from a state that our own write has replaced. Takes the server's answer as it came: the store strips and transforms it
   * as it does an event. Handlers hear of it at once, and not again when the watch brings the same version.
   */
  written(object: KubeObject): void;
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
