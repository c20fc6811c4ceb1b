/**
 * The protocol of an unfenced workspace (design §4, "Unfenced"): what Braze holds is delivered, and nothing but a delete stops it. So a
 * schedule counts as announced from its record on, a move is an update of the same id, and a call whose answer was lost stops everything
 * (unresolved.ts). Braze's update and delete are best effort inside the update buffer: nothing is changed there, and what is deleted
 * there counts as sent when its time passes.
 */
import { earliest, instant, isBefore, plusMs, toClock } from '../../base/instants.ts';
import { successorBudget, tooLate } from './arm.ts';
import { campaignObstacle, clockObstacle, fireTime } from './create.ts';
import { untilJudged } from './delivery.ts';
import { disarmAgainAt, FIRED_AGAIN_MS, nextToSweep } from './disarm.ts';
import { keptBufferMs, type Schedule } from './facts.ts';
import { goalOf } from './goal.ts';
import { closingShown, missed, phaseMeanwhile, rest, scheduled, sentShown, working } from './shown.ts';
import type { Shown, Step } from './step.ts';
import type { View } from './view.ts';

type Rule = (view: View) => Step | undefined;

const RULES: readonly Rule[] = [occasionIsOver, goalIsNothing, scheduleIsOwned, leftovers];

/** The step in an unfenced workspace; undefined when nothing is owned and a send is wanted: create. */
export function unfenced(view: View): Step | undefined {
  for (const rule of RULES) {
    const step = rule(view);
    if (step) return step;
  }
  return undefined;
}

/** Takes the schedule out of what is wanted, in one write; the delete follows. */
function retire(shown: Shown, why: string, reserve = false): Step {
  return { kind: 'Retire', reserve, shown, why };
}

/** One delete of what is not wanted; waits when only time can tell whether it worked. */
export function sweepNext(view: View, shown: Shown): Step {
  const target = view.backingOff('sweep') ? undefined : nextToSweep(view);
  if (target) return { kind: 'Sweep', target, shown, why: `${target.id} is not wanted: ${target.why}` };
  return rest(shown, disarmAgainAt(view) ?? plusMs(view.now, FIRED_AGAIN_MS), 'waiting to be rid of the old one');
}

/** It went out, or another of the same occasion can't be stopped any more: what is still armed must not follow it. */
function occasionIsOver(view: View): Step | undefined {
  const { schedule } = view;
  const another = view.obsolete.some((entry) => view.wasAnnounced(entry) && view.insideMargin(entry.firesAt));
  if (!view.occasionSent && !(another && schedule !== undefined)) return undefined;
  const shown = view.occasionSent ? sentShown(view) : working(view, 'Closing', 'An earlier send is too near to be stopped for sure.');
  if (schedule !== undefined) return retire(shown, 'AlreadySent');
  if (view.obsolete.length > 0) return sweepNext(view, shown);
  return untilJudged(view, rest(shown, undefined, 'sent'));
}

function goalIsNothing(view: View): Step | undefined {
  const goal = goalOf(view);
  if (goal.kind !== 'nothing') return undefined;
  const closing = closingShown(view, goal);
  if (view.schedule) return retire(closing, goal.why);
  if (view.owned.length > 0) return sweepNext(view, closing);
  return rest(goal.shown, goal.wake, goal.why);
}

type Difference = 'none' | 'time' | 'content';

function differenceOf(view: View, schedule: Schedule): Difference {
  const { desired } = view.facts;
  const same =
    schedule.campaignId === desired.campaignId &&
    schedule.audienceHash === desired.audienceHash &&
    schedule.propertiesHash === desired.propertiesHash;
  // What an update leaves in the trigger properties; of a schedule that was taken over nobody knows what they tell.
  const kickoffMoved = schedule.kickoff !== undefined && schedule.kickoff !== desired.toldKickoff;
  if (!same || (kickoffMoved && view.facts.campaign?.rendersKickoff !== 'False')) return 'content';
  return instant(schedule.sendAt).equals(desired.sendAt) ? 'none' : 'time';
}

function scheduleIsOwned(view: View): Step | undefined {
  const { schedule } = view;
  if (schedule === undefined) return undefined;
  const difference = differenceOf(view, schedule);
  if (view.obsolete.length > 0 && !view.backingOff('sweep')) return sweepNext(view, scheduled(view));
  if (difference === 'none') return stay(view, schedule, scheduled(view));
  if (view.status.occasion?.locked || view.insideBuffer(schedule.firesAt)) return frozen(view, schedule);
  const obstacle = campaignObstacle(view);
  if (obstacle) return keepBeforeKickoff(view, schedule, { ...obstacle, phase: 'Scheduled' });
  const fire = fireTime(view);
  if (fire === undefined) return keepBeforeKickoff(view, schedule, scheduled(view, tooLate(view, schedule)));
  if (fire.late) {
    const clock = clockObstacle(view);
    if (clock) return clock;
  }
  return difference === 'time' ? update(view, schedule, fire.firesAt) : replace(view, schedule, fire.firesAt);
}

function stay(view: View, schedule: Schedule, shown: Shown): Step {
  return rest(shown, nextTime(view, schedule), 'as wanted');
}

/** The next moment at which time alone changes the decision for an armed schedule. */
function nextTime(view: View, schedule: Schedule): Temporal.Instant {
  const { settings } = view.facts;
  const firesAt = instant(view.lastFire(schedule));
  const times = [keptBufferMs(settings), settings.marginMs, 0].map((ms) => plusMs(firesAt, -ms));
  const { sweep, update: updating } = view.facts.notBefore;
  const ahead = [...times, sweep, updating].filter((at) => at !== undefined).filter((at) => isBefore(view.now, at));
  const [first, ...more] = ahead;
  return first === undefined ? plusMs(view.now, 1_000) : earliest(first, ...more);
}

/** Inside the buffer Braze's own update is best effort: some fans would get the old time, some the new, some none. */
function frozen(view: View, schedule: Schedule): Step {
  const message = `The send is wanted at ${toClock(view.facts.desired.sendAt)}; the one at ${toClock(instant(schedule.firesAt))} is nearer than the update buffer, where Braze's update is best effort, and stands.`;
  return keepBeforeKickoff(view, schedule, scheduled(view, { reason: 'InsideUpdateBuffer', message }));
}

/** Before the kickoff a send at the old time beats none; after it, none beats that. */
function keepBeforeKickoff(view: View, schedule: Schedule, shown: Shown): Step {
  if (isBefore(instant(schedule.firesAt), view.facts.desired.kickoff)) return stay(view, schedule, shown);
  return retire(missed(view, 'The armed send would come after the kickoff and no other can be made.'), 'SendAfterKickoff');
}

function update(view: View, schedule: Schedule, firesAt: Temporal.Instant): Step {
  const words = `Moving from ${toClock(instant(schedule.sendAt))} to ${toClock(view.facts.desired.sendAt)}.`;
  if (view.backingOff('update')) {
    const shown = working(view, 'BrazeUnavailable', `${words} ${view.facts.lastFailure ?? 'Braze did not take it; it is tried again.'}`);
    return rest(shown, earliest(view.facts.notBefore.update ?? view.now, nextTime(view, schedule)), 'backing off');
  }
  return { kind: 'Update', schedule, firesAt, shown: working(view, 'Moving', words), why: 'another time' };
}

/** Delete, confirmed, then create: an update cannot carry another content (contracts 1.3). The campaign was looked at first. */
function replace(view: View, schedule: Schedule, firesAt: Temporal.Instant): Step {
  const budget = successorBudget(view, schedule, firesAt);
  if (budget.wait) return rest(budget.wait.shown, earliest(budget.wait.until, nextTime(view, schedule)), 'no budget for the successor');
  return retire(working(view, 'Moving', 'What is to be said changed: the schedule is deleted and made anew.'), 'Moved', budget.first);
}

/** A successor only when every older id is confirmed gone. */
function leftovers(view: View): Step | undefined {
  if (view.owned.length === 0 && view.announced.length === 0) return undefined;
  const tooNear = view.obsolete.some((entry) => view.insideBuffer(entry.firesAt));
  const message = tooNear
    ? "The earlier schedule is nearer than the update buffer, where Braze's delete is best effort: it may go out, and counts as sent when its time passes."
    : 'The earlier schedule is being deleted before the next is made.';
  return sweepNext(view, { ...working(view, 'Moving', message), phase: phaseMeanwhile(view) });
}
