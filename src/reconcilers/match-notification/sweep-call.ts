/**
 * Deleting one schedule that we hold the id of. Repeating it is harmless: an id that is gone answers "unknown id".
 */
import { isBefore, plusMs } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import type { Obsolete } from './facts.ts';
import { failureOf } from './fence-calls.ts';
import { type Again, mayNotStart, type Pass, readClocks, settled, statusOf, writeOutcome } from './pass.ts';
import type { UsableWorkspace } from './ports.ts';
import { recordSwept, sweepProves } from './record.ts';
import type { Step } from './step.ts';
import { tell } from './tell.ts';

const RETRY_MS = 2_000;
/** A delete whose answer proves nothing yet is asked again this much later, or as soon as the close is confirmed. */
const UNPROVEN_AGAIN_MS = 15_000;
/** A schedule made this short a time ago may be unknown because it is not visible yet (contracts 1.9, dependent calls). */
const VISIBLE_AFTER_MS = 300_000;
const NOT_YET_VISIBLE_AGAIN_MS = 30_000;

export async function sweep(pass: Pass, step: Extract<Step, { kind: 'Sweep' }>, workspace: UsableWorkspace): Promise<Again> {
  const { ports, memory } = pass;
  const { target } = step;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  const grant = workspace.budgets.take({ key: `delete ${target.id}`, firesAt: Temporal.Instant.from(target.firesAt), buckets: ['hour'] });
  if (!grant.granted)
    return {
      requeueAt: memory.failed('sweep', ports.clock.now(), {
        firstMs: RETRY_MS,
        retryAt: grant.eta,
        message: "Braze's hourly limit is used up.",
      }),
    };
  const outcome = await workspace.braze.deleteSchedule({ campaignId: target.campaignId, scheduleId: target.id });
  const now = ports.clock.now();
  if (isGone(outcome)) {
    if (outcome.kind === 'refused' && isBefore(now, plusMs(Temporal.Instant.from(target.recordedAt), VISIBLE_AFTER_MS))) {
      return { requeueAt: memory.failed('sweep', now, { firstMs: NOT_YET_VISIBLE_AGAIN_MS }) };
    }
    return gone(pass, target);
  }
  return { requeueAt: memory.failed('sweep', now, { firstMs: RETRY_MS, ...failureOf(outcome) }) };
}

async function gone(pass: Pass, target: Obsolete): Promise<Again> {
  const at = readClocks(pass);
  if (!sweepProves(statusOf(pass), target, at)) {
    tell.unproven(pass, target);
    return { requeueAt: pass.memory.failed('sweep', at.now, { firstMs: UNPROVEN_AGAIN_MS }) };
  }
  pass.memory.succeeded('sweep');
  const object = await writeOutcome(pass, recordSwept(statusOf(pass), target, at));
  tell.swept({ ...pass, object }, target);
  return settled;
}

type Deleted = Outcome<void>;
function isGone(outcome: Deleted): outcome is Extract<Deleted, { kind: 'done' | 'refused' }> {
  return outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.refusal.reason === 'unknown-id');
}
