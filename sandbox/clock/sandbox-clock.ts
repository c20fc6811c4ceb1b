/**
 * A clock that can be moved, so that days pass in seconds.
 *
 * Its time is an affine function of the machine's real time: an anchor (this virtual instant was that real instant) and a rate. Whoever knows
 * the three numbers reads the same time without asking, which is how other processes follow it (follow-clock.ts): all share the
 * machine's clock. Moving it replaces the three numbers at once, so a reader never sees half a move.
 */
import type { Clock } from '../../src/base/clock.ts';

/** All there is to know; goes over the wire as JSON. */
export interface ClockState {
  /** RFC 3339: what the clock read at `anchoredAt`. */
  readonly instant: string;
  /** Real time of the anchor, milliseconds since 1970. */
  readonly anchoredAt: number;
  /** Virtual milliseconds per real one: 1 is real speed, 0 stands still, 3600 lets an hour pass in a second. */
  readonly rate: number;
}

/** Eleven days a second: beyond it nothing can be observed any more, and a clock that was left running soon leaves what an instant can hold. */
const MAX_RATE = 1_000_000;

/** A clock whose state is given from outside; the base of the one that is moved and of those that follow. */
export class AnchoredClock implements Clock {
  readonly #listeners = new Set<() => void>();
  #state: ClockState;
  #anchorMs: number;

  constructor(state: ClockState) {
    this.#anchorMs = checkState(state);
    this.#state = state;
  }

  get state(): ClockState {
    return this.#state;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(this.#anchorMs + (Date.now() - this.#state.anchoredAt) * this.#state.rate));
  }

  monotonicMs(): number {
    return performance.now();
  }

  delayMs(at: Temporal.Instant): number {
    const ahead = at.epochMilliseconds - this.now().epochMilliseconds;
    // Rounded up: who waits this long must not read an earlier time.
    return ahead <= 0 ? 0 : Math.ceil(ahead / this.#state.rate);
  }

  onMoved(listener: () => void): () => void {
    // Wrapped: the same function registered twice is two listeners with an undo each.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Replaces the state and tells the listeners, all of them although one throws (the first error is thrown in the end). */
  protected replace(state: ClockState): void {
    this.#anchorMs = checkState(state);
    this.#state = state;
    const errors: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** What a new sandbox clock reads: real time at real speed, unless told. */
export interface SandboxClockOptions {
  readonly instant?: Temporal.Instant;
  readonly rate?: number;
}

/** The clock that is moved. One in a process; the simulators and the admin port share it. */
export class SandboxClock extends AnchoredClock {
  constructor({ instant, rate = 1 }: SandboxClockOptions = {}) {
    const anchoredAt = Date.now();
    super({ instant: (instant ?? Temporal.Instant.fromEpochMilliseconds(anchoredAt)).toString(), anchoredAt, rate });
  }

  /** From now on the clock reads `instant`, forwards or back, at the same rate. */
  set(instant: Temporal.Instant): void {
    this.move({ instant });
  }

  /** Moves by `ms` virtual milliseconds; negative goes back. */
  advance(ms: number): void {
    this.move({ advanceMs: ms });
  }

  /** 1 is real speed, 0 stands still. Throws a RangeError when negative, not finite, or beyond a million. */
  setRate(rate: number): void {
    this.move({ rate });
  }

  /** Several changes as one: first the instant, then the advance, then the rate. Listeners are called once. */
  move({ instant, advanceMs = 0, rate }: ClockMove): void {
    const anchoredAt = Date.now();
    const from = instant ?? this.now();
    this.replace({ instant: from.add({ milliseconds: advanceMs }).toString(), anchoredAt, rate: rate ?? this.state.rate });
  }
}

export interface ClockMove {
  readonly instant?: Temporal.Instant;
  readonly advanceMs?: number;
  readonly rate?: number;
}

/** The anchor in milliseconds. Throws a RangeError that says what is wrong. */
function checkState({ instant, anchoredAt, rate }: ClockState): number {
  if (!(rate >= 0 && rate <= MAX_RATE)) throw new RangeError(`a clock's rate is a number from 0 to ${MAX_RATE}, not ${rate}`);
  if (!Number.isFinite(anchoredAt)) throw new RangeError(`a clock's anchor is milliseconds since 1970, not ${anchoredAt}`);
  return Temporal.Instant.from(instant).epochMilliseconds;
}
