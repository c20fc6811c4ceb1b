/** Long work in slices: an event loop that is held for long misses the lease's renewal (design §5a). */

import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 4;

export class TimeSlice {
  readonly #monotonicMs: () => number;
  #startedAt: number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
    this.#startedAt = monotonicMs();
  }

  /** True when the slice is used up: await `next` before going on. Two calls, so that the common case costs no promise. */
  get used(): boolean {
    return this.#monotonicMs() - this.#startedAt >= SLICE_MS;
  }

  /** Lets everything else have a turn. */
  async next(): Promise<void> {
    await nextTurn();
    this.#startedAt = this.#monotonicMs();
  }
}
