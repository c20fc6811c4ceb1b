/**
 * Bringing the catalog item to what it should say: announce · PUT · read back · record. One function for open, refresh, close and
 * re-assert, so that none of them can forget a part.
 *
 * Crash and concurrency: an announcement of another process or of an earlier life is never used for a PUT (no ticket): it is
 * announced again, which leaves the earlier one in `unsettled` for good. Two that lead at once would undo each other's announcements for
 * as long as both do: one that is a moment old and not ours is left to who made it, while its send is far.
 */
import { isBefore, plusMs } from '../../base/instants.ts';
import type { Announcement, FencePurpose, Shown, Step } from './step.ts';
import type { View } from './view.ts';

/** How long a read-back may lag behind a PUT before it is written again: asynchronous writes are applied later (contracts 1.12). */
const READ_BACK_PATIENCE_MS = 30_000;

/** True when status says that the item is known to say just this. */
export function isConfirmed(view: View, want: Announcement): boolean {
  return isAnnounced(view, want) && view.status.fence?.confirmed === true;
}

function isAnnounced(view: View, want: Announcement): boolean {
  const fence = view.status.fence;
  return (
    fence !== undefined &&
    fence.item === want.item &&
    fence.token === want.token &&
    fence.state === want.state &&
    fence.contentHash === want.contentHash
  );
}

/**
 * The next step towards `want`, or undefined when it is confirmed or must wait for a back-off.
 */
export function fenceWork(view: View, want: Announcement, purpose: FencePurpose, shown: Shown): Step | undefined {
  if (isConfirmed(view, want)) return undefined;
  const write = (announce: Announcement | undefined, why: string): Step | undefined =>
    view.backingOff('fence') ? undefined : { kind: 'WriteFence', purpose, announce, retire: undefined, reserve: false, shown, why };
  if (!isAnnounced(view, want)) return write(want, `the item should be ${want.state}`);
  const ticket = view.facts.ticket;
  if (ticket === undefined || ticket.announcedAt !== view.status.fence?.announcedAt)
    return view.isOthersTurn ? undefined : write(want, 'announced by another pass or process: announce again');
  if (ticket.put === undefined) return write(undefined, 'announced in this pass');
  if (ticket.put.answer === 'failed') return write(want, 'the last PUT was not answered with success');
  if (readSince(view, want, ticket.put.at) && !isBefore(view.now, plusMs(ticket.put.at, READ_BACK_PATIENCE_MS)))
    return write(want, 'the read-back still shows something else');
  if (view.backingOff('read')) return undefined;
  return { kind: 'ReadItem', item: want.item, purpose: 'confirm', shown, why: 'the PUT was accepted: read it back' };
}

/** Whether anybody looked since: a read that had to wait for its turn proves nothing, and writing again would only take calls from it. */
function readSince(view: View, want: Announcement, put: Temporal.Instant): boolean {
  const read = view.facts.itemRead;
  return read !== undefined && read.item === want.item && isBefore(put, read.at);
}
