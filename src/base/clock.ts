/**
 * Time as the operator sees it. Everything that decides takes an instant from one `Clock`, so that a sandbox can move it
 * (days in seconds) while the production entry point has no such switch.
 *
 * Two readings exist and must not be mixed: `now` is wall-clock time, may be stepped by an operator of the machine, and is what
 * schedules are compared with; `monotonicMs` never goes back and is what leases and time-outs are measured with.
 */
export interface Clock {
  /** Wall-clock time. */
  now(): Temporal.Instant;
  /** Milliseconds since some fixed point; never goes back, never follows a moved clock. */
  monotonicMs(): number;
  /** Real milliseconds until `now()` will read `at`; 0 when that has passed, Infinity while a moved clock stands still before it. */
  delayMs(at: Temporal.Instant): number;
  /** Calls back when a moved clock was set anew and delays must be computed again. The system clock never calls. Returns the undo. */
  onMoved(listener: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Temporal.Now.instant(),
  monotonicMs: () => performance.now(),
  delayMs: (at) => Math.max(0, at.epochMilliseconds - Date.now()),
  onMoved: () => () => {},
};
