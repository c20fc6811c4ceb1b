/**
 * Status transitions: what is written before and after each effect. Pure; each takes the status that it replaces and returns the next,
 * so that the same functions run in the operator and in any search over its states.
 *
 * `now` here is a new reading, taken when the answer was in hand: near the send, an answer read too late proves nothing (rule 3).
 */
import { hasPassed, instant, plusMs, toText } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import {
  type Desired,
  type FenceStatus,
  isAdopted,
  keptBufferMs,
  type Obsolete,
  type Operation,
  type Owned,
  type Settings,
} from './facts.ts';
import { firstFire } from './fire-times.ts';
import { append, conclude } from './history.ts';
import type { Announcement } from './step.ts';

type Status = MatchNotificationStatus;

/** Clocks of one record: ours for stamps, Braze's for what is near a send. */
export interface Reading {
  readonly now: Temporal.Instant;
  readonly brazeNow: Temporal.Instant;
  readonly settings: Settings;
  /** How far the ledger holds the object's history; undefined when no ledger is kept. */
  readonly ledgered?: number | undefined;
}

const insideMargin = (firesAt: string, at: Reading): boolean => hasPassed(plusMs(instant(firesAt), -at.settings.marginMs), at.brazeNow);
const insideBuffer = (firesAt: string, at: Reading): boolean =>
  hasPassed(plusMs(instant(firesAt), -keptBufferMs(at.settings)), at.brazeNow);

/** The intent of a create call: written before the call, under the object's version. */
export function intendCreate(
  status: Status,
  intent: { id: string; token: string; firesAt: Temporal.Instant; desired: Desired; holder: string },
  at: Reading,
): Status & { operation: Operation } {
  const attempt = (status.attempt ?? 0) + 1;
  const { desired } = intent;
  const operation: Operation = {
    id: intent.id,
    kind: 'Create',
    attempt,
    token: intent.token,
    campaignId: desired.campaignId,
    sendAt: toText(desired.sendAt),
    firesAt: toText(intent.firesAt),
    audienceHash: desired.audienceHash,
    propertiesHash: desired.propertiesHash,
    ...(desired.toldKickoff === undefined ? {} : { kickoff: desired.toldKickoff }),
    startedAt: toText(at.now),
    holder: intent.holder,
  };
  const entry = { operationId: intent.id, action: 'created' as const, outcome: 'unknown' as const, attempt, sendAt: operation.sendAt };
  return { ...status, attempt, operation, occasion: status.occasion ?? { number: 1 }, history: append(status.history, entry, at) };
}

/** A create call answered with an id: the schedule is recorded and its opening announced; read too late, it is only to be swept. */
export function recordCreated(
  status: Status,
  made: { operation: Operation; scheduleId: string; dispatchId: string | undefined },
  desired: Desired,
  at: Reading,
): Status {
  const { operation } = made;
  const history = conclude(
    status.history,
    operation.id,
    { action: 'created', outcome: 'done', scheduleId: made.scheduleId, attempt: operation.attempt, sendAt: operation.sendAt },
    at,
  );
  const { operation: _done, ...rest } = status;
  const recordedAt = toText(at.now);
  const tooLate = insideMargin(operation.firesAt, at);
  // Its message reads the item of its own campaign: that of the one which is wanted by now must not be opened with its token.
  if (tooLate || operation.campaignId !== desired.campaignId) {
    const late: Obsolete = {
      id: made.scheduleId,
      campaignId: operation.campaignId,
      token: operation.token,
      firesAt: operation.firesAt,
      recordedAt,
      why: tooLate ? 'AnsweredTooLate' : 'Moved',
    };
    return { ...rest, obsolete: [...(status.obsolete ?? []), late], history };
  }
  const { sendAt, firesAt, attempt, token, campaignId, audienceHash, propertiesHash } = operation;
  const schedule = {
    id: made.scheduleId,
    ...(made.dispatchId ? { dispatchId: made.dispatchId } : {}),
    campaignId,
    sendAt,
    firesAt,
    attempt,
    token,
    audienceHash,
    propertiesHash,
    recordedAt,
  };
  const opening: Announcement = { item: desired.item, token, state: 'open', contentHash: desired.contentHash, sendAt: firesAt };
  return announce({ ...rest, schedule, history }, opening, at);
}

/** A create call that left nothing (refused), or that may have left an orphan nobody will ever open (unknown). */
export function recordNotCreated(
  status: Status,
  operation: Operation,
  outcome: { kind: 'refused' | 'unknown'; reason: string; message: string },
  at: Reading,
): Status {
  const { operation: _dropped, ...rest } = status;
  const entry = {
    action: 'created' as const,
    outcome: outcome.kind,
    attempt: operation.attempt,
    sendAt: operation.sendAt,
    reason: outcome.reason,
    message: outcome.message,
  };
  return { ...rest, history: conclude(status.history, operation.id, entry, at) };
}

/** The operation that nobody finished is given up: its token is dead. */
export function dropOperation(status: Status, operation: Operation, at: Reading): Status {
  // Braze may have answered an update with another id and kept the old: both carry this token, so it must not be opened.
  const { operation: _dropped, ...rest } = operation.kind === 'Update' ? retireSchedule(status, 'UpdateUnresolved') : status;
  const entry = {
    operationId: operation.id,
    action: 'resolved' as const,
    outcome: 'done' as const,
    attempt: operation.attempt,
    sendAt: operation.sendAt,
    reason: 'NeverOpened',
    message: 'nobody recorded its answer; its token is never opened',
  };
  return { ...rest, history: append(status.history, entry, at) };
}

/** Says what the item is about to be told, before any PUT of it leaves (rule 1). */
export function announce(status: Status, what: Announcement, at: Reading): Status {
  const before = status.fence;
  const sameToken = before?.token === what.token && before.item === what.item;
  const fence: FenceStatus = {
    item: what.item,
    token: what.token,
    state: what.state,
    confirmed: false,
    contentHash: what.contentHash,
    ...(what.sendAt === undefined ? {} : { sendAt: what.sendAt }),
    announcedAt: at.now.toString(),
    ...(sameToken && before.confirmedAt !== undefined && what.token !== '' ? { confirmedAt: before.confirmedAt } : {}),
    ...unsettledWith(before?.unsettled, what),
  };
  return what.state === 'open' ? { ...status, fence, occasion: announcedWith(status, what.token) } : { ...status, fence };
}

/** Two entries of one token say that an earlier PUT of it is still out there; more add nothing. */
function unsettledWith(before: readonly string[] | undefined, what: Announcement): { unsettled?: string[] } {
  const list = [...(before ?? [])];
  if (what.state === 'open' && list.filter((entry) => entry === what.token).length < 2) list.push(what.token);
  return list.length === 0 ? {} : { unsettled: list };
}

export function announcedWith(status: Status, token: string): NonNullable<Status['occasion']> {
  const occasion = status.occasion ?? { number: 1 };
  const announced = occasion.announced ?? [];
  return announced.includes(token) ? occasion : { ...occasion, announced: [...announced, token] };
}

/** Retires the schedule: never wanted again, its token never opened again, even if the wish comes back. */
export function retireSchedule(status: Status, why: string): Status {
  const { schedule, ...rest } = status;
  if (schedule === undefined) return status;
  const { id, campaignId, token, firesAt, recordedAt } = schedule;
  return { ...rest, obsolete: [...(status.obsolete ?? []), { id, campaignId, token, firesAt, recordedAt, why }] };
}

/**
 * The read-back shows what was announced. Returns undefined when that proves nothing any more.
 *
 * `put` is the answer of the PUT that was read back. One that was only accepted is applied at some time: when the item said the same
 * before (refresh, re-assert), a read-back may show the older write, and the newer stays unsettled.
 */
export function confirmFence(status: Status, put: 'stored' | 'accepted', at: Reading): Status | undefined {
  const { fence } = status;
  if (fence === undefined) return undefined;
  const closing = fence.token === '';
  if (closing && announcedInMargin(status, at)) return undefined;
  const unsettled = [...(fence.unsettled ?? [])];
  const seen = put === 'stored' || fence.confirmedAt === undefined;
  const own = unsettled.indexOf(fence.token);
  if (seen && own >= 0) unsettled.splice(own, 1);
  const { unsettled: _before, ...rest } = fence;
  const confirmed: FenceStatus = {
    ...rest,
    confirmed: true,
    confirmedAt: at.now.toString(),
    ...(unsettled.length > 0 ? { unsettled } : {}),
  };
  return forget({ ...status, fence: confirmed }, closing ? orphanTokens(status) : []);
}

function announcedInMargin(status: Status, at: Reading): boolean {
  const announced = status.occasion?.announced ?? [];
  const owned = [...(status.schedule ? [status.schedule] : []), ...(status.obsolete ?? [])];
  const near = owned.some((entry) => entry.token !== undefined && announced.includes(entry.token) && insideMargin(entry.firesAt, at));
  const sendAt = status.fence?.sendAt;
  return near || (orphanTokens(status).length > 0 && sendAt !== undefined && insideMargin(sendAt, at));
}

/** Announced tokens without an id of ours: once the item is confirmed closed in time they are harmless. */
function orphanTokens(status: Status): string[] {
  const held = new Set([status.schedule?.token, ...(status.obsolete ?? []).map((entry) => entry.token)]);
  return (status.occasion?.announced ?? []).filter((token) => !held.has(token));
}

/** These tokens' schedules are gone: nothing of them can be delivered, whatever the item says. */
function forget(status: Status, tokens: readonly string[]): Status {
  if (tokens.length === 0) return status;
  const occasion = status.occasion ?? { number: 1 };
  const announced = (occasion.announced ?? []).filter((token) => !tokens.includes(token));
  const { announced: _before, ...rest } = occasion;
  const next: Status = { ...status, occasion: announced.length > 0 ? { ...rest, announced } : rest };
  return status.fence === undefined ? next : { ...next, fence: withoutUnsettled(status.fence, tokens) };
}

function withoutUnsettled(fence: FenceStatus, tokens: readonly string[]): FenceStatus {
  const { unsettled, ...rest } = fence;
  const left = (unsettled ?? []).filter((token) => !tokens.includes(token));
  return left.length > 0 ? { ...rest, unsettled: left } : rest;
}

/**
 * Whether an answer "deleted" (or "unknown id") read now proves that nothing of this schedule will be delivered (rules 2 and 3).
 */
export function sweepProves(status: Status, target: Owned, at: Reading): boolean {
  const announced = target.token !== undefined && (status.occasion?.announced ?? []).includes(target.token);
  if (!announced) return true;
  const firesAt = firstFire(status, target);
  if (insideMargin(firesAt, at)) return false;
  if (!insideBuffer(firesAt, at)) return true;
  // What was taken over reads no item of ours, and without a fence there is none: only Braze's delete stops it.
  if (status.fence === undefined || isAdopted(target.token)) return false;
  const closed = status.fence.token === '' && status.fence.confirmed;
  return closed && !(status.fence.unsettled ?? []).includes(target.token ?? '');
}

/** The schedule is gone for certain. */
export function recordSwept(status: Status, target: Obsolete, at: Reading): Status {
  const obsolete = (status.obsolete ?? []).filter((entry) => entry.id !== target.id);
  const { obsolete: _before, ...rest } = status;
  const action = target.why === 'Moved' ? ('moved' as const) : ('cancelled' as const);
  const entry = { action, outcome: 'done' as const, scheduleId: target.id, sendAt: target.firesAt, reason: target.why };
  const next: Status = { ...rest, ...(obsolete.length > 0 ? { obsolete } : {}), history: append(status.history, entry, at) };
  // An update that was answered with another id leaves two of one token: the other is still delivered.
  const shared = [next.schedule?.token, ...obsolete.map(({ token }) => token)].includes(target.token);
  return forget(next, target.token === undefined || shared ? [] : [target.token]);
}

/** The occasion counts as sent from here on. */
export const lock = (status: Status): Status => ({ ...status, occasion: { ...(status.occasion ?? { number: 1 }), locked: true } });

/** The occasion is over: what went out is remembered for good, what was announced in it is settled. */
export function recordSent(
  status: Status,
  sent: { owned: Owned | undefined; sendAt: string; firesAt: string; reason: 'Sent' | 'PresumedSent'; doubt?: string; settles?: string },
  at: Reading,
): Status {
  const { schedule, obsolete, occasion, operation, ...rest } = status;
  const gone = sent.owned?.id;
  // An update of what went out has nothing left to change.
  const settled =
    operation !== undefined && (operation.id === sent.settles || (operation.kind === 'Update' && operation.scheduleId === gone));
  const left = (obsolete ?? []).filter((entry) => entry.id !== gone);
  const lastSent = {
    sendAt: sent.sendAt,
    firesAt: sent.firesAt,
    ...(sent.owned === undefined ? {} : { scheduleId: sent.owned.id, campaignId: sent.owned.campaignId }),
    at: toText(at.now),
    reason: sent.reason,
    ...(sent.doubt === undefined ? {} : { doubt: sent.doubt }),
  };
  const entry = {
    action: 'sent' as const,
    outcome: sent.reason === 'Sent' ? ('done' as const) : ('unknown' as const),
    sendAt: sent.sendAt,
    reason: sent.reason,
    ...(sent.doubt === undefined ? {} : { message: sent.doubt }),
    ...(gone === undefined ? {} : { scheduleId: gone }),
  };
  const keptSchedule = schedule !== undefined && schedule.id !== gone ? { schedule } : {};
  return {
    ...rest,
    ...keptSchedule,
    ...(operation !== undefined && !settled ? { operation } : {}),
    ...(left.length > 0 ? { obsolete: left } : {}),
    occasion: { number: (occasion?.number ?? 1) + 1 },
    lastSent,
    history: append(status.history, entry, at),
  };
}

/** The item tells of an earlier life of this object: what it admits is ours to close. */
export function takeOverItem(
  status: Status,
  found: { item: string; token: string; announcedSendAt: string; contentHash: string },
  at: Reading,
): Status {
  const fence: FenceStatus = {
    item: found.item,
    token: found.token,
    state: 'open',
    confirmed: true,
    contentHash: found.contentHash,
    sendAt: found.announcedSendAt,
    announcedAt: at.now.toString(),
  };
  return { ...status, fence, occasion: announcedWith(status, found.token) };
}

/** The item is deleted: nothing is known of it any more. */
export function forgetItem(status: Status): Status {
  const { fence: _gone, ...rest } = status;
  return rest;
}

/** What could not be sent in time is said once. */
export function recordMissed(status: Status, desired: Desired, message: string, at: Reading): Status {
  const entry = { action: 'missed' as const, outcome: 'done' as const, sendAt: toText(desired.sendAt), reason: 'Missed', message };
  return { ...status, history: append(status.history, entry, at) };
}
