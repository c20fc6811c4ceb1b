/**
 * The request log: what was asked, by which key's name, and what became of it. Never the key. Tests wait for an entry instead of sleeping.
 */
import type { Endpoint } from './endpoints.ts';
import type { Json } from './json.ts';

export interface LogEntry {
  readonly seq: number;
  /** Arrival, on the simulator's clock. */
  readonly atMs: number;
  /** Name of the call (`campaign-create`, `item-put`, …), or `unknown`. */
  readonly endpoint: Endpoint | 'unknown';
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly keyName: string | undefined;
  readonly body: Json | string | undefined;
  /** The items or schedules that it is about: `notification` of the trigger properties, item ids, or that of the schedule named. */
  readonly notifications: readonly string[];
  readonly token: string | undefined;
  readonly campaignId: string | undefined;
  /** The schedule named in the body; for a create, the one that it made. */
  scheduleId: string | undefined;
  /** Whether it was carried out; a refused call counts as carried out. */
  committed: boolean;
  committedMs: number | undefined;
  /** What the handler answered, whatever the client got of it. */
  status: number | undefined;
  reply: Json | string | undefined;
  /** What the client got: an answer, part of one, a cut connection, or nothing at all. */
  result: 'pending' | 'answered' | 'cut' | 'dropped' | 'silent';
  /** The status on the wire, where there was an answer. */
  sentStatus: number | undefined;
  faults: readonly string[];
}

export interface LogFilter {
  readonly endpoint?: Endpoint | 'unknown';
  readonly notification?: string;
  readonly token?: string;
  readonly campaignId?: string;
  readonly scheduleId?: string;
  readonly status?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only entries after this one. */
  readonly afterSeq?: number;
}

export type LogPredicate = LogFilter | ((entry: LogEntry) => boolean);

const KEPT = 200_000;

export class RequestLog {
  readonly entries: LogEntry[] = [];
  readonly #watchers = new Set<(entry: LogEntry, stage: 'arrived' | 'finished') => void>();
  #seq = 0;

  arrive(entry: Omit<LogEntry, 'seq' | 'committed' | 'committedMs' | 'status' | 'reply' | 'result' | 'sentStatus' | 'faults'>): LogEntry {
    const full: LogEntry = {
      ...entry,
      ...{ seq: ++this.#seq, committed: false, committedMs: undefined, status: undefined, reply: undefined },
      ...{ result: 'pending', sentStatus: undefined, faults: [] },
    };
    this.entries.push(full);
    if (this.entries.length > KEPT) this.entries.shift();
    this.#tell(full, 'arrived');
    return full;
  }

  finish(entry: LogEntry, result: LogEntry['result'], sentStatus?: number): void {
    entry.result = result;
    entry.sentStatus = sentStatus;
    this.#tell(entry, 'finished');
  }

  where(predicate: LogPredicate): readonly LogEntry[] {
    return this.entries.filter(test(predicate));
  }

  /** Resolves with the next call that fits and is finished from now on. Rejects after `timeoutMs` of real time. */
  next(predicate: LogPredicate, timeoutMs = 10_000): Promise<LogEntry> {
    return this.#await(test(predicate), 'finished', timeoutMs);
  }

  /** Resolves with the next call that fits and arrives from now on; it may not have taken effect yet. */
  nextArrival(predicate: LogPredicate, timeoutMs = 10_000): Promise<LogEntry> {
    return this.#await(test(predicate), 'arrived', timeoutMs);
  }

  /** As `next`, but content with one that has already finished. */
  async waitFor(predicate: LogPredicate, timeoutMs = 10_000): Promise<LogEntry> {
    const known = this.entries.find((entry) => entry.result !== 'pending' && test(predicate)(entry));
    return known ?? (await this.next(predicate, timeoutMs));
  }

  /** Calls by endpoint; each known call by its status would be `where`. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { endpoint } of this.entries) counts[endpoint] = (counts[endpoint] ?? 0) + 1;
    return counts;
  }

  clear(): void {
    this.entries.length = 0;
  }

  #tell(entry: LogEntry, stage: 'arrived' | 'finished'): void {
    for (const watcher of this.#watchers) watcher(entry, stage);
  }

  #await(fits: (entry: LogEntry) => boolean, stage: 'arrived' | 'finished', timeoutMs: number): Promise<LogEntry> {
    const { promise, resolve, reject } = Promise.withResolvers<LogEntry>();
    const watcher = (entry: LogEntry, reached: string): void => {
      if (reached === stage && fits(entry)) resolve(entry);
    };
    this.#watchers.add(watcher);
    const timer = setTimeout(() => reject(new Error(`no such call to the Braze simulator within ${timeoutMs} ms`)), timeoutMs);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    });
  }
}

function test(predicate: LogPredicate): (entry: LogEntry) => boolean {
  if (typeof predicate === 'function') return predicate;
  const { notification, sinceMs, untilMs, afterSeq, ...exact } = predicate;
  return (entry) => {
    if (notification !== undefined && !entry.notifications.includes(notification)) return false;
    if (entry.atMs < (sinceMs ?? -Infinity) || entry.atMs >= (untilMs ?? Infinity) || entry.seq <= (afterSeq ?? 0)) return false;
    const values: Readonly<Record<string, unknown>> = { ...entry };
    return Object.entries(exact).every(([name, value]) => value === undefined || values[name] === value);
  };
}
