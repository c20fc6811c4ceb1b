/**
 * Two operators that never exclude each other, stale views, calls that are lost, late or reordered, deletes that are best effort near
 * the send, edits, deletions and re-creations without status; driven by a tape of numbers, so that a failure shrinks and replays.
 */
import type { MatchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { specOf } from '../objects.ts';
import { SimApi } from './api.ts';
import { type Call, Calls } from './calls.ts';
import { Operator } from './operator.ts';
import { SimBraze } from './remote.ts';

const START = '2026-12-06T11:06:00Z';
const KICKOFF = '2026-12-06T13:30:00Z';
/** Two send times of one occasion, and one of the next (6 h after). */
const SLOTS = ['2026-12-06T11:30:00Z', '2026-12-06T11:34:00Z', '2026-12-06T12:10:00Z'] as const;
const BUFFER_MS = 20 * 60_000;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Rules {
  readonly faults: boolean;
  readonly asyncPuts: boolean;
}

export class World {
  readonly clock = new FakeClock(START);
  readonly calls = new Calls();
  readonly api = new SimApi(() => this.clock.now());
  readonly braze = new SimBraze(() => this.clock.now());
  readonly log: string[] = [];
  operators: Operator[];
  #spec: MatchNotificationSpec;
  readonly #tape: readonly number[];
  #at = 0;
  #lives = 0;
  #randoms = 0;
  #weights: [number, () => void][] | undefined;
  rules: Rules;

  constructor(tape: readonly number[], rules: Rules) {
    this.#tape = tape;
    this.rules = rules;
    this.#spec = specOf({ sendAt: SLOTS[0], kickoff: KICKOFF });
    this.api.apply(this.#spec);
    this.operators = [this.#newOperator(), this.#newOperator()];
  }

  random(): string {
    this.#randoms += 1;
    return `r${this.#randoms}`;
  }

  pick(n: number): number {
    const value = this.#tape[this.#at % Math.max(1, this.#tape.length)] ?? 0;
    this.#at += 1;
    return value % n;
  }

  get finished(): boolean {
    return this.#at >= this.#tape.length;
  }

  nextPutIsAsync(): boolean {
    return this.rules.asyncPuts && this.pick(2) === 0;
  }

  deleteIsBestEffort(id: string): boolean {
    const schedule = this.braze.schedules.find((entry) => entry.id === id);
    if (!this.rules.faults || schedule === undefined) return false;
    const near = schedule.firesAt.epochMilliseconds - this.clock.now().epochMilliseconds < BUFFER_MS;
    return near && this.pick(2) === 0;
  }

  #newOperator(): Operator {
    this.#lives += 1;
    return new Operator(this, `life-${this.#lives}`);
  }

  /** One random step. */
  async step(): Promise<void> {
    this.#weights ??= this.#drawWeights();
    const total = this.#weights.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.pick(total);
    for (const [weight, act] of this.#weights) {
      left -= weight;
      if (left >= 0) continue;
      act();
      break;
    }
    await settle();
    this.#check();
  }

  /** Each run favours other kinds of events: some bugs show only where one kind is frequent and another never happens. */
  #drawWeights(): [number, () => void][] {
    const some = (usual: number): number => usual * ([0, 1, 1, 3][this.pick(4)] ?? 1);
    return [
      [5 + some(3), () => this.#startOne()],
      [6 + some(3), () => this.#onCall((call) => this.#sayReply(call))],
      [some(2), () => this.#onCall((call) => this.#sayTake(call))],
      [some(2), () => this.#onCall((call) => this.#sayDrop(call))],
      [1 + some(2), () => this.#refreshOne()],
      [1 + some(1), () => this.#pass(this.#leap())],
      [some(1), () => this.#edit()],
      [some(1), () => this.#crash()],
    ];
  }

  #startOne(): void {
    const operator = this.operators[this.pick(2)];
    if (operator?.running) return;
    this.log.push(`${operator?.identity} starts a pass`);
    operator?.start();
  }

  #refreshOne(): void {
    const operator = this.operators[this.pick(2)];
    if (operator === undefined || operator.running) return;
    operator.refresh();
    this.log.push(`${operator.identity} sees version ${operator.view?.metadata.resourceVersion}`);
  }

  #onCall(act: (call: Call) => void): void {
    const { open } = this.calls;
    const call = open[this.pick(Math.max(1, open.length))];
    if (call) act(call);
  }

  #sayReply(call: Call): void {
    this.log.push(`${call.name} #${call.id} takes effect and is answered`);
    this.calls.reply(call);
  }
  #sayTake(call: Call): void {
    this.log.push(`${call.name} #${call.id} takes effect`);
    this.calls.take(call);
  }
  #sayDrop(call: Call): void {
    this.log.push(`the answer of ${call.name} #${call.id} is lost${call.taken ? '' : ', the call still on its way'}`);
    this.calls.drop(call);
  }

  /** A little, or to where it matters: before the buffer, the margin and the firing of the next live schedule, and just past it. */
  #leap(): number {
    const small = [5_000, 20_000, 60_000][this.pick(3)] ?? 0;
    if (this.pick(2) === 0) return small;
    const now = this.clock.now().epochMilliseconds;
    const live = this.braze.schedules.filter((entry) => entry.state === 'live').map((entry) => entry.firesAt.epochMilliseconds - now);
    const ahead = [BUFFER_MS - 1_000, 62_000, 50_000, -1_000].flatMap((before) => live.map((ms) => ms - before)).filter((ms) => ms > 0);
    return ahead[this.pick(Math.max(1, ahead.length))] ?? small;
  }

  #pass(ms: number): void {
    this.clock.advance(ms);
    this.braze.fire(this.clock.now());
    this.log.push(`it is ${this.clock.now()}`);
  }

  #edit(): void {
    const what = this.pick(8);
    if (what < 4) this.#spec = { ...this.#spec, sendAt: SLOTS[this.pick(3)] ?? SLOTS[0] };
    else if (what === 4) this.#spec = { ...this.#spec, hold: { reason: 'Postponed' } };
    else if (what === 5) {
      const { hold: _released, ...rest } = this.#spec;
      this.#spec = rest;
    } else if (what === 6)
      this.#spec = { ...this.#spec, match: { ...this.#spec.match, home: { id: '58', name: `Villa ${this.pick(3)}` } } };
    else {
      this.log.push('the object is deleted');
      this.api.delete();
      return;
    }
    this.log.push(
      `spec: ${JSON.stringify({ sendAt: this.#spec.sendAt, hold: this.#spec.hold?.reason, home: this.#spec.match.home?.name })}`,
    );
    if (this.api.object?.metadata.deletionTimestamp === undefined) this.api.apply(this.#spec);
  }

  #crash(): void {
    const index = this.pick(2);
    const dead = this.operators[index];
    if (dead === undefined) return;
    this.log.push(`${dead.identity} dies`);
    this.calls.orphan(dead);
    this.operators[index] = this.#newOperator();
  }

  /** Faults end: everything on its way arrives, both operators see the truth and work until nothing is left to do. */
  async calm(): Promise<void> {
    this.rules = { faults: false, asyncPuts: false };
    const end = Temporal.Instant.from('2026-12-06T15:00:00Z');
    if (this.api.object === undefined) this.api.apply(this.#spec);
    while (Temporal.Instant.compare(this.clock.now(), end) < 0) {
      await this.#workItOff();
      this.#pass(30_000);
      this.#check();
    }
    await this.#workItOff();
    this.#check();
  }

  async #workItOff(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      for (const call of [...this.calls.open]) this.calls.reply(call);
      await settle();
      const idle = this.calls.open.length === 0 && this.operators.every((operator) => !operator.running);
      if (!idle) continue;
      const before = this.api.object?.metadata.resourceVersion;
      const leader = this.operators[0];
      leader?.refresh();
      const due = round === 0 || this.#due(leader);
      if (!due) return;
      leader?.start();
      await settle();
      if (this.calls.open.length === 0 && before === this.api.object?.metadata.resourceVersion && !this.#due(leader)) return;
    }
    throw new Error(`no end of work at ${this.clock.now()}: ${JSON.stringify(this.api.object?.status)}\n${this.log.slice(-30).join('\n')}`);
  }

  #due(operator: Operator | undefined): boolean {
    const at = operator?.wakeAt;
    const changed = operator?.view?.metadata.resourceVersion !== this.api.object?.metadata.resourceVersion;
    return changed || (at !== undefined && Temporal.Instant.compare(at, this.clock.now()) <= 0);
  }

  #check(): void {
    for (const operator of this.operators) if (operator.failure) throw operator.failure;
    if (this.braze.deliveries.length > 1) {
      throw new Error(`delivered ${this.braze.deliveries.length} times: ${JSON.stringify(this.braze.deliveries)}\n${this.log.join('\n')}`);
    }
  }
}
