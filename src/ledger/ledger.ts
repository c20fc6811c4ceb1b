/**
 * The ledger as a projection of the objects: whatever changed is written behind, in the background, and tried again until it is there.
 * Never on the send path: who reconciles only says that an object changed, and asks how far it is held.
 *
 * Dies at any moment: the next process looks at every object again, and rows that are there stay as they are. Two of us at once: the same.
 * What waits is bounded by the number of objects, not of entries: an object keeps its entries until the ledger holds them.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { type LedgerDatabase, WrongSchema } from './database.ts';
import { heldPrefix, rowsOf, settledUpTo } from './rows.ts';
import type { LedgerRow, Recorded } from './types.ts';

const ROWS_AT_ONCE = 500;
const OBJECTS_AT_ONCE = 200;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export interface LedgerOptions {
  readonly database: Pick<LedgerDatabase, 'checkSchema' | 'insert' | 'held' | 'close'>;
  readonly ownerId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The object's entries are in the ledger: what waited for that may go on. */
  readonly onHeld?: (object: Recorded) => void;
}

export class Ledger {
  readonly #options: LedgerOptions;
  /** Objects with entries that are not known to be in the ledger, by uid. */
  readonly #dirty = new Map<string, Recorded>();
  readonly #held = new Map<string, number>();
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<void>();
  #checked = false;
  #failures = 0;
  #failing = '';

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Something about the object changed; also called for each object at the start. */
  changed(object: Recorded): void {
    if (Object.keys(object.status?.history ?? {}).length === 0) return;
    if (this.#isHeld(object)) return;
    this.#dirty.set(object.metadata.uid, object);
    this.#wake.resolve();
  }

  /** The last sequence of an object up to which everything is in the ledger; 0 when that is not known. */
  heldUpTo(uid: string): number {
    return this.#held.get(uid) ?? 0;
  }

  /** Whether the ledger holds everything that has happened to the object. */
  holds(object: Recorded): boolean {
    return Object.keys(object.status?.history ?? {}).length === 0 || this.#isHeld(object);
  }

  /** The object is gone: what it still has to be written is kept, what is known of it is not. */
  forget(uid: string): void {
    if (!this.#dirty.has(uid)) this.#held.delete(uid);
  }

  /** Entries that are not in the ledger yet, for the metric. */
  get lag(): number {
    let entries = 0;
    for (const object of this.#dirty.values())
      entries += rowsOf(object, { ownerId: '', heldUpTo: this.heldUpTo(object.metadata.uid) }).filter(
        ({ phase }) => phase === 'outcome',
      ).length;
    return entries;
  }

  /** Why nothing can be written now; empty when all is well. */
  get failing(): string {
    return this.#failing;
  }

  /** Writes until stopped. Never throws. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#dirty.size === 0) await this.#woken();
      else await this.#attempt();
    }
  }

  /** One last attempt at what waits, then no more. */
  async stop(): Promise<void> {
    if (this.#dirty.size > 0 && this.#failures === 0) await this.#attempt();
    this.#stop.abort();
    this.#wake.resolve();
    await this.#options.database.close();
  }

  #isHeld(object: Recorded): boolean {
    const last = lastSequence(object);
    return settledUpTo(object) === last && this.heldUpTo(object.metadata.uid) >= last;
  }

  async #attempt(): Promise<void> {
    try {
      await this.#write();
      this.#failures = 0;
      if (this.#failing !== '') this.#options.log.info('the ledger is written again');
      this.#failing = '';
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #write(): Promise<void> {
    const { database } = this.#options;
    if (!this.#checked) await database.checkSchema();
    this.#checked = true;
    const objects = [...this.#dirty.values()].slice(0, OBJECTS_AT_ONCE);
    await this.#learn(objects);
    const rows = objects.flatMap((object) => this.#rowsOf(object));
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) await database.insert(rows.slice(from, from + ROWS_AT_ONCE));
    for (const object of objects) this.#written(object);
  }

  #rowsOf(object: Recorded): readonly LedgerRow[] {
    return rowsOf(object, { ownerId: this.#options.ownerId, heldUpTo: this.heldUpTo(object.metadata.uid) });
  }

  /** What a former life has written of objects that this one has not met. */
  async #learn(objects: readonly Recorded[]): Promise<void> {
    const unknown = objects.filter(({ metadata }) => !this.#held.has(metadata.uid));
    if (unknown.length === 0) return;
    const held = await this.#options.database.held(unknown.map(({ metadata }) => metadata.uid));
    for (const object of unknown) this.#held.set(object.metadata.uid, heldPrefix(object, held.get(object.metadata.uid) ?? new Set()));
  }

  #written(object: Recorded): void {
    const { uid } = object.metadata;
    this.#held.set(uid, Math.max(this.heldUpTo(uid), settledUpTo(object)));
    // It may have changed meanwhile: then it is looked at again.
    if (this.#dirty.get(uid) !== object) return;
    this.#dirty.delete(uid);
    this.#options.onHeld?.(object);
  }

  async #failed(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const waitMs =
      error instanceof WrongSchema ? LAST_RETRY_MS : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    if (this.#failing !== message)
      this.#options.log.warn('the ledger cannot be written; sends go on, and what happened is kept in the objects', { why: message });
    this.#failing = message;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#stop.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  async #woken(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers<void>();
  }
}

function lastSequence(object: Recorded): number {
  return Math.max(0, ...Object.keys(object.status?.history ?? {}).map(Number));
}
