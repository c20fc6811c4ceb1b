/** What befalls the operators and their ways: crashes, stops, cut networks, silent watches, refused keys, stepped clocks, lost leases. */
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';
import type { World } from './world.ts';

const WORST_MS = { stop: 180_000, apiCut: 120_000, brazeCut: 240_000, watchStall: 180_000, unauthorized: 180_000 } as const;

export class Troubles {
  readonly #world: World;
  readonly #random: Random;
  readonly #swarm: Swarm;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#swarm = world.swarm;
  }

  begin(): void {
    const { rates } = this.#swarm;
    this.#again(rates.crash, () => this.#one((life) => this.#world.kill(life, this.#random.between(100, 30_000))));
    this.#again(rates.stop, () => this.#one((life) => this.#world.pause(life, this.#upTo(WORST_MS.stop))));
    this.#again(rates.apiCut, () => this.#one((life) => this.#cutApi(life)));
    this.#again(rates.brazeCut, () => this.#one((life) => this.#cutBraze(life)));
    this.#again(rates.watchStall, () => this.#one((life) => life.watch.stall(this.#upTo(WORST_MS.watchStall), this.#random.chance(0.5))));
    this.#again(rates.unauthorized, () => this.#refuseKey());
    this.#again(rates.leaseTrouble, () => this.#lease());
    this.#again(rates.clockStep, () => this.#one((life) => this.#stepClock(life)));
  }

  #again(perHour: number, act: () => void): void {
    const { scheduler } = this.#world;
    const ms = this.#random.untilNext(perHour);
    if (!Number.isFinite(ms)) return;
    scheduler.after(ms, () => {
      if (this.#world.isCalm) return;
      act();
      this.#again(perHour, act);
    });
  }

  #one(act: (life: Life) => void): void {
    const life = this.#random.any(this.#world.lives);
    if (life !== undefined && life.state === 'running') act(life);
  }

  /** Mostly short, sometimes up to the worst. */
  #upTo(worstMs: number): number {
    return this.#random.chance(0.5) ? this.#random.between(500, 15_000) : this.#random.between(1_000, worstMs);
  }

  #cutApi(life: Life): void {
    const ms = this.#upTo(WORST_MS.apiCut);
    this.#world.note(() => `${life.name} is cut from the API server for ${ms} ms`);
    life.apiCutUntilMs = this.#world.scheduler.nowMs + ms;
    life.watch.stall(ms, this.#random.chance(0.5));
  }

  #cutBraze(life: Life): void {
    const ms = this.#upTo(WORST_MS.brazeCut);
    this.#world.note(() => `${life.name} is cut from Braze for ${ms} ms`);
    life.brazeCutUntilMs = this.#world.scheduler.nowMs + ms;
  }

  #refuseKey(): void {
    const ms = this.#upTo(WORST_MS.unauthorized);
    this.#world.note(() => `Braze refuses the key for ${ms} ms`);
    this.#world.keyRefusedUntilMs = this.#world.scheduler.nowMs + ms;
  }

  #stepClock(life: Life): void {
    const ms = this.#random.between(-5_000, 5_000);
    this.#world.note(() => `the clock of ${life.name} is stepped by ${ms} ms`);
    this.#world.scheduler.after(0, () => life.clock.step(ms), life);
  }

  /** The Lease is deleted, or its holder cleared by hand; or a rolling update. */
  #lease(): void {
    const { leases, note } = this.#world;
    if (this.#swarm.leaders !== 'elected') return;
    const what = this.#random.pick(['delete', 'clear', 'update', 'update'] as const);
    note(() => `the lease: ${what}`);
    if (what === 'delete') leases.delete();
    else if (what === 'clear')
      leases.edit(({ spec, ...lease }) => {
        const { holderIdentity: _holder, ...rest } = spec ?? {};
        return { ...lease, spec: rest };
      });
    else this.#one((life) => void this.#world.scheduler.after(0, () => life.terminate(), life));
  }
}
