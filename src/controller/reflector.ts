/**
 * Keeps a store equal to the API server, for as long as the process lives. It never dies: whatever a session meets, the next one
 * starts, at once where that is right and after a growing pause where it is not. It starts no effect and writes nothing, so two of
 * them, or one that is killed, do no harm.
 */

import { assertNever } from '../base/assert-never.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Connection } from './client.ts';
import { ApiError, ApiUnreachable } from './client-errors.ts';
import { Pace, pause } from './reflector-pace.ts';
import {
  listPages,
  resumeWatch,
  type Selection,
  type SessionContext,
  type SessionEnd,
  type SessionTiming,
  streamState,
} from './reflector-session.ts';
import { type StoreWentBack, WentBackWatch } from './reflector-went-back.ts';
import type { ObjectStore } from './store.ts';
import type { StoreFeed } from './store-feed.ts';
import type { KubeObject } from './types.ts';

export interface ReflectorTiming extends SessionTiming {
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A stream that ended sooner, and brought nothing, counts as a failure, in ms. */
  readonly shortStreamMs: number;
  /** In a long pause the server is asked this often whether it is back, in ms. */
  readonly probeEveryMs: number;
  /** How long a quorum must stay behind us before the process is told, in ms. */
  readonly wentBackMs: number;
}

/** The time-out is long because each resume is a request (≤ 800 an hour for two replicas); silence is found by `idleMs`, not by it. */
const REFLECTOR_TIMING: ReflectorTiming = {
  watchTimeoutSeconds: 1_500,
  idleMs: 150_000,
  initialIdleMs: 30_000,
  startTimeoutMs: 30_000,
  pageSize: 500,
  backoffBaseMs: 800,
  backoffCapMs: 30_000,
  shortStreamMs: 1_000,
  probeEveryMs: 4_000,
  wentBackMs: 60_000,
};

/** What a reflector tells: for logs and metrics. */
export type ReflectorNote =
  | { readonly type: 'complete'; readonly objects: number }
  | { readonly type: 'resumed' }
  | { readonly type: 'relisting'; readonly why: string }
  | { readonly type: 'failed'; readonly error: Error; readonly retryInMs: number };

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  readonly connection: Connection;
  readonly store: ObjectStore<T>;
  /** Must not throw. */
  readonly report?: (note: ReflectorNote) => void;
  /** The API server's store went back in time: end the process, so that it starts with what is true now. */
  readonly onStoreWentBack: (evidence: StoreWentBack) => void;
  readonly timing?: Partial<ReflectorTiming>;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  readonly random?: () => number;
}

/** How the next session asks: a streamed state, a state in pages, or on from the high-water mark. */
type Mode = 'stream' | 'pages' | 'resume';

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #feed: StoreFeed<T>;
  readonly #pace: Pace;
  readonly #wentBack: WentBackWatch;
  readonly #stop = new AbortController();
  readonly #firstState = Promise.withResolvers<boolean>();
  #running: Promise<void> | undefined;
  #heardAt: number | undefined;
  #mode: Mode = 'stream';
  #canStream = true;
  /** The connection was lost: whoever answers now may be a server of another history. */
  #mustVerify = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timing = { ...REFLECTOR_TIMING, ...options.timing };
    this.#clock = options.clock ?? systemClock;
    this.#feed = options.store.feed(options.namespace);
    const { backoffBaseMs: baseMs, backoffCapMs: capMs, wentBackMs, shortStreamMs } = this.#timing;
    this.#pace = new Pace({ baseMs, capMs, shortStreamMs, ...(options.random === undefined ? {} : { random: options.random }) });
    const { connection, onStoreWentBack } = options;
    this.#wentBack = new WentBackWatch({ connection, selection: selectionOf(options), wentBackMs, clock: this.#clock, onStoreWentBack });
  }

  /** Plural of the kind, for logs and metrics. */
  get name(): string {
    return this.#options.resource.plural;
  }
  get synced(): boolean {
    return this.#feed.synced;
  }
  /** Resolves with true when the first complete state is in, with false when the reflector was stopped before. */
  get whenSynced(): Promise<boolean> {
    return this.#firstState.promise;
  }
  /** Milliseconds since the server last said anything, bookmarks included; undefined before its first word. */
  get silentForMs(): number | undefined {
    return this.#heardAt === undefined ? undefined : this.#clock.monotonicMs() - this.#heardAt;
  }
  /** True when the cache can't be trusted to be recent: not complete yet, or silent for longer than a live watch ever is. */
  get stale(): boolean {
    const silent = this.silentForMs;
    return !this.synced || silent === undefined || silent > this.#timing.idleMs + this.#timing.backoffCapMs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the watch; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#firstState.resolve(false);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const pauseMs = await this.#attempt().catch((error: unknown) =>
        this.#retry(error instanceof Error ? error : new Error(String(error))),
      );
      await pause({ ms: pauseMs, probeEveryMs: this.#timing.probeEveryMs, connection: this.#options.connection, signal });
    }
  }

  /** One session; the pause before the next, in ms. */
  async #attempt(): Promise<number> {
    if (this.#mustVerify && this.#feed.highWater !== undefined) {
      const quorum = await this.#wentBack.check(this.#feed.highWater, this.#stop.signal);
      if (quorum === 'behind') return this.#behind('a quorum list is older than what was seen before');
      this.#mustVerify = quorum === 'unknown';
    }
    const session = this.#session();
    const end = await session.ended;
    if (this.#stop.signal.aborted) return 0;
    this.#pace.lived({
      ms: this.#clock.monotonicMs() - session.startedAt,
      accepted: end.kind === 'ended' || session.heard(),
      moved: session.moved(),
    });
    return await this.#next(end);
  }

  #session(): { ended: Promise<SessionEnd>; startedAt: number; heard(): boolean; moved(): boolean } {
    let heard = false;
    let liveFrom = this.#mode === 'resume' ? this.#feed.highWater : undefined;
    const startedAt = this.#clock.monotonicMs();
    const context = this.#context({
      heard: () => {
        heard = true;
        this.#heardAt = this.#clock.monotonicMs();
      },
      complete: (objects) => {
        liveFrom = this.#feed.highWater;
        this.#mode = 'resume';
        this.#firstState.resolve(true);
        this.#report({ type: 'complete', objects });
      },
    });
    const run = { stream: streamState, pages: listPages, resume: resumeWatch }[this.#mode];
    return { ended: run(context), startedAt, heard: () => heard, moved: () => liveFrom !== undefined && this.#feed.highWater !== liveFrom };
  }

  async #next(end: SessionEnd): Promise<number> {
    switch (end.kind) {
      case 'listed':
        return 0;
      case 'ended':
        return this.#ended();
      case 'expired':
        return this.#relist('the version to resume from is gone', this.#pace.afterExpiry());
      case 'no-watch-list':
        if (end.forGood) this.#canStream = false;
        this.#report({ type: 'relisting', why: 'no streamed initial state: taking it in pages' });
        this.#mode = 'pages';
        return 0;
      case 'behind':
        if (this.#feed.highWater !== undefined) await this.#wentBack.check(this.#feed.highWater, this.#stop.signal);
        return this.#behind(`the server answers the older resourceVersion ${end.version}`);
      case 'failed':
        return this.#failed(end.error);
      default:
        return assertNever(end);
    }
  }

  #ended(): number {
    const ms = this.#pace.afterEnd();
    this.#report(
      ms === 0 ? { type: 'resumed' } : { type: 'failed', error: new Error('the watch ended as soon as it began'), retryInMs: ms },
    );
    return ms;
  }

  #relist(why: string, pauseMs: number): number {
    this.#mode = this.#canStream ? 'stream' : 'pages';
    this.#report({ type: 'relisting', why });
    return pauseMs;
  }

  #behind(why: string): number {
    const ms = this.#retry(new Error(why));
    return this.#relist(why, ms);
  }

  #failed(error: Error): number {
    if (this.#mode === 'pages') this.#mode = this.#canStream ? 'stream' : 'pages';
    if (error instanceof ApiUnreachable || (error instanceof ApiError && error.isVersionTooLarge)) this.#mustVerify = true;
    return this.#retry(error);
  }

  #retry(error: Error): number {
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
    const retryInMs = Math.max(this.#pace.afterFailure(), asked);
    this.#report({ type: 'failed', error, retryInMs });
    return retryInMs;
  }

  /** A reporter that throws must not end the reflector. */
  #report(note: ReflectorNote): void {
    try {
      this.#options.report?.(note);
    } catch {
      // Nobody is left to tell.
    }
  }

  #context(listen: Pick<SessionContext<T>, 'heard' | 'complete'>): SessionContext<T> {
    const { connection, random } = this.#options;
    const signal = this.#stop.signal;
    return {
      connection,
      selection: selectionOf(this.#options),
      feed: this.#feed,
      timing: this.#timing,
      signal,
      random: random ?? Math.random,
      ...listen,
    };
  }
}

function selectionOf(selection: Selection): Selection {
  const { resource, namespace, labelSelector, fieldSelector } = selection;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}
