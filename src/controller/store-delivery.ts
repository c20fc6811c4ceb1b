/**
 * Tells handlers what changed. A handler only enqueues keys, so it should not fail; when it throws all the same, that is reported,
 * nobody else misses anything, and the handler is told again later: what it did not take is owed to it.
 */

import { Backoff } from './backoff.ts';
import type { KubeObject, ObjectKey } from './types.ts';

export type ChangeType = 'added' | 'updated' | 'deleted';

/**
 * `added`: no `old`. `deleted`: no `current`. Both objects are frozen.
 * Told again after it threw, a handler gets the first `old` it did not take and the newest `current`.
 */
export type StoreHandler<T extends KubeObject> = (type: ChangeType, old: T | undefined, current: T | undefined) => void;

/** A handler, or the transform or an index of it, threw on an object. */
export interface HandlerFailure {
  readonly what: 'handler' | 'transform';
  readonly key: ObjectKey;
  readonly error: unknown;
}

interface Owed<T> {
  readonly old: T | undefined;
  readonly current: T | undefined;
}

const REDELIVERY = { baseMs: 1_000, capMs: 30_000 };

export class Delivery<T extends KubeObject> {
  readonly #handlers = new Map<StoreHandler<T>, Map<string, Owed<T>>>();
  readonly #report: (failure: HandlerFailure) => void;
  readonly #backoff: Backoff;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (failure: HandlerFailure) => void, redelivery: { baseMs: number; capMs: number } = REDELIVERY) {
    this.#report = report;
    this.#backoff = new Backoff(redelivery);
  }

  subscribe(handler: StoreHandler<T>, present: Iterable<T>): () => void {
    this.#handlers.set(handler, new Map());
    for (const object of present) this.#tell(handler, undefined, object);
    return () => this.#handlers.delete(handler);
  }

  emit(old: T | undefined, current: T | undefined): void {
    for (const handler of this.#handlers.keys()) this.#tell(handler, old, current);
  }

  /** Drops what is owed: the process ends. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#handlers.clear();
  }

  #tell(handler: StoreHandler<T>, old: T | undefined, current: T | undefined): void {
    const about = current ?? old;
    const owed = this.#handlers.get(handler);
    if (about === undefined || owed === undefined) return;
    const key = `${about.metadata.namespace ?? ''}/${about.metadata.name}`;
    const before = owed.get(key);
    const since = before === undefined ? old : before.old;
    // Gone before the handler ever took it: it is told of the deletion, which it can ignore, rather than of nothing.
    const told = { old: current === undefined ? (since ?? old) : since, current };
    try {
      handler(current === undefined ? 'deleted' : since === undefined ? 'added' : 'updated', told.old, current);
      owed.delete(key);
    } catch (error) {
      owed.set(key, told);
      this.#report({ what: 'handler', key: { namespace: about.metadata.namespace ?? '', name: about.metadata.name }, error });
      this.#later();
    }
  }

  #later(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#again();
    }, this.#backoff.next());
    this.#timer.unref();
  }

  #again(): void {
    for (const [handler, owed] of this.#handlers) {
      for (const [, { old, current }] of [...owed]) this.#tell(handler, old, current);
    }
    if (this.#timer === undefined) this.#backoff.reset();
  }
}
