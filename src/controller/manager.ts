/**
 * Starts the parts of the process in one order, stops them in the reverse one, and says with which code the process should exit.
 *
 * Every step says why it stands where it stands. Steps before the election run on a standby as well; steps after it only while this
 * process leads. A part that fails to start stops what was started before. A crash anywhere is survived by the objects, not by this.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Controller } from './controller.ts';
import type { LeaderElection } from './election.ts';
import { healthRoutes, type ReadyCheck } from './health.ts';
import { HttpServer } from './http-servers.ts';
import { monotonicTime, Timers } from './timers.ts';

/** One part of the process. */
export interface Step {
  readonly name: string;
  /** Why it stands here in the order. */
  readonly why: string;
  /** Resolves when the next step may start. `signal` is aborted when the process is to stop meanwhile. */
  readonly start?: (signal: AbortSignal) => Promise<void> | void;
  /** Called when the step was started, or failed to. */
  readonly stop?: () => Promise<void> | void;
}

export interface ManagerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly election: LeaderElection;
  readonly controllers: readonly Controller[];
  /** Parts that a standby runs too, in order: caches first, each resolving when synced. */
  readonly always?: readonly Step[];
  /** Parts that only a leader runs, besides the controllers: started before them, stopped after they drained. */
  readonly leading?: readonly Step[];
  readonly ready?: readonly ReadyCheck[];
  /** Undefined: not served. */
  readonly healthAddress: string | undefined;
  readonly metricsAddress: string | undefined;
  /** Aborted by a part that finds that this process must not go on (a store that went back in time): exit 1 after a clean drain. */
  readonly failed?: AbortSignal;
  readonly renderMetrics: () => Promise<{ contentType: string; body: string }>;
  /** Real milliseconds that passes under way have to finish; SIGTERM to exit must stay under 25 s. */
  readonly drainMs?: number;
}

/** 0: stopped because it was asked to, all work recorded, lease given back. 1: lost the lease, or a part failed. */
export type ExitCode = 0 | 1;

const DRAIN_MS = 18_000;
/** After the drain's end: for passes that listen to their signal. */
const ABANDON_MS = 1_000;

export class Manager {
  readonly #options: ManagerOptions;
  readonly #health: HttpServer | undefined;
  readonly #metrics: HttpServer | undefined;
  readonly #started: Step[] = [];
  #drained = true;
  #lost = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    const onError = (path: string, error: unknown): void => options.log.error('could not answer', { path, error });
    const routes = healthRoutes(options.ready ?? []);
    const { healthAddress, metricsAddress } = options;
    if (healthAddress !== undefined) this.#health = new HttpServer({ flag: '--health-address', address: healthAddress, routes, onError });
    const render = async () => ({ status: 200, ...(await options.renderMetrics()) });
    if (metricsAddress !== undefined)
      this.#metrics = new HttpServer({ flag: '--metrics-address', address: metricsAddress, routes: { '/metrics': render }, onError });
  }

  /** Undefined when it is not served. */
  get healthPort(): number | undefined {
    return this.#health?.port;
  }

  get metricsPort(): number | undefined {
    return this.#metrics?.port;
  }

  /** The order of start; stopping goes the other way. */
  steps(): readonly Step[] {
    const { election, controllers, always = [], leading = [] } = this.#options;
    return [
      {
        name: 'health server',
        why: 'the kubelet asks while the caches still fill',
        start: () => this.#health?.start(),
        stop: () => this.#health?.stop(),
      },
      {
        name: 'metrics server',
        why: 'a start that hangs must be visible',
        start: () => this.#metrics?.start(),
        stop: () => this.#metrics?.stop(),
      },
      ...always,
      {
        name: 'leader election',
        why: 'who leads must know the objects already; the lease is given back after the last effect, before the caches end',
        start: (signal) => this.#lead(election, signal),
        stop: () => this.#leave(election),
      },
      ...leading,
      {
        name: 'controllers',
        why: 'last to start, since a pass uses everything above; first to stop, and drained before anything that a pass uses ends',
        start: () => controllers.forEach((controller) => controller.start()),
        stop: () => this.#drain(controllers),
      },
    ];
  }

  /**
   * Runs until `stop` is aborted (SIGTERM) or the lease is lost; never throws. The caller exits the process with the answer: what
   * hangs beyond the drain's end is cut by that.
   */
  async run(stop: AbortSignal): Promise<ExitCode> {
    const { election, log, failed } = this.#options;
    const end = AbortSignal.any([stop, election.lost, ...(failed === undefined ? [] : [failed])]);
    let broken = false;
    try {
      await this.#start(end);
      await aborted(end);
    } catch (error) {
      broken = true;
      log.error('a part of the process failed', { error });
    }
    log.info('stopping', { reason: broken ? 'a part failed' : reasonOf(end) });
    const clean = await this.#stop();
    return stop.aborted && failed?.aborted !== true && !this.#lost && !broken && clean && this.#drained ? 0 : 1;
  }

  async #start(end: AbortSignal): Promise<void> {
    for (const step of this.steps()) {
      if (end.aborted) return;
      this.#options.log.debug('starting', { step: step.name, why: step.why });
      this.#started.push(step);
      await startOrEnd(step, end);
    }
  }

  /** True when every step stopped without an error; an error of one does not keep the next from stopping. */
  async #stop(): Promise<boolean> {
    let clean = true;
    for (const step of this.#started.splice(0).reverse()) {
      this.#options.log.debug('stopping', { step: step.name });
      try {
        await step.stop?.();
      } catch (error) {
        clean = false;
        this.#options.log.error('a part did not stop cleanly', { step: step.name, error });
      }
    }
    return clean;
  }

  async #lead(election: LeaderElection, signal: AbortSignal): Promise<void> {
    election.start();
    await Promise.race([election.elected, aborted(signal)]);
  }

  async #leave(election: LeaderElection): Promise<void> {
    this.#lost = election.lost.aborted;
    if (this.#lost) return;
    const released = await election.stop({ release: this.#drained });
    if (!this.#drained) this.#options.log.warn('the lease is left to run out: a call may still be in flight');
    else if (released) this.#options.log.info('gave the lease back');
  }

  /** Takes no new work and waits for what is under way. */
  async #drain(controllers: readonly Controller[]): Promise<void> {
    for (const controller of controllers) controller.stop();
    const all = Promise.all(controllers.map((controller) => controller.drained()));
    this.#drained = await this.#within(all, this.#options.drainMs ?? DRAIN_MS);
    if (this.#drained) return;
    const left = controllers.reduce((sum, controller) => sum + controller.underWay, 0);
    this.#options.log.error('passes did not end in time and are abandoned; the next leader finds what they intended', { passes: left });
    for (const controller of controllers) controller.abandon('the process must end');
    this.#drained = await this.#within(all, ABANDON_MS);
  }

  /** True when `work` was done within `ms`. */
  async #within(work: Promise<unknown>, ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { clock } = this.#options;
    const timers = new Timers({ time: monotonicTime(clock), onDue: () => resolve(false) });
    timers.set('end', clock.monotonicMs() + ms);
    try {
      return await Promise.race([work.then(() => true), promise]);
    } finally {
      timers.stop();
    }
  }
}

/** Starts a step, or gives up waiting for it when the process is to end. */
async function startOrEnd(step: Step, end: AbortSignal): Promise<void> {
  const started = Promise.resolve(step.start?.(end));
  started.catch(() => {});
  await Promise.race([started, aborted(end)]);
}

const reasonOf = ({ reason }: AbortSignal): string => (reason instanceof Error ? reason.message : String(reason));

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
