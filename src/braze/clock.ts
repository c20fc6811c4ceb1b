/**
 * The offset of Braze's clock from ours, learnt from the `Date` header of every answer.
 *
 * A header of whole seconds bounds Braze's time to [date, date + 1 s); it was written some time between our sending and our
 * reading. So the offset lies in (date − received, date + 1 s − sent), and the value nearest to 0 in there is taken: a clock that
 * may be right is called right. Samples that took long, or during which our own clock was stepped, prove nothing and are dropped.
 */
import type { BrazeClock } from './types.ts';

export interface DateSample {
  readonly date: string;
  /** Wall-clock milliseconds around the exchange, and the monotonic ones beside them. */
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/** A slower exchange bounds the offset too loosely to warn of 20 s (design §4). */
const LONGEST_SAMPLE_MS = 5_000;
/** Wall and monotonic time of one exchange may differ by rounding and slewing, not by a step. */
const LARGEST_STEP_MS = 500;

export class SampledBrazeClock implements BrazeClock {
  #reading: { readonly offsetMs: number; readonly at: Temporal.Instant } | undefined;

  reading(): { readonly offsetMs: number; readonly at: Temporal.Instant } | undefined {
    return this.#reading;
  }

  /** Takes one exchange into account; false when it proves nothing. */
  sample(sample: DateSample): boolean {
    const offsetMs = offsetOf(sample);
    if (offsetMs === undefined) return false;
    this.#reading = { offsetMs, at: Temporal.Instant.fromEpochMilliseconds(Math.round(sample.receivedMs)) };
    return true;
  }
}

/** Milliseconds to add to our clock; undefined when the sample proves nothing. */
export function offsetOf(sample: DateSample): number | undefined {
  const dateMs = Date.parse(sample.date);
  const elapsed = sample.receivedMonotonicMs - sample.sentMonotonicMs;
  const wall = sample.receivedMs - sample.sentMs;
  if (Number.isNaN(dateMs) || elapsed > LONGEST_SAMPLE_MS || wall < 0 || Math.abs(wall - elapsed) > LARGEST_STEP_MS) return undefined;
  const least = dateMs - sample.receivedMs;
  const most = dateMs + 1000 - sample.sentMs;
  return Math.round(Math.min(Math.max(0, least), most));
}
