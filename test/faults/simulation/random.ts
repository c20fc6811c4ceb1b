/** Chance that can be repeated: each concern draws from a stream of its own, so that leaving one fault out changes no other's draws. */
import { randomFrom } from '../sampling.ts';

export class Random {
  readonly #seed: number;
  readonly #next: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#next = randomFrom(seed);
  }

  /** Another stream of the same seed. */
  fork(name: string): Random {
    let mixed = this.#seed ^ 0x9e3779b9;
    for (const char of name) mixed = Math.imul(mixed ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return new Random(mixed >>> 0);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next();
  }

  chance(probability: number): boolean {
    return probability > 0 && this.#next() < probability;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[Math.floor(this.#next() * list.length)] ?? list[0];
  }

  /** One of `list`, or nothing when it is empty. */
  any<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#next() * list.length)];
  }

  /** Milliseconds until the next of events that come `perHour` times an hour. */
  untilNext(perHour: number): number {
    return perHour <= 0 ? Number.POSITIVE_INFINITY : Math.ceil((-Math.log(1 - this.#next()) * 3_600_000) / perHour);
  }

  hex(): string {
    return Math.floor(this.#next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
}
