/** When the next poll is. Pure; whether the token has a call left then is the desk's to say. */
import { isBefore, msBetween, plusMs } from '../../base/instants.ts';
import type { FixturesAnswer } from '../../football-data/types.ts';

const MINUTE_MS = 60_000;
/** "At once, seconds later" (design §3): another server of theirs is likely to answer, and a moved kickoff waits no longer than needed. */
const CONFIRM_MS = 6_000;
/** A send this near makes a late change dangerous: one came with 29 minutes to go (contracts 2.9). */
export const NEAR_SEND_MS = 120 * MINUTE_MS;
const NEAR_INTERVAL_MS = MINUTE_MS;
const FIRST_RETRY_MS = 5_000;
/** What a person must put right is looked at after this long. */
const STALLED_RETRY_MS = MINUTE_MS;
/** ± this share, so that feeds that share a token do not meet (contracts 2.7, 7). */
const JITTER = 0.1;

export interface PollTimes {
  readonly now: Temporal.Instant;
  readonly intervalMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly nextSendAt?: Temporal.Instant | undefined;
}

/** The season's list, after one. `confirm`: another list could settle something, of more matches than are re-read one by one. */
export function nextList({ now, intervalMs, random, confirm }: Omit<PollTimes, 'nextSendAt'> & { confirm: boolean }): Temporal.Instant {
  return plusMs(now, jittered(confirm ? Math.min(intervalMs, CONFIRM_MS) : intervalMs, random));
}

/** Single matches, after an answer that had them: of a send that is near, or that another answer could settle. */
export function nextRead(times: Omit<PollTimes, 'nextSendAt'> & { confirm: boolean; near: boolean }): Temporal.Instant | undefined {
  const { now, intervalMs, random, confirm, near } = times;
  if (confirm) return plusMs(now, jittered(Math.min(intervalMs, CONFIRM_MS), random));
  return near ? plusMs(now, jittered(Math.min(intervalMs, NEAR_INTERVAL_MS), random)) : undefined;
}

/** After an answer without fixtures; `failures` in a row, this one counted. */
export function afterFailure(
  times: PollTimes & { kind: Exclude<FixturesAnswer['kind'], 'matches'>; failures: number; retryAt?: Temporal.Instant },
): Temporal.Instant {
  const { now, intervalMs, random, kind, failures, retryAt } = times;
  if (kind === 'rate-limited' && retryAt !== undefined) {
    const wait = plusMs(retryAt, Math.round(random() * 2_000));
    return isBefore(now, wait) ? wait : plusMs(now, FIRST_RETRY_MS);
  }
  // A token that was put right should work soon; what the plan lacks, or is not there, can wait for the usual time.
  if (kind === 'unauthorized') return plusMs(now, jittered(STALLED_RETRY_MS, random));
  if (kind !== 'failed') return plusMs(now, jittered(Math.max(intervalMs, STALLED_RETRY_MS), random));
  const backoff = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10);
  return plusMs(now, jittered(Math.min(Math.max(regularMs(times), FIRST_RETRY_MS), backoff), random));
}

/** The interval, or less when a send is near. */
function regularMs({ now, intervalMs, nextSendAt }: Omit<PollTimes, 'random'>): number {
  const near = nextSendAt !== undefined && msBetween(now, nextSendAt) < NEAR_SEND_MS;
  return near ? Math.min(intervalMs, NEAR_INTERVAL_MS) : intervalMs;
}

const jittered = (ms: number, random: () => number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * random()));
