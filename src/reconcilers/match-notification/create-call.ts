/**
 * The create call: intent, call, record. The only effect that Braze can't be asked about afterwards.
 *
 * Dies before the intent: nothing happened. Between intent and record: the operation stays in status, its token is never opened, and
 * Resolve drops it. Two of us here at once: the second intent gets a 409 and makes no call. An answer for an intent that another
 * writer has replaced: the schedule is deleted at once (its token was never announced, so it could not have been delivered).
 */
import type { Outcome } from '../../base/outcomes.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { audienceOf, contentOf } from './content.ts';
import { decide } from './decide.ts';
import type { Operation } from './facts.ts';
import { tellMissed } from './missed.ts';
import { createClaim, observe } from './observe.ts';
import {
  type Again,
  compose,
  FencedOut,
  mayNotStart,
  type Pass,
  putStatus,
  readClocks,
  settled,
  shownAfter,
  statusOf,
  writeStatus,
} from './pass.ts';
import type { UsableWorkspace } from './ports.ts';
import { intendCreate, recordCreated, recordNotCreated } from './record.ts';
import { recordInDoubt, recordMade, recordNotUpdated, recordUpdated } from './record-unfenced.ts';
import type { Step } from './step.ts';
import { tell } from './tell.ts';

const FIRST_RETRY_MS = 2_000;
const SOON_MS = 1_000;

export type CreateOutcome = Outcome<{ scheduleId: string; dispatchId: string | undefined }>;
/** An answer in hand, and the intent that it belongs to. */
export interface CreateAnswer {
  readonly operation: Operation;
  readonly outcome: CreateOutcome;
  /** Whether the call was made in a fenced workspace: what an answer means depends on that. */
  readonly fenced: boolean;
}

export async function createSchedule(pass: Pass, step: Extract<Step, { kind: 'Create' }>, workspace: UsableWorkspace): Promise<Again> {
  const { ports, object, facts } = pass;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  const grant = workspace.budgets.take(createClaim(object, step.firesAt));
  if (!grant.granted) return waitForBudget(pass, grant.eta);
  const intent = {
    id: ports.random(),
    token: `${object.metadata.uid.slice(0, 8)}.${(statusOf(pass).attempt ?? 0) + 1}.${ports.random()}`,
    firesAt: step.firesAt,
    desired: facts.desired,
    holder: ports.leadership.identity,
  };
  const intended = intendCreate(statusOf(pass), intent, readClocks(pass));
  ports.traced?.(intent.id);
  const written = await writeStatus(pass, intended, step.shown);
  const outcome = await call({ ...pass, object: written }, intended.operation, workspace);
  pass.memory.unrecorded = { operation: intended.operation, outcome, fenced: workspace.fence !== undefined };
  return recordAnswer({ ...pass, object: written });
}

/** Others took what was left of this window since the decision: the place in the line is kept, and the object says so. */
async function waitForBudget(pass: Pass, eta: Temporal.Instant): Promise<Again> {
  const { object, ports } = pass;
  const step = decide(object, { ...pass.facts, createBudget: { granted: false, eta } }, ports.clock.now());
  await writeStatus(pass, statusOf(pass), step.shown);
  return { requeueAt: eta };
}

function call(pass: Pass, operation: Operation, workspace: UsableWorkspace): Promise<CreateOutcome> {
  const { spec } = pass.object;
  return workspace.braze.createSchedule({
    campaignId: operation.campaignId,
    time: Temporal.Instant.from(operation.firesAt),
    audience: audienceOf(spec),
    triggerProperties: { ...spec.triggerProperties, ...contentOf(spec), notification: pass.facts.desired.item, token: operation.token },
  });
}

/** Records the answer that is in memory; it stays there when the API server can't be reached, and is tried again first of all. */
export async function recordAnswer(pass: Pass): Promise<Again> {
  const answer = pass.memory.unrecorded;
  if (answer === undefined) return settled;
  // What waited in memory while the API server was away may belong to an intent that another writer has settled since.
  const announcedAt = isOurs(pass.object, answer)
    ? await record(pass, answer).catch((error: unknown) => {
        if (error instanceof FencedOut) return recordOnFresh(pass, answer);
        throw error;
      })
    : await recordOnFresh(pass, answer);
  pass.memory.unrecorded = undefined;
  // An opening that was announced in this very record: its one PUT belongs to this process.
  if (announcedAt !== undefined) pass.memory.ticket = { announcedAt, put: undefined };
  return afterAnswer(pass, answer);
}

/** `announcedAt` of the opening that was written with it, if one was. */
async function record(pass: Pass, answer: CreateAnswer): Promise<string | undefined> {
  const next = recorded(pass, answer);
  const written = await putStatus(pass.ports, pass.object, compose(pass, next, shownAfter(pass, pass.object, next)));
  tell.created(pass, answer);
  tellMissed(pass, written);
  return next.schedule === undefined || !answer.fenced ? undefined : next.fence?.announcedAt;
}

function recorded(pass: Pass, answer: CreateAnswer): MatchNotificationStatus {
  if (!answer.fenced) return recordedUnfenced(pass, answer);
  const { operation, outcome } = answer;
  const at = readClocks(pass);
  const status = statusOf(pass);
  if (outcome.kind === 'done') return recordCreated(status, { operation, ...outcome.value }, pass.facts.desired, at);
  const [reason, message] = outcome.kind === 'refused' ? [outcome.refusal.reason, outcome.refusal.message] : ['unknown', outcome.message];
  return recordNotCreated(status, operation, { kind: outcome.kind, reason, message }, at);
}

function recordedUnfenced(pass: Pass, { operation, outcome }: CreateAnswer): MatchNotificationStatus {
  const at = readClocks(pass);
  const status = statusOf(pass);
  const creates = operation.kind === 'Create';
  if (outcome.kind === 'unknown') return recordInDoubt(status, operation, outcome.message, at);
  if (outcome.kind === 'done') return (creates ? recordMade : recordUpdated)(status, { operation, ...outcome.value }, at);
  const { reason, message } = outcome.refusal;
  if (creates) return recordNotCreated(status, operation, { kind: 'refused', reason, message }, at);
  return recordNotUpdated(status, operation, { reason, message }, at);
}

/** 409 on record (design §4, "All"): the operation id decides whether the outcome is ours to write, is written already, or we were fenced out. */
async function recordOnFresh(pass: Pass, answer: CreateAnswer): Promise<string | undefined> {
  for (;;) {
    const fresh = await readFresh(pass);
    if (fresh === undefined || !isOurs(fresh, answer)) {
      if (fresh === undefined || !isRecorded(fresh, answer)) await compensate(pass, answer);
      return undefined;
    }
    const { facts, workspace } = observe(fresh, pass.memory, pass.ports, pass.ports.clock.now());
    try {
      return await record({ ...pass, object: fresh, facts, workspace }, answer);
    } catch (error) {
      if (!(error instanceof FencedOut)) throw error;
    }
  }
}

async function readFresh(pass: Pass): Promise<MatchNotification | undefined> {
  const { namespace, name, uid } = pass.object.metadata;
  try {
    const fresh = await pass.ports.client.get<MatchNotification>(MATCH_NOTIFICATIONS, { namespace, name });
    return fresh.metadata.uid === uid ? fresh : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

const isOurs = (fresh: MatchNotification, answer: CreateAnswer): boolean => fresh.status?.operation?.id === answer.operation.id;

function isRecorded(fresh: MatchNotification, { operation, outcome }: CreateAnswer): boolean {
  if (outcome.kind !== 'done') return true;
  const id = outcome.value.scheduleId;
  const inHistory = Object.values(fresh.status?.history ?? {}).some(
    (entry) => entry.operationId === operation.id && entry.scheduleId === id,
  );
  return fresh.status?.schedule?.id === id || inHistory;
}

/**
 * Fenced out: what we just made is wanted by nobody. Its token was never announced, so with a fence a failed delete delivers nothing
 * either; without one it does, so the delete is tried again (the answer stays in memory when this throws).
 */
async function compensate(pass: Pass, { operation, outcome, fenced }: CreateAnswer): Promise<void> {
  if (outcome.kind !== 'done' || pass.workspace.kind !== 'usable') return;
  const { scheduleId } = outcome.value;
  if (scheduleId === operation.scheduleId) return;
  const deleted = await pass.workspace.braze.deleteSchedule({ campaignId: operation.campaignId, scheduleId, unrecorded: true });
  const gone = deleted.kind === 'done' || (deleted.kind === 'refused' && deleted.refusal.reason === 'unknown-id');
  tell.compensated(pass, { scheduleId, operationId: operation.id, deleted, fenced });
  if (!gone && !fenced) throw new Error(`schedule ${scheduleId} was made for nobody and could not be deleted; it is tried again`);
}

function afterAnswer(pass: Pass, { operation, outcome }: CreateAnswer): Again {
  const now = pass.ports.clock.now();
  const kind = operation.kind === 'Create' ? 'create' : 'update';
  if (outcome.kind === 'done') {
    pass.memory.succeeded(kind);
    return { requeueAt: now };
  }
  const refusal = outcome.kind === 'refused' ? outcome.refusal : undefined;
  const message = refusal?.message ?? (outcome.kind === 'unknown' ? outcome.message : '');
  return {
    requeueAt: pass.memory.failed(kind, now, {
      firstMs: refusal?.reason === 'not-sent' ? SOON_MS : FIRST_RETRY_MS,
      retryAt: refusal?.retryAt,
      message,
    }),
  };
}
