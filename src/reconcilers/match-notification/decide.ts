/**
 * The decision: object, facts and one reading of the clock in, one step with its reason out. Pure and total. The rules are tried in
 * this order and the first that answers wins; a table test pins the order (design §4).
 */
import { earliest, instant, isBefore, plusMs } from '../../base/instants.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { afterSend } from './after-send.ts';
import { keep, matches, move } from './arm.ts';
import { create, fireTime, missedAt } from './create.ts';
import { disarm, disarmAgainAt, FIRED_AGAIN_MS, isDisarmed, retire } from './disarm.ts';
import type { Facts, Owned } from './facts.ts';
import { type Goal, goalOf } from './goal.ts';
import { missed, phaseMeanwhile, rest, stalled, working } from './shown.ts';
import type { Shown, Step } from './step.ts';
import { View } from './view.ts';

/** Keeps the object until nothing of it is left in Braze. */
const FINALIZER = 'matchday.dev/braze-schedule';

type Rule = (view: View) => Step | undefined;

/** Exported for the test that pins their order. When none answers, nothing is owned and a send is wanted: `create`. */
export const RULES: Readonly<Record<string, Rule>> = {
  released,
  adoptFinalizer,
  sendWentOut,
  lockOccasion,
  letGo,
  operationInFlight,
  ownsNothingAndGoes,
  workspaceUnusable,
  workspaceUnfenced,
  occasionIsOver,
  goalIsNothing,
  scheduleIsOwned,
  leftovers,
};

export function decide(object: MatchNotification, facts: Facts, now: Temporal.Instant): Step {
  const view = new View(object, facts, now);
  for (const rule of Object.values(RULES)) {
    const step = rule(view);
    if (step) return step;
  }
  return create(view);
}

function released(view: View): Step | undefined {
  if (!view.deleting || hasFinalizer(view)) return undefined;
  return rest(working(view, 'Closing', 'Released.'), undefined, 'no finalizer of ours: nothing to do');
}

function adoptFinalizer(view: View): Step | undefined {
  if (view.deleting || hasFinalizer(view)) return undefined;
  return { kind: 'AddFinalizer', shown: working(view, 'Creating', 'Adding the finalizer first.'), why: 'no create without the finalizer' };
}

/** Rule 3: what was announced and not confirmed gone went out when its time passed. */
function sendWentOut(view: View): Step | undefined {
  const fired = view.owned.find((owned) => view.wasAnnounced(owned) && view.fired(owned.firesAt));
  if (fired) return recordSent(view, fired);
  const orphan = view.orphanedAnnouncement;
  if (orphan === undefined || !view.fired(orphan)) return undefined;
  return {
    kind: 'RecordSent',
    owned: undefined,
    sendAt: orphan,
    firesAt: orphan,
    reason: 'PresumedSent',
    shown: working(view, 'Resolving', 'Its time passed.'),
    why: 'left open by an earlier life',
  };
}

function recordSent(view: View, owned: Owned): Step {
  const fence = view.status.fence;
  // A refresh under way does not take back that this token was seen open; a read after the send does not say what the send saw.
  const seenOpen = fence?.confirmedAt !== undefined && isBefore(instant(fence.confirmedAt), instant(owned.firesAt));
  const confirmed = seenOpen && fence.token === owned.token && fence.state === 'open';
  const sendAt = view.schedule?.id === owned.id ? view.schedule.sendAt : owned.firesAt;
  const shown: Shown = { phase: 'Sent', ready: true, reason: 'Sent', message: 'Sent.' };
  return {
    kind: 'RecordSent',
    owned,
    sendAt,
    firesAt: owned.firesAt,
    reason: confirmed ? 'Sent' : 'PresumedSent',
    shown,
    why: 'its time passed',
  };
}

/** Rule 3: nearer than the margin it can't be stopped for sure, so it counts as sent from here on. */
function lockOccasion(view: View): Step | undefined {
  if (view.status.occasion?.locked) return undefined;
  const near = view.owned.some((owned) => view.wasAnnounced(owned) && view.insideMargin(owned.firesAt));
  const orphan = view.orphanedAnnouncement;
  if (!near && (orphan === undefined || !view.insideMargin(orphan))) return undefined;
  return { kind: 'Lock', shown: lockShown(view), why: 'nearer than the margin' };
}

function lockShown(view: View): Shown {
  const fence = view.status.fence;
  if (fence?.confirmed && fence.state === 'open')
    return { phase: 'Scheduled', ready: true, reason: 'Scheduled', message: 'About to be sent.' };
  return working(view, 'Opening', 'About to be sent; its catalog item is not confirmed.');
}

/** Deletion that leaves Braze alone: by policy, or because a person gave the schedule up. */
function letGo(view: View): Step | undefined {
  if (!view.deleting) return undefined;
  const abandon = view.object.metadata.annotations?.['matchday.dev/abandon'] === 'true';
  if (!abandon && view.object.spec.deletionPolicy !== 'Retain') return undefined;
  const shown = working(view, 'Closing', abandon ? 'Let go by annotation.' : 'Let go: deletionPolicy Retain.');
  return { kind: 'RemoveFinalizer', abandoned: abandon ? view.owned : [], shown, why: abandon ? 'abandoned' : 'retained' };
}

/** An intent without outcome: wait until its call can't still be running, then drop it; its token is dead. */
function operationInFlight(view: View): Step | undefined {
  if (view.status.operation === undefined) return undefined;
  const { requestTimeoutMs, marginMs } = view.facts.settings;
  const until = plusMs(view.facts.operationSeenAt ?? view.now, requestTimeoutMs + marginMs);
  const shown = working(
    view,
    'Resolving',
    'A create call was begun whose answer nobody recorded; whatever it left in Braze stays closed. A new one is made in a moment.',
  );
  if (!view.facts.operationIsOver && Temporal.Instant.compare(view.now, until) < 0)
    return rest(shown, until, 'the call may still be running');
  return { kind: 'DropOperation', shown, why: 'nobody finished it' };
}

function ownsNothingAndGoes(view: View): Step | undefined {
  if (!view.deleting || view.owned.length > 0 || view.orphanedAnnouncement !== undefined) return undefined;
  const cannotClose = view.facts.problem !== undefined || view.backingOff('fence') || view.backingOff('read');
  if (!isDisarmed(view) && !cannotClose) return undefined;
  return {
    kind: 'RemoveFinalizer',
    abandoned: [],
    shown: working(view, 'Closing', 'Nothing is left in Braze.'),
    why: 'nothing owned is left',
  };
}

function workspaceUnusable(view: View): Step | undefined {
  const problem = view.facts.problem;
  if (problem === undefined) return undefined;
  const again = nextFiring(view);
  if (view.owned.length === 0 && goalOf(view).kind === 'send' && !view.occasionSent && fireTime(view) === undefined) {
    return rest(missed(view, problem.message), undefined, 'too late, and the workspace is unusable');
  }
  const shown = problem.stalled ? stalled(view, problem.reason, problem.message) : working(view, problem.reason, problem.message);
  return rest(view.occasionSent ? { phase: 'Sent', ready: true, reason: 'Sent', message: 'Sent.' } : shown, again, problem.reason);
}

/** Unfenced workspaces have a protocol of their own; without it nothing is created. */
function workspaceUnfenced(view: View): Step | undefined {
  if (view.facts.fenced) return undefined;
  const message = `BrazeWorkspace ${view.object.spec.workspaceRef.name} has no spec.fence. Give it one and paste the fence into the campaign.`;
  return rest(stalled(view, 'FenceMissing', message), nextFiring(view), 'unfenced');
}

function occasionIsOver(view: View): Step | undefined {
  return view.occasionSent && view.schedule === undefined ? afterSend(view) : undefined;
}

function goalIsNothing(view: View): Step | undefined {
  const goal = goalOf(view);
  if (goal.kind !== 'nothing') return undefined;
  const closing = closingShown(view, goal);
  if (view.schedule) return retire(view, { why: goal.why, reserve: false, shown: closing });
  const step = disarm(view, closing);
  if (step) return step;
  if (isDisarmed(view)) return rest(goal.shown, goal.wake, goal.why);
  return rest(closing, disarmAgainAt(view), 'waiting to close');
}

function closingShown(view: View, goal: Extract<Goal, { kind: 'nothing' }>): Shown {
  const failure = view.facts.lastFailure;
  if (view.status.occasion?.locked) {
    return {
      phase: 'Scheduled',
      ready: false,
      reason: 'Closing',
      message: `CancelledTooLate: ${goal.why} came inside the margin; it is closed and deleted, but may go out all the same.`,
    };
  }
  const kept: Shown = { ...goal.shown, ready: false, stalled: goal.shown.stalled ?? false };
  if (goal.shown.stalled) return kept;
  return {
    ...kept,
    reason: failure ? 'BrazeUnavailable' : 'Closing',
    message: `${goal.shown.message} Its Braze schedule is being closed and deleted.${failure ? ` ${failure}` : ''}`,
  };
}

function scheduleIsOwned(view: View): Step | undefined {
  const schedule = view.schedule;
  if (schedule === undefined) return undefined;
  return matches(view, schedule) ? keep(view, schedule) : move(view, schedule);
}

/** Rule 2: a successor only when every older id is confirmed gone and nothing announced may still be delivered. */
function leftovers(view: View): Step | undefined {
  if (view.owned.length === 0 && view.announced.length === 0) return undefined;
  if (view.status.occasion?.locked) {
    const shown = working(view, 'Closing', 'An earlier send is too near to be stopped for sure; it counts as sent.');
    return disarm(view, shown) ?? rest(shown, disarmAgainAt(view) ?? nextFiring(view), 'locked');
  }
  const shown: Shown = {
    ...working(view, 'Moving', 'The earlier schedule is being closed and deleted before the next is made.'),
    phase: phaseMeanwhile(view),
  };
  return disarm(view, shown) ?? rest(shown, disarmAgainAt(view) ?? nextFiring(view), 'waiting to be rid of the old one');
}

/** The next moment at which time alone changes something for an object that otherwise waits for others. */
function nextFiring(view: View): Temporal.Instant | undefined {
  const orphan = view.orphanedAnnouncement;
  const fires = [...view.owned.map((owned) => owned.firesAt), ...(orphan ? [orphan] : [])].map(instant);
  const [first, ...rest] = [...fires, missedAt(view)].filter((at) => isBefore(view.now, at));
  if (first !== undefined) return earliest(first, ...rest);
  return fires.length > 0 ? plusMs(view.now, FIRED_AGAIN_MS) : undefined;
}

function hasFinalizer(view: View): boolean {
  return view.object.metadata.finalizers?.includes(FINALIZER) ?? false;
}
