/** A schedule is owned and a send is wanted: open it, keep it right, or move it. */
import { earliest, hasPassed, instant, isBefore, plusMs, toClock } from '../../base/instants.ts';
import { campaignObstacle, clockObstacle, fireTime } from './create.ts';
import { retire } from './disarm.ts';
import { isAdopted, type Schedule } from './facts.ts';
import { fenceWork, isConfirmed } from './fence-work.ts';
import { type ItemDrift, isItemDriftUnseen, itemDrift, seenItemDrift } from './item-drift.ts';
import { missed, rest, scheduled, working } from './shown.ts';
import type { Announcement, Shown, Step } from './step.ts';
import type { View } from './view.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** When an armed item is read back before its send (design §4): an older write may have landed last. */
const CHECKS_BEFORE_MS = [24 * HOUR_MS, 60 * MINUTE_MS, 10 * MINUTE_MS, 3 * MINUTE_MS] as const;
/** Both sends farther away than this: the successor's budget is taken before the armed one is closed. */
const BUDGET_FIRST_MS = 30 * MINUTE_MS;
/** After this many foreign writes over ours we stop fighting. */
const CONTESTED_AFTER = 2;

export function matches(view: View, schedule: Schedule): boolean {
  const { desired } = view.facts;
  return (
    instant(schedule.sendAt).equals(desired.sendAt) &&
    !isAdopted(schedule.token) &&
    schedule.campaignId === desired.campaignId &&
    schedule.audienceHash === desired.audienceHash &&
    schedule.propertiesHash === desired.propertiesHash
  );
}

/** The armed schedule is the wanted one (or can't be changed any more): the item must admit it. */
export function keep(view: View, schedule: Schedule, drifted?: Shown['drifted']): Step {
  const want = openItem(view, schedule);
  const shownNow = scheduled(view, drifted);
  if (!isConfirmed(view, want)) return bringToSay(view, schedule, want, shownNow);
  return (
    reassert(view, schedule, want, shownNow) ?? check(view, schedule, shownNow) ?? rest(shownNow, nextTime(view, schedule), 'as wanted')
  );
}

/** The item is opened, brought up to date or written again: on its way to say `want`. */
function bringToSay(view: View, schedule: Schedule, want: Announcement, shownNow: Shown): Step {
  const wasOpen = view.status.fence?.token === schedule.token && view.status.fence.confirmedAt !== undefined;
  const opening = working(view, 'Opening', openingSentence(view), shownNow.drifted);
  const work = fenceWork(view, want, wasOpen ? 'refresh' : 'open', wasOpen ? shownNow : opening);
  return work ?? rest(itemDrift(view) ? shownNow : opening, nextTime(view, schedule), 'waiting to open');
}

function openingSentence(view: View): string {
  const failure = view.facts.lastFailure;
  return `Scheduled in Braze; its catalog item is being opened.${failure ? ` ${failure}` : ''}`;
}

/** Inside the margin the content stays what was announced: only the token matters there. */
function openItem(view: View, schedule: Schedule): Announcement {
  const fence = view.status.fence;
  const frozen = view.insideMargin(schedule.firesAt) && fence?.token === schedule.token;
  const item = fence?.token === schedule.token ? fence.item : view.facts.desired.item;
  return {
    item,
    token: schedule.token,
    state: 'open',
    contentHash: frozen ? fence.contentHash : view.facts.desired.contentHash,
    sendAt: schedule.firesAt,
  };
}

/** A read after the confirmation shows something else: drift, written again outside the margin. */
function reassert(view: View, schedule: Schedule, want: Announcement, shown: Shown): Step | undefined {
  const drift = seenItemDrift(view);
  if (drift === undefined || view.insideMargin(schedule.firesAt)) return undefined;
  if (view.facts.foreignWrites >= CONTESTED_AFTER) return contested(view, schedule, drift);
  if (view.backingOff('fence')) return undefined;
  return {
    kind: 'WriteFence',
    purpose: 'reassert',
    announce: want,
    retire: undefined,
    reserve: false,
    shown: { ...shown, drifted: drift.drifted },
    why: 'the item differs from what was confirmed',
  };
}

function contested(view: View, schedule: Schedule, { drifted: { reason } }: ItemDrift): Step {
  const owner = view.facts.itemRead?.found?.owner ?? 'unknown';
  const message = `The catalog item keeps being replaced by ${owner}: two operators with the same owner id, or a person, write it. Stop one; ours is not written again.`;
  const drifted = { reason, message };
  const shown: Shown = { phase: 'Scheduled', ready: false, reason: 'OwnershipContested', message, stalled: true, drifted };
  // Looked at as an armed item is: who finds ours again is at peace with the other.
  return check(view, schedule, shown) ?? rest(shown, nextTime(view, schedule), 'contested');
}

/** Read-back when one of its times has passed since the last read, when somebody asked for it, or when another says that it drifted. */
function check(view: View, schedule: Schedule, shown: Shown): Step | undefined {
  if (view.insideMargin(schedule.firesAt) || view.backingOff('read')) return undefined;
  const item = view.status.fence?.item ?? view.facts.desired.item;
  const due = lastCheckTime(view, schedule);
  const read = view.facts.itemRead;
  const stale = due !== undefined && (read === undefined || read.item !== item || isBefore(read.at, due));
  const asked = view.object.metadata.annotations?.['matchday.dev/requested-at'];
  const requested = asked !== undefined && asked !== view.status.lastHandledReconcileAt;
  if (!stale && !requested && !isItemDriftUnseen(view)) return undefined;
  return { kind: 'ReadItem', item, purpose: 'check', shown, why: requested ? 'requested' : 'time for a read-back' };
}

function lastCheckTime(view: View, schedule: Schedule): Temporal.Instant | undefined {
  const times = CHECKS_BEFORE_MS.map((ms) => plusMs(instant(schedule.firesAt), -ms));
  return times.filter((at) => hasPassed(at, view.now)).at(-1);
}

/** The next moment at which time alone changes the decision for an armed schedule. */
function nextTime(view: View, schedule: Schedule): Temporal.Instant {
  const firesAt = instant(schedule.firesAt);
  const times = [...CHECKS_BEFORE_MS, view.facts.settings.marginMs, 0].map((ms) => plusMs(firesAt, -ms));
  const { fence, read, sweep } = view.facts.notBefore;
  const waits = [fence, read, view.facts.othersTurnUntil, view.obsolete.length > 0 ? sweep : undefined].filter((at) => at !== undefined);
  // Braze's clock may be behind ours: firesAt is asked for once more a little later.
  const ahead = [...times, ...waits].filter((at) => isBefore(view.now, at));
  return ahead.length === 0 ? plusMs(view.now, 1_000) : earliest(plusMs(view.now, 24 * HOUR_MS), ...ahead);
}

/** The armed schedule is not the wanted one: Close, Sweep, then Create, but only when a successor can be made. */
export function move(view: View, schedule: Schedule): Step {
  if (view.status.occasion?.locked || view.insideMargin(schedule.firesAt)) return keep(view, schedule, tooLate(view, schedule));
  const obstacle = campaignObstacle(view);
  if (obstacle) return keepUnlessAfterKickoff(view, schedule, obstacle);
  const fire = fireTime(view);
  const stuck = view.insideBuffer(schedule.firesAt) && (view.status.fence?.unsettled ?? []).includes(schedule.token);
  if (fire === undefined || stuck) return keepUnlessAfterKickoff(view, schedule, undefined);
  if (fire.late || view.insideBuffer(schedule.firesAt)) {
    const clock = clockObstacle(view);
    if (clock) return clock;
  }
  const budget = successorBudget(view, schedule, fire.firesAt);
  if (budget.wait) return rest(budget.wait.shown, earliest(budget.wait.until, nextTime(view, schedule)), 'no budget for the successor');
  const shown = working(view, 'Moving', `Moving from ${toClock(instant(schedule.sendAt))} to ${toClock(view.facts.desired.sendAt)}.`);
  return retire(view, { why: 'Moved', reserve: budget.first, shown });
}

/** While both times are far, the successor's budget is taken before the armed one is given up (design §4, Move). */
export function successorBudget(
  view: View,
  schedule: Schedule,
  firesAt: Temporal.Instant,
): { readonly first: boolean; readonly wait?: { readonly shown: Shown; readonly until: Temporal.Instant } } {
  const until = plusMs(earliest(instant(schedule.firesAt), firesAt), -BUDGET_FIRST_MS);
  const first = !hasPassed(until, view.brazeNow);
  const { createBudget, desired } = view.facts;
  if (!first || createBudget.granted) return { first };
  const message = `To be moved from ${toClock(instant(schedule.sendAt))} to ${toClock(desired.sendAt)} as soon as Braze's limit of creates allows, expected at ${toClock(createBudget.eta)}; until then the old time stands.`;
  return {
    first,
    wait: { shown: working(view, 'WaitingForBudget', message), until: earliest(createBudget.eta, budgetFirstEnd(view, until)) },
  };
}

/** When the wait for budget ends, on our own clock. */
function budgetFirstEnd(view: View, until: Temporal.Instant): Temporal.Instant {
  return plusMs(view.now, Math.max(1, until.epochMilliseconds - view.brazeNow.epochMilliseconds));
}

/** No successor can be made now. Before the kickoff a send at the old time beats none; after it, none beats that. */
function keepUnlessAfterKickoff(view: View, schedule: Schedule, obstacle: Shown | undefined): Step {
  const before = isBefore(instant(schedule.firesAt), view.facts.desired.kickoff);
  if (before) {
    const step = keep(view, schedule, obstacle ? undefined : tooLate(view, schedule));
    return obstacle && step.kind === 'Rest' ? { ...step, shown: { ...step.shown, ...obstacle, phase: 'Scheduled' } } : step;
  }
  return retire(view, {
    why: 'SendAfterKickoff',
    reserve: false,
    shown: missed(view, 'The armed send would come after the kickoff and no other can be made.'),
  });
}

export function tooLate(view: View, schedule: Schedule): NonNullable<Shown['drifted']> {
  return {
    reason: 'TooLateToMove',
    message: `The send is wanted at ${toClock(view.facts.desired.sendAt)}; the one at ${toClock(instant(schedule.firesAt))} can't be replaced in time and stands.`,
  };
}
