/** Small numbers for values, so that a state is a few of them; and functions of small numbers that are computed once. */
export class Interner<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  id(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.push(value) - 1;
    this.#ids.set(key, id);
    return id;
  }

  get(id: number): T {
    const value = this.#values[id];
    if (value === undefined) throw new RangeError(`nothing was interned as ${id}`);
    return value;
  }

  get size(): number {
    return this.#values.length;
  }
}

export function once<A extends readonly number[], R>(compute: (...args: A) => R): (...args: A) => R {
  const known = new Map<string, R>();
  return (...args) => {
    const key = args.join();
    let result = known.get(key);
    if (result === undefined) {
      result = compute(...args);
      known.set(key, result);
    }
    return result;
  };
}
