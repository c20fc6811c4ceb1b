/**
 * A clock that follows the sandbox's from another process.
 *
 * It knows the three numbers of the other clock and reads the machine's time itself, so reading costs no call and both agree to the
 * millisecond. A move reaches it a moment after it was made. While the stream is broken it goes on as it last knew, and connects again.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../../src/base/clock.ts';
import { AnchoredClock, type ClockState } from './sandbox-clock.ts';

const stateLine = z.object({ instant: z.string(), anchoredAt: z.number(), rate: z.number() });

const RECONNECT_MS = 200;

export interface FollowOptions {
  /** How long the first connection may take; 10 s unless told. */
  readonly timeoutMs?: number;
  /** Monotonic milliseconds per real one; 1 unless told. A machine that counts slowly believes in its lease for longer than others do. */
  readonly monotonicRate?: number;
  /** Told when the stream breaks and when a listener throws; standard error unless told. */
  readonly onProblem?: (message: string) => void;
}

export interface FollowedClock extends Clock, AsyncDisposable {
  /** Stops following; the clock goes on as it last knew. */
  close(): Promise<void>;
}

/** Follows the clock that `serveClock` serves at `url`. Resolves when its time is known; throws when it can't be reached in time. */
export async function followClock(url: string, options: FollowOptions = {}): Promise<FollowedClock> {
  const { timeoutMs = 10_000, monotonicRate = 1, onProblem = toStandardError } = options;
  const end = new AbortController();
  const first = Promise.withResolvers<FollowingClock>();
  const timer = setTimeout(
    () => first.reject(new Error(`the sandbox's clock at ${url} was not reached within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  let clock: FollowingClock | undefined;
  const onState = (state: ClockState): void => {
    if (clock !== undefined) {
      clock.follow(state);
      return;
    }
    clock = new FollowingClock(state, { monotonicRate, close: () => stop(end, following) });
    first.resolve(clock);
  };
  const following = followForever({ url, signal: end.signal, onState, onProblem });
  try {
    return await first.promise;
  } catch (error) {
    await stop(end, following);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function stop(end: AbortController, following: Promise<void>): Promise<void> {
  end.abort();
  await following;
}

class FollowingClock extends AnchoredClock implements FollowedClock {
  readonly close: () => Promise<void>;
  readonly #monotonicRate: number;

  constructor(state: ClockState, { monotonicRate, close }: { monotonicRate: number; close: () => Promise<void> }) {
    super(state);
    this.close = close;
    this.#monotonicRate = monotonicRate;
  }

  override monotonicMs(): number {
    return super.monotonicMs() * this.#monotonicRate;
  }

  /** A state that was heard again, as after a reconnection, is no move. */
  follow(state: ClockState): void {
    const { instant, anchoredAt, rate } = this.state;
    if (state.instant === instant && state.anchoredAt === anchoredAt && state.rate === rate) return;
    this.replace(state);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Following {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly onState: (state: ClockState) => void;
  readonly onProblem: (message: string) => void;
}

async function followForever(following: Following): Promise<void> {
  const { url, signal, onProblem } = following;
  while (!signal.aborted) {
    try {
      await followOnce(following);
      if (!signal.aborted) onProblem(`the sandbox's clock at ${url} hung up; connecting again`);
    } catch (error) {
      if (!signal.aborted) onProblem(`the sandbox's clock at ${url} can't be followed: ${describe(error)}; trying again`);
    }
    await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
  }
}

/** Resolves when the other side has ended the stream. */
async function followOnce({ url, signal, onState, onProblem }: Following): Promise<void> {
  const response = await fetch(`${url}/stream`, { signal });
  if (!response.ok || response.body === null) throw new Error(`it answered ${response.status}`);
  const body = Readable.fromWeb(response.body);
  for await (const text of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    const state = stateLine.parse(JSON.parse(text));
    try {
      onState(state);
    } catch (error) {
      onProblem(`a listener of the sandbox's clock failed: ${describe(error)}`);
    }
  }
}

/** fetch hides the reason in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function toStandardError(message: string): void {
  process.stderr.write(`${message}\n`);
}
