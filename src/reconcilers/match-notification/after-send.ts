/** The occasion's message went out: check once, leave the mark in the item, tidy up two days later. */
import { earliest, hasPassed, instant, isBefore, plusMs } from '../../base/instants.ts';
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

export function afterSend(view: View): Step {
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
  const deleteAt = plusMs(firesAt, ITEM_KEPT_MS);
  if (hasPassed(deleteAt, view.now)) {
    if (view.backingOff('fence')) return rest(shown, view.facts.notBefore.fence, 'the item could not be deleted');
    return { kind: 'DeleteItem', item: fence.item, shown, why: 'two days after the send' };
  }
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
