/** Every state that can follow a state. All that is costly is computed once per combination of its (interned) parts. */
import { instant, plusMs } from '../../../src/base/instants.ts';
import { effectsOf, fire, type Moment } from './braze.ts';
import { Interner, once } from './interner.ts';
import { IDLE, type Move, OperatorModel } from './operator.ts';
import type { Rules } from './rules.ts';
import type { Scene } from './scene.ts';
import type { Call, Item, Mind, Planned, State, Thing } from './things.ts';

export interface Successor {
  readonly label: string;
  readonly state: State;
}

const TIME = 'time passes';
const BUFFER_MS = 20 * 60_000;

export class Space {
  readonly scene: Scene;
  readonly things = new Interner<Thing | null>();
  readonly items = new Interner<Item | null>();
  readonly planned = new Interner<readonly Planned[]>();
  readonly calls = new Interner<readonly Call[]>();
  readonly recent = new Interner<readonly string[]>();
  readonly minds = new Interner<Mind>();
  readonly operator: OperatorModel;
  /** The same, with as many creates as it likes: for times of peace. */
  readonly unbounded: OperatorModel;

  constructor(scene: Scene, rules: Rules) {
    this.scene = scene;
    this.operator = new OperatorModel(scene, rules, this.things);
    const peace: Scene = { ...scene, attempts: Number.POSITIVE_INFINITY, lostWrites: false, asyncPuts: false, checks: true };
    this.unbounded = new OperatorModel(peace, rules, this.things);
  }

  /** Where the scene begins: after the steps that it names. */
  start(): State {
    let state = this.#beginning();
    for (const label of this.scene.begun) {
      const next = this.successors(state).find((one) => one.label.startsWith(label));
      if (next === undefined) throw new RangeError(`${this.scene.name}: no step "${label}" here`);
      state = next.state;
    }
    return state;
  }

  #beginning(): State {
    const { edits, deletions, statusLosses, operators } = this.scene;
    const thing = this.things.id({ uid: 1, wish: 0, deleting: false, status: {} });
    const mind = this.minds.id({ cache: thing, doing: IDLE });
    return {
      time: 0,
      thing,
      left: [edits, deletions, statusLosses],
      planned: this.planned.id([]),
      item: this.items.id(null),
      calls: this.calls.id([]),
      recent: this.recent.id([]),
      minds: Array.from({ length: operators }, () => mind),
      delivered: 0,
    };
  }

  successors(state: State): readonly Successor[] {
    const out: Successor[] = [];
    this.#timePasses(state, out);
    this.#peopleAct(state, out);
    this.#brazeActs(state, out);
    for (let who = 0; who < state.minds.length; who += 1) this.#operatorActs(state, who, out);
    return out;
  }

  /** Nothing can go out any more, or nothing may ever be made again: what follows needs no look. */
  isOver(state: State): boolean {
    const thing = this.things.get(state.thing);
    if (this.planned.get(state.planned).some((one) => one.state === 'live')) return false;
    if (this.calls.get(state.calls).some((call) => call.kind === 'create')) return false;
    const canComeAnew = state.left[1] > 0 || state.left[2] > 0 || thing === null || thing.deleting;
    return thing?.status.lastSent !== undefined && !canComeAnew;
  }

  momentOf(now: Temporal.Instant): Moment {
    return { bufferMs: BUFFER_MS, passed: (firesAt, beforeMs) => Temporal.Instant.compare(plusMs(instant(firesAt), -beforeMs), now) <= 0 };
  }

  now(time: number): Temporal.Instant {
    const now = this.scene.times[time];
    if (now === undefined) throw new RangeError(`no time ${time}`);
    return now;
  }

  #timePasses(state: State, out: Successor[]): void {
    const time = state.time + 1;
    if (time >= this.scene.times.length) return;
    const { planned, delivered } = this.#fired(state.planned, state.item, state.recent, time);
    const minds = state.minds.map((mind) => this.#older(mind));
    const recent = this.#noneRecent;
    out.push({ label: TIME, state: { ...state, time, planned, minds, recent, delivered: state.delivered + delivered } });
  }

  readonly #fired = once((planned: number, item: number, recent: number, time: number) => {
    const world = { planned: this.planned.get(planned), item: this.items.get(item), recent: this.recent.get(recent) };
    const effect = fire(world, this.momentOf(this.now(time)));
    return { planned: this.planned.id(effect.planned), delivered: effect.delivered };
  });

  /** A PUT of an earlier time is written again, and an earlier read is no memory: what is left says the same in fewer states. */
  readonly #older = once((mind: number): number => {
    const { read, ticket, ...rest } = this.minds.get(mind);
    const put = ticket?.put && ({ at: '2026-12-01T00:00:00Z', answer: 'failed' } as const);
    return this.minds.id({
      ...rest,
      ...(ticket ? { ticket: { announcedAt: ticket.announcedAt, ...(put ? { put } : {}) } } : {}),
      ...(read && this.scene.checks ? { read } : {}),
    });
  });

  #peopleAct(state: State, out: Successor[]): void {
    const [edits, deletions, losses] = state.left;
    const thing = this.things.get(state.thing);
    const become = (label: string, next: Thing, left: State['left']): void => {
      out.push({ label, state: { ...state, thing: this.things.id(next), left } });
    };
    if (thing === null) {
      become('applied again', { uid: 2, wish: 0, deleting: false, status: {} }, state.left);
      return;
    }
    if (edits > 0)
      for (let wish = 0; wish < this.scene.wishes.length; wish += 1)
        if (wish !== thing.wish) become(`wish ${wish}`, { ...thing, wish }, [edits - 1, deletions, losses]);
    if (deletions > 0 && !thing.deleting) become('deleted', { ...thing, deleting: true }, [edits, deletions - 1, losses]);
    if (losses > 0 && this.#isQuiet(state)) become('status lost', { ...thing, uid: 2, status: {} }, [edits, deletions, losses - 1]);
  }

  /** Nothing on its way, and the item says what it is known to say: what a restore from a backup, or a lost cluster, may assume. */
  #isQuiet(state: State): boolean {
    const thing = this.things.get(state.thing);
    const item = this.items.get(state.item);
    const { fence, operation } = thing?.status ?? {};
    const settled = fence?.confirmed === true && item?.token === fence.token && item.state === fence.state && !fence.unsettled;
    const idle = state.minds.every((mind) => this.minds.get(mind).doing.kind === 'idle' && this.minds.get(mind).cache === state.thing);
    return settled && operation === undefined && idle && this.calls.get(state.calls).length === 0;
  }

  #brazeActs(state: State, out: Successor[]): void {
    this.calls.get(state.calls).forEach((call, index) => {
      const calls = this.#without(state.calls, index);
      for (const effect of this.#effects(state.calls, index, state.planned, state.item, state.time)) {
        const recent = effect.item === state.item ? state.recent : this.#nowRecent(state.recent, state.item);
        const after: State = { ...state, calls, recent, ...effect, delivered: state.delivered + effect.delivered };
        const label = this.#takes(state.calls, index);
        if (call.who < 0) out.push({ label, state: after });
        else out.push({ label, state: this.#withMind(after, call.who, this.#answered(after, call)) });
      }
    });
  }

  readonly #effects = once(
    (...[calls, index, planned, item, time]: [calls: number, index: number, planned: number, item: number, time: number]) => {
      const call = this.calls.get(calls)[index];
      if (call === undefined) return [];
      const world = { planned: this.planned.get(planned), item: this.items.get(item) };
      return effectsOf(call, world, this.momentOf(this.now(time))).map((effect) => ({
        planned: this.planned.id(effect.planned),
        item: this.items.id(effect.item),
        delivered: effect.delivered,
      }));
    },
  );

  readonly #takes = once((calls: number, index: number) => `Braze takes ${JSON.stringify(this.calls.get(calls)[index])}`);

  get #noneRecent(): number {
    return this.recent.id([]);
  }

  readonly #nowRecent = once((recent: number, item: number): number => {
    const token = this.items.get(item)?.token ?? '';
    const before = this.recent.get(recent);
    return token === '' || before.includes(token) ? recent : this.recent.id([...before, token].sort());
  });

  readonly #without = once((calls: number, index: number) => this.calls.id(this.calls.get(calls).toSpliced(index, 1)));

  #answered(state: State, call: Call): number {
    const mind = this.minds.get(state.minds[call.who] ?? -1);
    if (call.kind === 'create' && mind.doing.kind === 'waits') {
      const scheduleId = `s${this.planned.get(state.planned).length - 1}`;
      return this.minds.id({ ...mind, doing: { kind: 'created', operationId: mind.doing.id, scheduleId } });
    }
    if (call.kind === 'delete') return this.minds.id({ ...mind, doing: { kind: 'deleted', id: `s${call.id}` } });
    const { ticket } = mind;
    const put = { at: this.now(state.time).toString(), answer: 'stored' as const };
    return this.minds.id({ ...mind, doing: IDLE, ...(ticket ? { ticket: { ...ticket, put } } : {}) });
  }

  #operatorActs(state: State, who: number, out: Successor[]): void {
    const room = this.calls.get(state.calls).length < this.scene.calls;
    for (const move of this.#moves(who, state.minds[who] ?? -1, state.thing, state.item, state.time)) {
      if (move.call !== undefined && !room) continue;
      const after = this.#withMind({ ...state, thing: move.thing ?? state.thing }, who, move.mindId);
      const orphaned = move.forgets ? this.#orphaned(after.calls, who) : after.calls;
      const calls = move.call === undefined ? orphaned : this.#withCall(orphaned, move.callId);
      out.push({ label: move.label, state: { ...after, calls } });
    }
  }

  readonly #moves = once((...[who, mind, thing, item, time]: [who: number, mind: number, thing: number, item: number, time: number]) =>
    this.operator.moves({ who, mind: this.minds.get(mind), thing, item: this.items.get(item), now: this.now(time) }).map((move: Move) => ({
      ...move,
      label: `${who} ${move.label}`,
      mindId: this.minds.id(move.mind),
      callId: move.call ? this.calls.id([move.call]) : -1,
    })),
  );

  readonly #orphaned = once((calls: number, who: number) =>
    this.calls.id(inOrder(this.calls.get(calls).map((call) => (call.who === who ? { ...call, who: -1 } : call)))),
  );

  readonly #withCall = once((calls: number, added: number) => this.calls.id(inOrder([...this.calls.get(calls), ...this.calls.get(added)])));

  #withMind(state: State, who: number, mind: number): State {
    return { ...state, minds: state.minds.with(who, mind) };
  }
}

const inOrder = (calls: readonly Call[]): readonly Call[] => calls.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
