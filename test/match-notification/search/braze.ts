/** Braze's side of a call: what it may do at one moment. Two answers where the contract leaves a choice (best effort). */
import type { Call, Item, Planned } from './things.ts';

export interface Effect {
  readonly planned: readonly Planned[];
  readonly item: Item | null;
  /** A message went out at once. */
  readonly delivered: number;
}

const admits = (item: Item | null, token: string): boolean => item !== null && item.token !== '' && item.token === token;

export function effectsOf(call: Call, world: { planned: readonly Planned[]; item: Item | null }, at: Moment): readonly Effect[] {
  const { planned, item } = world;
  const unchanged: Effect = { planned, item, delivered: 0 };
  if (call.kind === 'put') return [{ ...unchanged, item: call.item }];
  if (call.kind === 'create') {
    const { token, firesAt } = call;
    // A time that has passed: sent at once, the worse of the two documented guesses (contracts 1.2).
    const past = at.passed(firesAt, 0);
    return [
      {
        planned: [...planned, { token, firesAt, state: past ? 'fired' : 'live' }],
        item,
        delivered: past && admits(item, token) ? 1 : 0,
      },
    ];
  }
  const target = planned[call.id];
  if (target === undefined || target.state !== 'live') return [unchanged];
  const gone: Effect = { ...unchanged, planned: planned.with(call.id, { ...target, state: 'deleted' }) };
  return at.passed(target.firesAt, at.bufferMs) ? [gone, unchanged] : [gone];
}

/** One reading of the clock. */
export interface Moment {
  readonly bufferMs: number;
  /** `firesAt` is nearer than `beforeMs`. */
  passed(firesAt: string, beforeMs: number): boolean;
}

/** What is due by now goes out, if the item admits it, or did a moment ago. */
export function fire(world: { planned: readonly Planned[]; item: Item | null; recent: readonly string[] }, at: Moment): Effect {
  let delivered = 0;
  const planned = world.planned.map((one): Planned => {
    if (one.state !== 'live' || !at.passed(one.firesAt, 0)) return one;
    if (admits(world.item, one.token) || world.recent.includes(one.token)) delivered += 1;
    return { ...one, state: 'fired' };
  });
  return { planned, item: world.item, delivered };
}
