/**
 * Followed matches that answers leave out (contracts 2.7, 2). Absence is no news: such a match stays as it is. After some lists without it
 * and a direct read that did not find it either it is worth a word, because it may have been replaced by another id. Pure.
 */

/** Lists in a row without a match, before it is called missing. */
const MISSED_LISTS = 3;

export interface Miss {
  /** Whole lists in a row without it. */
  readonly lists: number;
  /** It was asked for by id, and the provider does not know it. */
  readonly notFound: boolean;
}
export type Misses = ReadonlyMap<string, Miss>;
export const NO_MISSES: Misses = new Map();

/** After a whole list. A cut one must not be given: it leaves out what is there. */
export function afterList(misses: Misses, followed: readonly string[], listed: ReadonlySet<string>): Misses {
  const missing = followed.filter((id) => !listed.has(id));
  return new Map(missing.map((id) => [id, { lists: (misses.get(id)?.lists ?? 0) + 1, notFound: misses.get(id)?.notFound ?? false }]));
}

/** After matches were asked for by id. One that is found is none that is missing, though no list has it. */
export function afterRead(misses: Misses, asked: readonly string[], found: ReadonlySet<string>): Misses {
  if (misses.size === 0) return misses;
  const next = new Map(misses);
  for (const id of asked) {
    const miss = next.get(id);
    if (miss !== undefined && !found.has(id)) next.set(id, { ...miss, notFound: true });
  }
  for (const id of found) if (next.has(id)) next.set(id, { lists: 0, notFound: false });
  return next;
}

export const notFoundOf = (misses: Misses): readonly string[] => [...misses].filter(([, { notFound }]) => notFound).map(([id]) => id);

export const missingOf = (misses: Misses): readonly string[] =>
  [...misses].filter(([, { notFound, lists }]) => notFound && lists >= MISSED_LISTS).map(([id]) => id);
