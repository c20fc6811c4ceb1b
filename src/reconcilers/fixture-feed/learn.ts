/** One answer folded into what is known. Pure. */
import { type Knowledge, type ObserveOptions, observe } from '../../football-data/knowledge.ts';
import type { Fixture } from '../../football-data/types.ts';
import { isUsableId } from './identity.ts';

export type Known = ReadonlyMap<string, Knowledge>;

/** What is known after an answer. A match that the answer leaves out stays as it is: absence says nothing (contracts 2.7, 2). */
export function learn(known: Known, rows: readonly Fixture[], options: ObserveOptions): Known {
  const next = new Map(known);
  const seen = new Set<string>();
  for (const row of rows) {
    // A row that stands twice in one answer is one sighting.
    if (seen.has(row.id) || !isUsableId(row.id)) continue;
    seen.add(row.id);
    next.set(row.id, observe(known.get(row.id), row, options));
  }
  return next;
}

/** Forgets what is neither in the list nor an object of ours, so that memory does not grow over the seasons. */
export function forget(known: Known, keep: ReadonlySet<string>): Known {
  return new Map([...known].filter(([id]) => keep.has(id)));
}
