/** One machine's clock: wrong by an offset, a little too fast or too slow, and stepped now and then; its monotonic reading only drifts. */
import type { Clock } from '../../../src/base/clock.ts';
import type { Scheduler } from './scheduler.ts';

export class LifeClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #bornMs: number;
  readonly #rate: number;
  readonly #listeners = new Set<() => void>();
  #offsetMs: number;

  /** `drift`: 0.0001 gains a tenth of a millisecond each second. */
  constructor(scheduler: Scheduler, { offsetMs, drift }: { offsetMs: number; drift: number }) {
    this.#scheduler = scheduler;
    this.#bornMs = scheduler.nowMs;
    this.#offsetMs = offsetMs;
    this.#rate = 1 + drift;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(this.#wallMs()));
  }

  monotonicMs(): number {
    return 1_000_000 + (this.#scheduler.nowMs - this.#bornMs) * this.#rate;
  }

  delayMs(at: Temporal.Instant): number {
    return Math.max(0, (at.epochMilliseconds - this.#wallMs()) / this.#rate);
  }

  onMoved(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An operator of the machine, or NTP, sets the wall clock. */
  step(ms: number): void {
    this.#offsetMs += ms;
    for (const listener of [...this.#listeners]) listener();
  }

  #wallMs(): number {
    return this.#bornMs + this.#offsetMs + (this.#scheduler.nowMs - this.#bornMs) * this.#rate;
  }
}
