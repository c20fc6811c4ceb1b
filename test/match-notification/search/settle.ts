/**
 * Peace: from a state of the search on nothing fails any more, a new process works alone, and it wakes only when it said it would.
 * Everything must come to an end: a decision that repeats for ever, that wakes in the past, or that nothing wakes again is a defect.
 */
import { effectsOf, fire } from './braze.ts';
import { IDLE } from './operator.ts';
import type { Space } from './space.ts';
import type { Call, Doing, Item, Mind, Planned, State } from './things.ts';

const MAX_STEPS = 200;
/** Liquid may see the catalog as it was, but not as it was before the margin. */
const MARGIN_MS = 60_000;
const DAY_MS = 86_400_000;

export interface End {
  readonly phase: string;
  readonly delivered: number;
  readonly lastSent: string | undefined;
  readonly steps: readonly string[];
}

export function settle(space: Space, from: State): End {
  return new Peace(space, from).run();
}

class Peace {
  readonly #space: Space;
  readonly #steps: string[] = [];
  #now: Temporal.Instant;
  #thing: number;
  #planned: readonly Planned[];
  #item: Item | null;
  #recent: readonly string[];
  #delivered: number;
  #mind: Mind;
  #notBefore: { sweep?: Temporal.Instant; read?: Temporal.Instant } = {};
  #unproven = 0;

  constructor(space: Space, from: State) {
    this.#space = space;
    this.#now = space.now(from.time);
    this.#thing = from.thing;
    this.#planned = space.planned.get(from.planned);
    this.#item = space.items.get(from.item);
    this.#recent = space.recent.get(from.recent);
    this.#delivered = from.delivered;
    this.#mind = { cache: from.thing, doing: IDLE };
    for (const call of space.calls.get(from.calls)) this.#take(call);
  }

  run(): End {
    while (this.#steps.length < MAX_STEPS) {
      const ended = this.#step();
      if (ended !== undefined) return this.#end(ended);
    }
    throw new Error(`no end: ${this.#steps.slice(-30).join(' · ')}`);
  }

  #end(phase: string): End {
    return {
      phase,
      delivered: this.#delivered,
      lastSent: this.#space.things.get(this.#thing)?.status.lastSent?.reason,
      steps: this.#steps,
    };
  }

  /** The phase in which it ended, once it has. */
  #step(): string | undefined {
    const { unbounded: operator, things } = this.#space;
    const seen = things.get(this.#thing);
    if (seen === null) return 'gone';
    this.#mind = { ...this.#mind, cache: this.#thing };
    const step = operator.step(seen, this.#mind, this.#now, this.#notBefore);
    this.#steps.push(`${this.#now} ${step.kind}: ${step.why}`);
    if (step.kind === 'DeleteItem') return step.shown.phase;
    const move = operator.perform(this.#situation(), seen, step)[0];
    if (move === undefined) return this.#rest(step);
    this.#follow(move);
    if (step.kind === 'ReadItem' && step.purpose === 'confirm' && move.mind.doing.kind === 'idle') this.#backOff('read', 2);
    return undefined;
  }

  /** The operator's memory does the same after a failed call. */
  #backOff(kind: 'sweep' | 'read', seconds: number): void {
    this.#notBefore = { ...this.#notBefore, [kind]: this.#now.add({ seconds }) };
  }

  #rest(step: ReturnType<Space['operator']['step']>): string | undefined {
    if (step.kind !== 'Rest') throw new Error(`${step.kind} leads nowhere: ${this.#steps.slice(-10).join(' · ')}`);
    const { until } = step;
    if (until === undefined || until.epochMilliseconds - this.#now.epochMilliseconds > DAY_MS) return step.shown.phase;
    if (Temporal.Instant.compare(until, this.#now) <= 0) throw new Error(`wakes in the past: ${this.#steps.slice(-10).join(' · ')}`);
    const recent = until.epochMilliseconds - this.#now.epochMilliseconds <= MARGIN_MS ? this.#recent : [];
    this.#now = until;
    const effect = fire({ planned: this.#planned, item: this.#item, recent }, this.#space.momentOf(this.#now));
    this.#recent = [];
    this.#planned = effect.planned;
    this.#delivered += effect.delivered;
    return undefined;
  }

  #situation(mind: Mind = this.#mind) {
    return { who: 0, mind, thing: this.#thing, item: this.#item, now: this.#now };
  }

  /** A move, its call if it makes one, and the record of the answer. */
  #follow(move: { mind: Mind; thing?: number; call?: Call }): void {
    this.#mind = move.mind;
    this.#thing = move.thing ?? this.#thing;
    if (move.call !== undefined) {
      this.#take(move.call);
      this.#mind = { ...this.#mind, doing: this.#answered(move.call) };
      if (move.call.kind === 'put') this.#mind = this.#stored();
    }
    if (this.#mind.doing.kind === 'idle') return;
    const next = this.#space.unbounded.moves(this.#situation())[0];
    if (next === undefined) throw new Error('an answer leads nowhere');
    if (next.label.includes('proves nothing')) this.#backOff('sweep', Math.min(300, 15 * 2 ** this.#unproven++));
    if (next.label === 'read it too late') this.#backOff('read', 2);
    if (next.label.startsWith('confirms')) this.#notBefore = {};
    this.#follow(next);
  }

  #stored(): Mind {
    const { ticket } = this.#mind;
    const put = { at: this.#now.toString(), answer: 'stored' as const };
    return { ...this.#mind, doing: IDLE, ...(ticket ? { ticket: { ...ticket, put } } : {}) };
  }

  #answered(call: Call): Doing {
    const { doing } = this.#mind;
    if (call.kind === 'create' && doing.kind === 'waits')
      return { kind: 'created', operationId: doing.id, scheduleId: `s${this.#planned.length - 1}` };
    if (call.kind === 'delete' && call.who >= 0) return { kind: 'deleted', id: `s${call.id}` };
    return IDLE;
  }

  #take(call: Call): void {
    const effect = effectsOf(call, { planned: this.#planned, item: this.#item }, this.#space.momentOf(this.#now))[0];
    if (effect === undefined) return;
    if (this.#item?.token && effect.item !== this.#item) this.#recent = [...this.#recent, this.#item.token];
    this.#planned = effect.planned;
    this.#item = effect.item;
    this.#delivered += effect.delivered;
  }
}
