/**
 * What a participant does next with the Lease, and when: a pure function of what it has seen. Times are monotonic milliseconds.
 */
import { isReleased, isTakenBy } from './election-lease.ts';
import type { LeaseObservation } from './election-observation.ts';
import type { LeaseTimings } from './election-timings.ts';

/**
 * look: read the Lease. claim: create it where none is, without believing. recreate: the leader puts its deleted Lease back.
 * take: become the holder. renew: stay the holder.
 */
export type LeaseAction = 'look' | 'claim' | 'recreate' | 'take' | 'renew';

export interface LeasePlan {
  readonly action: LeaseAction;
  readonly atMs: number;
}

export interface Standing {
  readonly identity: string;
  readonly leading: boolean;
  readonly seen: LeaseObservation;
  /** What was seen may be out of date (a write was refused or not answered): look before anything else. */
  readonly doubt: boolean;
  /** Rest after an attempt that failed or is not answered yet. */
  readonly restUntilMs: number;
  /** When the last acknowledged renewal was sent; counts while leading. */
  readonly renewedAtMs: number;
  /** When the last look or write was sent. */
  readonly sentAtMs: number;
  /** Nobody tells us about changes: look ourselves every retry period. */
  readonly polls: boolean;
}

export function planLease(standing: Standing, timings: LeaseTimings): LeasePlan {
  const wanted = standing.leading ? leaderPlan(standing, timings) : candidatePlan(standing, timings);
  return { action: wanted.action, atMs: Math.max(wanted.atMs, standing.restUntilMs) };
}

function leaderPlan({ seen, doubt, renewedAtMs, restUntilMs }: Standing, timings: LeaseTimings): LeasePlan {
  if (doubt) return { action: 'look', atMs: restUntilMs };
  if (seen.lease === undefined) return { action: 'recreate', atMs: restUntilMs };
  // A rest means that the last renewal is in question: the next follows right after it, not in its own good time.
  const inQuestion = restUntilMs > renewedAtMs;
  return { action: 'renew', atMs: inQuestion ? restUntilMs : renewedAtMs + timings.renewEveryMs };
}

function candidatePlan(standing: Standing, timings: LeaseTimings): LeasePlan {
  const { seen, doubt, restUntilMs, polls, sentAtMs } = standing;
  if (doubt || !seen.looked) return { action: 'look', atMs: restUntilMs };
  const patient = takeWhenFree(standing, timings);
  const lookMs = sentAtMs + timings.retryPeriodMs;
  return polls && lookMs < patient.atMs ? { action: 'look', atMs: lookMs } : patient;
}

function takeWhenFree({ seen, identity }: Standing, timings: LeaseTimings): LeasePlan {
  const { lease, sinceMs } = seen;
  if (lease === undefined) {
    // A leader whose Lease was deleted puts it back with its next renewal; claiming sooner would only push it out.
    const graceMs = seen.held ? timings.renewEveryMs + timings.retryPeriodMs : 0;
    return { action: 'claim', atMs: sinceMs + graceMs };
  }
  // Taken by us, but the answer was lost: nobody else can have believed since, so that it only needs an acknowledged write.
  if (isReleased(lease) || isTakenBy(lease, identity)) return { action: 'take', atMs: sinceMs };
  return { action: 'take', atMs: sinceMs + seen.waitMs(timings.leaseDurationMs) };
}
