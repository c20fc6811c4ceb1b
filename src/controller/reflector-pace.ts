/**
 * When a reflector comes back: at once after what is normal, after a growing pause when the same thing fails again and again.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Connection } from './client.ts';

export class Pace {
  readonly #backoff: Backoff;
  readonly #shortStreamMs: number;
  #workedLast = false;
  /** 410s in a row with nothing good between them. */
  #expiries = 0;

  constructor(options: BackoffOptions & { shortStreamMs: number }) {
    this.#backoff = new Backoff(options);
    this.#shortStreamMs = options.shortStreamMs;
  }

  /** To be told after each session: how long it was, whether the server took part, whether it brought anything new. */
  lived(session: { ms: number; accepted: boolean; moved: boolean }): void {
    this.#workedLast = session.moved || (session.accepted && session.ms >= this.#shortStreamMs);
    if (!this.#workedLast) return;
    this.#backoff.reset();
    this.#expiries = 0;
  }

  /** After a stream that just ended: at once, unless it brought nothing and was over as soon as it began. */
  afterEnd(): number {
    return this.#workedLast ? 0 : this.#backoff.next();
  }

  /** After a 410: at once, unless the last complete state led straight to the next 410. */
  afterExpiry(): number {
    this.#expiries += 1;
    return this.#expiries > 1 ? this.#backoff.next() : 0;
  }

  afterFailure(): number {
    return this.#backoff.next();
  }
}

/**
 * Sleeps. In a long pause the server is asked now and then whether it is there; when it was not and then is, the pause ends: an
 * outage that is over should not be felt for half a minute more. When it answers all the time, only our watch is refused, and the
 * pause is kept.
 */
export async function pause(options: {
  ms: number;
  probeEveryMs: number;
  connection: Pick<Connection, 'probe'>;
  signal: AbortSignal;
}): Promise<void> {
  const { probeEveryMs, connection, signal } = options;
  if (options.ms <= probeEveryMs) return await nap(options.ms, signal);
  let wasThere = await connection.probe(signal);
  for (let left = options.ms; left > 0 && !signal.aborted; left -= probeEveryMs) {
    await nap(Math.min(left, probeEveryMs), signal);
    if (left <= probeEveryMs || signal.aborted) return;
    const isThere = await connection.probe(signal);
    if (isThere && !wasThere) return;
    wasThere = isThere;
  }
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
