/** Performs one step. The shell has no opinions: what to do was decided, what it means is recorded by pure functions. */
import { assertNever } from '../../base/assert-never.ts';
import { sameJson } from '../../base/hash.ts';
import { earliest, isBefore, plusMs } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import { SCHEDULE_FINALIZER } from '../../crds/words.ts';
import { createSchedule } from './create-call.ts';
import { deleteItem, readItem, writeFence } from './fence-calls.ts';
import { createClaim } from './observe.ts';
import {
  type Again,
  compose,
  type Pass,
  putFinalizers,
  putStatus,
  readClocks,
  settled,
  statusOf,
  writeOutcome,
  writeStatus,
} from './pass.ts';
import type { UsableWorkspace } from './ports.ts';
import { dropOperation, lock, recordSent, retireSchedule, takeOverItem } from './record.ts';
import { recordAdopted, reopenOccasion, resolveOperation } from './record-unfenced.ts';
import type { Step } from './step.ts';
import { sweep } from './sweep-call.ts';
import { tell } from './tell.ts';
import { updateSchedule } from './update-call.ts';

/** How long what was said by nobody but us is left as another made it. */
const SAYS_AGAIN_MS = 10_000;

export async function apply(pass: Pass, step: Step): Promise<Again> {
  if (step.kind !== 'Rest') pass.memory.rested = undefined;
  switch (step.kind) {
    case 'Rest':
      return restHere(pass, step);
    case 'AddFinalizer':
      return setFinalizers(pass, [...(pass.object.metadata.finalizers ?? []), SCHEDULE_FINALIZER]);
    case 'RemoveFinalizer':
      return release(pass, step);
    case 'Lock':
      return locked(pass, step);
    case 'RecordSent':
      return sent(pass, step);
    case 'DropOperation':
      return dropped(pass);
    case 'TakeOverItem':
      return takenOver(pass, step);
    case 'Reopen':
      return reopened(pass);
    case 'Adopt':
      return adopted(pass, step);
    case 'Retire':
      return retired(pass, step);
    case 'ResolveOperation':
      return resolved(pass, step);
    default:
      return callBraze(pass, step);
  }
}

type Calling = Extract<Step, { kind: 'Create' | 'Update' | 'Sweep' | 'WriteFence' | 'ReadItem' | 'DeleteItem' }>;

async function callBraze(pass: Pass, step: Calling): Promise<Again> {
  const { workspace } = pass;
  if (workspace.kind !== 'usable') throw new TypeError(`${step.kind} decided without a usable workspace`);
  switch (step.kind) {
    case 'Create':
      return createSchedule(pass, step, workspace);
    case 'Update':
      return updateSchedule(pass, step, workspace);
    case 'Sweep':
      return sweep(pass, step, workspace);
    default:
      return callCatalog(pass, step, workspace);
  }
}

type Cataloguing = Extract<Step, { kind: 'WriteFence' | 'ReadItem' | 'DeleteItem' }>;

async function callCatalog(pass: Pass, step: Cataloguing, workspace: UsableWorkspace): Promise<Again> {
  const { fence } = workspace;
  if (fence === undefined) throw new TypeError(`${step.kind} decided in a workspace without a fence`);
  switch (step.kind) {
    case 'WriteFence':
      return writeFence(pass, step, workspace, fence);
    case 'ReadItem':
      return readItem(pass, step, fence);
    case 'DeleteItem':
      return deleteItem(pass, step, fence);
    default:
      return assertNever(step);
  }
}

/** Nothing to do: status is written only when it would say something else. */
async function restHere(pass: Pass, step: Extract<Step, { kind: 'Rest' }>): Promise<Again> {
  const again: Again = stayInLine(pass, step) ?? (step.until === undefined ? settled : { requeueAt: step.until });
  // An object that is going, or that has let go of us, is not written to any more.
  if (pass.object.metadata.deletionTimestamp !== undefined && !pass.object.metadata.finalizers?.includes(SCHEDULE_FINALIZER))
    return settled;
  const next = compose(pass, statusOf(pass), step.shown);
  if (sameJson(next, pass.object.status ?? {})) return again;
  const patience = contradictedUntil(pass, next);
  if (patience !== undefined) return { requeueAt: earliest(patience, again.requeueAt ?? patience) };
  const written = await putStatus(pass.ports, pass.object, next);
  pass.memory.rested = { words: wordsOf(next), generation: next.observedGeneration, at: pass.ports.clock.now() };
  tell.resting(pass, step, written);
  return again;
}

/**
 * Of two that lead by mistake and know different things, each would put its words over those of the other as fast as the API server lets
 * them: who said this a moment ago, did nothing since, and finds other words there says it again a little later. Only words wait.
 */
function contradictedUntil({ memory, object, ports }: Pass, next: MatchNotificationStatus): Temporal.Instant | undefined {
  const { rested } = memory;
  if (rested === undefined || rested.words !== wordsOf(next) || rested.generation !== next.observedGeneration) return undefined;
  const until = plusMs(rested.at, SAYS_AGAIN_MS);
  return wordsOf(object.status ?? {}) !== rested.words && isBefore(ports.clock.now(), until) ? until : undefined;
}

/** Without the times, which tell who said it when. */
function wordsOf({ phase, conditions = [] }: MatchNotificationStatus): string {
  return [phase, ...conditions.flatMap(({ type, status, reason, message }) => [type, status, reason, message])].join(' ');
}

/** A wait for budget keeps its place among the others; a wish that ended gives back what was taken ahead for it. */
function stayInLine(pass: Pass, { shown, until }: Extract<Step, { kind: 'Rest' }>): Again | undefined {
  if (pass.workspace.kind !== 'usable') return undefined;
  const claim = createClaim(pass.object, pass.facts.desired.sendAt);
  if (shown.reason === 'WaitingForBudget') {
    const grant = pass.workspace.budgets.reserve(claim);
    if (grant.granted) return { requeueAt: pass.ports.clock.now() };
    // Time goes on for who waits in line: an armed send is read back, closed in time or locked whatever its place.
    return { requeueAt: until === undefined ? grant.eta : earliest(grant.eta, until) };
  }
  if (shown.ready || shown.stalled) pass.workspace.budgets.release(claim.key);
  return undefined;
}

async function setFinalizers(pass: Pass, finalizers: readonly string[]): Promise<Again> {
  await putFinalizers(pass.ports, pass.object, finalizers);
  return settled;
}

async function release(pass: Pass, step: Extract<Step, { kind: 'RemoveFinalizer' }>): Promise<Again> {
  if (step.abandoned.length > 0 || step.openItem !== undefined) tell.abandoned(pass, step);
  if (step.unledgered === true) tell.unledgered(pass);
  const { operation } = statusOf(pass);
  if (operation !== undefined && pass.facts.fenced !== true) tell.leftUnresolved(pass, operation);
  const left = (pass.object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== SCHEDULE_FINALIZER);
  return setFinalizers(pass, left);
}

async function locked(pass: Pass, step: Extract<Step, { kind: 'Lock' }>): Promise<Again> {
  await writeStatus(pass, lock(statusOf(pass)), step.shown);
  return settled;
}

async function sent(pass: Pass, step: Extract<Step, { kind: 'RecordSent' }>): Promise<Again> {
  const object = await writeOutcome(pass, recordSent(statusOf(pass), step, readClocks(pass)));
  tell.sent({ ...pass, object }, step);
  return settled;
}

async function dropped(pass: Pass): Promise<Again> {
  const { operation } = statusOf(pass);
  if (operation === undefined) return settled;
  await writeOutcome(pass, dropOperation(statusOf(pass), operation, readClocks(pass)));
  tell.dropped(pass, operation);
  return settled;
}

async function reopened(pass: Pass): Promise<Again> {
  const object = await writeOutcome(pass, reopenOccasion(statusOf(pass), readClocks(pass)));
  tell.reopened({ ...pass, object });
  return settled;
}

async function adopted(pass: Pass, step: Extract<Step, { kind: 'Adopt' }>): Promise<Again> {
  const object = await writeOutcome(pass, recordAdopted(statusOf(pass), step, pass.facts.desired, readClocks(pass)));
  tell.adopted({ ...pass, object }, step);
  return settled;
}

/** As the first half of a close: the budget of a successor is taken before the armed one is given up. */
async function retired(pass: Pass, step: Extract<Step, { kind: 'Retire' }>): Promise<Again> {
  if (step.reserve && pass.workspace.kind === 'usable') {
    const grant = pass.workspace.budgets.reserve(createClaim(pass.object, pass.facts.desired.sendAt));
    if (!grant.granted) return { requeueAt: pass.ports.clock.now() };
  }
  await writeStatus(pass, retireSchedule(statusOf(pass), step.why), step.shown);
  tell.retired(pass, step.why);
  return settled;
}

async function resolved(pass: Pass, step: Extract<Step, { kind: 'ResolveOperation' }>): Promise<Again> {
  const { operation } = statusOf(pass);
  if (operation === undefined) return settled;
  await writeOutcome(pass, resolveOperation(statusOf(pass), operation, step.resolution, readClocks(pass)));
  tell.resolved(pass, operation, step);
  return settled;
}

async function takenOver(pass: Pass, step: Extract<Step, { kind: 'TakeOverItem' }>): Promise<Again> {
  const { item, contentHash } = pass.facts.desired;
  await writeOutcome(
    pass,
    takeOverItem(statusOf(pass), { item, token: step.token, announcedSendAt: step.announcedSendAt, contentHash }, readClocks(pass)),
  );
  tell.takenOver(pass, item);
  return settled;
}
