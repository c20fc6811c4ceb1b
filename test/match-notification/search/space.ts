/** Every state that can follow a state. All that is costly is computed once per combination of its (interned) parts. */
import { instant, plusMs } from '../../../src/base/instants.ts';
import { effectsOf, fire, type Moment, takenAway } from './braze.ts';
import { Interner, once } from './interner.ts';
import { IDLE, type Move, OperatorModel } from './operator.ts';
import type { Scene } from './scene.ts';
import type { Call, Items, Mind, Planned, State, Thing } from './things.ts';

export interface Successor {
  readonly label: string;
  readonly state: State;
}

const TIME = 'time passes';
const BUFFER_MS = 20 * 60_000;

export class Space {
  readonly scene: Scene;
  readonly things = new Interner<Thing | null>();
  readonly items = new Interner<Items>();
  readonly planned = new Interner<readonly Planned[]>();
  readonly calls = new Interner<readonly Call[]>();
  readonly recent = new Interner<readonly string[]>();
  readonly delivered = new Interner<readonly string[]>();
  readonly minds = new Interner<Mind>();
  readonly operator: OperatorModel;
  /** The same, with as many creates as it likes: for times of peace. */
  readonly unbounded: OperatorModel;

  constructor(scene: Scene) {
    this.scene = scene;
    this.operator = new OperatorModel(scene, this.things);
    const peace: Scene = { ...scene, attempts: Number.POSITIVE_INFINITY, lostWrites: false, asyncPuts: false, checks: true };
    this.unbounded = new OperatorModel(peace, this.things);
  }

  /** Where the scene begins: after the steps that it names. */
  start(): State {
    let state = this.#beginning();
    for (const label of this.scene.begun) {
      const next = this.successors(state).find((one) => one.label.startsWith(label.replace(/^\?/, '')));
      if (next === undefined && label.startsWith('?')) continue;
      if (next === undefined) throw new RangeError(`${this.scene.name}: no step "${label}" here`);
      state = next.state;
    }
    return state;
  }

  get owners(): number {
    return Math.max(...this.scene.operators) + 1;
  }

  #beginning(): State {
    const { edits, deletions, statusLosses, operators } = this.scene;
    const left: State['left'] = [edits, deletions, statusLosses];
    const things = Array.from({ length: this.owners }, (_, owner) => this.#fresh(owner, left));
    return {
      time: 0,
      things,
      left,
      planned: this.planned.id([]),
      items: this.items.id({}),
      calls: this.calls.id([]),
      recent: this.recent.id([]),
      delivered: this.delivered.id([]),
      minds: operators.map((owner) => this.minds.id({ cache: things[owner] ?? -1, doing: IDLE })),
    };
  }

  /** An object as it is applied: each life has an uid of its own. */
  #fresh(owner: number, left: State['left'], wish = 0): number {
    const { deletions, statusLosses } = this.scene;
    const lives = deletions + statusLosses - left[1] - left[2];
    return this.things.id({ uid: 1 + lives + owner * 4, owner, wish, deleting: false, status: {} });
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
    if (this.planned.get(state.planned).some((one) => one.state === 'live')) return false;
    if (this.calls.get(state.calls).some((call) => call.kind === 'create')) return false;
    const [edits, deletions, losses] = state.left;
    const mayComeAnew = deletions > 0 || losses > 0 || (edits > 0 && this.scene.occasions);
    return !mayComeAnew && state.things.every((id) => this.#isSent(this.things.get(id)));
  }

  /** Of an object that was deleted, or is about to be, another life may come. */
  #isSent(thing: Thing | null): boolean {
    if (thing === null || thing.deleting || thing.status.lastSent === undefined) return false;
    return !this.scene.occasions || this.scene.wishes[thing.wish]?.spec.sendAt === thing.status.lastSent.sendAt;
  }

  momentOf(now: Temporal.Instant): Moment {
    return { bufferMs: BUFFER_MS, passed: (firesAt, beforeMs) => Temporal.Instant.compare(plusMs(instant(firesAt), -beforeMs), now) <= 0 };
  }

  now(time: number): Temporal.Instant {
    const now = this.scene.times[time];
    if (now === undefined) throw new RangeError(`no time ${time}`);
    return now;
  }

  /** What this operator takes for the time. */
  #nowOf(who: number, time: number): Temporal.Instant {
    return plusMs(this.now(time), this.scene.clocks[who] ?? 0);
  }

  #timePasses(state: State, out: Successor[]): void {
    const time = state.time + 1;
    if (time >= this.scene.times.length) return;
    const { planned, sent } = this.#fired(state.planned, state.items, state.recent, time);
    const minds = state.minds.map((mind) => this.#older(mind));
    const recent = this.#noneRecent;
    out.push({ label: TIME, state: { ...state, time, planned, minds, recent, delivered: this.#deliver(state.delivered, sent) } });
  }

  readonly #fired = once((planned: number, items: number, recent: number, time: number) => {
    const world = { planned: this.planned.get(planned), items: this.items.get(items), recent: this.recent.get(recent) };
    const effect = fire(world, this.momentOf(this.now(time)));
    return { planned: this.planned.id(effect.planned), sent: this.delivered.id(effect.sent) };
  });

  readonly #deliver = once((before: number, sent: number): number =>
    this.delivered.id([...this.delivered.get(before), ...this.delivered.get(sent)].sort()),
  );

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
    for (let owner = 0; owner < state.things.length; owner += 1) this.#ownerActs(state, owner, out);
  }

  #ownerActs(state: State, owner: number, out: Successor[]): void {
    const [edits, deletions, losses] = state.left;
    const thing = this.things.get(state.things[owner] ?? -1);
    const whose = owner === 0 ? '' : `of owner ${owner}: `;
    const become = (label: string, next: number, left: State['left']): void => {
      out.push({ label: `${whose}${label}`, state: { ...state, things: state.things.with(owner, next), left } });
    };
    if (thing === null) {
      become('applied again', this.#fresh(owner, state.left), state.left);
      return;
    }
    if (edits > 0)
      for (let wish = 0; wish < this.scene.wishes.length; wish += 1)
        if (wish !== thing.wish) become(`wish ${wish}`, this.things.id({ ...thing, wish }), [edits - 1, deletions, losses]);
    if (deletions > 0 && !thing.deleting) become('deleted', this.things.id({ ...thing, deleting: true }), [edits, deletions - 1, losses]);
    if (losses > 0 && this.#isQuiet(state, owner)) {
      const left: State['left'] = [edits, deletions, losses - 1];
      become('status lost', this.#fresh(owner, left, thing.wish), left);
    }
  }

  /** Nothing on its way, and the item says what it is known to say: what a restore from a backup, or a lost cluster, may assume. */
  #isQuiet(state: State, owner: number): boolean {
    const thing = this.things.get(state.things[owner] ?? -1);
    const { fence, operation } = thing?.status ?? {};
    const item = fence && this.items.get(state.items)[fence.item];
    const settled = fence?.confirmed === true && item?.token === fence.token && item.state === fence.state && !fence.unsettled;
    const idle = state.minds.every((id) => {
      const mind = this.minds.get(id);
      return mind.doing.kind === 'idle' && state.things.includes(mind.cache);
    });
    return settled && operation === undefined && idle && this.calls.get(state.calls).length === 0;
  }

  #brazeActs(state: State, out: Successor[]): void {
    this.calls.get(state.calls).forEach((call, index) => {
      const calls = this.#without(state.calls, index);
      for (const { sent, ...effect } of this.#effects(state.calls, index, state.planned, state.items, state.time)) {
        const recent = this.#nowRecent(state.recent, state.items, effect.items);
        const after: State = { ...state, calls, ...effect, recent, delivered: this.#deliver(state.delivered, sent) };
        const label = this.#takes(state.calls, index);
        if (call.who < 0) out.push({ label, state: after });
        else out.push({ label, state: this.#withMind(after, call.who, this.#answered(after, call)) });
      }
    });
  }

  readonly #effects = once(
    (...[calls, index, planned, items, time]: [calls: number, index: number, planned: number, items: number, time: number]) => {
      const call = this.calls.get(calls)[index];
      if (call === undefined) return [];
      const world = { planned: this.planned.get(planned), items: this.items.get(items) };
      return effectsOf(call, world, this.momentOf(this.now(time))).map((effect) => ({
        planned: this.planned.id(effect.planned),
        items: this.items.id(effect.items),
        sent: this.delivered.id(effect.sent),
      }));
    },
  );

  readonly #takes = once((calls: number, index: number) => `Braze takes ${JSON.stringify(this.calls.get(calls)[index])}`);

  get #noneRecent(): number {
    return this.recent.id([]);
  }

  readonly #nowRecent = once((recent: number, before: number, after: number): number => {
    if (!this.scene.renderLag) return recent;
    const known = this.recent.get(recent);
    const more = takenAway(this.items.get(before), this.items.get(after)).filter((token) => !known.includes(token));
    return more.length === 0 ? recent : this.recent.id([...known, ...more].sort());
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
    const put = { at: this.#nowOf(call.who, state.time).toString(), answer: 'stored' as const };
    return this.minds.id({ ...mind, doing: IDLE, ...(ticket ? { ticket: { ...ticket, put } } : {}) });
  }

  #operatorActs(state: State, who: number, out: Successor[]): void {
    const room = this.calls.get(state.calls).length < this.scene.calls;
    const owner = this.scene.operators[who] ?? 0;
    for (const move of this.#moves(who, state.minds[who] ?? -1, state.things[owner] ?? -1, state.items, state.time)) {
      if (move.call !== undefined && !room) continue;
      const things = move.thing === undefined ? state.things : state.things.with(owner, move.thing);
      const after = this.#withMind({ ...state, things }, who, move.mindId);
      const orphaned = move.forgets ? this.#orphaned(after.calls, who) : after.calls;
      const calls = move.call === undefined ? orphaned : this.#withCall(orphaned, move.callId);
      out.push({ label: move.label, state: { ...after, calls } });
    }
  }

  readonly #moves = once((...[who, mind, thing, items, time]: [who: number, mind: number, thing: number, items: number, time: number]) => {
    const at = { who, mind: this.minds.get(mind), thing, items: this.items.get(items), now: this.#nowOf(who, time) };
    return this.operator.moves(at).map((move: Move) => ({
      ...move,
      label: `${who} ${move.label}`,
      mindId: this.minds.id(move.mind),
      callId: move.call ? this.calls.id([move.call]) : -1,
    }));
  });

  readonly #orphaned = once((calls: number, who: number) =>
    this.calls.id(inOrder(this.calls.get(calls).map((call) => (call.who === who ? { ...call, who: -1 } : call)))),
  );

  readonly #withCall = once((calls: number, added: number) => this.calls.id(inOrder([...this.calls.get(calls), ...this.calls.get(added)])));

  #withMind(state: State, who: number, mind: number): State {
    return { ...state, minds: state.minds.with(who, mind) };
  }
}

const inOrder = (calls: readonly Call[]): readonly Call[] => calls.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
