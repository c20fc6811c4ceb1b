/**
 * The API server's promises that the protocol stands on: versions that only grow, a stale write is refused, a write that changes nothing
 * gets no new version, finalizers hold a deletion, an object made again has another uid and no status. Synchronous: what takes effect
 * when is decided by who calls (cluster-client.ts).
 */
import { ApiError } from '../../../src/controller/client-errors.ts';
import type { BrazeWorkspace } from '../../../src/crds/braze-workspace.ts';
import { API_VERSION } from '../../../src/crds/kube.ts';
import type { MatchNotification, MatchNotificationSpec, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import { SCHEDULE_FINALIZER } from '../../../src/crds/words.ts';

export interface WatchEvent {
  readonly type: 'changed' | 'deleted';
  readonly object: MatchNotification | BrazeWorkspace;
  readonly version: number;
}

/** What the oracle hears of: each commit, with who made it (undefined: a person, or the world). */
export interface ClusterEars {
  committed(before: MatchNotification | undefined, after: MatchNotification, by: string | undefined): void;
  removed(last: MatchNotification, by: string | undefined): void;
}

/** Digits are added soon: a comparison of versions as text would go wrong. */
const FIRST_VERSION = 980;

export const keyText = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

export class Cluster {
  readonly log: WatchEvent[] = [];
  readonly #objects = new Map<string, MatchNotification>();
  /** The newest status of each as text. */
  readonly #texts = new Map<string, string | undefined>();
  readonly #workspaces = new Map<string, BrazeWorkspace>();
  readonly #nowText: () => string;
  readonly #onEvent: () => void;
  readonly #ears: ClusterEars;
  #version = FIRST_VERSION;
  #uids = 0;
  /** Status and metadata writes of operators. */
  writes = 0;

  constructor(options: { nowText: () => string; onEvent: () => void; ears: ClusterEars }) {
    this.#nowText = options.nowText;
    this.#onEvent = options.onEvent;
    this.#ears = options.ears;
  }

  get version(): number {
    return this.#version;
  }

  get(key: string): MatchNotification | undefined {
    return this.#objects.get(key);
  }

  all(): readonly MatchNotification[] {
    return [...this.#objects.values()];
  }

  workspaces(): readonly BrazeWorkspace[] {
    return [...this.#workspaces.values()];
  }

  create(
    key: { namespace: string; name: string },
    spec: MatchNotificationSpec,
    finalizers: readonly string[] = [SCHEDULE_FINALIZER],
  ): void {
    if (this.#objects.has(keyText(key))) return;
    this.#uids += 1;
    const uid = `${this.#uids.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    const metadata = { ...key, uid, generation: 1, creationTimestamp: this.#nowText(), finalizers: [...finalizers] };
    this.#commit(
      undefined,
      { apiVersion: API_VERSION, kind: 'MatchNotification', metadata: { ...metadata, resourceVersion: '' }, spec },
      undefined,
    );
  }

  /** Somebody changes the spec, under no version: as an apply does. */
  edit(key: string, change: (spec: MatchNotificationSpec) => MatchNotificationSpec): void {
    const current = this.#objects.get(key);
    if (current === undefined) return;
    const spec = change(current.spec);
    if (JSON.stringify(spec) === JSON.stringify(current.spec)) return;
    this.#commit(
      current,
      { ...current, spec, metadata: { ...current.metadata, generation: (current.metadata.generation ?? 0) + 1 } },
      undefined,
    );
  }

  annotate(key: string, annotations: Readonly<Record<string, string>>): void {
    const current = this.#objects.get(key);
    if (current === undefined) return;
    const all = { ...current.metadata.annotations, ...annotations };
    this.#commit(current, { ...current, metadata: { ...current.metadata, annotations: all } }, undefined);
  }

  delete(key: string): void {
    const current = this.#objects.get(key);
    if (current === undefined || current.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...current.metadata, deletionTimestamp: this.#nowText(), generation: (current.metadata.generation ?? 0) + 1 };
    this.#commit(current, { ...current, metadata }, undefined);
  }

  /** A backup without status is put back: the object is another one of the same name, and nobody let go of the old one. */
  restore(key: string): void {
    const current = this.#objects.get(key);
    if (current === undefined) return;
    this.#remove(current, undefined);
    this.create({ namespace: current.metadata.namespace, name: current.metadata.name }, current.spec);
  }

  putWorkspace(workspace: BrazeWorkspace): void {
    const key = keyText(workspace.metadata);
    const generation = (this.#workspaces.get(key)?.metadata.generation ?? 0) + 1;
    this.#version += 1;
    const stored = deepFreeze({ ...workspace, metadata: { ...workspace.metadata, generation, resourceVersion: String(this.#version) } });
    this.#workspaces.set(key, stored);
    this.#tell({ type: 'changed', object: stored, version: this.#version });
  }

  /** GET. */
  read(key: string): MatchNotification {
    const object = this.#objects.get(key);
    if (object === undefined) throw refusal('GET', key, { status: 404, reason: 'NotFound' });
    return object;
  }

  /** PUT /status: everything else of the body is ignored. Custom resources know no unconditional PUT. */
  replaceStatus(body: MatchNotification, by: string): MatchNotification {
    const current = this.#checked('PUT', body.metadata);
    if (body.metadata.resourceVersion === undefined) throw refusal('PUT', keyText(body.metadata), { status: 422, reason: 'Invalid' });
    // As JSON, as it travels: no undefined members, nothing shared with the sender.
    const text = JSON.stringify(body.status);
    if (text === this.#texts.get(keyText(body.metadata))) return current;
    this.writes += 1;
    this.#texts.set(keyText(body.metadata), text);
    const { status: _before, ...rest } = current;
    return this.#commit(current, text === undefined ? rest : { ...rest, status: JSON.parse(text) as MatchNotificationStatus }, by);
  }

  /** PUT without subresource: the status of the body is ignored. */
  replaceObject(body: MatchNotification, by: string): MatchNotification {
    const current = this.#checked('PUT', body.metadata);
    const { finalizers = [] } = body.metadata;
    return this.patchFinalizers({ ...body.metadata, finalizers }, by) ?? current;
  }

  /** A merge patch of metadata; without a version in it, it is made whatever the object has become. */
  patchFinalizers(
    metadata: { namespace: string; name: string; resourceVersion?: string; finalizers?: readonly string[] },
    by: string,
  ): MatchNotification {
    const current = this.#checked('PATCH', metadata);
    const finalizers = [...(metadata.finalizers ?? [])];
    if (JSON.stringify(finalizers) === JSON.stringify(current.metadata.finalizers)) return current;
    this.writes += 1;
    return this.#commit(current, { ...current, metadata: { ...current.metadata, finalizers } }, by);
  }

  #checked(verb: string, metadata: { namespace?: string; name: string; resourceVersion?: string; uid?: string }): MatchNotification {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const current = this.#objects.get(key);
    if (current === undefined) throw refusal(verb, key, { status: 404, reason: 'NotFound' });
    const otherVersion = metadata.resourceVersion !== undefined && metadata.resourceVersion !== current.metadata.resourceVersion;
    const otherUid = metadata.uid !== undefined && metadata.uid !== current.metadata.uid;
    if (otherVersion || otherUid) throw refusal(verb, key, { status: 409, reason: 'Conflict' });
    return current;
  }

  #commit(before: MatchNotification | undefined, next: MatchNotification, by: string | undefined): MatchNotification {
    const { deletionTimestamp, finalizers = [] } = next.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) return this.#remove(next, by);
    this.#version += 1;
    const stored = deepFreeze({ ...next, metadata: { ...next.metadata, resourceVersion: String(this.#version) } });
    this.#objects.set(keyText(stored.metadata), stored);
    this.#ears.committed(before, stored, by);
    this.#tell({ type: 'changed', object: stored, version: this.#version });
    return stored;
  }

  #remove(object: MatchNotification, by: string | undefined): MatchNotification {
    this.#version += 1;
    const last = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
    this.#objects.delete(keyText(object.metadata));
    this.#texts.delete(keyText(object.metadata));
    this.#ears.removed(last, by);
    this.#tell({ type: 'deleted', object: last, version: this.#version });
    return last;
  }

  #tell(event: WatchEvent): void {
    this.log.push(event);
    this.#onEvent();
  }
}

function refusal(verb: string, key: string, { status, reason }: { status: number; reason: string }): ApiError {
  return new ApiError(`${verb} matchnotifications ${key}`, status, { reason, message: `the API server says ${reason}` });
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
