/**
 * The decision: object, facts and one reading of the clock in, one step with its reason out. Pure and total. The rules are tried in
 * this order and the first that answers wins; a table test pins the order (design §4).
 */
import { earliest, hasPassed, instant, isBefore, plusMs } from '../../base/instants.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { ABANDON } from '../../crds/words.ts';
import { abandonAgainAt, abandonSentence, keyGoneForGood } from './abandon.ts';
import { adopt } from './adoption.ts';
import { afterSend, tidyItem, tidyItemAt } from './after-send.ts';
import { keep, matches, move } from './arm.ts';
import { create, fireTime, missedAt } from './create.ts';
import { disarm, disarmAgainAt, FIRED_AGAIN_MS, isDisarmed, nextToSweep, retire } from './disarm.ts';
import { doubtOf, driftOf } from './drift.ts';
import type { Facts, Owned } from './facts.ts';
import { goalOf } from './goal.ts';
import { reopen } from './reopen.ts';
import { asBefore, closingShown, lockShown, missed, phaseMeanwhile, rest, stalled, working } from './shown.ts';
import type { Shown, Step } from './step.ts';
import { unfenced } from './unfenced.ts';
import { unresolved } from './unresolved.ts';
import { View } from './view.ts';

/** Keeps the object until nothing of it is left in Braze. */
const FINALIZER = 'matchday.dev/braze-schedule';
/** Nearer to the next send than this an item that could not be closed is left as it is: its token is dead. */
const LEAVES_ITEM_MS = 30 * 60_000;

type Rule = (view: View) => Step | undefined;

/** Exported for the test that pins their order. When none answers, nothing is owned and a send is wanted: `create`. */
export const RULES: Readonly<Record<string, Rule>> = {
  released,
  adoptFinalizer,
  sendWentOut,
  lockOccasion,
  letGo,
  operationInFlight,
  reopen,
  adopt,
  ownsNothingAndGoes,
  keyGoneForGood,
  workspaceUnusable,
  workspaceUnfenced,
  occasionIsOver,
  goalIsNothing,
  strays,
  scheduleIsOwned,
  leftovers,
};

export function decide(object: MatchNotification, facts: Facts, now: Temporal.Instant): Step {
  const view = new View(object, facts, now);
  for (const rule of Object.values(RULES)) {
    const step = rule(view);
    if (step) return step.kind === 'RemoveFinalizer' ? afterLedger(view, step) : step;
  }
  return create(view);
}

/** An object that goes takes its history with it: the ledger is waited for, within bounds (design §6). */
function afterLedger(view: View, step: Extract<Step, { kind: 'RemoveFinalizer' }>): Step {
  const until = view.facts.ledgerWait;
  if (until === undefined) return step;
  if (!isBefore(view.now, until)) return { ...step, unledgered: true };
  const message = 'Nothing is left in Braze; it goes as soon as the ledger holds its history.';
  return rest(working(view, 'Closing', message), until, 'the ledger is behind');
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
  const fired = view.owned.find((owned) => view.wasAnnounced(owned) && view.fired(view.lastFire(owned)));
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
  const { fence, operation } = view.status;
  // A refresh under way does not take back that this token was seen open; a read after the send does not say what the send saw.
  const seenOpen = fence?.confirmedAt !== undefined && isBefore(instant(fence.confirmedAt), instant(owned.firesAt));
  const open = seenOpen && fence.token === owned.token && fence.state === 'open';
  // Without a fence Braze delivers what it holds: only a delete, or an update whose answer was lost, casts a doubt.
  const confirmed = view.facts.fenced === false ? view.schedule?.id === owned.id && operation === undefined : open;
  const doubt = view.schedule?.id === owned.id ? doubtOf(view) : undefined;
  const sendAt = view.schedule?.id === owned.id ? view.schedule.sendAt : owned.firesAt;
  const shown: Shown = { phase: 'Sent', ready: true, reason: 'Sent', message: 'Sent.' };
  return {
    kind: 'RecordSent',
    owned,
    sendAt,
    firesAt: owned.firesAt,
    reason: confirmed && doubt === undefined ? 'Sent' : 'PresumedSent',
    ...(doubt === undefined ? {} : { doubt }),
    shown,
    why: 'its time passed',
  };
}

/** Rule 3: nearer than the margin it can't be stopped for sure, so it counts as sent from here on. */
function lockOccasion(view: View): Step | undefined {
  if (view.status.occasion?.locked) return undefined;
  const near = view.owned.some((owned) => view.wasAnnounced(owned) && view.insideMargin(view.firstFire(owned)));
  const orphan = view.orphanedAnnouncement;
  if (!near && (orphan === undefined || !view.insideMargin(orphan))) return undefined;
  return { kind: 'Lock', shown: lockShown(view), why: 'nearer than the margin' };
}

/** Deletion that leaves Braze alone: by policy, or because a person gave the schedule up. */
function letGo(view: View): Step | undefined {
  if (!view.deleting) return undefined;
  const abandon = view.object.metadata.annotations?.[ABANDON] === 'true';
  if (!abandon && view.object.spec.deletionPolicy !== 'Retain') return undefined;
  const shown = working(view, 'Closing', abandon ? 'Let go by annotation.' : 'Let go: deletionPolicy Retain.');
  return { kind: 'RemoveFinalizer', abandoned: abandon ? view.owned : [], shown, why: abandon ? 'abandoned' : 'retained' };
}

/** An intent without outcome: wait until its call can't still be running, then drop it; its token is dead. */
function operationInFlight(view: View): Step | undefined {
  const { operation } = view.status;
  if (operation === undefined) return undefined;
  const { requestTimeoutMs, marginMs } = view.facts.settings;
  const until = plusMs(view.facts.operationSeenAt ?? view.now, requestTimeoutMs + marginMs);
  const shown = working(
    view,
    'Resolving',
    view.facts.fenced === false
      ? 'A call was begun whose answer nobody recorded: it is waited for until it can no longer be running.'
      : 'A create call was begun whose answer nobody recorded; whatever it left in Braze stays closed. A new one is made in a moment.',
  );
  const over = view.facts.operationIsOver || (view.facts.fenced === false && isSaidUnresolved(view));
  if (!over && Temporal.Instant.compare(view.now, until) < 0) return rest(shown, until, 'the call may still be running');
  // Whether what it left is delivered depends on the fence: with no workspace to tell, nothing is given up.
  if (view.facts.fenced === undefined) return undefined;
  return view.facts.fenced ? { kind: 'DropOperation', shown, why: 'nobody finished it' } : unresolved(view, operation);
}

/** Somebody waited for it already and said so: who takes over does not begin to wait, and take the alarm back, all over again. */
function isSaidUnresolved({ status }: View): boolean {
  return status.conditions?.some(({ type, reason }) => type === 'Ready' && reason.endsWith('Unresolved')) === true;
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
  const times = [nextFiring(view), abandonAgainAt(view)].filter((at) => at !== undefined);
  const again = times.toSorted(Temporal.Instant.compare)[0];
  // Who takes over writes nothing only to say that it has not looked yet.
  const before = problem.unseen === true ? asBefore(view) : undefined;
  if (before !== undefined) return rest(before, again, 'the workspace was not looked at yet');
  if (view.owned.length === 0 && goalOf(view).kind === 'send' && !view.occasionSent && fireTime(view) === undefined) {
    return rest(missed(view, problem.message), undefined, 'too late, and the workspace is unusable');
  }
  const message = `${problem.message}${abandonSentence(view)}`;
  const plain = problem.stalled ? stalled(view, problem.reason, message) : working(view, problem.reason, message);
  const drifted = driftOf(view);
  const shown = drifted ? { ...plain, drifted } : plain;
  return rest(view.occasionSent ? { phase: 'Sent', ready: true, reason: 'Sent', message: 'Sent.' } : shown, again, problem.reason);
}

/** Unfenced workspaces have a protocol of their own, for all that follows. */
function workspaceUnfenced(view: View): Step | undefined {
  return view.facts.fenced === false ? (unfenced(view) ?? create(view)) : undefined;
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
  if (isDisarmed(view)) {
    const times = [goal.wake, tidyItemAt(view)].filter((at) => at !== undefined).toSorted(Temporal.Instant.compare);
    return tidyItem(view, goal.shown, goal.wake) ?? rest(goal.shown, times[0], goal.why);
  }
  return rest(closing, disarmAgainAt(view), 'waiting to close');
}

/** What is not wanted beside what is: a schedule that was taken over, or an older id. It must not go out as well. */
function strays(view: View): Step | undefined {
  if (view.schedule === undefined || view.obsolete.length === 0 || view.backingOff('sweep')) return undefined;
  const target = nextToSweep(view);
  return target && { kind: 'Sweep', target, shown: working(view, 'Closing', 'An older schedule is being deleted.'), why: target.why };
}

function scheduleIsOwned(view: View): Step | undefined {
  const schedule = view.schedule;
  if (schedule === undefined) return undefined;
  return matches(view, schedule) ? keep(view, schedule) : move(view, schedule);
}

/** Rule 2: a successor only when every older id is confirmed gone and nothing announced may still be delivered. */
function leftovers(view: View): Step | undefined {
  if (view.owned.length === 0 && view.announced.length === 0) return itemLeftBehind(view);
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

/**
 * The status knows one item: once that of another campaign is opened, nobody would look again at the one before, and another object of
 * that campaign would find it taken. No send is missed for it: near one it is left to the workspace's daily sweep.
 */
function itemLeftBehind(view: View): Step | undefined {
  const { fence } = view.status;
  if (fence === undefined || fence.item === view.facts.desired.item || isDisarmed(view)) return undefined;
  const until = plusMs(view.facts.desired.sendAt, -LEAVES_ITEM_MS);
  if (hasPassed(until, view.now)) return undefined;
  const shown = working(view, 'Moving', `The catalog item ${fence.item} of the campaign before is being closed.`);
  return disarm(view, shown) ?? rest(shown, earliest(until, disarmAgainAt(view) ?? until), 'the item of another campaign');
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
