/**
 * Runs one kind's reconciler: N workers on one queue, so that N keys are under way at once and a key never twice.
 *
 * Keys may be added before `start` (a standby's cache does) and wait then. A pass that throws is told to the log and made again after
 * a pause; nothing a reconciler throws reaches the process. `stop` takes no further key and lets passes finish: a call in flight is
 * recorded by its own pass. After a crash every object is listed and added again.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { ApiError } from './client-errors.ts';
import { keyText, parseKey } from './object-key.ts';
import { WorkQueue } from './queue.ts';
import type { QueueBackoff } from './queue-backoff.ts';
import { type ControllerMetrics, type QueueReading, silentControllerMetrics } from './runtime-metrics.ts';
import type { Leadership, ObjectKey, Reconciler } from './types.ts';

/** Enough to keep both remote sides busy (design §5a). */
const DEFAULT_CONCURRENCY = 16;

export interface ControllerOptions {
  /** The label of its metrics and log lines, such as `match-notification`. */
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  /** When it is lost no further key is taken. */
  readonly leadership?: Pick<Leadership, 'lost'>;
  /** Passes under way at once. */
  readonly concurrency?: number;
  /** What an object must be done for: the nearest goes first; objects without one go last. Called when the key is added. */
  readonly deadlineOf?: (key: ObjectKey) => Temporal.Instant | undefined;
  readonly backoff?: QueueBackoff;
  readonly log: Log;
  readonly metrics?: ControllerMetrics;
}

export class Controller {
  readonly name: string;
  readonly #reconciler: Reconciler;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #log: Log;
  readonly #metrics: ControllerMetrics;
  readonly #concurrency: number;
  readonly #lost: AbortSignal | undefined;
  readonly #abandon = new AbortController();
  readonly #onLost = (): void => this.stop();
  #workers: Promise<void>[] = [];
  #active = 0;

  constructor(options: ControllerOptions) {
    const { name, reconciler, clock, deadlineOf, backoff } = options;
    this.name = name;
    this.#reconciler = reconciler;
    this.#clock = clock;
    this.#log = options.log;
    this.#metrics = options.metrics ?? silentControllerMetrics;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#lost = options.leadership?.lost;
    this.#queue = new WorkQueue({
      clock,
      metrics: this.#metrics.queue,
      ...(deadlineOf === undefined ? {} : { deadlineOf: (key: string) => deadlineOf(parseKey(key)) }),
      ...(backoff === undefined ? {} : { backoff }),
    });
    this.#metrics.maxConcurrent(this.#concurrency);
    this.#metrics.activeWorkers(0);
  }

  /** Asks for a pass over `key`; what an event handler does and nothing else. Never throws. */
  enqueue(key: ObjectKey): void {
    this.#queue.add(keyText(key));
  }

  /** Asks for a pass at `at`, or earlier when one is planned earlier. */
  enqueueAt(key: ObjectKey, at: Temporal.Instant): void {
    this.#queue.addAt(keyText(key), at);
  }

  /** For the metrics that are read at scrape time. */
  read(): QueueReading {
    return this.#queue.read();
  }

  /** Starts the workers. */
  start(): void {
    if (this.#workers.length > 0) throw new Error(`controller ${this.name} was started before`);
    if (this.#lost?.aborted === true) this.stop();
    this.#lost?.addEventListener('abort', this.#onLost, { once: true });
    this.#workers = Array.from({ length: this.#concurrency }, () => this.#work());
  }

  /** Takes no further key. Passes under way go on. */
  stop(): void {
    this.#lost?.removeEventListener('abort', this.#onLost);
    this.#queue.close();
  }

  /** After `stop`: true once no pass is under way. Waits for ever for one that hangs; see `abandon`. */
  async drained(): Promise<boolean> {
    await Promise.all(this.#workers);
    return true;
  }

  /** Aborts the signal that passes under way were given: no time is left to finish. */
  abandon(reason: string): void {
    this.#abandon.abort(new Error(reason));
  }

  /** Keys with a pass under way. */
  get underWay(): number {
    return this.#queue.running;
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      this.#metrics.activeWorkers(++this.#active);
      await this.#pass(key);
      this.#queue.done(key);
      this.#metrics.activeWorkers(--this.#active);
    }
  }

  async #pass(key: string): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const seconds = (): number => (this.#clock.monotonicMs() - startedMs) / 1000;
    try {
      const { requeueAt } = await this.#reconciler.reconcile(parseKey(key), this.#abandon.signal);
      this.#queue.settle(key, requeueAt);
      this.#metrics.reconciled(requeueAt === undefined ? 'success' : 'requeue_after', seconds());
    } catch (error) {
      const retryInMs = Math.round(this.#queue.retry(key));
      this.#metrics.reconciled('error', seconds());
      this.#report(key, error, retryInMs);
    }
  }

  #report(key: string, error: unknown, retryInMs: number): void {
    const failures = this.#queue.failuresOf(key);
    const fields = { controller: this.name, ...parseKey(key), error, failures, retryInMs };
    // A conflict is the store's way of saying that the cache was a moment behind: normal, unless it goes on.
    if (error instanceof ApiError && error.isConflict && failures < 5)
      this.#log.debug('the object changed meanwhile; the pass is made again', fields);
    else this.#log.error('a pass failed and is made again', fields);
  }
}
