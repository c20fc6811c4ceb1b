/**
 * Close and Sweep: nothing of ours may go out any more. Used when the goal is nothing, as the first half of a move, and for what an
 * earlier life left behind. Neither waits for the other when the goal is nothing: a catalog that is down must not keep a
 * postponed match scheduled, nor the other way round.
 */
import { earliest, instant, isBefore, plusMs } from '../../base/instants.ts';
import type { Obsolete } from './facts.ts';
import { fenceWork } from './fence-work.ts';
import type { Announcement, Shown, Step } from './step.ts';
import type { View } from './view.ts';

/** How soon to look again at a send whose time has passed by our clock, but not yet by Braze's. */
export const FIRED_AGAIN_MS = 5_000;

function closedItem(view: View): Announcement {
  const fence = view.status.fence;
  return {
    item: fence?.item ?? view.facts.desired.item,
    token: '',
    state: 'closed',
    contentHash: fence?.contentHash ?? view.facts.desired.contentHash,
    sendAt: fence?.sendAt,
  };
}

/** Retires the schedule and announces the close in one write, then PUTs it. */
export function retire(view: View, options: { why: string; reserve: boolean; shown: Shown }): Step {
  return {
    kind: 'WriteFence',
    purpose: 'close',
    announce: closedItem(view),
    retire: { why: options.why },
    reserve: options.reserve,
    shown: options.shown,
    why: options.why,
  };
}

/** The next step towards owning nothing and admitting nothing; undefined when there, or when only waiting is left. */
export function disarm(view: View, shown: Shown): Step | undefined {
  const close = needsClose(view) ? fenceWork(view, closedItem(view), 'close', shown) : undefined;
  if (close?.kind === 'WriteFence') return close;
  const target = view.backingOff('sweep') ? undefined : nextToSweep(view);
  if (target) return { kind: 'Sweep', target, shown, why: `${target.id} is not wanted: ${target.why}` };
  return close;
}

/** Nothing owned, nothing announced that may still be delivered, and the item not left open. */
export function isDisarmed(view: View): boolean {
  return view.owned.length === 0 && view.announced.length === 0 && !needsClose(view);
}

/** When a pass makes sense again while `disarm` waits: a back-off ends, or a send that could not be stopped fires. Never in the past. */
export function disarmAgainAt(view: View): Temporal.Instant | undefined {
  const { fence, read, sweep } = view.facts.notBefore;
  const waits = [fence, read, sweep, view.facts.othersTurnUntil];
  const times = [...waits, ...view.owned.map((owned) => instant(owned.firesAt))].filter((at) => at !== undefined);
  const [first, ...rest] = times.filter((at) => isBefore(view.now, at));
  if (first !== undefined) return earliest(first, ...rest);
  // Braze's clock may be behind ours: what should have fired is asked about again.
  return view.owned.length > 0 ? plusMs(view.now, FIRED_AGAIN_MS) : undefined;
}

function needsClose(view: View): boolean {
  const fence = view.status.fence;
  if (fence === undefined) return false;
  // A message that went out keeps its token: users may still be rendered (contracts 1.12, sendDurationMs), also when another occasion is
  // wanted by now.
  const wentOut = view.occasionSent || view.status.lastSent?.firesAt === fence.sendAt;
  if (wentOut && view.announced.length === 0) return false;
  return fence.token !== '' || !fence.confirmed;
}

export function nextToSweep(view: View): Obsolete | undefined {
  return [...view.obsolete].sort((a, b) => (a.firesAt < b.firesAt ? -1 : 1))[0];
}
