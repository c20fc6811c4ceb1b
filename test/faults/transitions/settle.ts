/** Helps the clock on by leaps while nobody has anything to do: pauses of minutes pass in no time, and calls under way are not overtaken. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../cell.ts';
import { isAsking, slowness, traces } from '../pace.ts';

const LOOK_MS = 8;
/** Longer than an operator needs from hearing of a change to its next request. */
const IDLE_MS = 60;
/** After each leap it is waited longer: what is waited for may be real time. */
const LONGER_MS = 30;
const LEAPS_S = [5, 10, 20, 60, 60, 120, 300] as const;
const GIVE_UP_MS = 25_000;

/** More than any pause that the operator makes by itself; the send must stay ahead. */
const MOST_LEAPT_S = 1_500;

/** Whether it came about in time. */
export async function settle(cell: Cell, fits: () => boolean, { giveUpMs = GIVE_UP_MS } = {}): Promise<boolean> {
  const { clock } = cell.lane.stack;
  const began = performance.now();
  let leaps = 0;
  let leaptS = 0;
  const slow = slowness();
  let seen = '';
  let idleSince = began;
  for (;;) {
    if (fits()) return true;
    const now = performance.now();
    if (now - began > giveUpMs * slow) return false;
    const trace = traces(cell);
    if (trace !== seen || isAsking(cell)) {
      seen = trace;
      idleSince = now;
    } else if (now - idleSince > slow * (IDLE_MS + leaps * LONGER_MS) && leaptS < MOST_LEAPT_S) {
      const leapS = LEAPS_S[Math.min(leaps, LEAPS_S.length - 1)] ?? 60;
      clock.advance(leapS * 1000);
      leaps += 1;
      leaptS += leapS;
      idleSince = now;
    }
    await sleep(LOOK_MS);
  }
}
