/**
 * One thing that is known (a kick-off, a side) under answers of which most are stale: several servers, some of them weeks behind, answer in
 * turn (contracts 2.9). Pure: a facet is a value, a sighting makes a new one; losing it (a restart) costs confirmations, never a wrong move.
 *
 * `lastUpdated` is evidence, not an order: it never lies backwards (a row that is older by it *is* older), but equal stamps came with
 * different content and some lie in the future. So a sighting that contradicts what is known is
 * - older: says nothing. This is what keeps a lagging server from undoing a move that a fresh one made, however often it answers.
 * - newer: counts. Enough sightings of it make it known; a lagging server's answer in between does not start the count again.
 * - unordered (equal, missing or future stamp): counts only in an unbroken run, one longer than usual, because either side may be the stale
 *   one: while servers disagree and take turns, what is known stays.
 * And a value that was known and left comes back only under a stamp that is surely newer than the one it was left with; otherwise it is most
 * likely the lagging server whose stamp was wrong, and only a long unbroken run (that server is the only one left) brings it back.
 */

/** A row's `lastUpdated` as the interval in which the change can have been made, in epoch milliseconds. */
export interface Stamp {
  readonly loMs: number;
  readonly hiMs: number;
}

/** Stamps lay up to 114 minutes ahead (contracts 2.9), as if a zone's offset was added: the truth is up to two hours earlier. */
const STAMP_ERROR_MS = 2 * 3_600_000;
/** After this many rows without another sighting a pending value was a glitch. */
const FORGET_AFTER = 20;
/** Rows after which a pending value asks for no more polls at once: a lagging majority must not eat the token's calls. */
const ASK_FOR = 12;
/** Extra sightings in an unbroken run: servers that take turns make a run this long rare (two fair ones: 1 in 64). */
const LEFT_EXTRA = 4;
const LEFT_KEPT = 4;

/** Orders nothing: what a seed without a stamp, or a row without `lastUpdated`, has. */
export const NO_STAMP: Stamp = { loMs: Number.NEGATIVE_INFINITY, hiMs: Number.POSITIVE_INFINITY };

/** The interval of a `lastUpdated` seen at `now`. */
export function stampOf(lastUpdated: Temporal.Instant | undefined, now: Temporal.Instant): Stamp {
  if (lastUpdated === undefined) return NO_STAMP;
  const ms = lastUpdated.epochMilliseconds;
  if (ms <= now.epochMilliseconds) return { loMs: ms, hiMs: ms };
  return { loMs: Math.min(ms - STAMP_ERROR_MS, now.epochMilliseconds), hiMs: now.epochMilliseconds };
}

type Order = 'older' | 'newer' | 'unordered';
function orderOf(stamp: Stamp, than: Stamp): Order {
  if (stamp.hiMs < than.loMs) return 'older';
  if (stamp.loMs > than.hiMs) return 'newer';
  return 'unordered';
}

export interface Pending<T> {
  readonly value: T;
  readonly stamp: Stamp;
  readonly sightings: number;
  /** Rows since the last sighting that said nothing for it. */
  readonly missed: number;
  /** Rows since the first sighting. */
  readonly rows: number;
}

export interface Facet<T> {
  readonly value: T;
  readonly stamp: Stamp;
  readonly pending: Pending<T> | undefined;
  /** Values known before, latest first, with the latest stamp each was seen with. */
  readonly left: readonly Sighting<T>[];
  /** Rows in a row that said something else; not 0 for long means that what is known deserves a look. */
  readonly against: number;
}

export const facet = <T>(value: T, stamp: Stamp): Facet<T> => ({ value, stamp, pending: undefined, left: [], against: 0 });

export interface Sighting<T> {
  readonly value: T;
  readonly stamp: Stamp;
}

export interface Rules<T> {
  readonly same: (a: T, b: T) => boolean;
  /** Sightings that a newer row's `value` needs to become known. */
  readonly needed: (value: T) => number;
}

/** The facet after one row that says `value` under `stamp`. */
export function sight<T>(known: Facet<T>, seen: Sighting<T>, rules: Rules<T>): Facet<T> {
  if (rules.same(known.value, seen.value)) return supported(known, seen.stamp);
  const contradicted = { ...known, against: known.against + 1 };
  if (orderOf(seen.stamp, known.stamp) === 'older') return missed(contradicted);
  const pending = nextPending(known.pending, seen, rules);
  if (pending === undefined) return missed(contradicted);
  if (pending.sightings < rules.needed(seen.value) + extraSightings(known, pending, rules)) return { ...contradicted, pending };
  return changed(known, pending, rules);
}

/** How many more sightings than usual a pending value needs, by how sure its stamp makes us. */
function extraSightings<T>(known: Facet<T>, pending: Pending<T>, rules: Rules<T>): number {
  const before = known.left.find((entry) => rules.same(entry.value, pending.value));
  if (before !== undefined && !surelyNewer(pending.stamp, before.stamp)) return LEFT_EXTRA;
  return orderOf(pending.stamp, known.stamp) === 'newer' ? 0 : 1;
}

const surelyNewer = (stamp: Stamp, than: Stamp): boolean => stamp.loMs === stamp.hiMs && stamp.loMs > than.hiMs;

function changed<T>(known: Facet<T>, pending: Pending<T>, rules: Rules<T>): Facet<T> {
  const others = known.left.filter((entry) => !rules.same(entry.value, known.value) && !rules.same(entry.value, pending.value));
  const left = [{ value: known.value, stamp: known.stamp }, ...others].slice(0, LEFT_KEPT);
  return { value: pending.value, stamp: merge(known.stamp, pending.stamp), pending: undefined, left, against: 0 };
}

/** Whether another poll at once could settle a pending value. */
export const asksAgain = ({ pending }: Facet<unknown>): boolean =>
  pending !== undefined && (pending.missed === 0 || pending.rows < ASK_FOR);

/** A row agrees. It ends a pending value unless it is older than that: then it is the lagging server that still agrees. */
function supported<T>(known: Facet<T>, stamp: Stamp): Facet<T> {
  const merged = { ...known, stamp: merge(known.stamp, stamp), against: 0 };
  if (known.pending === undefined || orderOf(stamp, known.pending.stamp) === 'older') return missed(merged);
  return { ...merged, pending: undefined };
}

function missed<T>(known: Facet<T>): Facet<T> {
  const { pending } = known;
  if (pending === undefined) return known;
  if (pending.missed + 1 >= FORGET_AFTER) return { ...known, pending: undefined };
  return { ...known, pending: { ...pending, missed: pending.missed + 1, rows: pending.rows + 1 } };
}

/** The pending value after a contradiction; undefined when this row is older than the value that is already pending. */
function nextPending<T>(pending: Pending<T> | undefined, seen: Sighting<T>, rules: Rules<T>): Pending<T> | undefined {
  if (pending !== undefined && rules.same(pending.value, seen.value)) {
    return { ...pending, stamp: merge(pending.stamp, seen.stamp), sightings: pending.sightings + 1, missed: 0, rows: pending.rows + 1 };
  }
  if (pending !== undefined && orderOf(seen.stamp, pending.stamp) === 'older') return undefined;
  return { value: seen.value, stamp: seen.stamp, sightings: 1, missed: 0, rows: 1 };
}

/** The later of two stamps of the same content; one that orders nothing adds nothing. */
function merge(a: Stamp, b: Stamp): Stamp {
  if (a === NO_STAMP) return b;
  if (b === NO_STAMP) return a;
  return { loMs: Math.max(a.loMs, b.loMs), hiMs: Math.max(a.hiMs, b.hiMs) };
}
