/**
 * One rate limit in windows of Braze's clock (contracts 1.9: windows reset on the clock, they do not roll).
 *
 * A call near a window's edge may be counted by Braze on either side of it: our reading of its clock is good to a second, and a
 * request travels. Such a call is charged to both windows. It costs nothing under load, where a window is spent early, and keeps
 * "limit + limit within two seconds" from happening at each full minute.
 */

/** How far our reading of Braze's clock may be ahead of it: `Date` has whole seconds. */
const EARLY_MS = 1_000;
/** The same behind it, and the way of the request. */
const LATE_MS = 2_000;

const LONGEST_BLOCK_MS = 2 * 3_600_000;

export class BudgetWindow {
  readonly #windowMs: number;
  readonly #limit: () => number;
  readonly #used = new Map<number, number>();
  #held = 0;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;

  /** `limit` is read anew each time: a workspace's spec may change. */
  constructor(windowMs: number, limit: () => number) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  /** Calls that may start at `nowMs` (Braze's clock). */
  left(nowMs: number): number {
    if (this.#isBlocked(nowMs)) return 0;
    const [from, to] = this.#touched(nowMs);
    return Math.max(0, Math.min(this.#free(from), this.#free(to)));
  }

  charge(nowMs: number): void {
    const [from, to] = this.#touched(nowMs);
    for (let window = from; window <= to; window += 1) this.#used.set(window, (this.#used.get(window) ?? 0) + 1);
    this.#forget(from);
  }

  /** A call set aside: it counts in every window until it is unheld. */
  hold(): void {
    this.#held += 1;
  }

  unhold(): void {
    this.#held -= 1;
  }

  /** Braze says that `remaining` calls are left in the window that ends at `resetsAtMs`. It can only lower what we believe. */
  observe(remaining: number, resetsAtMs: number): void {
    const window = Math.floor((resetsAtMs - 1) / this.#windowMs);
    this.#used.set(window, Math.max(this.#used.get(window) ?? 0, this.#limit() - remaining));
  }

  block(untilMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, untilMs);
  }

  /**
   * When the call behind `ahead` others can start, if each window is spent in order. What is held is a call ahead that is made once, not
   * one in every window: else the held ones of a moment would send the whole line away for hours.
   */
  eta(nowMs: number, ahead: number): number {
    const current = Math.floor(nowMs / this.#windowMs);
    const inEarlyEdge = nowMs < current * this.#windowMs + EARLY_MS;
    const blocked = this.#isBlocked(nowMs);
    let window = Math.floor((blocked ? this.#blockedUntilMs : nowMs) / this.#windowMs);
    let before = ahead + this.#held;
    // The windows that something was charged to are looked at singly, the untouched ones after them by division.
    for (const last = current + 1; window <= last; window += 1) {
      before -= Math.max(0, this.#unspent(window));
      if (before < 0 && (window > current || inEarlyEdge || blocked)) return this.#startOf(window, nowMs);
      if (before < 0) before = 0;
    }
    return this.#startOf(window + Math.floor(before / Math.max(1, this.#limit())), nowMs);
  }

  /** True when nothing that could still matter is remembered. */
  idle(nowMs: number): boolean {
    if (this.#held > 0 || this.#isBlocked(nowMs)) return false;
    const [from] = this.#touched(nowMs);
    return [...this.#used.keys()].every((window) => window < from);
  }

  /** No limit resets later than in an hour: a longer block comes from a clock that was stepped back meanwhile. */
  #isBlocked(nowMs: number): boolean {
    return nowMs < this.#blockedUntilMs && this.#blockedUntilMs - nowMs <= LONGEST_BLOCK_MS;
  }

  #startOf(window: number, nowMs: number): number {
    return Math.max(window * this.#windowMs + EARLY_MS, this.#isBlocked(nowMs) ? this.#blockedUntilMs : 0, nowMs + 1);
  }

  #touched(nowMs: number): readonly [number, number] {
    return [Math.floor((nowMs - EARLY_MS) / this.#windowMs), Math.floor((nowMs + LATE_MS) / this.#windowMs)];
  }

  #free(window: number): number {
    return this.#unspent(window) - this.#held;
  }

  #unspent(window: number): number {
    return this.#limit() - (this.#used.get(window) ?? 0);
  }

  #forget(before: number): void {
    if (this.#used.size < 8) return;
    for (const window of this.#used.keys()) if (window < before) this.#used.delete(window);
  }
}
