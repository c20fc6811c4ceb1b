/**
 * A clock that stands still until a test moves it. Both readings move together in `advance`; `step` moves the wall clock alone, as an
 * operator of the machine or NTP would. Everything that listens with `onMoved` (timers, sleeps) sees each move at once.
 */
import type { Clock } from '../../src/base/clock.ts';

export class FakeClock implements Clock {
  readonly #listeners = new Set<() => void>();
  #wallNs: bigint;
  #monotonicMs: number;

  constructor(at: string | Temporal.Instant = '2026-12-06T09:00:00Z', monotonicMs = 1_000_000) {
    this.#wallNs = Temporal.Instant.from(at).epochNanoseconds;
    this.#monotonicMs = monotonicMs;
  }

  now(): Temporal.Instant {
    return new Temporal.Instant(this.#wallNs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  delayMs(at: Temporal.Instant): number {
    return at.epochNanoseconds <= this.#wallNs ? 0 : Number.POSITIVE_INFINITY;
  }

  onMoved(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many still listen: a stopped part must have let go. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Lets `ms` pass at once: what is due on the way fires, late, at the end. */
  advance(ms: number): void {
    this.#monotonicMs += ms;
    this.#wallNs += BigInt(Math.round(ms * 1_000_000));
    this.#tell();
  }

  /** Lets `ms` pass in steps of `stepMs`, with time for promises after each: what is due on the way fires when it is due. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(stepMs, left));
      await settled();
    }
  }

  /** Steps the wall clock by `ms` (negative: back); no time passes. */
  step(ms: number): void {
    this.#wallNs += BigInt(Math.round(ms * 1_000_000));
    this.#tell();
  }

  /** Lets the time until `at` pass at once; must not lie in the past. */
  advanceTo(at: string | Temporal.Instant): void {
    const ms = Number(Temporal.Instant.from(at).epochNanoseconds - this.#wallNs) / 1_000_000;
    if (ms < 0) throw new RangeError(`${at} lies ${-ms} ms in the past of this clock: use step`);
    this.advance(ms);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Waits until everything that promises and immediates can still do by themselves is done. */
export async function settled(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
