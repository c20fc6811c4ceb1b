/**
 * The fault plan: rules that say which call goes wrong and how. What matters most is on which side of the commit it happens: a call that
 * took effect and whose answer was lost looks to the client exactly like one that never arrived.
 */
import type { Endpoint } from './endpoints.ts';
import type { LogEntry } from './log.ts';
import type { BrazeOptions } from './options.ts';
import type { Tweaks } from './routes.ts';

export type FaultAction =
  /** Real milliseconds before the call takes effect. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Waits until the rule is released: before it takes effect (an arbitrarily late call), or with its answer in hand. */
  | { readonly kind: 'hold'; readonly when: 'before' | 'after' }
  /** Answers without effect. */
  | { readonly kind: 'refuse'; readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'rate-limited' }
  /** The connection is cut: before, or after it took effect. */
  | { readonly kind: 'drop-before' | 'drop-after' }
  /** No answer, ever, on an open connection. */
  | { readonly kind: 'timeout-before' | 'timeout-after' }
  /** A gateway's 5xx with an HTML body. */
  | { readonly kind: 'error-before' | 'error-after'; readonly status?: number; readonly body?: string }
  /** Takes effect; the connection is cut in the middle of the answer. */
  | { readonly kind: 'reset-mid-body' }
  /** A 2xx whose body is a proxy's HTML page; takes effect unless `commit` is false. */
  | { readonly kind: 'garbled'; readonly status?: number; readonly commit?: boolean; readonly body?: string }
  /** Any other answer, with or without effect: for instance a 201 with a fatal `message`, or success with minor errors. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly commit: boolean }
  | { readonly kind: 'new-id-on-update'; readonly keepOld: boolean }
  /** This asynchronous catalog write lands after so long: how a write is made to overtake another. */
  | { readonly kind: 'async-lag'; readonly ms: number };

/** Which calls a rule is for; everything that is given must fit. */
export interface FaultMatch {
  readonly endpoint?: Endpoint | readonly Endpoint[];
  readonly notification?: string;
  readonly token?: string;
  readonly campaignId?: string;
  readonly scheduleId?: string;
  readonly keyName?: string;
  /** Only in the same process. */
  readonly where?: (request: LogEntry) => boolean;
}

export interface FaultRule {
  readonly match?: FaultMatch;
  readonly action: FaultAction;
  /** From the how-manyth fitting call on; default the first. */
  readonly nth?: number;
  /** How many calls; default one. */
  readonly times?: number;
}

/** A rule in force. */
export class Fault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly #hits: LogEntry[] = [];
  readonly #watchers: (() => void)[] = [];
  readonly #released = Promise.withResolvers<void>();
  #seen = 0;
  #removed = false;

  constructor(id: string, rule: FaultRule) {
    this.id = id;
    this.rule = rule;
  }

  /** The calls that it struck. */
  get hits(): readonly LogEntry[] {
    return this.#hits;
  }

  /** Lets go of every call that it holds, now and later. */
  release(): void {
    this.#released.resolve();
  }

  /** No further call is struck; calls that it holds are let go. */
  remove(): void {
    this.#removed = true;
    this.release();
  }

  /** Resolves with the call once it was struck for the `count`-th time. */
  async struck(count = 1): Promise<LogEntry> {
    for (;;) {
      const hit = this.#hits[count - 1];
      if (hit !== undefined) return hit;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  untilReleased(): Promise<void> {
    return this.#released.promise;
  }

  /** Counts the call; true when the rule strikes it. */
  strikes(request: LogEntry): boolean {
    if (this.#removed || !fits(this.rule.match ?? {}, request)) return false;
    this.#seen += 1;
    if (this.#seen < (this.rule.nth ?? 1) || this.#hits.length >= (this.rule.times ?? 1)) return false;
    this.#hits.push(request);
    for (const resolve of this.#watchers.splice(0)) resolve();
    return true;
  }
}

function fits(match: FaultMatch, request: LogEntry): boolean {
  const endpoints: readonly string[] | undefined = match.endpoint === undefined ? undefined : [match.endpoint].flat();
  if (endpoints !== undefined && !endpoints.includes(request.endpoint)) return false;
  if (match.notification !== undefined && !request.notifications.includes(match.notification)) return false;
  if (match.token !== undefined && request.token !== match.token) return false;
  if (match.campaignId !== undefined && request.campaignId !== match.campaignId) return false;
  if (match.scheduleId !== undefined && request.scheduleId !== match.scheduleId) return false;
  if (match.keyName !== undefined && request.keyName !== match.keyName) return false;
  return match.where === undefined || match.where(request);
}

export class Faults {
  readonly #faults = new Map<string, Fault>();
  #count = 0;

  add(rule: FaultRule): Fault {
    const fault = new Fault(`fault-${++this.#count}`, rule);
    this.#faults.set(fault.id, fault);
    return fault;
  }

  get(id: string): Fault | undefined {
    return this.#faults.get(id);
  }

  list(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  /** Every rule that strikes this call, in the order in which they were added. */
  strike(request: LogEntry): readonly Fault[] {
    return this.list().filter((fault) => fault.strikes(request));
  }

  clear(): void {
    for (const fault of this.#faults.values()) fault.remove();
    this.#faults.clear();
  }
}

/** What the struck rules change about the call itself. */
export function tweaksOf(faults: readonly Fault[]): Tweaks {
  let tweaks: { updateId?: BrazeOptions['updateId']; asyncLagMs?: number } = {};
  for (const { rule } of faults) {
    if (rule.action.kind === 'new-id-on-update') tweaks = { ...tweaks, updateId: rule.action.keepOld ? 'new-keep-old' : 'new-replace' };
    if (rule.action.kind === 'async-lag') tweaks = { ...tweaks, asyncLagMs: rule.action.ms };
  }
  return tweaks;
}
