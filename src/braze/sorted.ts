/**
 * An array kept in order, for "how many stand before this one". Finding is O(log n); inserting moves the tail, which at 10,000
 * entries is one memmove of 80 KB, some microseconds. `compare` must be total: two entries that compare equal are the same entry.
 */
export class Sorted<K, T extends K = K> {
  readonly #entries: T[] = [];
  readonly #compare: (a: K, b: K) => number;

  /** `compare` looks only at `K`, so that a place can be asked for without an entry. */
  constructor(compare: (a: K, b: K) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#entries.length;
  }

  get first(): T | undefined {
    return this.#entries[0];
  }

  /** How many entries come before `entry`, whether or not it is in here. */
  rank(entry: K): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#entries[middle];
      if (other !== undefined && this.#compare(other, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds `entry`, replacing the equal one. */
  add(entry: T): void {
    const at = this.rank(entry);
    this.#entries.splice(at, this.#isAt(at, entry) ? 1 : 0, entry);
  }

  /** False when no equal entry was there. */
  remove(entry: T): boolean {
    const at = this.rank(entry);
    return this.#isAt(at, entry) && this.#entries.splice(at, 1).length === 1;
  }

  #isAt(at: number, entry: K): boolean {
    const other = this.#entries[at];
    return other !== undefined && this.#compare(other, entry) === 0;
  }
}
