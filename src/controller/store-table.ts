/**
 * The objects themselves: by namespace and name, with indexes, each frozen. Changes are synchronous, so a reader never sees half
 * of one; an object is only ever replaced by a newer one.
 */

import { isNotNewer } from './resource-version.ts';
import type { Delivery } from './store-delivery.ts';
import type { KubeObject, ObjectKey } from './types.ts';

/** The values under which an object is found in one index. */
export type IndexFunction<T> = (object: T) => readonly string[];

type Index<T> = Map<string, Set<T>>;

export class ObjectTable<T extends KubeObject> {
  readonly #objects = new Map<string, Map<string, T>>();
  readonly #indexes: ReadonlyMap<string, { of: IndexFunction<T>; entries: Index<T> }>;
  readonly #delivery: Delivery<T>;
  #size = 0;

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>>, delivery: Delivery<T>) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, of]) => [name, { of, entries: new Map() }]));
    this.#delivery = delivery;
  }

  get size(): number {
    return this.#size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key.namespace)?.get(key.name);
  }

  *all(namespace?: string): Generator<T> {
    if (namespace !== undefined && namespace !== '') yield* this.#objects.get(namespace)?.values() ?? [];
    else for (const objects of this.#objects.values()) yield* objects.values();
  }

  /** Throws a `RangeError` for an index that does not exist. */
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`no index "${name}"; there are: ${[...this.#indexes.keys()].join(', ')}`);
    return [...(index.entries.get(value) ?? [])];
  }

  /** Puts `next` in unless what is there is as new. An object of another uid is another object: the old one is deleted first. */
  put(next: T): void {
    const old = this.get(keyOf(next));
    if (old !== undefined && !replaces(next, old)) return;
    if (old !== undefined && old.metadata.uid !== next.metadata.uid) {
      this.#take(old);
      this.#delivery.emit(old, undefined);
      this.#add(next);
      this.#delivery.emit(undefined, next);
      return;
    }
    if (old !== undefined) this.#take(old);
    this.#add(next);
    this.#delivery.emit(old, next);
  }

  /** Removes what is there, unless it is newer than `version`. */
  remove(key: ObjectKey, version: string | undefined): void {
    const old = this.get(key);
    if (old === undefined || isNewerThan(old, version)) return;
    this.#take(old);
    this.#delivery.emit(old, undefined);
  }

  #add(object: T): void {
    const { namespace, name } = keyOf(object);
    const objects = this.#objects.get(namespace) ?? new Map<string, T>();
    this.#objects.set(namespace, objects.set(name, object));
    this.#size += 1;
    for (const { of, entries } of this.#indexes.values()) {
      for (const value of of(object)) entries.set(value, (entries.get(value) ?? new Set()).add(object));
    }
  }

  #take(object: T): void {
    const { namespace, name } = keyOf(object);
    const objects = this.#objects.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) this.#objects.delete(namespace);
    this.#size -= 1;
    for (const { of, entries } of this.#indexes.values()) {
      for (const value of of(object)) drop(entries, value, object);
    }
  }
}

export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

function drop<T>(entries: Index<T>, value: string, object: T): void {
  const found = entries.get(value);
  found?.delete(object);
  if (found?.size === 0) entries.delete(value);
}

function replaces(next: KubeObject, old: KubeObject): boolean {
  return !isNotNewer(next.metadata.resourceVersion ?? '', old.metadata.resourceVersion ?? '');
}

function isNewerThan(object: KubeObject, version: string | undefined): boolean {
  const own = object.metadata.resourceVersion;
  if (own === undefined || version === undefined || own === version) return false;
  return isNotNewer(version, own);
}
