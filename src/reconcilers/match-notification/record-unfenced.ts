/**
 * Status transitions of an unfenced workspace, and of schedules that somebody else made. As in record.ts: pure, from status to status.
 *
 * Without a fence a schedule is delivered once Braze holds it. So its token counts as announced from its record on: the rules around the
 * send instant then hold as they do for an item that was opened.
 */
import { floorMinute, instant, toText } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import { adoptedToken, type Desired, type Obsolete, type Operation, type Schedule } from './facts.ts';
import { append, conclude } from './history.ts';
import { announcedWith, type Reading, retireSchedule } from './record.ts';
import type { OperationResolution, Step } from './step.ts';

type Status = MatchNotificationStatus;

/** The schedule that an operation made or moved, under the id that Braze gave. */
function scheduleOf(operation: Operation, made: { scheduleId: string; dispatchId?: string | undefined }, at: Reading): Schedule {
  const { sendAt, firesAt, attempt, token, campaignId, audienceHash, propertiesHash, kickoff } = operation;
  return {
    id: made.scheduleId,
    ...(made.dispatchId ? { dispatchId: made.dispatchId } : {}),
    campaignId,
    sendAt,
    firesAt,
    attempt,
    token,
    audienceHash,
    propertiesHash,
    ...(kickoff === undefined ? {} : { kickoff }),
    recordedAt: toText(at.now),
  };
}

/** A create was answered with an id, however late: Braze will deliver it, and the rules near the send decide what that means. */
export function recordMade(
  status: Status,
  made: { operation: Operation; scheduleId: string; dispatchId: string | undefined },
  at: Reading,
): Status {
  const { operation, scheduleId } = made;
  const { operation: _done, ...rest } = status;
  const entry = { action: 'created' as const, outcome: 'done' as const, scheduleId, attempt: operation.attempt, sendAt: operation.sendAt };
  return {
    ...rest,
    schedule: scheduleOf(operation, made, at),
    occasion: announcedWith(status, operation.token),
    history: conclude(status.history, operation.id, entry, at),
  };
}

/** The intent of an update: written before the call, under the object's version. */
export function intendUpdate(
  status: Status,
  intent: { id: string; schedule: Schedule; firesAt: Temporal.Instant; desired: Desired; holder: string },
  at: Reading,
): Status & { operation: Operation } {
  const { schedule, desired } = intent;
  const { attempt, token, campaignId, audienceHash, propertiesHash, kickoff } = schedule;
  const operation: Operation = {
    id: intent.id,
    kind: 'Update',
    attempt,
    token,
    campaignId,
    sendAt: toText(desired.sendAt),
    firesAt: toText(intent.firesAt),
    audienceHash,
    propertiesHash,
    ...(kickoff === undefined ? {} : { kickoff }),
    scheduleId: schedule.id,
    startedAt: toText(at.now),
    holder: intent.holder,
  };
  const entry = { operationId: intent.id, action: 'updated' as const, outcome: 'unknown' as const, scheduleId: schedule.id };
  return { ...status, operation, history: append(status.history, { ...entry, sendAt: operation.sendAt }, at) };
}

/** An update was answered. Another id than before: it is the one that is wanted, and the old one may still stand (contracts 1.3). */
export function recordUpdated(
  status: Status,
  { operation, scheduleId }: { operation: Operation; scheduleId: string },
  at: Reading,
): Status {
  const entry = { action: 'updated' as const, outcome: 'done' as const, scheduleId, sendAt: operation.sendAt };
  const moved = putInPlace(status, { operation, scheduleId }, at);
  return { ...moved, history: conclude(status.history, operation.id, entry, at) };
}

function putInPlace(status: Status, made: { operation: Operation; scheduleId: string }, at: Reading): Status {
  const { operation: _done, ...rest } = status;
  const before = rest.schedule;
  const other = before !== undefined && before.id !== made.scheduleId ? before : undefined;
  const base = other === undefined ? rest : retireSchedule(rest, 'ReplacedByUpdate');
  const next = scheduleOf(made.operation, made, at);
  // The same id was made when it was made: how fresh it is says whether Braze may not see it yet.
  const schedule = other === undefined && before !== undefined ? { ...next, recordedAt: before.recordedAt } : next;
  return { ...base, schedule, occasion: announcedWith(base, made.operation.token) };
}

/** Braze changed nothing. One that it does not know is deleted once more before another is made: "unknown" has many causes. */
export function recordNotUpdated(status: Status, operation: Operation, refusal: { reason: string; message: string }, at: Reading): Status {
  const { operation: _dropped, ...rest } = status;
  const entry = { action: 'updated' as const, outcome: 'refused' as const, sendAt: operation.sendAt, ...refusal };
  const kept = refusal.reason === 'unknown-id' ? retireSchedule(rest, 'UnknownToBraze') : rest;
  return { ...kept, history: conclude(status.history, operation.id, entry, at) };
}

/** Nobody knows what became of it: the operation stays, and stops what would come next. */
export function recordInDoubt(status: Status, operation: Operation, message: string, at: Reading): Status {
  const entry = {
    action: operation.kind === 'Create' ? ('created' as const) : ('updated' as const),
    outcome: 'unknown' as const,
    sendAt: operation.sendAt,
    reason: 'unknown',
    message,
  };
  return { ...status, history: conclude(status.history, operation.id, entry, at) };
}

/** What a person found out, or what the workspace's policy takes for found out. */
export function resolveOperation(status: Status, operation: Operation, resolution: OperationResolution, at: Reading): Status {
  const created = resolution.result === 'created';
  const entry = {
    operationId: operation.id,
    action: 'resolved' as const,
    outcome: 'done' as const,
    sendAt: operation.sendAt,
    reason: created ? 'Created' : 'NotCreated',
    ...(created ? { scheduleId: resolution.scheduleId } : {}),
  };
  const { operation: _settled, ...rest } = status;
  const next = created ? putInPlace(status, { operation, scheduleId: resolution.scheduleId }, at) : rest;
  return { ...next, history: append(status.history, entry, at) };
}

/** A schedule that somebody else made is ours from here on: kept as the one that is wanted, or to be deleted. */
export function recordAdopted(status: Status, step: Extract<Step, { kind: 'Adopt' }>, desired: Desired, at: Reading): Status {
  const { id, campaignId, sendAt } = step.schedule;
  const token = adoptedToken(id);
  const firesAt = sendAt.toString();
  const recordedAt = toText(at.now);
  const entry = { action: 'adopted' as const, outcome: 'done' as const, scheduleId: id, sendAt: firesAt };
  const { audienceHash, propertiesHash } = desired;
  const kept = {
    id,
    campaignId,
    sendAt: toText(floorMinute(sendAt)),
    firesAt,
    attempt: 0,
    token,
    audienceHash,
    propertiesHash,
    recordedAt,
  };
  const unwanted: Obsolete = { id, campaignId, firesAt, recordedAt, why: 'Adopted', ...(step.announced ? { token } : {}) };
  return {
    ...status,
    ...(step.keeps ? { schedule: kept } : { obsolete: [...(status.obsolete ?? []), unwanted] }),
    ...(step.announced ? { occasion: announcedWith(status, token) } : {}),
    adopted: { id, at: recordedAt },
    history: append(status.history, entry, at),
  };
}

/** A person said that the last send did not go out: what was sent stays on record, and stands in the way no more. */
export function reopenOccasion(status: Status, at: Reading): Status {
  const { lastSent } = status;
  if (lastSent === undefined) return status;
  const entry = {
    action: 'resolved' as const,
    outcome: 'done' as const,
    sendAt: lastSent.sendAt,
    reason: 'NotSent',
    message: `a person said that the send of ${toText(instant(lastSent.firesAt))} did not go out`,
    ...(lastSent.scheduleId === undefined ? {} : { scheduleId: lastSent.scheduleId }),
  };
  return { ...status, lastSent: { ...lastSent, disprovedAt: toText(at.now) }, history: append(status.history, entry, at) };
}
