/**
 * The way to the API server: `connect` gives one client per process, safe to share by everything in it. It holds connections and
 * credentials, no state about objects; a crash loses nothing. Writes are sent at most once per call.
 */

import { type Clock, systemClock } from '../base/clock.ts';
import { ApiError } from './client-errors.ts';
import { Transport } from './client-transport.ts';
import { CredentialSource, type CredentialsOptions } from './credentials.ts';
import { readCaFile } from './credentials-kubeconfig.ts';
import { type ApiRequest, exchange, type Method, type RequestContext, type RequestNote } from './request.ts';
import { collectionPath, objectPath, type Query, queryString, requestName } from './request-path.ts';
import type { CallOptions, KubeClient, KubeList, KubeObject, ListOptions, ObjectKey, Patch, Resource } from './types.ts';
import { type WatchEvent, watchEvents } from './watch-stream.ts';

export interface ConnectOptions extends Omit<CredentialsOptions, 'clock'> {
  /** PEM file of one more CA to trust, beside the configuration's own; whoever has its text already gives `extraCa`. */
  readonly caFile?: string;
  /** Default deadline of a request in ms. */
  readonly requestTimeoutMs?: number;
  /** Most connections for requests; watches have their own. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly userAgent?: string;
  /** Called once per attempt, for `rest_client_requests_total`. Must not throw. */
  readonly observe?: (note: RequestNote) => void;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Resume after this version. Absent with `sendInitialEvents`: the newest consistent state first. */
  readonly resourceVersion?: string;
  readonly sendInitialEvents?: boolean;
  /** The server ends the watch after this. */
  readonly timeoutSeconds: number;
  /** Longest silence before the connection counts as dead, in ms. */
  readonly idleMs: number;
  /** The same until the end of the initial state. */
  readonly initialIdleMs?: number;
  /** Longest wait for the server's headers, in ms. */
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** A raw request, for what is no resource (`/version`) or needs a special path. */
export interface RawRequest extends CallOptions {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  readonly contentType?: string;
}

/** What `connect` gives: `KubeClient`, watches, and raw requests. */
export interface Connection extends KubeClient {
  /** Origin of the API server. */
  readonly server: string;
  /** The context's namespace; in a cluster the pod's own. */
  readonly namespace: string | undefined;
  watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent>;
  raw(request: RawRequest): Promise<unknown>;
  /** True when the API server answers anything but a 5xx to a light request within 3 s. Never throws. */
  probe(signal?: AbortSignal): Promise<boolean>;
  /** Ends all requests and watches. */
  close(): Promise<void>;
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['type'], string>;

const PROBE_TIMEOUT_MS = 3_000;

/** Reads the configuration and makes the client; no request is sent yet. Throws `KubeconfigError`, also for a CA file that can't be read. */
export function connect(options: ConnectOptions = {}): Connection {
  const { caFile, ...rest } = options;
  const credentials = new CredentialSource(caFile === undefined ? rest : { ...rest, extraCa: readCaFile(caFile) });
  const transport = new Transport({
    origin: new URL(credentials.server).origin,
    proxyUrl: credentials.proxyUrl,
    connections: options.connections ?? 32,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
  });
  const context: RequestContext = {
    transport,
    credentials,
    clock: options.clock ?? systemClock,
    userAgent: options.userAgent ?? 'controller-runtime-typescript',
    maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
    observe: options.observe ?? (() => {}),
  };
  return new ApiClient(context, options.requestTimeoutMs ?? 10_000);
}

class ApiClient implements Connection {
  readonly #context: RequestContext;
  readonly #timeoutMs: number;

  constructor(context: RequestContext, timeoutMs: number) {
    this.#context = context;
    this.#timeoutMs = timeoutMs;
  }

  get server(): string {
    return this.#context.credentials.server;
  }
  get namespace(): string | undefined {
    return this.#context.credentials.namespace;
  }

  async get<T extends KubeObject>(resource: Resource, key: ObjectKey, call: CallOptions = {}): Promise<T> {
    return await this.#send<T>({ method: 'GET', path: objectPath(resource, key), name: requestName('GET', resource, { key }) }, call);
  }

  async create<T extends KubeObject>(resource: Resource, namespace: string, body: object, call: CallOptions = {}): Promise<T> {
    const name = requestName('POST', resource, { namespace });
    return await this.#send<T>({ method: 'POST', path: collectionPath(resource, namespace), name, body }, call);
  }

  async replace<T extends KubeObject>(resource: Resource, body: T, options: { subresource?: 'status' } & CallOptions = {}): Promise<T> {
    const { subresource } = options;
    const key = { namespace: body.metadata.namespace ?? '', name: body.metadata.name };
    const name = requestName('PUT', resource, { key, ...(subresource === undefined ? {} : { subresource }) });
    return await this.#send<T>({ method: 'PUT', path: objectPath(resource, key, subresource), name, body }, options);
  }

  async patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: Patch, call: CallOptions = {}): Promise<T> {
    const { subresource } = patch;
    const query = patch.type === 'apply' ? { fieldManager: patch.fieldManager, force: patch.force } : {};
    const path = `${objectPath(resource, key, subresource)}${queryString(query)}`;
    const name = requestName('PATCH', resource, { key, ...(subresource === undefined ? {} : { subresource }) });
    return await this.#send<T>({ method: 'PATCH', path, name, body: patch.body, contentType: PATCH_TYPES[patch.type] }, call);
  }

  async delete(resource: Resource, key: ObjectKey, options: { uid?: string; resourceVersion?: string } & CallOptions = {}): Promise<void> {
    const { uid, resourceVersion } = options;
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const body = Object.keys(preconditions).length === 0 ? {} : { body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions } };
    await this.#send(
      { method: 'DELETE', path: objectPath(resource, key), name: requestName('DELETE', resource, { key }), ...body },
      options,
    );
  }

  async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, signal, timeoutMs, ...query } = options;
    const name = requestName('LIST', resource, namespace === undefined ? {} : { namespace });
    const path = `${collectionPath(resource, namespace)}${queryString({ ...query })}`;
    const call = { ...(signal === undefined ? {} : { signal }), timeoutMs: timeoutMs ?? 3 * this.#timeoutMs };
    return await this.#send<KubeList<T>>({ method: 'GET', path, name }, call);
  }

  watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const { namespace, idleMs, initialIdleMs = idleMs, startTimeoutMs, signal, ...asked } = options;
    const match = options.sendInitialEvents === true ? { resourceVersionMatch: 'NotOlderThan' } : {};
    const query = queryString({ watch: true, allowWatchBookmarks: true, ...match, ...asked });
    const name = requestName('WATCH', resource, namespace === undefined ? {} : { namespace });
    const path = `${collectionPath(resource, namespace)}${query}`;
    return watchEvents(this.#context, { path, name, signal, idleMs, initialIdleMs, startTimeoutMs, clock: this.#context.clock });
  }

  async raw(request: RawRequest): Promise<unknown> {
    const { query, path, ...rest } = request;
    return await this.#send({ ...rest, path: `${path}${queryString(query ?? {})}`, name: `${request.method} ${path}` }, request);
  }

  async probe(signal?: AbortSignal): Promise<boolean> {
    const call = { timeoutMs: PROBE_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    try {
      await exchange(this.#context, { method: 'GET', path: '/version', name: 'GET /version', ...call });
      return true;
    } catch (error) {
      return error instanceof ApiError && error.status < 500;
    }
  }

  async close(): Promise<void> {
    await this.#context.transport.destroy();
  }

  /** The one place where an answer gets its type: the API server validated it against the schema that the type was made from. */
  async #send<T>(request: Omit<ApiRequest, 'timeoutMs' | 'signal'>, call: CallOptions): Promise<T> {
    const { signal } = call;
    const whole = { ...request, timeoutMs: call.timeoutMs ?? this.#timeoutMs, ...(signal === undefined ? {} : { signal }) };
    return (await exchange(this.#context, whole)) as T;
  }
}
