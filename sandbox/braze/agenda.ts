/**
 * What is to happen at which moment of the simulator's clock: sends, late catalog writes. One timer; a jump of the clock runs everything
 * in between, in order of time, each as of its own moment. A step that calls nothing outside runs without a gap, so a jump over many
 * sends is one atomic act for whoever calls in; a step that fetches Connected Content lets the others wait.
 */
import type { Clock } from '../../src/base/clock.ts';

type Step = (atMs: number) => void | Promise<void>;
interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly step: Step;
}

/** The longest delay that setTimeout takes; longer ones are armed anew when it ends. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Agenda {
  readonly #clock: Clock;
  readonly #skewMs: () => number;
  readonly #entries: Entry[] = [];
  readonly #undo: () => void;
  #order = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #busy = false;
  #stopped = false;

  constructor(clock: Clock, skewMs: () => number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
    this.#undo = clock.onMoved(() => this.runDue());
  }

  /** The simulator's own time: the given clock's plus the skew. */
  nowMs(): number {
    return this.#clock.now().epochMilliseconds + this.#skewMs();
  }

  /** Puts a step at its moment; returns the undo. A moment that has passed runs at the next opportunity, as of that moment. */
  at(atMs: number, step: Step): () => void {
    const entry = { atMs, order: this.#order++, step };
    const behind = this.#entries.findIndex((other) => other.atMs > atMs);
    this.#entries.splice(behind === -1 ? this.#entries.length : behind, 0, entry);
    this.#arm();
    return () => {
      const index = this.#entries.indexOf(entry);
      if (index !== -1) this.#entries.splice(index, 1);
    };
  }

  /** Runs what is due now. Called by the timer, by a moved clock, and before each request, so that no answer is older than the clock. */
  runDue(): void {
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    const later = this.#drain();
    if (later === undefined) {
      this.#busy = false;
      this.#arm();
      return;
    }
    this.#running = later.finally(() => {
      this.#busy = false;
      this.#running = undefined;
      this.runDue();
    });
  }

  /** Resolves when nothing that is due is still being worked on (a send that waits for Connected Content). */
  async settled(): Promise<void> {
    this.runDue();
    while (this.#running !== undefined) await this.#running;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#undo();
    clearTimeout(this.#timer);
    this.#entries.length = 0;
    await this.#running;
  }

  /** Works without a gap while the steps are synchronous; goes on behind a promise from the first that is not. */
  #drain(): Promise<void> | undefined {
    for (let entry = this.#takeDue(); entry !== undefined; entry = this.#takeDue()) {
      const work = entry.step(entry.atMs);
      if (work instanceof Promise) return work.then(() => this.#drain());
    }
    return undefined;
  }

  #takeDue(): Entry | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.atMs > this.nowMs()) return undefined;
    return this.#entries.shift();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#entries[0];
    if (next === undefined || this.#busy || this.#stopped) return;
    const delay = this.#clock.delayMs(Temporal.Instant.fromEpochMilliseconds(Math.ceil(next.atMs - this.#skewMs())));
    if (delay === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.runDue(), Math.min(delay, MAX_TIMER_MS));
    this.#timer.unref();
  }
}
