/**
 * How many calls a token has left, from what its answers say and from what was sent (contracts 2.1): a fixed window of a minute that begins
 * with its first call. One call is never spent, so that a person with the same token can look something up without an error of ours.
 *
 * In memory of one process. Lost, it costs one answer 429, which is waited for; a second user of the token shows in the counter of the
 * next answer.
 */
import { isBefore, latest, plusMs } from '../base/instants.ts';
import type { Quota } from './types.ts';

const WINDOW_MS = 60_000;
/** The free plan's calls a minute, until an answer shows more. */
const ASSUMED_LIMIT = 10;
/** Never spent. */
const SPARE_CALLS = 1;
/** Seconds left are whole ones: the new window may begin a second after what was said. */
const EDGE_MS = 1_000;

export class CallWindow {
  #limit = ASSUMED_LIMIT;
  /** The window that the last answer spoke of. */
  #known: { readonly left: number; readonly endsAt: Temporal.Instant } | undefined;
  /** When calls of the last minute were sent; what is known when answers carry no counter. */
  #sentMs: number[] = [];
  #blockedUntil: Temporal.Instant | undefined;

  /** Calls that may be sent now. */
  free(now: Temporal.Instant): number {
    if (this.#blockedUntil !== undefined && isBefore(now, this.#blockedUntil)) return 0;
    const known = this.#current(now);
    if (known !== undefined) return Math.max(0, known.left - SPARE_CALLS);
    this.#forgetOld(now);
    return Math.max(0, this.#limit - SPARE_CALLS - this.#sentMs.length);
  }

  /** When there will be more calls than now. */
  renewsAt(now: Temporal.Instant): Temporal.Instant {
    const oldest = this.#sentMs[0];
    const byCount = oldest === undefined ? now : Temporal.Instant.fromEpochMilliseconds(oldest + WINDOW_MS);
    return latest(now, this.#current(now)?.endsAt ?? byCount, this.#blockedUntil ?? now);
  }

  sent(now: Temporal.Instant): void {
    this.#forgetOld(now);
    this.#sentMs.push(now.epochMilliseconds);
    const known = this.#current(now);
    if (known !== undefined) this.#known = { ...known, left: known.left - 1 };
  }

  /** What an answer said, read at `now`. */
  heard({ remaining, resetAt }: Quota, now: Temporal.Instant): void {
    if (remaining === undefined) return;
    this.#limit = Math.max(this.#limit, remaining + 1);
    const endsAt = plusMs(resetAt ?? plusMs(now, WINDOW_MS), EDGE_MS);
    // An answer that overtook another says more calls than are left.
    const left = this.#known?.endsAt.equals(endsAt) ? Math.min(this.#known.left, remaining) : remaining;
    this.#known = { left, endsAt };
  }

  /** The provider asked to wait. */
  blocked(until: Temporal.Instant): void {
    this.#blockedUntil = this.#blockedUntil === undefined ? until : latest(this.#blockedUntil, until);
  }

  #current(now: Temporal.Instant) {
    return this.#known !== undefined && isBefore(now, this.#known.endsAt) ? this.#known : undefined;
  }

  #forgetOld(now: Temporal.Instant): void {
    this.#sentMs = this.#sentMs.filter((ms) => ms > now.epochMilliseconds - WINDOW_MS);
  }
}
