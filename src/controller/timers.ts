/**
 * Many timers on one heap and one `setTimeout`. Each key has at most one time; setting it again replaces it.
 *
 * The one `setTimeout` never sleeps longer than 60 s: one beyond 24.8 days fires at once (horizons reach 90 days), and a machine's
 * clock that was stepped is noticed within that time. A timer therefore never fires early, and late by the step at most for a minute.
 * In memory only: after a crash the first pass over each object plans anew.
 */
import type { Clock } from '../base/clock.ts';
import { IndexedHeap } from './indexed-heap.ts';

const LONGEST_SLEEP_MS = 60_000;

/** What the due times of a set of timers are measured in. */
export interface TimeBase {
  /** Real milliseconds until `dueMs`; 0 or less when it has come, Infinity while the clock stands still before it. */
  delayMs(dueMs: number): number;
  onMoved(listener: () => void): () => void;
}

/** Due times are epoch milliseconds on the wall clock: for what people scheduled. Use `epochMsUp` to turn an instant into one. */
export const wallTime = (clock: Clock): TimeBase => ({
  delayMs: (dueMs) => clock.delayMs(Temporal.Instant.fromEpochMilliseconds(dueMs)),
  onMoved: (listener) => clock.onMoved(listener),
});

/** Due times are readings of `clock.monotonicMs()`: for leases and back-off, which no step of the wall clock may stretch or cut. */
export const monotonicTime = (clock: Clock): TimeBase => ({
  delayMs: (dueMs) => dueMs - clock.monotonicMs(),
  onMoved: (listener) => clock.onMoved(listener),
});

/** Epoch milliseconds of `at`, rounded up: a timer set for it does not fire before it. */
export const epochMsUp = (at: Temporal.Instant): number => {
  const ms = at.epochMilliseconds;
  return at.epochNanoseconds > BigInt(ms) * 1_000_000n ? ms + 1 : ms;
};

export interface TimersOptions<K> {
  readonly time: TimeBase;
  /** Called once for each key whose time has come, nearest first. It may set and cancel timers; it must not throw. */
  readonly onDue: (key: K) => void;
}

export class Timers<K> {
  readonly #time: TimeBase;
  readonly #onDue: (key: K) => void;
  readonly #due = new IndexedHeap<K>();
  /** Keys of the batch that is being delivered right now, so that a callback can still cancel its neighbour. */
  readonly #firing = new Set<K>();
  readonly #unlisten: () => void;
  #sleep: NodeJS.Timeout | undefined;
  #armedForMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor({ time, onDue }: TimersOptions<K>) {
    this.#time = time;
    this.#onDue = onDue;
    this.#unlisten = time.onMoved(() => this.#fire());
  }

  get size(): number {
    return this.#due.size;
  }

  /** When `key` is due, in the units of the time base. */
  dueMsOf(key: K): number | undefined {
    return this.#due.priorityOf(key);
  }

  /** Sets or replaces the time of `key`. A time in the past fires in a later turn of the event loop, never inside this call. */
  set(key: K, dueMs: number): void {
    if (this.#stopped) return;
    this.#firing.delete(key);
    this.#due.set(key, dueMs);
    this.#arm();
  }

  /** Sets the time of `key` unless it already has an earlier one. */
  setEarlier(key: K, dueMs: number): void {
    const known = this.#due.priorityOf(key);
    if (known === undefined || dueMs < known) this.set(key, dueMs);
  }

  /** Forgets `key`; false when it had no time. */
  cancel(key: K): boolean {
    const wasFiring = this.#firing.delete(key);
    const wasWaiting = this.#due.delete(key);
    this.#arm();
    return wasFiring || wasWaiting;
  }

  /** Forgets everything and sleeps no more; later calls of `set` do nothing. */
  stop(): void {
    this.#stopped = true;
    this.#due.clear();
    this.#firing.clear();
    this.#unlisten();
    this.#disarm();
  }

  /** Sleeps until the nearest time, unless that is what it does already. */
  #arm(): void {
    const next = this.#due.peek();
    if (next === undefined) {
      this.#disarm();
      return;
    }
    if (this.#sleep !== undefined && this.#armedForMs === next.priority) return;
    this.#disarm();
    this.#armedForMs = next.priority;
    const delayMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(this.#time.delayMs(next.priority))));
    this.#sleep = setTimeout(() => this.#fire(), delayMs);
  }

  #disarm(): void {
    clearTimeout(this.#sleep);
    this.#sleep = undefined;
  }

  /** Delivers what is due. What a callback sets anew, even for the past, waits for the next turn: no callback can hold the loop. */
  #fire(): void {
    this.#disarm();
    for (let next = this.#due.peek(); next !== undefined && this.#time.delayMs(next.priority) <= 0; next = this.#due.peek()) {
      this.#due.delete(next.key);
      this.#firing.add(next.key);
    }
    for (const key of this.#firing) {
      if (this.#firing.delete(key)) this.#onDue(key);
    }
    if (!this.#stopped) this.#arm();
  }
}
