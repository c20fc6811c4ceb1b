/**
 * The work queue of one controller: keys of objects that want a pass, nearest deadline first.
 *
 * A key is in the queue at most once, and never with two workers: one that is added while its pass runs becomes ready when that pass
 * is done. Adding is synchronous and can't fail, so an event handler loses nothing. In memory only: after a restart the first list of
 * objects adds every key again.
 */
import type { Clock } from '../base/clock.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { QUEUE_BACKOFF, type QueueBackoff, retryDelayMs } from './queue-backoff.ts';
import { type QueueMetrics, type QueueReading, silentQueueMetrics } from './runtime-metrics.ts';
import { epochMsUp, monotonicTime, Timers, wallTime } from './timers.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** What the key must be done for: nearer goes first. Without one a key goes after all that have one. Ties: first in, first out. */
  readonly deadlineOf?: (key: string) => Temporal.Instant | undefined;
  readonly backoff?: QueueBackoff;
  readonly metrics?: QueueMetrics;
}

/** A pass that runs. */
interface Pass {
  readonly startedMs: number;
  /** The key was added meanwhile: it is ready again as soon as this pass is done. */
  again: boolean;
  /** The earliest delayed add that came meanwhile; the pass can't have known it, so it outlives what the pass plans. */
  addedForMs?: number;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #deadlineOf: (key: string) => Temporal.Instant | undefined;
  readonly #backoff: QueueBackoff;
  readonly #metrics: QueueMetrics;
  readonly #ready = new IndexedHeap<string>();
  readonly #readySinceMs = new Map<string, number>();
  readonly #passes = new Map<string, Pass>();
  readonly #failures = new Map<string, number>();
  /** Wall time: a plan is an instant that people see. */
  readonly #planned: Timers<string>;
  /** Monotonic: a retry must come even while a moved clock stands still. */
  readonly #retries: Timers<string>;
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #dispatching = false;
  #closed = false;

  constructor({ clock, deadlineOf, backoff, metrics }: WorkQueueOptions) {
    this.#clock = clock;
    this.#deadlineOf = deadlineOf ?? (() => undefined);
    this.#backoff = backoff ?? QUEUE_BACKOFF;
    this.#metrics = metrics ?? silentQueueMetrics;
    this.#planned = new Timers({ time: wallTime(clock), onDue: (key) => this.add(key) });
    this.#retries = new Timers({ time: monotonicTime(clock), onDue: (key) => this.add(key) });
  }

  /** Makes `key` ready, now or when its running pass is done. A key that is ready already only has its deadline read again. */
  add(key: string): void {
    if (this.#closed) return;
    const pass = this.#passes.get(key);
    if (pass !== undefined) {
      pass.again = true;
      return;
    }
    const isNew = !this.#ready.has(key);
    this.#ready.set(key, this.#deadlineOf(key)?.epochMilliseconds ?? Number.POSITIVE_INFINITY);
    if (!isNew) return;
    this.#readySinceMs.set(key, this.#clock.monotonicMs());
    this.#metrics.added();
    this.#metrics.depth(this.#ready.size);
    this.#dispatchSoon();
  }

  /** Adds `key` at `at`, or earlier when it is already to be added earlier. */
  addAt(key: string, at: Temporal.Instant): void {
    const dueMs = epochMsUp(at);
    const pass = this.#passes.get(key);
    if (pass !== undefined) pass.addedForMs = Math.min(pass.addedForMs ?? dueMs, dueMs);
    this.#planned.setEarlier(key, dueMs);
  }

  /** Adds `key` after a delay that doubles with each failure in a row. Returns the delay in milliseconds. */
  retry(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = retryDelayMs(failures, this.#backoff);
    this.#retries.set(key, this.#clock.monotonicMs() + delayMs);
    this.#metrics.retried();
    return delayMs;
  }

  /**
   * The pass over `key` went well: its failures are forgotten, and what was planned for it before gives way to `next` (or to nothing),
   * since the newest pass knows most. What was added while it ran stays. Call it before `done`.
   */
  settle(key: string, next: Temporal.Instant | undefined): void {
    this.#failures.delete(key);
    this.#retries.cancel(key);
    const addedForMs = this.#passes.get(key)?.addedForMs ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.min(next === undefined ? Number.POSITIVE_INFINITY : epochMsUp(next), addedForMs);
    if (Number.isFinite(dueMs)) this.#planned.set(key, dueMs);
    else this.#planned.cancel(key);
  }

  /** The ready key with the nearest deadline, as soon as there is one; `undefined` once the queue is closed. Call `done` for it. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#dispatchSoon();
    });
  }

  /** The pass over `key` is over, however it ended. */
  done(key: string): void {
    const pass = this.#passes.get(key);
    if (pass === undefined) return;
    this.#passes.delete(key);
    this.#metrics.worked((this.#clock.monotonicMs() - pass.startedMs) / 1000);
    if (pass.again) this.add(key);
  }

  /** Nothing is taken or planned any more; who waits in `take` gets `undefined`. Passes that run are not touched. */
  close(): void {
    this.#closed = true;
    this.#planned.stop();
    this.#retries.stop();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
  }

  /** Failures in a row of `key`. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** When `key` is to be added by itself: epoch milliseconds of the plan. */
  plannedMsOf(key: string): number | undefined {
    return this.#planned.dueMsOf(key);
  }

  /** Keys with a worker right now. */
  get running(): number {
    return this.#passes.size;
  }

  read(): QueueReading {
    const nowMs = this.#clock.monotonicMs();
    const runningSeconds = [...this.#passes.values()].map(({ startedMs }) => (nowMs - startedMs) / 1000);
    return {
      depth: this.#ready.size,
      unfinishedSeconds: runningSeconds.reduce((sum, seconds) => sum + seconds, 0),
      longestRunningSeconds: Math.max(0, ...runningSeconds),
    };
  }

  /** Hands out after the current synchronous run of adds: of a burst the nearest goes first, not the one listed first. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    queueMicrotask(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (!this.#closed && this.#takers.length > 0) {
      const key = this.#ready.pop();
      if (key === undefined) return;
      this.#start(key);
      this.#takers.shift()?.(key);
    }
  }

  #start(key: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#metrics.waited((nowMs - (this.#readySinceMs.get(key) ?? nowMs)) / 1000);
    this.#metrics.depth(this.#ready.size);
    this.#readySinceMs.delete(key);
    // A retry that is still to come would only repeat the pass that starts now.
    this.#retries.cancel(key);
    this.#passes.set(key, { startedMs: nowMs, again: false });
  }
}
