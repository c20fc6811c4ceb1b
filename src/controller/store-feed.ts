/**
 * How a reflector fills the store, for one namespace or for all.
 *
 * The invariant behind "never backwards": after the first complete state the store is complete up to the high-water mark H, the
 * newest version that the server has spoken of. A watch is ordered, so whatever arrives later with a version up to H is an old state,
 * of an object that the store holds as new or newer, or that is deleted. It is ignored, and can't resurrect anything; no list of
 * the dead is needed. What our own writes put in lies above H and is compared object by object.
 */

import { isNotNewer, isOlder } from './resource-version.ts';
import { keyOf, type ObjectTable } from './store-table.ts';
import { TimeSlice } from './time-slice.ts';
import type { KubeObject } from './types.ts';

/** Strips, transforms and freezes; undefined when the transform threw (which was reported). */
export type Prepare<T extends KubeObject> = (object: KubeObject) => T | undefined;

export class StoreFeed<T extends KubeObject> {
  readonly #table: ObjectTable<T>;
  readonly #prepare: Prepare<T>;
  readonly #namespace: string;
  #highWater: string | undefined;
  #synced = false;

  constructor(options: { table: ObjectTable<T>; prepare: Prepare<T>; namespace: string }) {
    this.#table = options.table;
    this.#prepare = options.prepare;
    this.#namespace = options.namespace;
  }

  /** The newest version up to which the store is complete; undefined before the first complete state. */
  get highWater(): string | undefined {
    return this.#highWater;
  }
  get synced(): boolean {
    return this.#synced;
  }

  /** True when the store's state already includes version `version`. */
  includes(version: string | undefined): boolean {
    return this.#highWater !== undefined && version !== undefined && isNotNewer(version, this.#highWater);
  }

  /** An ADDED or MODIFIED event. False when it was old. */
  changed(object: KubeObject): boolean {
    if (this.includes(object.metadata.resourceVersion)) return false;
    this.#put(object);
    this.advance(object.metadata.resourceVersion);
    return true;
  }

  /** A DELETED event; `object` is its last state, with the version of the deletion. False when it was old. */
  deleted(object: KubeObject): boolean {
    const version = object.metadata.resourceVersion;
    if (this.includes(version)) return false;
    this.#table.remove(keyOf(object), version);
    this.advance(version);
    return true;
  }

  /** A bookmark, or any other word of the server that it has sent everything up to `version`. */
  advance(version: string | undefined): void {
    if (version === undefined || this.includes(version)) return;
    this.#highWater = version;
  }

  /** Starts taking in a complete state. One at a time; one that is not committed leaves no harm. */
  snapshot(): Snapshot<T> {
    return new Snapshot({
      table: this.#table,
      prepare: this.#prepare,
      includes: (version) => this.includes(version),
      begin: (version) => this.#begin(version),
      end: () => {
        this.#synced = true;
      },
      namespace: this.#namespace,
    });
  }

  #begin(version: string): boolean {
    if (this.#highWater !== undefined && isOlder(version, this.#highWater)) return false;
    this.#highWater = version;
    return true;
  }

  #put(object: KubeObject): void {
    const next = this.#prepare(object);
    if (next !== undefined) this.#table.put(next);
  }
}

interface SnapshotOptions<T extends KubeObject> {
  readonly table: ObjectTable<T>;
  readonly prepare: Prepare<T>;
  readonly includes: (version: string | undefined) => boolean;
  /** Sets the high-water mark; false when the store is ahead. */
  readonly begin: (version: string) => boolean;
  readonly end: () => void;
  readonly namespace: string;
}

/** A complete state on its way in: new objects show at once, what is missing from it is deleted when it is complete. */
export class Snapshot<T extends KubeObject> {
  readonly #options: SnapshotOptions<T>;
  readonly #seen = new Set<string>();
  /** Objects that the store should have known: put in only when the whole state proves to be no older than the store. */
  readonly #doubtful = new Map<string, T>();

  constructor(options: SnapshotOptions<T>) {
    this.#options = options;
  }

  /** Objects seen so far. */
  get size(): number {
    return this.#seen.size;
  }

  object(object: KubeObject): void {
    const { table, prepare, includes } = this.#options;
    const key = keyOf(object);
    const name = nameOf(object);
    this.#seen.add(name);
    const stored = table.get(key);
    if (
      stored !== undefined &&
      stored.metadata.resourceVersion === object.metadata.resourceVersion &&
      stored.metadata.uid === object.metadata.uid
    )
      return;
    const next = prepare(object);
    if (next === undefined) return;
    if (includes(object.metadata.resourceVersion)) this.#doubtful.set(name, next);
    else table.put(next);
  }

  /** A DELETED event between the snapshot and its end mark. */
  deleted(object: KubeObject): void {
    this.#seen.delete(nameOf(object));
    this.#doubtful.delete(nameOf(object));
    if (!this.#options.includes(object.metadata.resourceVersion))
      this.#options.table.remove(keyOf(object), object.metadata.resourceVersion);
  }

  /**
   * The state was complete, as of `version`. False, and no deletion made, when the store is ahead of it. Works in slices; a write's answer
   * that comes in between is judged by the new high-water mark already, so nothing that is missing can slip back in.
   */
  async commit(version: string): Promise<boolean> {
    const { table, begin, end, namespace } = this.#options;
    if (!begin(version)) return false;
    const slice = new TimeSlice();
    for (const object of this.#doubtful.values()) table.put(object);
    for (const object of table.all(namespace)) {
      if (!this.#seen.has(nameOf(object))) table.remove(keyOf(object), version);
      if (slice.used) await slice.next();
    }
    end();
    return true;
  }
}

function nameOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
