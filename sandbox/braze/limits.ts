/**
 * Rate limits in windows of the clock, not rolling (contracts 1.9): what was spent in the last second of a window is forgotten in the
 * next. Each call spends all of its buckets or, when one is empty, none; the audience key is part of a bucket's name.
 */
import type { BrazeOptions, Limits } from './options.ts';

export type Bucket = keyof Limits;

const MINUTE_MS = 60_000;
const WINDOW_MS: Record<Bucket, number> = {
  hour: 60 * MINUTE_MS,
  broadcast: MINUTE_MS,
  audience: MINUTE_MS,
  sendIdsPerDay: 24 * 60 * MINUTE_MS,
  catalogs: MINUTE_MS,
  catalogSync: MINUTE_MS,
  catalogAsync: MINUTE_MS,
  catalogFields: MINUTE_MS,
};

/** One bucket that a call counts in; `key` tells the audiences apart. */
export interface Charge {
  readonly bucket: Bucket;
  readonly key?: string;
}

export interface Standing {
  readonly bucket: Bucket;
  readonly key: string;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

interface Window {
  readonly startMs: number;
  used: number;
}

export class RateLimits {
  readonly #options: BrazeOptions;
  readonly #windows = new Map<string, Window>();
  readonly #most = new Map<string, number>();
  /** How many calls were answered 429, by bucket. */
  readonly refused = new Map<Bucket, number>();

  constructor(options: BrazeOptions) {
    this.#options = options;
  }

  /** Spends one call in every bucket, or none; says where each bucket stands afterwards. */
  take(charges: readonly Charge[], nowMs: number): { granted: boolean; standings: readonly Standing[] } {
    const empty = charges.find((charge) => this.standing(charge, nowMs).remaining === 0);
    if (empty === undefined) for (const charge of charges) this.#spend(charge, nowMs);
    else this.refused.set(empty.bucket, (this.refused.get(empty.bucket) ?? 0) + 1);
    return { granted: empty === undefined, standings: charges.map((charge) => this.standing(charge, nowMs)) };
  }

  standing(charge: Charge, nowMs: number): Standing {
    const window = this.#window(charge, nowMs);
    const limit = this.#options.limits[charge.bucket];
    return {
      bucket: charge.bucket,
      key: charge.key ?? '',
      limit,
      remaining: Math.max(0, limit - window.used),
      resetMs: window.startMs + WINDOW_MS[charge.bucket],
    };
  }

  /** The most calls that any one window of this bucket (and audience) granted. */
  most(bucket: Bucket): number {
    const mine = [...this.#most].filter(([name]) => name.startsWith(`${bucket}|`));
    return Math.max(0, ...mine.map(([, used]) => used));
  }

  clear(): void {
    this.#windows.clear();
    this.#most.clear();
    this.refused.clear();
  }

  #spend(charge: Charge, nowMs: number): void {
    const window = this.#window(charge, nowMs);
    window.used += 1;
    const name = nameOf(charge);
    this.#most.set(name, Math.max(this.#most.get(name) ?? 0, window.used));
  }

  #window(charge: Charge, nowMs: number): Window {
    const length = WINDOW_MS[charge.bucket];
    const startMs = Math.floor(nowMs / length) * length;
    const name = nameOf(charge);
    const known = this.#windows.get(name);
    if (known !== undefined && known.startMs === startMs) return known;
    this.#forgetOld(nowMs);
    const fresh = { startMs, used: 0 };
    this.#windows.set(name, fresh);
    return fresh;
  }

  #forgetOld(nowMs: number): void {
    if (this.#windows.size < 1_000) return;
    for (const [name, window] of this.#windows) if (window.startMs < nowMs - WINDOW_MS.sendIdsPerDay) this.#windows.delete(name);
  }
}

const nameOf = (charge: Charge): string => `${charge.bucket}|${charge.key ?? ''}`;

/** The three headers, in lower case as HTTP/2 has them (contracts 1.9). */
export function rateHeaders(standings: readonly Standing[], choice: BrazeOptions['broadcastHeaders']): Record<string, string> {
  const tightest = [...standings].sort((a, b) => a.remaining - b.remaining)[0];
  const shown = choice === 'tightest' ? tightest : (standings.find((standing) => standing.bucket === choice) ?? standings[0]);
  if (shown === undefined) return {};
  return {
    'x-ratelimit-limit': String(shown.limit),
    'x-ratelimit-remaining': String(shown.remaining),
    'x-ratelimit-reset': String(Math.ceil(shown.resetMs / 1000)),
  };
}
