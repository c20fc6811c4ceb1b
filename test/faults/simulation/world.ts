/**
 * One seed's world: API server, Braze, operators, people and troubles on one virtual clock. First everything goes wrong that the seed has
 * drawn; then nothing does any more, and what was promised must come true.
 */
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import type { EventRecorder } from '../../../src/telemetry/events.ts';
import { FakeLeases } from '../../support/fake-leases.ts';
import { Braze } from './braze.ts';
import { Cluster } from './cluster.ts';
import { Editor, type Planned } from './editor.ts';
import { BUFFER_MS, LAST_SLOT_MS, NAMESPACES, START, workspaceOf } from './fixtures.ts';
import { Life } from './life.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import type { Rates, Swarm } from './swarm.ts';
import { Troubles } from './troubles.ts';
import { installTimers } from './virtual-timers.ts';

export interface Violation {
  /** What kind it is: the same words for the same rule. */
  readonly rule: string;
  readonly detail: string;
  readonly atMs: number;
}

export interface WorldOptions {
  /** Keeps a line for everything that happens; costs time. */
  readonly history?: boolean;
  /** Cut short: nothing after this can matter. */
  readonly untilMs?: number;
}

const MINUTE_MS = 60_000;
const QUIET_MS = 10 * MINUTE_MS;
/** More passes than these in a minute are a loop: a busy one makes a tenth of it. */
const MOST_PASSES = { elected: 250, both: 120 } as const;

export class World {
  readonly swarm: Swarm;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly cluster: Cluster;
  readonly leases = new FakeLeases();
  readonly braze: Braze;
  readonly oracle: Oracle;
  readonly lives: Life[] = [];
  readonly history: string[] = [];
  readonly counts = new Map<string, number>();
  violations: Violation[] = [];
  keyRefusedUntilMs = 0;
  isCalm = false;
  calmSinceMs = Number.POSITIVE_INFINITY;
  readonly #calmRates: Rates;
  readonly #options: WorldOptions;
  #born = 0;
  #passesOfTheDead = 0;
  #minute = { fromMs: START, passes: 0 };

  constructor(swarm: Swarm, options: WorldOptions = {}) {
    this.swarm = swarm;
    this.#options = options;
    this.random = new Random(swarm.seed);
    this.scheduler = new Scheduler(START, (error) =>
      this.violation('something threw', error instanceof Error ? String(error.stack) : String(error)),
    );
    this.oracle = new Oracle(this);
    this.cluster = new Cluster({
      nowText: () => new Date(this.scheduler.nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      onEvent: () => {
        for (const life of this.lives) life.watch.wake();
      },
      ears: this.oracle,
    });
    this.braze = new Braze({
      scheduler: this.scheduler,
      random: this.random.fork('braze'),
      swarm,
      rates: () => this.rates,
      bufferMs: BUFFER_MS,
      note: this.note,
      onDelivery: (delivery) => this.oracle.delivered(delivery),
    });
    this.#calmRates = Object.fromEntries(Object.keys(swarm.rates).map((name) => [name, 0])) as Rates;
  }

  get ears(): Oracle {
    return this.oracle;
  }

  get rates(): Rates {
    return this.isCalm ? this.#calmRates : this.swarm.rates;
  }

  readonly note = (line: () => string): void => {
    if (this.#options.history !== true) return;
    this.history.push(`${new Date(this.scheduler.nowMs).toISOString().slice(11, 23)} ${line()}`);
  };

  readonly violation = (rule: string, detail: string): void => {
    this.note(() => `VIOLATION: ${rule}: ${detail}`);
    this.violations.push({ rule, detail, atMs: this.scheduler.nowMs });
  };

  readonly events: EventRecorder = {
    record: (subject, { reason, note }) => {
      this.count(reason);
      this.note(() => `  event ${subject.name} ${reason}: ${note}`);
    },
  };

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get passes(): number {
    return this.lives.reduce((sum, life) => sum + life.passes, this.#passesOfTheDead);
  }

  /** Runs the world to its end, or to its first violation. */
  async run(): Promise<void> {
    using _timers = installTimers(this.scheduler);
    const { random, swarm } = this;
    const chaosMs = random.between(20, 50) * MINUTE_MS;
    const firstMs =
      Math.ceil((START + (swarm.calmBeforeSend ? chaosMs + 66 * MINUTE_MS : random.between(22, 60) * MINUTE_MS)) / MINUTE_MS) * MINUTE_MS;
    const calmMs = swarm.calmBeforeSend ? START + chaosMs : firstMs + random.between(-15, 45) * MINUTE_MS;
    const editor = this.#editor(firstMs);
    for (const namespace of swarm.rival ? NAMESPACES : NAMESPACES.slice(0, 1)) this.cluster.putWorkspace(workspaceOf(namespace, swarm));
    for (const _ of ['a', 'b']) this.#newLife();
    editor.begin();
    new Troubles(this, random.fork('troubles')).begin();
    if (await this.#until(calmMs)) return;
    this.#calm();
    if (await this.#until(calmMs + 8 * MINUTE_MS)) return;
    editor.resolveAll();
    editor.finish();
    this.oracle.end.expect();
    if (await this.#until(calmMs + 20 * MINUTE_MS)) return;
    this.oracle.end.nudge();
    const lastMs = Math.max(firstMs + LAST_SLOT_MS + 25 * MINUTE_MS, calmMs + 40 * MINUTE_MS);
    if (await this.#until(lastMs)) return;
    this.oracle.end.judge();
    this.oracle.end.beginQuiet();
    if (await this.#until(lastMs + QUIET_MS)) return;
    this.oracle.end.endQuiet();
    for (const life of this.lives) life.die();
  }

  /** True when it is over before its time. */
  async #until(ms: number): Promise<boolean> {
    const { untilMs = Number.POSITIVE_INFINITY } = this.#options;
    await this.scheduler.runUntil(Math.min(ms, untilMs), () => this.#isOver());
    return this.violations.length > 0 || ms > untilMs;
  }

  #isOver(): boolean {
    const { nowMs } = this.scheduler;
    if (nowMs - this.#minute.fromMs >= MINUTE_MS) this.#minute = { fromMs: nowMs, passes: this.passes };
    else if (this.passes - this.#minute.passes > MOST_PASSES[this.swarm.leaders]) this.#endLoop();
    return this.violations.length > 0;
  }

  /**
   * Two that lead at once, and know different things (a key that one of them saw refused), write over each other for as long as both run:
   * somebody ends one of them. Any other loop is a bug.
   */
  #endLoop(): void {
    this.#minute = { fromMs: this.scheduler.nowMs, passes: this.passes };
    const [first, second] = this.lives;
    if (this.swarm.leaders === 'elected' || first === undefined || second === undefined)
      this.violation('no end of passes', `more than ${MOST_PASSES[this.swarm.leaders]} in a minute`);
    else this.kill(this.random.chance(0.5) ? first : second, 5 * MINUTE_MS);
    this.count('two leaders at odds');
  }

  /** The faults end; of two that nothing excludes, one goes on alone. */
  #calm(): void {
    this.note(() => 'the faults end');
    this.isCalm = true;
    this.calmSinceMs = this.scheduler.nowMs;
    this.keyRefusedUntilMs = 0;
    for (const life of this.lives) {
      life.apiCutUntilMs = 0;
      life.brazeCutUntilMs = 0;
      if (life.state === 'stopped') this.resume(life);
    }
    const [, second] = this.lives;
    if (this.swarm.leaders === 'both' && second !== undefined) second.die();
    if (this.lives.length === 0) this.#newLife();
  }

  /** SIGKILL; another life begins after `restartMs`. */
  kill(life: Life, restartMs: number): void {
    this.note(() => `${life.name} is killed`);
    life.die();
    this.#bury(life);
    this.scheduler.after(restartMs, () => this.#newLife());
  }

  /** SIGSTOP, and SIGCONT after `ms`. */
  pause(life: Life, ms: number): void {
    this.note(() => `${life.name} is stopped for ${ms} ms`);
    life.state = 'stopped';
    this.scheduler.after(ms, () => {
      if (life.state === 'stopped') this.resume(life);
    });
  }

  resume(life: Life): void {
    this.note(() => `${life.name} goes on`);
    life.state = 'running';
    for (const task of life.held.splice(0)) this.scheduler.again(task, this.random.between(0, 3));
  }

  /** A life that ended by itself. */
  lifeEnded(life: Life, code: number): void {
    this.note(() => `${life.name} ended with code ${code}`);
    life.die();
    this.#bury(life);
    this.scheduler.after(this.random.between(200, 5_000), () => this.#newLife());
  }

  #bury(life: Life): void {
    const at = this.lives.indexOf(life);
    if (at < 0) return;
    this.#passesOfTheDead += life.passes;
    this.lives.splice(at, 1);
  }

  #newLife(): void {
    if (this.lives.length >= 2 || (this.isCalm && this.swarm.leaders === 'both' && this.lives.length > 0)) return;
    this.#born += 1;
    const life = new Life(this, `op-${this.#born}`);
    this.lives.push(life);
    this.scheduler.after(0, () => void life.run(), life);
  }

  #editor(firstMs: number): Editor {
    const { scheduler, cluster, braze, swarm, note, random } = this;
    const plans: Planned[] = Array.from({ length: swarm.objects }, (_, match) => ({ namespace: 'default', name: `pl-${match}`, match }));
    if (swarm.twin) plans.push({ namespace: 'default', name: 'twin', match: 0 });
    if (swarm.rival) plans.push({ namespace: 'rival', name: 'pl-0', match: 0 });
    const options = { scheduler, cluster, braze, swarm, note, firstMs, random: random.fork('editor') };
    return new Editor({ ...options, isActive: () => !this.isCalm, isSettled: (object) => this.#isSettled(object) }, plans);
  }

  /** Nothing on its way, and the item says what it is known to say. */
  #isSettled({ status, metadata }: MatchNotification): boolean {
    const { fence, operation } = status ?? {};
    const item = this.braze.items.get(fence?.item ?? '');
    const known = fence?.confirmed === true && item?.['token'] === fence.token && fence.unsettled === undefined;
    const idle = this.lives.every((life) => life.inFlight === 0 && life.state === 'running') && this.braze.travelling === 0;
    return known && operation === undefined && idle && metadata.deletionTimestamp === undefined;
  }
}
