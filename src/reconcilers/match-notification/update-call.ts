/**
 * The update call of an unfenced workspace: intent, call, record.
 *
 * Dies before the intent: nothing happened. Between intent and record: the operation stays in status, and nothing is changed before
 * somebody says what became of it. Two of us here at once: the second intent gets a 409 and makes no call.
 */
import { earliest } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import { recordAnswer } from './create-call.ts';
import { type Again, mayNotStart, type Pass, readClocks, statusOf, writeStatus } from './pass.ts';
import type { UsableWorkspace } from './ports.ts';
import { intendUpdate } from './record-unfenced.ts';
import type { Step } from './step.ts';

const RETRY_MS = 2_000;

export async function updateSchedule(pass: Pass, step: Extract<Step, { kind: 'Update' }>, workspace: UsableWorkspace): Promise<Again> {
  const { ports, memory, facts } = pass;
  const { schedule, firesAt } = step;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  const urgent = earliest(Temporal.Instant.from(schedule.firesAt), firesAt);
  const grant = workspace.budgets.take({ key: `update ${schedule.id}`, firesAt: urgent, buckets: ['hour'] });
  if (!grant.granted) {
    const message = "Braze's hourly limit is used up.";
    return { requeueAt: memory.failed('update', ports.clock.now(), { firstMs: RETRY_MS, retryAt: grant.eta, message }) };
  }
  const intent = { id: ports.random(), schedule, firesAt, desired: facts.desired, holder: ports.leadership.identity };
  const intended = intendUpdate(statusOf(pass), intent, readClocks(pass));
  ports.traced?.(intent.id);
  const written = await writeStatus(pass, intended, step.shown);
  const { campaignId, id: scheduleId } = schedule;
  const outcome = await workspace.braze.updateSchedule({ campaignId, scheduleId, time: firesAt });
  memory.unrecorded = { operation: intended.operation, outcome: withoutDispatch(outcome), fenced: false };
  return recordAnswer({ ...pass, object: written });
}

function withoutDispatch(outcome: Outcome<{ scheduleId: string }>): Outcome<{ scheduleId: string; dispatchId: string | undefined }> {
  return outcome.kind === 'done' ? { ...outcome, value: { ...outcome.value, dispatchId: undefined } } : outcome;
}
