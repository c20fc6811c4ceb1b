/**
 * The newest state seen of one kind. Filled by reflectors (`feed`), corrected at once by our own writes (`written`), read by
 * reconcilers. Single-threaded and synchronous; a crash loses nothing, since the API server holds the truth.
 */

import { Delivery, type HandlerFailure, type StoreHandler } from './store-delivery.ts';
import { type Prepare, StoreFeed } from './store-feed.ts';
import { type IndexFunction, keyOf, ObjectTable } from './store-table.ts';
import type { KubeObject, ObjectKey, Store } from './types.ts';

export interface StoreOptions<T extends KubeObject> {
  /**
   * Keeps what is needed of an object as the server sent it (without managedFields); must keep `metadata.name`, `namespace`, `uid` and
   * `resourceVersion`. Return a new object, not the old one changed.
   */
  readonly transform: (object: KubeObject) => T;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** A handler, an index or the transform threw. Must not throw itself. */
  readonly onHandlerFailure: (failure: HandlerFailure) => void;
  /** Pauses before a handler that threw is told again. */
  readonly redelivery?: { readonly baseMs: number; readonly capMs: number };
}

export class ObjectStore<T extends KubeObject> implements Store<T> {
  readonly #table: ObjectTable<T>;
  readonly #delivery: Delivery<T>;
  readonly #feeds = new Map<string, StoreFeed<T>>();
  readonly #prepare: Prepare<T>;

  constructor(options: StoreOptions<T>) {
    this.#delivery = new Delivery(options.onHandlerFailure, options.redelivery);
    this.#table = new ObjectTable(options.indexes ?? {}, this.#delivery);
    this.#prepare = preparation(options);
  }

  get(key: ObjectKey): T | undefined {
    return this.#table.get(key);
  }

  list(namespace?: string): readonly T[] {
    return [...this.#table.all(namespace)];
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#table.byIndex(name, value);
  }

  get size(): number {
    return this.#table.size;
  }

  /** True once every feed has seen a complete state; false while there is no feed. */
  get synced(): boolean {
    return this.#feeds.size > 0 && [...this.#feeds.values()].every((feed) => feed.synced);
  }

  /**
   * Calls `handler` for each change from now on, and at once with `added` for each object present. Returns the undo.
   */
  subscribe(handler: StoreHandler<T>): () => void {
    return this.#delivery.subscribe(handler, this.list());
  }

  written(object: KubeObject): void {
    const { namespace } = keyOf(object);
    const feed = this.#feeds.get(namespace) ?? this.#feeds.get('');
    // A late answer to an old write: what the watch has told since is newer, maybe a deletion.
    if (feed?.includes(object.metadata.resourceVersion) === true) return;
    const next = this.#prepare(object);
    if (next !== undefined) this.#table.put(next);
  }

  /** The way in for the reflector of `namespace` ('' = all). One store may have several namespaces, each with its own. */
  feed(namespace = ''): StoreFeed<T> {
    const feed = this.#feeds.get(namespace) ?? new StoreFeed({ table: this.#table, prepare: this.#prepare, namespace });
    this.#feeds.set(namespace, feed);
    return feed;
  }

  /** Forgets the handlers. */
  close(): void {
    this.#delivery.stop();
  }
}

/** The transform of a store that keeps whole objects. The kind's schema, which the API server enforces, is what makes `T` true. */
export function keepWhole<T extends KubeObject>(): (object: KubeObject) => T {
  return (object) => object as T;
}

function preparation<T extends KubeObject>(options: StoreOptions<T>): Prepare<T> {
  const indexes = Object.values(options.indexes ?? {});
  return (object) => {
    try {
      const next = deepFreeze(options.transform(withoutManagedFields(object)));
      // An index that throws must do so here, before the table is changed by half.
      for (const of of indexes) of(next);
      return next;
    } catch (error) {
      options.onHandlerFailure({ what: 'transform', key: keyOf(object), error });
      return undefined;
    }
  };
}

/** Half of an object's bytes, and of no use to a reconciler. The object itself is left alone: it may be a write's answer in use. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (!('managedFields' in object.metadata)) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
