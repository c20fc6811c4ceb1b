/**
 * All states of a search, each once, in the order in which they were found: rows of small numbers outside the heap, so that tens of
 * millions fit. A state's number is its row; who found it stands beside it.
 */

/** Rows of one block. */
const BLOCK = 1 << 18;
const FULL = 0.6;

export class StateTable {
  readonly #width: number;
  readonly #blocks: Int32Array[] = [];
  /** Number of the row + 1 by hash; 0 is free. */
  #slots = new Int32Array(1 << 16);
  #size = 0;

  /** `width` numbers make a state. */
  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#size;
  }

  has(row: readonly number[]): boolean {
    return this.#slots[this.#slotOf(row)] !== 0;
  }

  /** False when it is there already. */
  add(row: readonly number[], parent: number): boolean {
    const slot = this.#slotOf(row);
    if (this.#slots[slot] !== 0) return false;
    const { block, at } = this.#place(this.#size);
    block.set(row, at);
    block[at + this.#width] = parent;
    this.#size += 1;
    this.#slots[slot] = this.#size;
    if (this.#size > this.#slots.length * FULL) this.#grow();
    return true;
  }

  get(index: number): number[] {
    const { block, at } = this.#place(index);
    return [...block.subarray(at, at + this.#width)];
  }

  parentOf(index: number): number {
    const { block, at } = this.#place(index);
    return block[at + this.#width] ?? -1;
  }

  #place(index: number): { block: Int32Array; at: number } {
    const number = Math.floor(index / BLOCK);
    const block = this.#blocks[number] ?? new Int32Array(BLOCK * (this.#width + 1));
    this.#blocks[number] = block;
    return { block, at: (index % BLOCK) * (this.#width + 1) };
  }

  /** The slot of this row, or the free one where it belongs. */
  #slotOf(row: readonly number[]): number {
    const mask = this.#slots.length - 1;
    let slot = hash(row) & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0 || this.#equals(entry - 1, row)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(index: number, row: readonly number[]): boolean {
    const { block, at } = this.#place(index);
    return row.every((value, n) => block[at + n] === value);
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let index = 0; index < this.#size; index += 1) this.#slots[this.#slotOf(this.get(index))] = index + 1;
  }
}

function hash(row: readonly number[]): number {
  let value = 0x811c9dc5;
  for (const part of row) {
    value = Math.imul(value ^ part, 0x9e3779b1);
    value ^= value >>> 15;
  }
  return value >>> 0;
}
