/** The occasion's message went out: check once, leave the mark in the item, tidy up two days later. */
import { earliest, hasPassed, instant, isBefore, plusMs } from '../../base/instants.ts';
import { untilJudged } from './delivery.ts';
import { disarm, disarmAgainAt } from './disarm.ts';
import { fenceWork, isConfirmed } from './fence-work.ts';
import { rest, sentShown } from './shown.ts';
import type { Announcement, Shown, Step } from './step.ts';
import type { View } from './view.ts';

/** The item is looked at this long after the send (design §4): a difference then is SendDoubtful. */
const CHECK_AFTER_MS = 60_000;
/** Trying to mark the item ends here: its announced_send_at tells the same. */
const MARK_UNTIL_MS = 3_600_000;
const ITEM_KEPT_MS = 48 * 3_600_000;

export const afterSend = (view: View): Step => untilJudged(view, tidyUp(view));

function tidyUp(view: View): Step {
  const shown = sentShown(view);
  if (view.obsolete.length > 0) {
    return disarm(view, shown) ?? rest(shown, disarmAgainAt(view), 'sent; old ids wait');
  }
  return mark(view, shown) ?? rest(shown, undefined, 'sent');
}

function mark(view: View, shown: Shown): Step | undefined {
  const { fence, lastSent } = view.status;
  if (fence === undefined || lastSent === undefined || fence.sendAt !== lastSent.firesAt) return undefined;
  const firesAt = instant(lastSent.firesAt);
  const checkAt = plusMs(firesAt, CHECK_AFTER_MS);
  if (!hasPassed(checkAt, view.brazeNow))
    return rest(
      shown,
      plusMs(view.now, Math.max(1, checkAt.epochMilliseconds - view.brazeNow.epochMilliseconds)),
      'read back a minute after',
    );
  const tidied = tidyItem(view, shown);
  if (tidied) return tidied;
  const deleteAt = plusMs(firesAt, ITEM_KEPT_MS);
  if (fence.state === 'sent' && fence.confirmed) return rest(shown, deleteAt, 'sent and marked');
  if (hasPassed(plusMs(firesAt, MARK_UNTIL_MS), view.now)) return rest(shown, deleteAt, 'sent; the item could not be marked');
  return markNow(view, shown, checkAt) ?? rest(shown, waitAgain(view, deleteAt), 'sent; marking waits');
}

function markNow(view: View, shown: Shown, checkAt: Temporal.Instant): Step | undefined {
  const fence = view.status.fence;
  if (fence === undefined) return undefined;
  const read = view.facts.itemRead;
  const checked = fence.state === 'sent' || (read !== undefined && read.item === fence.item && !isBefore(read.at, checkAt));
  if (!checked) {
    return view.backingOff('read')
      ? undefined
      : { kind: 'ReadItem', item: fence.item, purpose: 'check', shown, why: 'a minute after the send' };
  }
  // Somebody else's token is there, and fans may still be rendered with it: ours would make the rest of them abort.
  const found = read?.item === fence.item ? read.found?.token : undefined;
  if (fence.state !== 'sent' && found !== undefined && found !== '' && found !== fence.token) return undefined;
  const want: Announcement = { item: fence.item, token: fence.token, state: 'sent', contentHash: fence.contentHash, sendAt: fence.sendAt };
  return isConfirmed(view, want) ? undefined : fenceWork(view, want, 'mark-sent', shown);
}

function waitAgain(view: View, otherwise: Temporal.Instant): Temporal.Instant {
  const { fence, read } = view.facts.notBefore;
  // A back-off that is over but not forgotten would call back at once, again and again, until the other one ends.
  const ahead = [fence, read].filter((at) => at !== undefined).filter((at) => isBefore(view.now, at));
  return earliest(otherwise, ...ahead);
}

/** When the item of an object that is at its end, or that sends nothing, may go: two days after the send that it tells of. */
export function tidyItemAt(view: View): Temporal.Instant | undefined {
  const { fence } = view.status;
  if (view.facts.fenced !== true || view.facts.problem !== undefined || fence?.sendAt === undefined) return undefined;
  return plusMs(instant(fence.sendAt), ITEM_KEPT_MS);
}

/** Its deletion, once that is due; `wake`: what else it waits for. It is looked at first: what another owner holds by now is that one's. */
export function tidyItem(view: View, shown: Shown, wake?: Temporal.Instant): Step | undefined {
  const { fence } = view.status;
  const at = tidyItemAt(view);
  if (fence === undefined || at === undefined || !hasPassed(at, view.now)) return undefined;
  const { fence: deleteAgainAt, read: readAgainAt } = view.facts.notBefore;
  if (view.backingOff('fence')) return rest(shown, sooner(deleteAgainAt, wake), 'the item could not be deleted');
  const read = view.facts.itemRead;
  if (read === undefined || read.item !== fence.item || isBefore(read.at, at)) {
    if (view.backingOff('read')) return rest(shown, sooner(readAgainAt, wake), 'the item could not be read');
    return { kind: 'ReadItem', item: fence.item, purpose: 'check', shown, why: 'is it still ours to delete' };
  }
  const { found } = read;
  if (found !== undefined && found.owner !== view.facts.desired.owner) return rest(shown, wake, 'the item is another owner’s by now');
  return { kind: 'DeleteItem', item: fence.item, shown, why: 'two days after the send' };
}

const sooner = (a: Temporal.Instant | undefined, b: Temporal.Instant | undefined): Temporal.Instant | undefined =>
  a === undefined || b === undefined ? (a ?? b) : earliest(a, b);
