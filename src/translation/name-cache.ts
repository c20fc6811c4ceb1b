/** What a translator said of each text, bounded: when it is full the one that was not asked for longest goes. In memory of one process. */

/** `no`: do not ask again before `until`. */
export type Remembered = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'no'; readonly untilMs: number };

export class NameCache {
  readonly #capacity: number;
  readonly #entries = new Map<string, Remembered>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Remembered | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set(key: string, entry: Remembered): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return;
      this.#entries.delete(oldest);
    }
  }

  /** Whatever was refused or failed may be asked again at once. */
  forgive(): void {
    for (const [key, entry] of this.#entries) if (entry.kind === 'no') this.#entries.delete(key);
  }
}
