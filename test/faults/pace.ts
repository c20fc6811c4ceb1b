/** Real time on a machine that may be busy: when nothing has been heard of an operator for a while, it has nothing to do. */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from './cell.ts';
import type { Effects } from './effects.ts';

const LOOK_MS = 8;
/** Longer than an operator needs from hearing of something to its next request, on a machine of its own. */
const IDLE_MS = 80;

/** On a busy machine everybody takes longer. */
export const slowness = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** Changes with each call of Braze, each answer and each write of the object. */
export function traces(cell: Cell, effects?: Effects): string {
  const last = cell.lane.stack.braze.log.entries.at(-1);
  return `${last?.seq} ${last?.result} ${cell.seen?.metadata.resourceVersion} ${effects?.list.length}`;
}

export const isAsking = (cell: Cell): boolean => cell.lane.stack.braze.log.entries.at(-1)?.result === 'pending';

/** Resolves when nothing has happened for a while, or after `mostMs`; says whether anything had. */
export async function idle(cell: Cell, { effects, mostMs = 5_000 }: { effects?: Effects; mostMs?: number } = {}): Promise<boolean> {
  const slow = slowness();
  const began = performance.now();
  const first = traces(cell, effects);
  let seen = first;
  let since = began;
  while (performance.now() - since < IDLE_MS * slow && performance.now() - began < mostMs * slow) {
    await sleep(LOOK_MS);
    const now = traces(cell, effects);
    if (now !== seen || isAsking(cell)) since = performance.now();
    seen = now;
  }
  return seen !== first;
}
