/** The servers behind the name (contracts 2.9): each some time behind, answering in turn or at random. */
import type { Oddity } from './oddities.ts';

export interface Backend {
  readonly name: string;
  /** Milliseconds to weeks: it answers with what was true so long ago. */
  readonly lagMs: number;
}

/** `in-turn`, or a seed for a random order that is the same each time. */
export type Turn = 'in-turn' | { readonly seed: number };

export const ONE_FRESH_BACKEND: readonly Backend[] = [{ name: 'fresh', lagMs: 0 }];

/** Says which backend answers the next call. */
export class Backends {
  #backends: readonly Backend[];
  #turn: Turn;
  #calls = 0;
  #random: () => number;

  constructor(backends: readonly Backend[], turn: Turn) {
    this.#backends = checked(backends);
    this.#turn = turn;
    this.#random = randomOf(turn);
  }

  set(backends: readonly Backend[], turn: Turn): void {
    this.#backends = checked(backends);
    this.#turn = turn;
    this.#calls = 0;
    this.#random = randomOf(turn);
  }

  next(): Backend {
    const at = this.#turn === 'in-turn' ? this.#calls % this.#backends.length : Math.floor(this.#random() * this.#backends.length);
    this.#calls += 1;
    return this.#backends[at] ?? { name: 'fresh', lagMs: 0 };
  }
}

function checked(backends: readonly Backend[]): readonly Backend[] {
  if (backends.length === 0) throw new RangeError('the simulator needs one backend at least');
  return backends;
}

const randomOf = (turn: Turn): (() => number) => seededRandom(turn === 'in-turn' ? 0 : turn.seed);

/** Mulberry32: small, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whether an oddity concerns what this backend says. */
export const speaksOddly = (oddity: Oddity, backend: Backend): boolean =>
  oddity.backends === undefined || oddity.backends.includes(backend.name);
