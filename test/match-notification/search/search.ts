/** Breadth first over all states, each once, until a broken promise, the end, or the limit. */
import type { Space } from './space.ts';
import { keyOf, type State } from './things.ts';

export interface Result {
  readonly verdict: 'safe' | 'limit' | 'delivered twice';
  readonly states: number;
  /** What led there; empty unless delivered twice. */
  readonly path: readonly string[];
  /** Every so many states one, for other looks at them. */
  readonly sample: readonly State[];
}

interface Options {
  readonly limit: number;
  readonly sampleEvery?: number;
}

export function search(space: Space, { limit, sampleEvery = 0 }: Options): Result {
  const start = space.start();
  const cameFrom = new Map<string, number>([[keyOf(start), -1]]);
  const parents: number[] = [-1];
  const sample: State[] = [];
  let queue: { state: State; index: number }[] = [{ state: start, index: 0 }];
  let cut = false;
  while (queue.length > 0) {
    const next: typeof queue = [];
    for (const { state, index } of queue) {
      if (sampleEvery > 0 && index % sampleEvery === 0) sample.push(state);
      if (space.isOver(state)) continue;
      for (const { state: after } of space.successors(state)) {
        const key = keyOf(after);
        if (cameFrom.has(key)) continue;
        if (after.delivered > 1)
          return { verdict: 'delivered twice', states: parents.length, path: pathTo(space, parents, index, after), sample };
        if (parents.length >= limit) {
          cut = true;
          continue;
        }
        cameFrom.set(key, parents.length);
        next.push({ state: after, index: parents.push(index) - 1 });
      }
    }
    queue = next;
  }
  return { verdict: cut ? 'limit' : 'safe', states: parents.length, path: [], sample };
}

/** Walks the search again along the way that was taken: states are not kept, only whose child each is. */
function pathTo(space: Space, parents: readonly number[], last: number, end: State): readonly string[] {
  const chain: number[] = [];
  for (let index = last; index >= 0; index = parents[index] ?? -1) chain.unshift(index);
  const numbers = renumber(space, new Set(chain), parents.length);
  const states = [...chain.map((index) => numbers.get(index) ?? end), end];
  return states.slice(1).map((state, n) => {
    const before = states[n];
    const step = before && space.successors(before).find((one) => keyOf(one.state) === keyOf(state));
    return step?.label ?? '?';
  });
}

/** The states that bear these numbers: the search is the same each time. */
function renumber(space: Space, wanted: ReadonlySet<number>, until: number): Map<number, State> {
  const found = new Map<number, State>();
  const start = space.start();
  const seen = new Set([keyOf(start)]);
  if (wanted.has(0)) found.set(0, start);
  let queue: State[] = [start];
  while (queue.length > 0 && seen.size < until) {
    const next: State[] = [];
    for (const state of queue) {
      if (space.isOver(state)) continue;
      for (const { state: after } of space.successors(state)) {
        const key = keyOf(after);
        if (seen.has(key) || seen.size >= until) continue;
        if (wanted.has(seen.size)) found.set(seen.size, after);
        seen.add(key);
        next.push(after);
      }
    }
    queue = next;
  }
  return found;
}
