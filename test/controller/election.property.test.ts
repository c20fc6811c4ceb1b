/**
 * Two or three candidates on one Lease, with everything between them and the store delayed, lost or reordered; the Lease is deleted,
 * annotated, its holder cleared; wall clocks are stepped, run at slightly different speeds, or stand still; processes die and come
 * back. At no instant may two of them be allowed to start a call, nor one while a call that another was allowed to start may run.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeaderElection } from '../../src/controller/election.ts';
import { freshLease, type Lease } from '../../src/controller/election-lease.ts';
import { leaseTimings } from '../../src/controller/election-timings.ts';
import type { KubeObject } from '../../src/controller/types.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { FakeLeases, type LeaseClient } from '../support/fake-leases.ts';

/** Real time of the simulated world, in steps. */
const STEP_MS = 250;
const STEPS = 320;
/** Longer than any lease. */
const LONGEST_MS = 20_000;

/** What happens to one request: steps until the store does it (-1: never), steps until its answer is read (-1: never). */
interface Fate {
  readonly there: number;
  readonly back: number;
}
type Disturbance =
  | { readonly type: 'delete' | 'annotate' | 'clear' | 'none' }
  /** For so many steps all requests of one candidate have this fate. */
  | { readonly type: 'weather'; readonly who: number; readonly steps: number; readonly fate: Fate }
  | { readonly type: 'step'; readonly who: number; readonly ms: number }
  | { readonly type: 'kill' | 'freeze-wall' | 'stop'; readonly who: number };

interface Plan {
  readonly candidates: readonly { readonly speed: number; readonly feed: boolean }[];
  readonly fresh: boolean;
  readonly fates: readonly Fate[];
  readonly disturbances: readonly { readonly at: number; readonly what: Disturbance }[];
}

const fate = fc.oneof(
  { weight: 20, arbitrary: fc.record({ there: fc.nat(1), back: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ there: fc.nat(60), back: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ there: fc.nat(60), back: fc.constant(-1) }) },
  { weight: 1, arbitrary: fc.constant({ there: -1, back: -1 }) },
);
/** A stretch of slow or lost requests, such as a broken node has. */
const storm = fc.record({ there: fc.integer({ min: -1, max: 60 }), back: fc.integer({ min: -1, max: 60 }) });
const who = fc.nat(2);
const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.record({ type: fc.constantFrom('delete' as const, 'annotate' as const, 'clear' as const, 'none' as const) }),
  fc.record({ type: fc.constant('weather' as const), who, steps: fc.nat(80), fate: storm }),
  fc.record({ type: fc.constant('step' as const), who, ms: fc.integer({ min: -100_000_000, max: 100_000_000 }) }),
  fc.record({ type: fc.constantFrom('kill' as const, 'freeze-wall' as const, 'stop' as const), who }),
);
const plan: fc.Arbitrary<Plan> = fc.record({
  // A thousandth each way is ten times what a machine's monotonic clock is allowed.
  candidates: fc.array(fc.record({ speed: fc.double({ min: 0.999, max: 1.001, noNaN: true }), feed: fc.boolean() }), {
    minLength: 2,
    maxLength: 3,
  }),
  fresh: fc.boolean(),
  fates: fc.array(fate, { minLength: 30, maxLength: 30 }),
  disturbances: fc.array(fc.record({ at: fc.nat(STEPS - 1), what: disturbance }), { maxLength: 16 }),
});

/** One life of one candidate. */
interface Life {
  readonly election: LeaderElection;
  readonly clock: FakeClock;
  readonly speed: number;
  frozen: boolean;
  dead: boolean;
  weather: { readonly untilStep: number; readonly fate: Fate };
}

class World {
  readonly leases = new FakeLeases();
  readonly lives: Life[] = [];
  readonly #plan: Plan;
  readonly #due: { at: number; run: () => void }[] = [];
  #step = 0;
  #requests = 0;
  #healed = false;
  /** Calls that may still run: until when, and whose. */
  #calls: { untilMs: number; life: Life }[] = [];
  /** How often some life was allowed to start a call, so that a world in which nobody ever leads does not pass for safe. */
  allowed = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    if (plan.fresh) this.leases.commit({ verb: 'POST', lease: freshLease('matchday') });
    for (const candidate of plan.candidates) this.#birth(candidate);
  }

  get #nowMs(): number {
    return this.#step * STEP_MS;
  }

  #birth({ speed, feed }: { speed: number; feed: boolean }): void {
    const clock = new FakeClock('2026-12-06T09:00:00Z', 1_000 * (1 + this.lives.length));
    const life = { clock, speed, frozen: false, dead: false, weather: { untilStep: 0, fate: { there: 0, back: 0 } } };
    const options = {
      client: this.#client(() => lived),
      clock,
      namespace: 'default',
      name: 'matchday',
      timings: leaseTimings(),
      log: silentLog,
    };
    const election = new LeaderElection({ ...options, ...(feed ? { feed: this.#feed(() => lived) } : {}) });
    const lived: Life = Object.assign(life, { election });
    this.lives.push(lived);
    election.start();
  }

  /** Each request has the next fate of the plan. What a dead process sent may still reach the store. */
  #client(life: () => Life): LeaseClient {
    const through = <T>(run: () => T): Promise<T> => {
      const answer = Promise.withResolvers<T>();
      const { there, back } = this.#nextFate(life());
      if (life().dead || there < 0) return answer.promise;
      this.#later(there, () => {
        const result = attempt(run);
        if (back >= 0) this.#later(back, () => !life().dead && result(answer));
      });
      return answer.promise;
    };
    return {
      get: <T extends KubeObject>() => through(() => this.leases.commit({ verb: 'GET', name: 'matchday' }) as KubeObject as T),
      create: <T extends KubeObject>(_: unknown, __: string, body: object) =>
        through(() => this.leases.commit({ verb: 'POST', lease: body as Lease }) as KubeObject as T),
      replace: <T extends KubeObject>(_: unknown, body: T) =>
        through(() => this.leases.commit({ verb: 'PUT', lease: body as KubeObject as Lease }) as KubeObject as T),
    };
  }

  /** A watch that lags behind by the fates of the plan, in order, and goes silent where a fate says so. */
  #feed(life: () => Life) {
    return {
      follow: (listener: (lease: Lease | undefined) => void) => {
        let last = 0;
        let silent = false;
        return this.leases.follow((lease) => {
          const { back } = this.#nextFate();
          silent ||= back < 0;
          if (silent) return;
          last = Math.max(last, this.#step + back);
          this.#due.push({ at: last, run: () => !life().dead && listener(lease) });
        });
      },
    };
  }

  #later(steps: number, run: () => void): void {
    if (steps === 0) run();
    else this.#due.push({ at: this.#step + steps, run });
  }

  async run(): Promise<void> {
    for (; this.#step < STEPS; this.#step++) {
      for (const { at, what } of this.#plan.disturbances) if (at === this.#step) this.#disturb(what);
      await this.#pass();
      this.#check();
    }
  }

  /** Ends the faults and starts one more process, as a kubelet would. True when somebody leads within a minute and stays. */
  async heal(): Promise<boolean> {
    this.#healed = true;
    this.#birth({ speed: 1, feed: false });
    for (const end = this.#step + 360; this.#step < end; this.#step++) {
      await this.#pass();
      this.#check();
    }
    return this.lives.some(({ election, dead }) => !dead && election.mayStart(election.timings.longestCallMs));
  }

  #nextFate(life?: Life): Fate {
    if (this.#healed) return { there: 0, back: 0 };
    if (life !== undefined && life.weather.untilStep > this.#step) return life.weather.fate;
    return this.#plan.fates[this.#requests++ % this.#plan.fates.length]!;
  }

  async #pass(): Promise<void> {
    for (const { clock, speed, frozen, dead } of this.lives) {
      if (dead) continue;
      clock.advance(STEP_MS * speed);
      if (frozen) clock.step(-STEP_MS * speed);
    }
    const due = this.#due.filter(({ at }) => at <= this.#step);
    this.#due.splice(0, this.#due.length, ...this.#due.filter(({ at }) => at > this.#step));
    for (const { run } of due) run();
    await settled(1);
  }

  #disturb(what: Disturbance): void {
    if (what.type === 'delete') this.leases.delete();
    if (what.type === 'annotate') this.leases.edit((lease) => lease);
    if (what.type === 'clear') this.leases.edit(({ spec: { holderIdentity: _, ...spec } = {}, ...lease }) => ({ ...lease, spec }));
    if (!('who' in what)) return;
    const life = this.lives.filter(({ dead }) => !dead)[what.who];
    if (life === undefined) return;
    if (what.type === 'weather') life.weather = { untilStep: this.#step + what.steps, fate: what.fate };
    if (what.type === 'step') life.clock.step(what.ms);
    if (what.type === 'freeze-wall') life.frozen = true;
    // Stopping by itself gives the lease back: only then may the calls that it started be over.
    if (what.type === 'stop') this.#calls = this.#calls.filter((call) => call.life !== life);
    if (what.type === 'stop') void life.election.stop({ release: true });
    if (what.type === 'kill') {
      life.dead = true;
      this.#birth({ speed: life.speed, feed: false });
    }
  }

  /** Everybody who may start the longest call that is allowed now starts it; the world checks that nobody else may then. */
  #check(): void {
    this.#calls = this.#calls.filter(({ untilMs }) => untilMs > this.#nowMs);
    const believers = this.lives.filter(({ election, dead }) => !dead && election.mayStart(0));
    expect(believers.length, `two believe at ${this.#nowMs} ms`).toBeLessThanOrEqual(1);
    for (const life of believers) {
      const foreign = this.#calls.find((call) => call.life !== life);
      expect(foreign?.untilMs, `a call outlives its lease at ${this.#nowMs} ms`).toBeUndefined();
      this.#calls.push({ untilMs: this.#nowMs + longestCallMs(life.election), life });
      this.allowed += 1;
    }
  }

  async end(): Promise<void> {
    for (const life of this.lives) life.dead = true;
    const stops = this.lives.map(({ election }) => election.stop({ release: false }));
    for (let turn = 0; turn < 4; turn++) {
      for (const { clock } of this.lives) clock.advance(2_000);
      await settled(1);
    }
    await Promise.all(stops);
  }
}

/** The longest call that may be started now, by halving. */
function longestCallMs(election: LeaderElection): number {
  let [may, mayNot] = [0, LONGEST_MS];
  while (mayNot - may > 1) {
    const middle = (may + mayNot) / 2;
    if (election.mayStart(middle)) may = middle;
    else mayNot = middle;
  }
  return may;
}

/** Does `run` now; what it came to is told later. */
function attempt<T>(run: () => T): (to: PromiseWithResolvers<T>) => void {
  try {
    const value = run();
    return ({ resolve }) => resolve(value);
  } catch (error) {
    return ({ reject }) => reject(error);
  }
}

describe('whatever happens to candidates, requests, clocks and the Lease', () => {
  it('no two may start a call at the same time, no call outlives its lease, and when the faults end somebody leads', async () => {
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(plan, async (planned) => {
        const world = new World(planned);
        try {
          await world.run();
          expect(await world.heal(), 'nobody leads although the faults are over').toBe(true);
        } finally {
          allowed += world.allowed;
          await world.end();
        }
      }),
      { numRuns: Number(process.env['ELECTION_RUNS'] ?? 100) },
    );
    expect(allowed).toBeGreaterThan(500);
  }, 600_000);
});
