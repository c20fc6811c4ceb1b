/**
 * Growing pauses between attempts: doubled each time, with jitter, so that a hundred clients that lost one server do not come
 * back in the same instant. Holds no timer: the caller sleeps.
 */

export interface BackoffOptions {
  /** The shortest pause, in ms. */
  readonly baseMs: number;
  /** The longest pause, jitter included, in ms. */
  readonly capMs: number;
  /** In [0, 1); injected so that tests know what comes. */
  readonly random?: () => number;
}

/** Part of a pause that is added by chance: pauses lie between d and 1.5 d. */
const JITTER = 0.5;

export class Backoff {
  readonly #baseMs: number;
  readonly #topMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#baseMs = options.baseMs;
    this.#topMs = Math.max(options.baseMs, options.capMs / (1 + JITTER));
    this.#random = options.random ?? Math.random;
  }

  /** How many pauses were handed out since the last `reset`. */
  get failures(): number {
    return this.#failures;
  }

  /** The next pause in ms. */
  next(): number {
    // 2 ** 30 × 1 ms is far beyond any cap; the bound keeps the product finite in a process that fails for months.
    const wanted = this.#baseMs * 2 ** Math.min(this.#failures, 30);
    this.#failures += 1;
    return Math.min(wanted, this.#topMs) * (1 + JITTER * this.#random());
  }

  /** What worked starts over with the shortest pause. */
  reset(): void {
    this.#failures = 0;
  }
}
