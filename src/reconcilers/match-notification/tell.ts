/**
 * What people hear of a pass: one event, one log line with the fixture's name, one count. Told after the write that it is about, so
 * that an event never claims what was not recorded; nothing here can fail a pass.
 */

import { toClock } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { EventReason } from '../../telemetry/event-reasons.ts';
import type { CreateAnswer } from './create-call.ts';
import type { Obsolete, Operation } from './facts.ts';
import { newestEntryId } from './history.ts';
import { becameMissed, tellMissed } from './missed.ts';
import { type Pass, statusOf } from './pass.ts';
import { fixtureName } from './shown.ts';
import type { Step } from './step.ts';
import { tellDrift } from './tell-drift.ts';
import { type Fields, normal, warning } from './voice.ts';

/** For the log line of an entry that was just written: the name under which the ledger has it. `pass` holds the object as written. */
const ofEntry = ({ object }: Pass, ...actions: Parameters<typeof newestEntryId>[1]): Fields => ({
  operationId: newestEntryId(object, actions),
});

const at = (text: string): string => toClock(Temporal.Instant.from(text));

function created(pass: Pass, { operation, outcome, fenced }: CreateAnswer): void {
  const fields = { operationId: operation.id, attempt: operation.attempt };
  if (outcome.kind === 'done') {
    if (operation.kind === 'Update')
      normal(pass, 'Updated', `schedule ${outcome.value.scheduleId} is for ${at(operation.firesAt)} now.`, fields);
    else
      normal(
        pass,
        'Created',
        `Braze holds schedule ${outcome.value.scheduleId} for ${at(operation.firesAt)}${fenced ? '; its catalog item is opened next' : ''}.`,
        fields,
      );
    return;
  }
  if (outcome.kind === 'unknown' && !fenced) {
    const reason = operation.kind === 'Create' ? 'CreateUnresolved' : 'UpdateUnresolved';
    warning(
      pass,
      reason,
      `the answer was lost (${outcome.message}); a person must say what became of it: see kubectl matchday resolve.`,
      fields,
    );
    return;
  }
  const why = outcome.kind === 'refused' ? outcome.refusal.message : outcome.message;
  pass.log.warn(
    outcome.kind === 'refused'
      ? `Braze refused the ${operation.kind === 'Create' ? 'schedule' : 'update'}; it is asked again with back-off, and Ready says why meanwhile`
      : 'the answer to a create was lost; what it left is never opened, and another is made',
    { ...fields, why },
  );
}

interface Compensation {
  readonly scheduleId: string;
  readonly operationId: string;
  readonly deleted: Outcome<void>;
  readonly fenced: boolean;
}

function compensated(pass: Pass, { scheduleId, operationId, deleted, fenced }: Compensation): void {
  pass.ports.counts.compensated();
  const left = fenced ? 'and stays closed' : 'and MAY BE SENT';
  const result = deleted.kind === 'done' ? 'and is deleted' : `${left}, since its delete was not answered with success`;
  warning(pass, 'Compensated', `schedule ${scheduleId} was made for an intent that another writer had replaced ${result}.`, {
    operationId,
    scheduleId,
  });
}

function confirmed(pass: Pass): void {
  const fence = statusOf(pass).fence;
  if (fence?.state === 'open' && fence.confirmedAt === undefined)
    normal(pass, 'Opened', `the send at ${fence.sendAt ? at(fence.sendAt) : '?'} is armed: its catalog item was read back open.`);
  else if (fence?.state === 'open') normal(pass, 'Refreshed', 'names and kickoff in the catalog item are up to date.');
  else if (fence?.state === 'closed') normal(pass, 'Closed', 'the catalog item is closed: what Braze renders now aborts.');
}

function retired(pass: Pass, why: string): void {
  const tooLate = pass.object.status?.occasion?.locked === true;
  if (tooLate)
    warning(
      pass,
      'CancelledTooLate',
      `${why} came when the send could not be stopped for certain any more; it is closed and deleted, and may go out all the same.`,
    );
  else pass.log.info('closing', { why, scheduleId: pass.object.status?.schedule?.id });
}

function swept(pass: Pass, target: Obsolete): void {
  const fields = { ...ofEntry(pass, 'moved', 'cancelled'), scheduleId: target.id };
  const gone = `the schedule for ${at(target.firesAt)} is gone`;
  if (target.why === 'Moved') normal(pass, 'Moved', `${gone}; the next is for ${toClock(pass.facts.desired.sendAt)}.`, fields);
  else normal(pass, 'Deleted', `${gone} (${target.why}).`, fields);
}

function unproven(pass: Pass, target: Obsolete): void {
  pass.log.info("Braze's delete is best effort this near the send: asked again until it proves something", {
    scheduleId: target.id,
    firesAt: target.firesAt,
  });
}

function sent(pass: Pass, step: Extract<Step, { kind: 'RecordSent' }>): void {
  pass.ports.counts.sent(step.reason);
  const fields = { ...ofEntry(pass, 'sent'), scheduleId: step.owned?.id };
  if (step.reason === 'Sent') normal(pass, 'Sent', `sent at ${at(step.firesAt)}.`, fields);
  else
    warning(
      pass,
      'PresumedSent',
      `counts as sent at ${at(step.firesAt)}: ${step.doubt ?? 'it could not be stopped or confirmed in time. It is not sent again.'}`,
      fields,
    );
}

function dropped(pass: Pass, operation: Operation): void {
  normal(pass, 'Resolved', `nobody recorded the answer of create call ${operation.attempt}; whatever it left in Braze is never opened.`, {
    operationId: operation.id,
  });
}

function takenOver(pass: Pass, item: string): void {
  warning(pass, 'TakenOver', `catalog item ${item} was open from an earlier life or another owner; it is closed first.`);
}

function rewritten(pass: Pass): void {
  pass.ports.counts.fenceRewritten();
  warning(pass, 'FenceRewritten', 'the catalog item did not say what was written; it was written again.');
}

function doubtful(pass: Pass): void {
  warning(
    pass,
    'SendDoubtful',
    'a minute after the send the catalog item did not say what was confirmed before it: look at the deliveries in Braze.',
  );
}

function resolved(pass: Pass, operation: Operation, { resolution, why }: Extract<Step, { kind: 'ResolveOperation' }>): void {
  const what = operation.kind === 'Create' ? `create call ${operation.attempt}` : 'the update';
  const became = resolution.result === 'created' ? `made schedule ${resolution.scheduleId}` : 'made nothing';
  normal(pass, 'Resolved', `${what} ${became} (${why}).`, { operationId: operation.id });
}

function adopted(pass: Pass, { schedule, keeps }: Extract<Step, { kind: 'Adopt' }>): void {
  const becomes = keeps ? 'is owned from here on' : 'is taken over to be deleted; one of ours takes its place';
  normal(pass, 'Adopted', `schedule ${schedule.id} for ${toClock(schedule.sendAt)} ${becomes}.`, {
    ...ofEntry(pass, 'adopted'),
    scheduleId: schedule.id,
  });
}

function reopened(pass: Pass): void {
  warning(pass, 'Reopened', 'a person said that the last send did not go out: another may be made.', ofEntry(pass, 'resolved'));
}

/** An object that goes while nobody knows what became of its last call. */
function leftUnresolved(pass: Pass, operation: Operation): void {
  const note = `let go although the answer to its last call was lost: campaign ${operation.campaignId} may hold a schedule for ${at(operation.firesAt)} with token ${operation.token}, and would send it.`;
  warning(pass, 'Abandoned', note, { operationId: operation.id });
}

function unledgered(pass: Pass): void {
  const note = 'it goes although the ledger does not hold all of its history: see --ledger-grace, and whether the database is there.';
  warning(pass, 'LedgerBehind', note, { history: statusOf(pass).history });
}

function abandoned(pass: Pass, { abandoned: owned, openItem }: Extract<Step, { kind: 'RemoveFinalizer' }>): void {
  const left = [...owned.map(({ id, firesAt }) => `${id} (${at(firesAt)})`), ...(openItem ? [`open catalog item ${openItem}`] : [])];
  const note = `let go without cleaning up in Braze; left behind: ${left.join(', ')}.`;
  if (pass.facts.namespaceEndsSince === undefined) warning(pass, 'Abandoned', note, { owned });
  else ofNamespace(pass, 'Abandoned', note, { owned });
}

/** A namespace that is being removed takes no event: what must be heard is said of the namespace itself, in `default`. */
function ofNamespace(pass: Pass, reason: EventReason, note: string, fields: Fields): void {
  const { namespace, name } = pass.object.metadata;
  const subject = { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: namespace };
  pass.ports.events.record(subject, {
    type: 'Warning',
    reason,
    note: `MatchNotification ${name}, ${fixtureName(pass.object.spec)}: ${note}`,
  });
  pass.log.warn(note, { reason, ...fields });
}

function resting(pass: Pass, step: Extract<Step, { kind: 'Rest' }>, written: MatchNotification): void {
  const { phase, reason, message } = step.shown;
  if (becameMissed(pass, written)) tellMissed(pass, written);
  else pass.log.info(message, { phase, reason, why: step.why });
  tellDrift(pass, step.shown);
}

export const tell = {
  created,
  compensated,
  confirmed,
  retired,
  swept,
  unproven,
  sent,
  dropped,
  takenOver,
  rewritten,
  doubtful,
  abandoned,
  unledgered,
  leftUnresolved,
  resolved,
  adopted,
  reopened,
  resting,
};
