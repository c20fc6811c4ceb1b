import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands until it is told to go; wall and monotonic time go together. */
export class ManualClock implements Clock {
  #ms: number;

  constructor(start: string) {
    this.#ms = Temporal.Instant.from(start).epochMilliseconds;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#ms);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  delayMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  onMoved(): () => void {
    return () => {};
  }

  advance(ms: number): void {
    this.#ms += ms;
  }

  /** Goes to `at`, never back. */
  to(at: Temporal.Instant): void {
    this.#ms = Math.max(this.#ms, at.epochMilliseconds);
  }
}
