/** Create: a schedule is wanted, and nothing is owned. All the reasons not to make it now, then the call. */
import { parseDuration } from '../../base/durations.ts';
import { ceilMinute, hasPassed, instant, isBefore, latest, plusMs, toClock } from '../../base/instants.ts';
import { missed, rest, stalled, working } from './shown.ts';
import type { Shown, Step } from './step.ts';
import type { View } from './view.ts';

/** A read of the item is good for the first create when it was begun this short a time ago. */
const MEMORY_MAX_AGE_MS = 60_000;
const CLOCK_AGAIN_MS = 2_000;
const OWNED_ELSEWHERE_AGAIN_MS = 300_000;
/** An item that another owner left open is its own for this long after its send: it marks it, or moves it, by then (design §4). */
const FOREIGN_KEPT_MS = 24 * 3_600_000;

/** Fans of one send are rendered over some minutes, each with the item as it is then (contracts 1.12, sendDurationMs). */
const RENDERED_FOR_MS = 15 * 60_000;
/** A next send that is nearer than this to the end of those minutes is made at once all the same. */
const NEXT_NEEDS_MS = 10 * 60_000;

/** The instant to give to Braze: the wish, or the first minute that can still be made; undefined when it is too late. */
export function fireTime(view: View): { firesAt: Temporal.Instant; late: boolean } | undefined {
  const { sendAt, kickoff } = view.facts.desired;
  if (!isBefore(sendAt, view.earliestFire)) return { firesAt: sendAt, late: false };
  const deadline = lateUntil(view);
  const firesAt = ceilMinute(view.earliestFire);
  if (deadline === undefined || isBefore(deadline, firesAt) || !isBefore(firesAt, kickoff)) return undefined;
  return { firesAt, late: true };
}

/** Until when a late send may go out: startingDeadline after the later of sendAt and its last change. */
function lateUntil(view: View): Temporal.Instant | undefined {
  const allowedMs = parseDuration(view.object.spec.startingDeadline);
  if (allowedMs === 0) return undefined;
  return plusMs(latest(view.facts.desired.sendAt, wantedSince(view)), allowedMs);
}

/** Since when the present sendAt is wanted, as far as we know. */
export function wantedSince(view: View): Temporal.Instant {
  const { wanted } = view.status;
  if (wanted !== undefined && instant(wanted.sendAt).equals(view.facts.desired.sendAt)) return instant(wanted.since);
  const created = view.object.metadata.creationTimestamp;
  return wanted === undefined && created !== undefined ? instant(created) : view.now;
}

/** Why the campaign can't carry a new schedule now; undefined when it can. */
export function campaignObstacle(view: View): Shown | undefined {
  const { campaign, desired } = view.facts;
  const id = desired.campaignId;
  if (campaign === undefined) return working(view, 'Creating', `Asking Braze about campaign ${id} first.`);
  if (!campaign.found)
    return stalled(
      view,
      'CampaignNotFound',
      `Braze knows no API-triggered campaign ${id}. Correct spec.campaignId, or the feed's template.`,
    );
  if (campaign.live === 'False')
    return stalled(view, 'CampaignNotLive', `Campaign ${id} is not live in Braze: start it there. ${campaign.message}`);
  if (view.facts.fenced === false) return campaign.fenced === 'True' ? needsFence(view, campaign.message) : undefined;
  if (campaign.fenced !== 'True') {
    const message = `Campaign ${id} does not read the fence in every message, so a duplicate could not be stopped: paste the snippet of the guide into it. ${campaign.message}`;
    return stalled(view, 'FenceMissing', message);
  }
  return undefined;
}

/** Nobody writes the item that such a message reads: it would abort for everybody. */
function needsFence(view: View, message: string): Shown {
  const { name } = view.object.spec.workspaceRef;
  return stalled(
    view,
    'FenceMissing',
    `BrazeWorkspace ${name} has no spec.fence, but ${message}. Give the workspace the fence, or take the lines out.`,
  );
}

/** Near the send the clocks must be known to agree; reads once when they are not. */
export function clockObstacle(view: View): Step | undefined {
  if (view.clockSkewed) return rest(skewed(view), plusMs(view.now, 60_000), 'clock skew');
  if (view.facts.brazeClock.kind === 'known') return undefined;
  if (view.backingOff('read')) return rest(skewed(view), view.facts.notBefore.read, 'Braze clock unknown');
  // No item can be read: the workspace's own look at its campaigns tells the clock, and wakes us.
  if (view.facts.fenced === false) return rest(skewed(view), plusMs(view.now, CLOCK_AGAIN_MS), 'Braze clock unknown');
  return {
    kind: 'ReadItem',
    item: view.facts.desired.item,
    purpose: 'clock',
    shown: working(view, 'Creating', 'Asking Braze for its clock before a send that is near.'),
    why: 'Braze clock unknown',
  };
}

function skewed(view: View): Shown {
  return stalled(
    view,
    'ClockSkew',
    "This machine's clock and Braze's differ by more than 20 s, or Braze's is unknown for 10 min: a send this near can't be moved or made safely. Check NTP and the connection to Braze.",
  );
}

export function create(view: View): Step {
  const fire = fireTime(view);
  if (fire === undefined) return recollect(view) ?? rest(missed(view, tooLateSentence(view)), undefined, 'too late');
  const wake = missedAt(view);
  const obstacle = campaignObstacle(view);
  if (obstacle) return rest(obstacle, wake, obstacle.reason);
  if (fire.late) {
    const clock = clockObstacle(view);
    if (clock) return clock;
  }
  const budget = view.facts.createBudget;
  if (!budget.granted) {
    const shown = working(
      view,
      'WaitingForBudget',
      `Braze's limit of creates is used up by nearer sends; expected at ${toClock(budget.eta)}.`,
    );
    return rest(shown, budget.eta, 'no create budget');
  }
  if (view.backingOff('create')) return rest(unavailable(view), view.facts.notBefore.create, 'backing off');
  const rendered = stillRendered(view, fire.firesAt);
  if (rendered) return rest(rendered.shown, rendered.until, 'fans may still be rendered');
  const memory = remember(view);
  if (memory) return memory;
  const when = toClock(fire.firesAt);
  const shown = working(view, 'Creating', fire.late ? `Late: Braze is asked to send at ${when}.` : `Braze is asked to send at ${when}.`);
  return { kind: 'Create', firesAt: fire.firesAt, late: fire.late, shown, why: fire.late ? 'late create' : 'nothing owned' };
}

/** The next occasion opens the item with its own token: for whom the last message is not rendered yet it would abort. */
function stillRendered(view: View, firesAt: Temporal.Instant): { readonly shown: Shown; readonly until: Temporal.Instant } | undefined {
  const { lastSent, fence } = view.status;
  if (lastSent === undefined || fence === undefined || fence.sendAt !== lastSent.firesAt || fence.item !== view.facts.desired.item)
    return undefined;
  const sentAt = instant(lastSent.firesAt);
  const over = plusMs(sentAt, RENDERED_FOR_MS);
  if (hasPassed(over, view.brazeNow) || isBefore(firesAt, plusMs(over, NEXT_NEEDS_MS))) return undefined;
  const until = plusMs(view.now, Math.max(1, over.epochMilliseconds - view.brazeNow.epochMilliseconds));
  const words = `The message of ${toClock(sentAt)} may still be on its way to some; the next is made at ${toClock(over)}.`;
  return { shown: working(view, 'Creating', words), until };
}

function unavailable(view: View): Shown {
  return working(view, 'BrazeUnavailable', `Braze did not accept the schedule; it is tried again. ${view.facts.lastFailure ?? ''}`.trim());
}

function tooLateSentence(view: View): string {
  return `The send at ${toClock(view.facts.desired.sendAt)} can no longer be made within startingDeadline ${view.object.spec.startingDeadline} and before the kickoff.`;
}

/** The first moment at which `fireTime` may answer "too late". */
export function missedAt(view: View): Temporal.Instant {
  return lateUntil(view) ?? view.facts.desired.sendAt;
}

/**
 * The catalog item is the memory of an object that lost its own (deleted and applied again, restored without status), and of what
 * other owners did: read before each create. After the close of a move that costs nothing, since it was read back just now.
 */
function remember(view: View): Step | undefined {
  const { desired, itemRead } = view.facts;
  if (view.facts.fenced === false) return undefined;
  const fresh = itemRead !== undefined && itemRead.item === desired.item && !hasPassed(plusMs(itemRead.at, MEMORY_MAX_AGE_MS), view.now);
  if (!fresh) {
    if (view.backingOff('read')) return rest(unavailable(view), view.facts.notBefore.read, 'item unreadable');
    return {
      kind: 'ReadItem',
      item: desired.item,
      purpose: 'memory',
      shown: working(view, 'Creating', 'Reading the catalog item first.'),
      why: 'what others know comes before a create',
    };
  }
  const found = itemRead.found;
  if (found === undefined) return undefined;
  // What we wrote ourselves stands in status, and says more.
  if (view.status.fence?.item === desired.item && found.owner === desired.owner) return undefined;
  const told = found.announcedSendAt ?? (found.state === 'sent' ? found.sendAt : undefined);
  const counts = told !== undefined && (found.state === 'sent' || view.insideMargin(told));
  // A later occasion may have been announced and withdrawn since: the one that went out counts all the same.
  const before = [found.sentAt, counts ? told : undefined].find((at) => at !== undefined && !alreadyRemembered(view, at));
  if (before) return remembered(view, before);
  if (found.token === '' || found.state === 'sent') return undefined;
  const mayTake = found.owner === desired.owner || view.object.metadata.annotations?.['matchday.dev/take-over'] === found.owner;
  if (counts && (mayTake || hasPassed(plusMs(told, FOREIGN_KEPT_MS), view.brazeNow))) return undefined;
  if (mayTake) {
    const announcedSendAt = (told ?? desired.sendAt).toString();
    return {
      kind: 'TakeOverItem',
      token: found.token,
      announcedSendAt,
      shown: working(view, 'Closing', 'The catalog item is open from an earlier life of this object; it is closed first.'),
      why: 'open under our name',
    };
  }
  const message = `The catalog item ${desired.item} is open for ${found.owner}. Stop that one, or set the annotation matchday.dev/take-over to "${found.owner}".`;
  return rest(stalled(view, 'OwnedElsewhere', message), plusMs(view.now, OWNED_ELSEWHERE_AGAIN_MS), 'owned elsewhere');
}

/**
 * Too late for a create, an object without memory (restored from a backup, applied again) still asks the item whether fans were told, or are
 * about to be: "missed" of a match that they heard of would make somebody send it by hand.
 */
function recollect(view: View): Step | undefined {
  const { fence, phase } = view.status;
  if (fence !== undefined || phase === 'Missed' || phase === 'Sent') return undefined;
  const memory = remember(view);
  return memory?.kind === 'ReadItem' || memory?.kind === 'RecordSent' ? memory : undefined;
}

function remembered(view: View, told: Temporal.Instant): Step {
  const text = told.toString();
  return {
    kind: 'RecordSent',
    owned: undefined,
    sendAt: text,
    firesAt: text,
    reason: 'PresumedSent',
    shown: working(view, 'Resolving', 'The catalog item says that this match was announced.'),
    why: 'the item remembers a send',
  };
}

function alreadyRemembered(view: View, told: Temporal.Instant): boolean {
  const sent = view.status.lastSent;
  return sent !== undefined && !isBefore(instant(sent.firesAt), told);
}
