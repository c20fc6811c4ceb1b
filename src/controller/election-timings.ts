/**
 * The durations of leader election (design §5: 15/10/2 s, renewed every 5 s and after a failure every 2 s).
 */

export interface LeaseTimings {
  /** How long a record must stand unchanged, on the watcher's own clock, before it may be taken. */
  readonly leaseDurationMs: number;
  /** A leader without a renewal for this long has lost, for good; what is left of the lease is for the calls in flight. */
  readonly renewDeadlineMs: number;
  /** Pause after an attempt that failed or was not answered. */
  readonly retryPeriodMs: number;
  /** Pause after a renewal, from its sending. */
  readonly renewEveryMs: number;
  /** How long a leader believes, from the sending of its last renewal: the lease less 1 %, for clocks that run at different speeds. */
  readonly believeMs: number;
  /** The longest call that a leader in good health can always start; ask `mayStart` with no more than this. */
  readonly longestCallMs: number;
}

/** Values of the flags, in milliseconds. Throws a `RangeError` that names the flag to change. */
export function leaseTimings({ leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = {}): LeaseTimings {
  if (retryPeriodMs < 1) throw new RangeError('--retry-period must be longer than zero');
  // One second is how a lease says that it was given back.
  if (leaseDurationMs < 2_000) throw new RangeError('--lease-duration must be 2s or more');
  if (renewDeadlineMs >= leaseDurationMs) throw new RangeError('--renew-deadline must be shorter than --lease-duration');
  if (renewDeadlineMs <= 1.2 * retryPeriodMs) throw new RangeError('--renew-deadline must be longer than 1.2 × --retry-period');
  const renewEveryMs = Math.min(leaseDurationMs / 3, renewDeadlineMs / 2);
  const believeMs = leaseDurationMs * 0.99;
  // A twentieth of the lease for the answer to the renewal that is due.
  const longestCallMs = Math.floor(believeMs - renewEveryMs - leaseDurationMs / 20);
  return { leaseDurationMs, renewDeadlineMs, retryPeriodMs, renewEveryMs, believeMs, longestCallMs };
}
