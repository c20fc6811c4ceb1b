/** Who asks, what their plan shows them, and how many calls their window has left (contracts 2.1). */

export const PLANS = ['TIER_ONE', 'TIER_TWO', 'TIER_THREE', 'TIER_FOUR'] as const;
export type Plan = (typeof PLANS)[number];

export interface Account {
  readonly token: string;
  /** Sent back in `X-Authenticated-Client`. */
  readonly name: string;
  readonly plan: Plan;
  /** Calls in a window: 10 free, 30 standard, 60 above. */
  readonly requestsPerMinute: number;
  /** Earlier seasons are restricted; default: none is. */
  readonly oldestSeason?: string;
}

export const SANDBOX_ACCOUNT: Account = { token: 'sandbox-token', name: 'Sandbox Club', plan: 'TIER_ONE', requestsPerMinute: 10 };

/** The free plan's twelve competitions; any other needs the tier given here. */
const FREE = ['WC', 'CL', 'BL1', 'DED', 'BSA', 'PD', 'FL1', 'ELC', 'PPL', 'EC', 'SA', 'PL'];
const PAID: Readonly<Record<string, Plan>> = { EL: 'TIER_TWO', CLI: 'TIER_TWO', MLS: 'TIER_TWO', BL2: 'TIER_TWO', SB: 'TIER_TWO' };
export const planOf = (code: string): Plan => (FREE.includes(code) ? 'TIER_ONE' : (PAID[code] ?? 'TIER_FOUR'));

export const mayRead = (account: Account, code: string): boolean => PLANS.indexOf(planOf(code)) <= PLANS.indexOf(account.plan);
export const mayReadSeason = (account: Account, year: string): boolean =>
  account.oldestSeason === undefined || year >= account.oldestSeason;

/** The window of a fixed-window counter: it starts with a first call and ends a fixed time later, however many came. */
export interface Count {
  readonly admitted: boolean;
  readonly remaining: number;
  readonly resetSeconds: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ANONYMOUS_PER_DAY = 100;

/** Counts every caller's calls. A clock that was moved back starts a new window. */
export class Counters {
  readonly #windows = new Map<string, { startMs: number; used: number }>();

  /** `account` undefined: anonymous, 100 a day. */
  count(account: Account | undefined, nowMs: number): Count {
    const lengthMs = account === undefined ? DAY_MS : MINUTE_MS;
    const limit = account?.requestsPerMinute ?? ANONYMOUS_PER_DAY;
    const window = this.#window(account?.token ?? '', nowMs, lengthMs);
    const admitted = window.used < limit;
    if (admitted) window.used += 1;
    const resetSeconds = Math.max(1, Math.ceil((window.startMs + lengthMs - nowMs) / 1000));
    return { admitted, remaining: limit - window.used, resetSeconds };
  }

  #window(key: string, nowMs: number, lengthMs: number): { startMs: number; used: number } {
    const found = this.#windows.get(key);
    if (found !== undefined && nowMs >= found.startMs && nowMs < found.startMs + lengthMs) return found;
    const fresh = { startMs: nowMs, used: 0 };
    this.#windows.set(key, fresh);
    return fresh;
  }
}

/** How the remaining count is spelt: what is sent, what is documented, or both (contracts 2.1). */
export type CounterHeaders = 'sent' | 'documented' | 'both';

export function counterHeaders(account: Account | undefined, count: Count, spelling: CounterHeaders): Record<string, string> {
  const sent = account === undefined ? 'X-Requests-Available' : 'X-Requests-Available-Minute';
  const remaining = String(count.remaining);
  return {
    'X-API-Version': 'v4',
    'X-Authenticated-Client': account?.name ?? 'anonymous',
    'X-RequestCounter-Reset': String(count.resetSeconds),
    ...(spelling === 'documented' ? {} : { [sent]: remaining }),
    ...(spelling === 'sent' ? {} : { 'X-RequestsAvailable': remaining }),
  };
}
