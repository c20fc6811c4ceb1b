/**
 * The objects of one kind in the sandbox's namespace, kept current by the operator's own reflector: waiting is waiting for an event.
 * What is read here may be a moment old; `Stack.notification` asks the API server.
 */
import type { Connection } from '../../src/controller/client.ts';
import { Reflector } from '../../src/controller/reflector.ts';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { KubeObject, Resource } from '../../src/controller/types.ts';
import { NotInTime } from '../process/until.ts';

export interface WaitOptions {
  /** The end of the sentence "waited 5 s for …". */
  readonly what?: string;
  /** Real milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;

export class Watched<T extends KubeObject> {
  readonly #namespace: string;
  readonly #store: ObjectStore<T>;
  readonly #reflector: Reflector<T>;

  constructor(connection: Connection, resource: Resource, namespace: string) {
    this.#namespace = namespace;
    const onHandlerFailure = ({ error }: { error: unknown }): void => {
      process.stderr.write(`sandbox: a listener of ${resource.plural} failed: ${String(error)}\n`);
    };
    this.#store = new ObjectStore<T>({ transform: keepWhole<T>(), onHandlerFailure });
    this.#reflector = new Reflector<T>({ connection, store: this.#store, resource, namespace, onStoreWentBack: () => {} });
  }

  async start(): Promise<void> {
    this.#reflector.start();
    await this.#reflector.whenSynced;
  }

  async stop(): Promise<void> {
    await this.#reflector.stop();
    this.#store.close();
  }

  get(name: string): T | undefined {
    return this.#store.get({ namespace: this.#namespace, name });
  }

  list(): readonly T[] {
    return this.#store.list();
  }

  /** Calls back with each change from now on: the state before and after, either may be absent. Returns the undo. */
  onChange(listener: (before: T | undefined, after: T | undefined) => void): () => void {
    // What is there already is told at once by the store; that is no change.
    let begun = false;
    const forget = this.#store.subscribe((_type, old, current) => {
      if (begun) listener(old, current);
    });
    begun = true;
    return forget;
  }

  /** Resolves with the object once `fits` says so. Throws `NotInTime` with what the object said last. */
  async waitFor(name: string, fits: (object: T) => boolean, options: WaitOptions = {}): Promise<T> {
    const look = (): T | undefined => {
      const object = this.get(name);
      return object !== undefined && fits(object) ? object : undefined;
    };
    return await this.until(look, { what: `${name} to be as wanted`, ...options, last: () => this.get(name) });
  }

  async waitGone(name: string, options: WaitOptions = {}): Promise<void> {
    const look = (): true | undefined => (this.get(name) === undefined ? true : undefined);
    await this.until(look, { what: `${name} to be gone`, ...options, last: () => this.get(name) });
  }

  /** Looks at once and after each change, until `look` answers with something. `last`: what the error shows. */
  async until<R>(look: () => R | undefined, options: WaitOptions & { readonly last?: () => unknown }): Promise<R> {
    const { what = 'the objects to be as wanted', timeoutMs = TIMEOUT_MS, signal, last } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const check = (): void => {
      try {
        const found = look();
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    const giveUp = (): void => reject(new NotInTime(`waited ${timeoutMs / 1000} s for ${what}${lastWords(last?.())}`));
    const cancel = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    const timer = setTimeout(giveUp, timeoutMs);
    const forget = this.#store.subscribe(check);
    check();
    return await promise.finally(() => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener('abort', cancel);
    });
  }
}

function lastWords(object: unknown): string {
  if (object === undefined) return '';
  const { spec, status } = object as { spec?: unknown; status?: unknown };
  return `; it says: ${JSON.stringify({ spec, status }, undefined, 1)}`;
}
