/**
 * Leader election on a coordination.k8s.io Lease. It avoids wasted work; no safety property of the objects depends on it (design §2).
 *
 * Why at most one believes: a holder believes for less than a lease, counted from *before* it sent its last acknowledged write. Another
 * takes the record only by compare-and-set, and only after that very version stood for a whole lease since it was seen, on its own
 * monotonic clock; whoever wrote before that version has stopped believing by then, whoever wrote after it makes the set fail. An absent
 * Lease is first claimed (written without believing) and then waited for in the same way. No wall clock is read for a decision.
 *
 * A lost lease is lost for the life of the process. After a crash the identity is a new one, so the record of the former life belongs
 * to a stranger and is waited out.
 */
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { ApiError } from './client-errors.ts';
import { claimed, isTakenBy, LEASES, type Lease, type LeaseWriter, recreated, released, renewed, taken } from './election-lease.ts';
import { LeaseObservation } from './election-observation.ts';
import { type LeaseAction, planLease } from './election-plan.ts';
import type { LeaseTimings } from './election-timings.ts';
import { monotonicTime, Timers } from './timers.ts';
import type { KubeClient, Leadership } from './types.ts';

/** Tells a candidate about changes of the Lease, so that it need not ask. */
export interface LeaseFeed {
  /** Calls `listener` with each newest state seen (`undefined` after a deletion) until the returned function is called. */
  follow(listener: (lease: Lease | undefined) => void): () => void;
}

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly timings: LeaseTimings;
  /** Without one the candidate looks every retry period. */
  readonly feed?: LeaseFeed;
  readonly log: Log;
  /** `leader_election_master_status`. */
  readonly onLeading?: (leading: boolean) => void;
}

type Phase = 'idle' | 'candidate' | 'leading' | 'stopping' | 'ended';

export class LeaderElection implements Leadership {
  /** New in each life: host name for people, then chance. */
  readonly identity = `${hostname()}_${crypto.randomUUID()}`;
  readonly timings: LeaseTimings;
  readonly #options: LeaderElectionOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #seen = new LeaseObservation();
  readonly #timers: Timers<'act' | 'deadline'>;
  readonly #lost = new AbortController();
  readonly #elected = Promise.withResolvers<boolean>();
  readonly #pending = new Set<Promise<void>>();
  #unfollow: () => void = () => {};
  #phase: Phase = 'idle';
  #believedUntilMs = Number.NEGATIVE_INFINITY;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = 0;
  #doubt = false;
  #refusals = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.timings = options.timings;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#timers = new Timers({
      time: monotonicTime(options.clock),
      onDue: (key) => (key === 'deadline' ? this.#lose('no renewal was acknowledged within the renew deadline') : this.#act()),
    });
    options.onLeading?.(false);
  }

  /** Aborted, with the reason, when leadership ends: lost, or given back by `stop`. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get leading(): boolean {
    return this.#phase === 'leading';
  }

  mayStart(callMs: number): boolean {
    return this.#phase === 'leading' && this.#clock.monotonicMs() + callMs < this.#believedUntilMs;
  }

  /** True once this process leads; false when it was stopped before. */
  get elected(): Promise<boolean> {
    return this.#elected.promise;
  }

  /** Stands for election. */
  start(): void {
    if (this.#phase !== 'idle') throw new Error('this election was started before: make a new one for a new life');
    this.#phase = 'candidate';
    this.#unfollow =
      this.#options.feed?.follow((lease) => {
        if (this.#phase !== 'candidate') return;
        this.#seen.see(lease, this.#clock.monotonicMs());
        this.#schedule();
      }) ?? this.#unfollow;
    this.#schedule();
  }

  /**
   * Leaves the election. Call it with `release` only when no call is in flight and none will be started: another may lead a moment
   * later. Without it the lease runs out by itself. True when the Lease was given back. Never throws.
   */
  async stop({ release }: { release: boolean }): Promise<boolean> {
    if (this.#phase === 'ended' || this.#phase === 'stopping') return false;
    const led = this.#phase === 'leading';
    this.#phase = 'stopping';
    this.#endBelief('this process stops');
    // A write of ours may still be on its way, and what it makes of the Lease is what must be given back.
    await this.#within(Promise.all(this.#pending));
    const freed = release && (led || this.#holds()) && (await this.#within(this.#release())) === true;
    this.#phase = 'ended';
    return freed;
  }

  #holds(): boolean {
    return this.#seen.lease !== undefined && isTakenBy(this.#seen.lease, this.identity);
  }

  #writer(): LeaseWriter {
    return { identity: this.identity, leaseDurationMs: this.timings.leaseDurationMs, now: this.#clock.now() };
  }

  /** Sets the one timer to whatever comes next. */
  #schedule(): void {
    if (this.#phase !== 'candidate' && this.#phase !== 'leading') return;
    this.#timers.set('act', this.#plan().atMs);
  }

  #plan() {
    const standing = {
      identity: this.identity,
      leading: this.#phase === 'leading',
      seen: this.#seen,
      doubt: this.#doubt,
      restUntilMs: this.#restUntilMs,
      renewedAtMs: this.#renewedAtMs,
      sentAtMs: this.#sentAtMs,
      polls: this.#options.feed === undefined,
    };
    return planLease(standing, this.timings);
  }

  #act(): void {
    if (this.#phase !== 'candidate' && this.#phase !== 'leading') return;
    const { action, atMs } = this.#plan();
    if (atMs <= this.#clock.monotonicMs()) this.#begin(action);
    this.#schedule();
  }

  /** Sends one request. It is not waited for longer than a retry period, but its answer counts whenever it comes. */
  #begin(action: LeaseAction): void {
    const sentAtMs = this.#clock.monotonicMs();
    this.#sentAtMs = sentAtMs;
    this.#restUntilMs = sentAtMs + this.timings.retryPeriodMs;
    if (this.#phase === 'candidate' && action !== 'look') this.#doubt = true;
    const attempt = this.#attempt(action, sentAtMs).finally(() => {
      this.#pending.delete(attempt);
      this.#schedule();
    });
    this.#pending.add(attempt);
  }

  /** One request and what follows from its answer. Never rejects. */
  async #attempt(action: LeaseAction, sentAtMs: number): Promise<void> {
    const base = this.#seen.lease;
    const changes = this.#seen.changes;
    try {
      const lease = await this.#send(action, base);
      if (action === 'look') this.#looked(lease, changes);
      else this.#wrote(action, { lease, base, sentAtMs });
    } catch (error) {
      this.#failed(action, { error, changes });
    }
  }

  #send(action: LeaseAction, base: Lease | undefined): Promise<Lease> {
    const { client, namespace, name } = this.#options;
    const writer = this.#writer();
    // A later answer would not count any more.
    const call = { timeoutMs: this.timings.renewDeadlineMs };
    if (action === 'look') return client.get<Lease>(LEASES, { namespace, name }, call);
    if (action === 'claim') return client.create<Lease>(LEASES, namespace, claimed(name, writer), call);
    if (action === 'recreate') return client.create<Lease>(LEASES, namespace, recreated(name, this.#seen.lastSpec, writer), call);
    if (base === undefined) return Promise.reject(new Error(`the Lease ${namespace}/${name} was never seen`));
    return client.replace<Lease>(LEASES, action === 'take' ? taken(base, writer) : renewed(base, writer), call);
  }

  #looked(lease: Lease | undefined, changes: number): void {
    this.#doubt = false;
    this.#restUntilMs = this.#clock.monotonicMs();
    // Something was learned while the look was under way, and may be newer: go by that, the next write finds out.
    if (this.#seen.changes !== changes) return;
    this.#seen.see(lease, this.#clock.monotonicMs());
    if (this.#phase === 'leading' && lease !== undefined && !this.#holds()) {
      this.#lose(`the Lease names another holder: ${lease.spec?.holderIdentity ?? 'nobody'}`);
    }
  }

  #wrote(action: LeaseAction, { lease, base, sentAtMs }: { lease: Lease; base: Lease | undefined; sentAtMs: number }): void {
    const nowMs = this.#clock.monotonicMs();
    const inTime = nowMs < sentAtMs + this.timings.renewDeadlineMs;
    const changed = base === undefined || lease.metadata.resourceVersion !== base.metadata.resourceVersion;
    this.#seen.see(lease, nowMs);
    this.#doubt = !changed;
    if (!changed || this.#phase === 'ended' || this.#phase === 'stopping') return;
    this.#refusals = 0;
    this.#restUntilMs = nowMs;
    // `#holds`: an answer that comes after a newer record of somebody else was seen makes no leader.
    if (action !== 'claim' && inTime && this.#holds()) this.#lead(sentAtMs);
  }

  /** A write sent at `sentAtMs` made or kept this process the holder. */
  #lead(sentAtMs: number): void {
    this.#renewedAtMs = Math.max(this.#renewedAtMs, sentAtMs);
    this.#restUntilMs = this.#renewedAtMs;
    this.#believedUntilMs = this.#renewedAtMs + this.timings.believeMs;
    this.#timers.set('deadline', this.#renewedAtMs + this.timings.renewDeadlineMs);
    if (this.#phase === 'leading') return;
    this.#phase = 'leading';
    this.#unfollow();
    this.#log.info('leading from now on', { lease: this.#options.name, identity: this.identity });
    this.#options.onLeading?.(true);
    this.#elected.resolve(true);
  }

  #failed(action: LeaseAction, { error, changes }: { error: unknown; changes: number }): void {
    const nowMs = this.#clock.monotonicMs();
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 404 && action === 'look') {
      this.#looked(undefined, changes);
      return;
    }
    if (status === 404 || status === 409) {
      // A refusal of a version that was replaced meanwhile says nothing about the newest.
      if (this.#seen.changes !== changes) return;
      this.#doubt = true;
      this.#refusals += 1;
      this.#restUntilMs = this.#refusals > 1 ? nowMs + this.timings.retryPeriodMs : nowMs;
      return;
    }
    const fields = { lease: `${this.#options.namespace}/${this.#options.name}`, action, error };
    this.#log.warn('a request for the Lease failed and is made again; look at the API server and at the rights on leases', fields);
  }

  #lose(reason: string): void {
    if (this.#phase !== 'leading') return;
    this.#phase = 'ended';
    this.#log.error('lost the lease: nothing new is started', { lease: this.#options.name, identity: this.identity, reason });
    this.#endBelief(reason);
  }

  #endBelief(reason: string): void {
    this.#believedUntilMs = Number.NEGATIVE_INFINITY;
    this.#timers.stop();
    this.#unfollow();
    this.#elected.resolve(false);
    this.#options.onLeading?.(false);
    this.#lost.abort(new Error(`leadership ended: ${reason}`));
  }

  /** Gives the Lease back; looks once more when it changed under us. */
  async #release(): Promise<boolean> {
    const { client, namespace, name } = this.#options;
    const call = { timeoutMs: this.timings.retryPeriodMs };
    for (let round = 0; round < 2; round++) {
      try {
        if (round > 0) this.#seen.see(await client.get<Lease>(LEASES, { namespace, name }, call), this.#clock.monotonicMs());
        const lease = this.#seen.lease;
        if (lease === undefined || !this.#holds()) return false;
        await client.replace<Lease>(LEASES, released(lease, this.#writer()), call);
        return true;
      } catch (error) {
        this.#log.warn('the Lease could not be given back', { lease: name, error });
      }
    }
    return false;
  }

  /** The result of `work`, or `undefined` after a retry period: stopping must not hang on a server that does not answer. */
  async #within<T>(work: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timers = new Timers({ time: monotonicTime(this.#clock), onDue: () => resolve(undefined) });
    timers.set('patience', this.#clock.monotonicMs() + this.timings.retryPeriodMs);
    try {
      return await Promise.race([work, promise]);
    } finally {
      timers.stop();
    }
  }
}
