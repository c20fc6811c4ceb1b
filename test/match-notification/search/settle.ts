/**
 * Peace: from a state of the search on nothing fails any more, new processes work alone, and they wake only when they said they would.
 * Everything must come to an end: a decision that repeats for ever, that wakes in the past, or that nothing wakes again is a defect,
 * and so is an end that is not what people wanted and does not say so.
 */
import { effectsOf, fire, takenAway } from './braze.ts';
import { IDLE } from './operator.ts';
import type { Space } from './space.ts';
import type { Call, Doing, Items, Mind, Planned, State, Thing } from './things.ts';

const MAX_STEPS = 400;
/** Liquid may see the catalog as it was, but not as it was before the margin. */
const MARGIN_MS = 60_000;
/** The last sends of all scenes are over by then, and what is looked at after them was. */
const END = Temporal.Instant.from('2026-12-06T20:00:00Z');
/** Users of a message are rendered over some minutes after it fired (contracts 1.12, sendDurationMs). */
const RENDERED_FOR_MS = 5 * 60_000;

export interface End {
  readonly delivered: readonly string[];
  readonly steps: readonly string[];
  /** What is wrong about it. */
  readonly wrong?: string;
}

export function settle(space: Space, from: State): End {
  const peace = new Peace(space, from);
  const wrong = peace.run();
  return { delivered: peace.delivered, steps: peace.steps, ...(wrong === undefined ? {} : { wrong }) };
}

/** The one process that works on the object of an owner. */
interface Worker {
  readonly who: number;
  mind: Mind;
  notBefore: { sweep?: Temporal.Instant; read?: Temporal.Instant };
  unproven: number;
  /** Rests until then; undefined: nothing but a change wakes it. */
  until: Temporal.Instant | undefined;
  phase: string;
}

class Peace {
  readonly steps: string[] = [];
  delivered: readonly string[];
  readonly #space: Space;
  readonly #from: State;
  readonly #workers: readonly Worker[];
  readonly #things: number[];
  #now: Temporal.Instant;
  #planned: readonly Planned[];
  #items: Items;
  #recent: readonly string[];
  /** Tokens of what went out, and when. */
  readonly #fired: { readonly token: string; readonly item: string; readonly at: Temporal.Instant }[] = [];

  constructor(space: Space, from: State) {
    this.#space = space;
    this.#from = from;
    this.#now = space.now(from.time);
    this.#things = [...from.things];
    this.#planned = space.planned.get(from.planned);
    this.#items = space.items.get(from.items);
    this.#recent = space.recent.get(from.recent);
    this.delivered = space.delivered.get(from.delivered);
    this.#workers = from.things.map((cache, owner) => ({
      who: space.scene.operators.indexOf(owner === 0 ? 0 : 1),
      mind: { cache, doing: IDLE },
      notBefore: {},
      unproven: 0,
      until: undefined,
      phase: '',
    }));
    for (const call of space.calls.get(from.calls)) this.#take(call);
  }

  run(): string | undefined {
    for (;;) {
      for (const [owner, worker] of this.#workers.entries()) {
        const wrong = this.#work(worker, owner);
        if (wrong !== undefined) return wrong;
      }
      const next = this.#nextWake();
      if (next === undefined) break;
      this.#passUntil(next);
    }
    const delivered = this.delivered.length;
    this.#passUntil(END);
    return this.#workers.map((worker, owner) => this.#judge(worker, owner, delivered)).find((wrong) => wrong !== undefined);
  }

  #thing(owner: number): Thing | null {
    return this.#space.things.get(this.#things[owner] ?? -1);
  }

  /** Until it rests. */
  #work(worker: Worker, owner: number): string | undefined {
    for (;;) {
      if (this.steps.length > MAX_STEPS) return 'comes to no end';
      const seen = this.#thing(owner);
      worker.until = undefined;
      if (seen === null) {
        worker.phase = 'gone';
        return undefined;
      }
      worker.mind = { ...worker.mind, cache: this.#things[owner] ?? -1 };
      const step = this.#space.unbounded.step(seen, worker.mind, this.#now, worker.notBefore);
      this.steps.push(`${this.#now} ${step.kind}: ${step.why}`);
      worker.phase = step.shown.phase;
      if (step.kind === 'DeleteItem') return undefined;
      const move = this.#space.unbounded.perform(this.#situation(worker, owner), seen, step)[0];
      if (move === undefined) {
        if (step.kind !== 'Rest') return `${step.kind} leads nowhere`;
        worker.until = step.until;
        return step.until && Temporal.Instant.compare(step.until, this.#now) <= 0 ? 'wakes in the past' : undefined;
      }
      const wrong = this.#follow(worker, owner, move);
      if (wrong !== undefined) return wrong;
      if (step.kind === 'ReadItem' && step.purpose === 'confirm' && move.mind.doing.kind === 'idle') this.#backOff(worker, 'read', 2);
    }
  }

  #nextWake(): Temporal.Instant | undefined {
    const wakes = this.#workers.map(({ until }) => until).filter((at) => at !== undefined);
    const [first] = wakes.toSorted(Temporal.Instant.compare);
    return first === undefined || Temporal.Instant.compare(first, END) > 0 ? undefined : first;
  }

  #passUntil(until: Temporal.Instant): void {
    const before = this.#planned;
    const lags = this.#space.scene.renderLag && until.epochMilliseconds - this.#now.epochMilliseconds <= MARGIN_MS;
    const recent = lags ? this.#recent : [];
    this.#now = until;
    const effect = fire({ planned: this.#planned, items: this.#items, recent }, this.#space.momentOf(this.#now));
    this.#recent = [];
    this.#planned = effect.planned;
    for (const [n, { token, item, state, firesAt }] of effect.planned.entries())
      if (state === 'fired' && before[n]?.state === 'live' && effect.sent.includes(firesAt))
        this.#fired.push({ token, item, at: Temporal.Instant.from(firesAt) });
    this.delivered = [...this.delivered, ...effect.sent].sort();
  }

  /** The operator's memory does the same after a failed call. */
  #backOff(worker: Worker, kind: 'sweep' | 'read', seconds: number): void {
    worker.notBefore = { ...worker.notBefore, [kind]: this.#now.add({ seconds }) };
  }

  #situation({ who, mind }: Worker, owner: number) {
    return { who, mind, thing: this.#things[owner] ?? -1, items: this.#items, now: this.#now };
  }

  /** A move, its call if it makes one, and the record of the answer. */
  #follow(worker: Worker, owner: number, move: { mind: Mind; thing?: number; call?: Call }): string | undefined {
    worker.mind = move.mind;
    this.#things[owner] = move.thing ?? this.#things[owner] ?? -1;
    if (move.call !== undefined) {
      const wrong = this.#take(move.call);
      if (wrong !== undefined) return wrong;
      worker.mind = { ...worker.mind, doing: this.#answered(worker.mind, move.call) };
      if (move.call.kind === 'put') worker.mind = this.#stored(worker.mind);
    }
    if (worker.mind.doing.kind === 'idle') return undefined;
    const next = this.#space.unbounded.moves(this.#situation(worker, owner))[0];
    if (next === undefined) return 'an answer leads nowhere';
    if (next.label.includes('proves nothing')) this.#backOff(worker, 'sweep', Math.min(300, 15 * 2 ** worker.unproven++));
    if (next.label === 'read it too late') this.#backOff(worker, 'read', 2);
    if (next.label.startsWith('confirms')) worker.notBefore = {};
    return this.#follow(worker, owner, next);
  }

  #stored(mind: Mind): Mind {
    const { ticket } = mind;
    const put = { at: this.#now.toString(), answer: 'stored' as const };
    return { ...mind, doing: IDLE, ...(ticket ? { ticket: { ...ticket, put } } : {}) };
  }

  #answered({ doing }: Mind, call: Call): Doing {
    if (call.kind === 'create' && doing.kind === 'waits')
      return { kind: 'created', operationId: doing.id, scheduleId: `s${this.#planned.length - 1}` };
    if (call.kind === 'delete' && call.who >= 0) return { kind: 'deleted', id: `s${call.id}` };
    return IDLE;
  }

  #take(call: Call): string | undefined {
    const effect = effectsOf(call, { planned: this.#planned, items: this.#items }, this.#space.momentOf(this.#now))[0];
    if (effect === undefined) return undefined;
    const taken = takenAway(this.#items, effect.items);
    this.#recent = [...this.#recent, ...taken];
    this.#planned = effect.planned;
    this.#items = effect.items;
    this.delivered = [...this.delivered, ...effect.sent].sort();
    // Of two owners the one that lost the item marks it as sent all the same.
    if (this.#workers.length > 1) return undefined;
    return this.#fired.some(({ token, at }) => taken.includes(token) && this.#now.since(at).total('milliseconds') < RENDERED_FOR_MS)
      ? 'the token was taken away while users were rendered'
      : undefined;
  }

  /** What is wrong about the end; `before` is how many went out until the last of them rested. */
  #judge({ phase }: Worker, owner: number, before: number): string | undefined {
    const thing = this.#thing(owner);
    const fine = ['Sent', 'Held', 'Missed', 'Cancelled', 'gone', ...(this.#workers.length > 1 ? ['Blocked', 'Scheduled', 'Pending'] : [])];
    if (!fine.includes(phase)) return `ends as ${phase}`;
    // Inside the margin it may count as sent some seconds ahead.
    const ahead =
      phase === 'Sent' && this.delivered.length === before + 1 && this.delivered.includes(thing?.status.lastSent?.firesAt ?? '');
    if (this.delivered.length > before && !ahead) return `ends as ${phase}, and something is sent afterwards`;
    // Nearer to the send a late write may have taken away what was confirmed, too late to be written again: that is SendDoubtful.
    if (this.#from.time > 0 || this.#workers.length > 1) return undefined;
    const lost = thing?.status.lastSent?.reason === 'Sent' && !this.delivered.includes(thing.status.lastSent.firesAt);
    if (lost) return 'says that it was sent, and nobody was told';
    return this.#wishedOtherwise(owner, phase);
  }

  /** From far before the first send peace can give people what they want. */
  #wishedOtherwise(owner: number, phase: string): string | undefined {
    const { scene, things } = this.#space;
    const thing = things.get(this.#from.things[owner] ?? -1);
    const wish = thing && scene.wishes[thing.wish];
    if (!wish || thing.deleting) return undefined;
    const stopped = wish.killSwitch === true || wish.spec.suspend || wish.spec.hold !== undefined;
    const told = this.delivered.length > this.#space.delivered.get(this.#from.delivered).length;
    if (stopped) return told ? 'sent although people had stopped it' : undefined;
    return phase === 'Sent' ? undefined : `ends as ${phase}, and there was time to send`;
  }
}
