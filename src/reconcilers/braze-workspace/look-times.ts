/**
 * When what only a person can put right is looked at before an armed send: its campaign, and Braze's listing. Each look comes before half
 * of the time that the one before it left is over, so that whoever is told has at least half of it (docs/drift.md has the cost). At
 * three minutes there is time for the second look that each bad news needs. Pure.
 */
import { isBefore, plusMs } from '../../base/instants.ts';

const MINUTE_MS = 60_000;
const MINUTES_BEFORE = [24 * 60, 12 * 60, 6 * 60, 3 * 60, 2 * 60, 60, 30, 20, 10, 5, 3] as const;

/** The first look before `send` that is later than `after`; undefined when none is left. */
export function lookBefore(send: Temporal.Instant, after: Temporal.Instant): Temporal.Instant | undefined {
  return MINUTES_BEFORE.map((minutes) => plusMs(send, -minutes * MINUTE_MS)).find((at) => isBefore(after, at));
}
