/** Breadth first over all states, each once, until a broken promise, the end, or the limit. */
import { isBefore, plusMs } from '../../../src/base/instants.ts';
import { settle } from './settle.ts';
import type { Space } from './space.ts';
import { StateTable } from './state-table.ts';
import { rowOf, type State, stateOf } from './things.ts';

export interface Violation {
  readonly what: string;
  /** What led there, step by step. */
  readonly path: readonly string[];
}

export interface Result {
  readonly states: number;
  /** Whether these are all states of the scene. */
  readonly complete: boolean;
  /** How many states were left in peace, and how many different ways that made. */
  readonly settled: number;
  readonly violation?: Violation;
}

interface Options {
  readonly limit: number;
  /** Every so many states one is left in peace, to see that it comes to an end; 0: none. */
  readonly peaceEvery: number;
  /** Ends, incomplete, at this time of `performance.now()`. */
  readonly untilMs?: number;
}

export function search(space: Space, options: Options): Result {
  return new Search(space, options).run();
}

const LOOK_AT_THE_CLOCK_EVERY = 1_000;
/** Two messages of one occasion are this near to each other; `resendAfter` of the scenes' objects. */
const OCCASION_MS = 6 * 3_600_000;

class Search {
  readonly #space: Space;
  readonly #options: Options;
  readonly #table: StateTable;
  readonly #inPeace = new Set<string>();
  readonly #tooMany = new Map<number, boolean>();
  #complete = true;

  constructor(space: Space, options: Options) {
    this.#space = space;
    this.#options = options;
    const start = rowOf(space.start());
    this.#table = new StateTable(start.length);
    this.#table.add(start, -1);
  }

  run(): Result {
    const { untilMs = Number.POSITIVE_INFINITY } = this.#options;
    for (let index = 0; index < this.#table.size; index += 1) {
      if (index % LOOK_AT_THE_CLOCK_EVERY === 0 && performance.now() > untilMs) {
        this.#complete = false;
        break;
      }
      const state = this.#stateAt(index);
      const violation = this.#peace(state, index) ?? this.#expand(state, index);
      if (violation) return this.#result(violation);
    }
    return this.#result();
  }

  #result(violation?: Violation): Result {
    const { size } = this.#table;
    return {
      states: size,
      complete: this.#complete && violation === undefined,
      settled: this.#inPeace.size,
      ...(violation ? { violation } : {}),
    };
  }

  #stateAt(index: number): State {
    return stateOf(this.#table.get(index), this.#space.owners);
  }

  #expand(state: State, index: number): Violation | undefined {
    if (this.#space.isOver(state)) return undefined;
    for (const { state: after, label } of this.#space.successors(state)) {
      if (this.#deliveredTwice(after.delivered)) return { what: 'delivered twice', path: [...this.#pathTo(index), label] };
      const row = rowOf(after);
      if (this.#table.size < this.#options.limit) this.#table.add(row, index);
      else if (this.#complete && !this.#table.has(row)) this.#complete = false;
    }
    return undefined;
  }

  #deliveredTwice(delivered: number): boolean {
    const known = this.#tooMany.get(delivered);
    if (known !== undefined) return known;
    const found = tooMany(this.#space.delivered.get(delivered));
    this.#tooMany.set(delivered, found);
    return found;
  }

  /** From here on nothing fails any more. What operators have in mind is lost with them, so that many states are one. */
  #peace(state: State, index: number): Violation | undefined {
    const { peaceEvery } = this.#options;
    if (peaceEvery === 0 || index % peaceEvery !== 0) return undefined;
    const { time, things, planned, items, calls, recent, delivered } = state;
    const key = [time, ...things, planned, items, calls, recent, delivered].join();
    if (this.#inPeace.has(key)) return undefined;
    this.#inPeace.add(key);
    const end = settle(this.#space, state);
    const wrong = tooMany(end.delivered) ? 'delivered twice' : end.wrong;
    return wrong === undefined ? undefined : { what: wrong, path: [...this.#pathTo(index), 'peace', ...end.steps] };
  }

  #pathTo(index: number): readonly string[] {
    const chain: number[] = [];
    for (let at = index; at >= 0; at = this.#table.parentOf(at)) chain.unshift(at);
    return chain.slice(1).map((at, n) => {
      const wanted = rowOf(this.#stateAt(at)).join();
      const step = this.#space.successors(this.#stateAt(chain[n] ?? 0)).find((one) => rowOf(one.state).join() === wanted);
      return step?.label ?? '?';
    });
  }
}

/** More than one within an occasion. */
function tooMany(delivered: readonly string[]): boolean {
  const times = delivered.map((text) => Temporal.Instant.from(text));
  return times.some((at, n) => n > 0 && isBefore(at, plusMs(times[n - 1] ?? at, OCCASION_MS)));
}
