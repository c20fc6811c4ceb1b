/**
 * A binary min-heap that knows where each key sits, so that a key's priority can be changed and a key taken out in O(log n). Equal
 * priorities leave in the order in which they came. Holds each key once. Synchronous; nothing here outlives a crash.
 */

interface Entry<K> {
  readonly key: K;
  priority: number;
  /** Order of arrival: the tie-break that makes equal priorities first in, first out. */
  readonly arrival: number;
}

export class IndexedHeap<K> {
  readonly #entries: Entry<K>[] = [];
  readonly #position = new Map<K, number>();
  #arrivals = 0;

  get size(): number {
    return this.#entries.length;
  }

  has(key: K): boolean {
    return this.#position.has(key);
  }

  /** The priority under which `key` waits. */
  priorityOf(key: K): number | undefined {
    const at = this.#position.get(key);
    return at === undefined ? undefined : this.#entries[at]?.priority;
  }

  /** Puts `key` in, or moves it to a new priority; a key that is in already keeps its place among equals. */
  set(key: K, priority: number): void {
    const at = this.#position.get(key);
    const known = at === undefined ? undefined : this.#entries[at];
    if (at === undefined || known === undefined) {
      this.#place({ key, priority, arrival: this.#arrivals++ }, this.#entries.length);
      this.#rise(this.#entries.length - 1);
      return;
    }
    known.priority = priority;
    this.#sink(this.#rise(at));
  }

  /** Takes `key` out; false when it was not in. */
  delete(key: K): boolean {
    const at = this.#position.get(key);
    if (at === undefined) return false;
    this.#position.delete(key);
    const last = this.#entries.pop();
    if (last !== undefined && at < this.#entries.length) {
      this.#place(last, at);
      this.#sink(this.#rise(at));
    }
    return true;
  }

  /** The key with the smallest priority. */
  peek(): { readonly key: K; readonly priority: number } | undefined {
    return this.#entries[0];
  }

  /** Takes the key with the smallest priority out. */
  pop(): K | undefined {
    const first = this.#entries[0];
    if (first === undefined) return undefined;
    this.delete(first.key);
    return first.key;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#position.clear();
  }

  #place(entry: Entry<K>, at: number): void {
    this.#entries[at] = entry;
    this.#position.set(entry.key, at);
  }

  /** Moves the entry at `at` up while it goes before its parent; returns where it came to rest. */
  #rise(start: number): number {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) break;
      at = parent;
    }
    return at;
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const child = this.#earlierChild(at);
      if (child === undefined || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #earlierChild(at: number): number | undefined {
    const left = 2 * at + 1;
    const [a, b] = [this.#entries[left], this.#entries[left + 1]];
    if (a === undefined) return undefined;
    return b !== undefined && goesBefore(b, a) ? left + 1 : left;
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const [a, b] = [this.#entries[lower], this.#entries[upper]];
    if (a === undefined || b === undefined || !goesBefore(a, b)) return false;
    this.#place(a, upper);
    this.#place(b, lower);
    return true;
  }
}

function goesBefore<K>(a: Entry<K>, b: Entry<K>): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.arrival < b.arrival);
}
