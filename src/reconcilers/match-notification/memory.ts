/**
 * What this process knows beside the objects: nothing of it is needed for safety. A new process starts with none of it and only
 * announces, reads or waits once more than it would have had to.
 */
import { plusMs } from '../../base/instants.ts';
import type { CreateAnswer } from './create-call.ts';
import type { ItemRead, Ticket } from './facts.ts';

export type CallKind = 'fence' | 'read' | 'sweep' | 'create' | 'update';
const MAX_BACKOFF_MS = 300_000;

export class Memory {
  readonly uid: string;
  ticket: Ticket | undefined;
  itemRead: ItemRead | undefined;
  lastFailure: string | undefined;
  operationSeen: { readonly id: string; readonly at: Temporal.Instant } | undefined;
  foreignWrites = 0;
  /** What the object was last made to say, when nothing else was done to it since. */
  rested: { readonly words: string; readonly generation: number | undefined; readonly at: Temporal.Instant } | undefined;
  /** Read anew for each pass that needs it. */
  namespaceEndsSince: Temporal.Instant | undefined;
  /** Whether the pass under way read the item: what an annotation `requested-at` asks for. */
  readInPass = false;
  /** Whether a call of the pass under way failed: what the object then says is due at once, not when the call is tried again. */
  failedInPass = false;
  /** Whether the next pass is there to say so. */
  showingFailure = false;
  /** An answer that could not be recorded yet: tried again before anything else. */
  unrecorded: CreateAnswer | undefined;
  readonly #waits = new Map<CallKind, { until: Temporal.Instant; failures: number }>();

  constructor(uid: string) {
    this.uid = uid;
  }

  /** A call failed: try again after `firstMs`, doubling up to five minutes, or at `retryAt` when the answer said so. */
  failed(
    kind: CallKind,
    at: Temporal.Instant,
    options: { firstMs: number; retryAt?: Temporal.Instant | undefined; message?: string },
  ): Temporal.Instant {
    const failures = (this.#waits.get(kind)?.failures ?? 0) + 1;
    const until = options.retryAt ?? plusMs(at, Math.min(MAX_BACKOFF_MS, options.firstMs * 2 ** Math.min(failures - 1, 16)));
    this.#waits.set(kind, { until, failures });
    this.failedInPass = true;
    if (options.message !== undefined) this.lastFailure = options.message;
    return until;
  }

  succeeded(kind: CallKind): void {
    this.#waits.delete(kind);
    if (this.#waits.size === 0) this.lastFailure = undefined;
  }

  get notBefore(): Partial<Record<CallKind, Temporal.Instant>> {
    return Object.fromEntries([...this.#waits].map(([kind, { until }]) => [kind, until]));
  }
}

/** By object; an object of the same name with another uid starts anew. */
export class Memories {
  readonly #byKey = new Map<string, Memory>();

  of(object: { metadata: { namespace: string; name: string; uid: string } }): Memory {
    const { namespace, name, uid } = object.metadata;
    const key = `${namespace}/${name}`;
    const known = this.#byKey.get(key);
    if (known?.uid === uid) return known;
    const fresh = new Memory(uid);
    this.#byKey.set(key, fresh);
    return fresh;
  }

  forget(key: { namespace: string; name: string }): void {
    this.#byKey.delete(`${key.namespace}/${key.name}`);
  }
}
