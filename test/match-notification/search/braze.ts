/** Braze's side of a call: what it may do at one moment. Two answers where the contract leaves a choice (best effort). */
import type { Call, Items, Planned } from './things.ts';

export interface BrazeWorld {
  readonly planned: readonly Planned[];
  readonly items: Items;
}

export interface Effect extends BrazeWorld {
  /** Times of the messages that went out at once. */
  readonly sent: readonly string[];
}

/** One reading of the clock. */
export interface Moment {
  readonly bufferMs: number;
  /** `firesAt` is nearer than `beforeMs`. */
  passed(firesAt: string, beforeMs: number): boolean;
}

const admits = ({ items }: BrazeWorld, { token, item }: { token: string; item: string }): boolean =>
  items[item] !== undefined && items[item].token !== '' && items[item].token === token;

export function effectsOf(call: Call, world: BrazeWorld, at: Moment): readonly Effect[] {
  const { planned, items } = world;
  const unchanged: Effect = { planned, items, sent: [] };
  if (call.kind === 'put') return [{ ...unchanged, items: { ...items, [call.id]: call.item } }];
  if (call.kind === 'create') {
    const { token, item, firesAt } = call;
    // A time that has passed: sent at once, the worse of the two documented guesses (contracts 1.2).
    const past = at.passed(firesAt, 0);
    const made: Planned = { token, item, firesAt, state: past ? 'fired' : 'live' };
    return [{ planned: [...planned, made], items, sent: past && admits(world, made) ? [firesAt] : [] }];
  }
  const target = planned[call.id];
  if (target === undefined || target.state !== 'live') return [unchanged];
  const gone: Effect = { ...unchanged, planned: planned.with(call.id, { ...target, state: 'deleted' }) };
  return at.passed(target.firesAt, at.bufferMs) ? [gone, unchanged] : [gone];
}

/** What is due by now goes out, if its item admits it, or did a moment ago. */
export function fire(world: BrazeWorld & { recent: readonly string[] }, at: Moment): Effect {
  const sent: string[] = [];
  const planned = world.planned.map((one): Planned => {
    if (one.state !== 'live' || !at.passed(one.firesAt, 0)) return one;
    if (admits(world, one) || world.recent.includes(one.token)) sent.push(one.firesAt);
    return { ...one, state: 'fired' };
  });
  return { planned, items: world.items, sent };
}

/** Tokens that `before` admitted and `after` does not any more. */
export function takenAway(before: Items, after: Items): readonly string[] {
  return Object.entries(before).flatMap(([id, item]) => (item && item.token !== '' && after[id]?.token !== item.token ? [item.token] : []));
}
