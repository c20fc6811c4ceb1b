/**
 * One workspace's rate limits, shared by all passes of this process: the nearest send first.
 *
 * Nobody is queued inside: a claim that cannot be granted keeps a place in the line and is told when to ask again. A claim is
 * granted when fewer claims than calls are left stand before it, so an urgent late-comer overtakes, and what the urgent ones
 * cannot use (their audience's own limit is spent) goes to the next. Who does not come back loses the place, so that a dead
 * pass cannot hold a call for ever.
 *
 * Plain data, no timers, no I/O; every method is synchronous and therefore atomic between passes. A crash forgets it all: the
 * headers of Braze's next answers (`observed`) and a 429 (`blocked`) teach the next process.
 */
import type { Clock } from '../base/clock.ts';
import { BudgetWindow } from './budget-window.ts';
import { Sorted } from './sorted.ts';
import type { BrazeClock, Bucket, Budgets, Claim, Grant } from './types.ts';

/** Calls per window of each bucket, from the workspace's `spec.limits`. */
export type Limits = Readonly<Record<Bucket, number>>;

export interface BudgetsOptions {
  readonly clock: Clock;
  readonly brazeClock: BrazeClock;
  /** Read for each decision. */
  readonly limits: () => Limits;
}

const WINDOW_MS = {
  hour: 3_600_000,
  broadcast: 60_000,
  audience_min: 60_000,
  catalog_sync: 60_000,
  catalog_async: 60_000,
} as const satisfies Record<Bucket, number>;
/** How long after its `eta` a claim keeps its place: a busy operator comes back late. */
const PATIENCE_MS = 15_000;
/** A reservation nobody used nor released, as after an object vanished between two steps, lapses. A sweep takes minutes, not this. */
const RESERVATION_MS = 30 * 60_000;

interface Urgency {
  readonly key: string;
  readonly firesAtMs: number;
}

interface Entry extends Urgency {
  readonly group: Group;
  readonly reserved: boolean;
  readonly expiresAtMs: number;
}

/** Claims that count in the same limits, most urgent first. */
interface Group {
  readonly id: string;
  readonly buckets: readonly Bucket[];
  readonly audience: string | undefined;
  readonly waiting: Sorted<Urgency, Entry>;
}

const byUrgency = (a: Urgency, b: Urgency): number => a.firesAtMs - b.firesAtMs || compareText(a.key, b.key);
const byExpiry = (a: Entry, b: Entry): number => a.expiresAtMs - b.expiresAtMs || compareText(a.key, b.key);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export class WindowBudgets implements Budgets {
  readonly #options: BudgetsOptions;
  readonly #windows = new Map<string, BudgetWindow>();
  readonly #groups = new Map<string, Group>();
  readonly #entries = new Map<string, Entry>();
  readonly #expiring = new Sorted<Entry>(byExpiry);
  #forgotMs = 0;

  constructor(options: BudgetsOptions) {
    this.#options = options;
  }

  peek(claim: Claim): Grant {
    const nowMs = this.#now();
    return this.#heldFor(claim) === undefined ? this.#judge(claim, nowMs) : { granted: true };
  }

  take(claim: Claim): Grant {
    const nowMs = this.#now();
    const held = this.#heldFor(claim);
    const grant: Grant = held === undefined ? this.#judge(claim, nowMs) : { granted: true };
    if (!grant.granted) return this.#wait(claim, grant);
    this.#drop(claim.key);
    for (const window of this.#windowsOf(claim)) window.charge(nowMs);
    return grant;
  }

  reserve(claim: Claim): Grant {
    const nowMs = this.#now();
    const grant: Grant = this.#heldFor(claim) === undefined ? this.#judge(claim, nowMs) : { granted: true };
    if (!grant.granted) return this.#wait(claim, grant);
    this.#drop(claim.key);
    for (const window of this.#windowsOf(claim)) window.hold();
    this.#keep(claim, true, nowMs + RESERVATION_MS);
    return grant;
  }

  /** Gives back what is held or waited for under `key`; a call that was taken stays taken. Calling it again changes nothing. */
  release(key: string): void {
    this.#drop(key);
  }

  observed(bucket: Bucket, remaining: number, resetsAt: Temporal.Instant, audience?: string): void {
    for (const window of this.#named(bucket, audience)) window.observe(remaining, resetsAt.epochMilliseconds);
  }

  blocked(buckets: readonly Bucket[], until: Temporal.Instant, audience?: string): void {
    const untilMs = until.epochMilliseconds + this.#offset();
    for (const bucket of buckets) for (const window of this.#named(bucket, audience)) window.block(untilMs);
  }

  /** For `audience_min`: of the audience that has least left. */
  remaining(bucket: Bucket): number {
    const nowMs = this.#now();
    const known = [...this.#windows].filter(([id]) => id.startsWith(`${bucket}/`));
    return known.reduce((least, [, window]) => Math.min(least, window.left(nowMs)), this.#options.limits()[bucket]);
  }

  /** Now on Braze's clock; what has lapsed by then is gone. */
  #now(): number {
    const nowMs = this.#options.clock.now().epochMilliseconds + this.#offset();
    for (let entry = this.#expiring.first; entry !== undefined && entry.expiresAtMs <= nowMs; entry = this.#expiring.first)
      this.#drop(entry.key);
    this.#forgetIdle(nowMs);
    return nowMs;
  }

  #offset(): number {
    return this.#options.brazeClock.reading()?.offsetMs ?? 0;
  }

  /** The reservation that `claim` may use: same key and the same limits. */
  #heldFor(claim: Claim): Entry | undefined {
    const entry = this.#entries.get(claim.key);
    return entry?.reserved === true && entry.group.id === groupId(claim) ? entry : undefined;
  }

  #judge(claim: Claim, nowMs: number): Grant {
    let etaMs = Number.NEGATIVE_INFINITY;
    for (const bucket of claim.buckets) {
      const window = this.#window(bucket, claim.audience);
      const ahead = this.#ahead(claim, bucket, nowMs);
      if (ahead >= window.left(nowMs)) etaMs = Math.max(etaMs, window.eta(nowMs, ahead));
    }
    if (etaMs === Number.NEGATIVE_INFINITY) return { granted: true };
    return { granted: false, eta: Temporal.Instant.fromEpochMilliseconds(Math.ceil(etaMs - this.#offset())) };
  }

  /** How many calls of `bucket` the more urgent claims can use now: of each group no more than its other limits allow. */
  #ahead(claim: Claim, bucket: Bucket, nowMs: number): number {
    const place: Urgency = { key: claim.key, firesAtMs: claim.firesAt.epochMilliseconds };
    let ahead = 0;
    for (const group of this.#groups.values()) {
      if (!group.buckets.includes(bucket)) continue;
      if (bucket === 'audience_min' && group.audience !== claim.audience) continue;
      const rank = group.waiting.rank(place);
      const others = rank === 0 ? [] : group.buckets.filter((other) => other !== bucket);
      ahead += others.reduce((least, other) => Math.min(least, this.#window(other, group.audience).left(nowMs)), rank);
    }
    return ahead;
  }

  #wait(claim: Claim, grant: Extract<Grant, { granted: false }>): Grant {
    this.#drop(claim.key);
    this.#keep(claim, false, grant.eta.epochMilliseconds + this.#offset() + PATIENCE_MS);
    return grant;
  }

  #keep(claim: Claim, reserved: boolean, expiresAtMs: number): void {
    const group = this.#group(claim);
    const entry: Entry = { key: claim.key, firesAtMs: claim.firesAt.epochMilliseconds, group, reserved, expiresAtMs };
    this.#entries.set(entry.key, entry);
    this.#expiring.add(entry);
    if (!reserved) group.waiting.add(entry);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#expiring.remove(entry);
    if (entry.reserved) for (const window of this.#windowsOf(entry.group)) window.unhold();
    else if (entry.group.waiting.remove(entry) && entry.group.waiting.size === 0) this.#groups.delete(entry.group.id);
  }

  #group(claim: Claim): Group {
    const id = groupId(claim);
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const group = { id, buckets: claim.buckets, audience: claim.audience, waiting: new Sorted<Urgency, Entry>(byUrgency) };
    this.#groups.set(id, group);
    return group;
  }

  #windowsOf(claim: { readonly buckets: readonly Bucket[]; readonly audience?: string | undefined }): readonly BudgetWindow[] {
    return claim.buckets.map((bucket) => this.#window(bucket, claim.audience));
  }

  /** Every window that a report of Braze speaks of. */
  #named(bucket: Bucket, audience: string | undefined): readonly BudgetWindow[] {
    if (bucket !== 'audience_min' || audience !== undefined) return [this.#window(bucket, audience)];
    return [...this.#windows].filter(([id]) => id.startsWith('audience_min/')).map(([, window]) => window);
  }

  #window(bucket: Bucket, audience: string | undefined): BudgetWindow {
    const id = `${bucket}/${bucket === 'audience_min' ? (audience ?? '') : ''}`;
    const known = this.#windows.get(id);
    if (known !== undefined) return known;
    const window = new BudgetWindow(WINDOW_MS[bucket], () => this.#options.limits()[bucket]);
    this.#windows.set(id, window);
    return window;
  }

  /** Audiences come and go with campaigns: the map must not only grow. Not while a method holds a window in its hands. */
  #forgetIdle(nowMs: number): void {
    if (Math.abs(nowMs - this.#forgotMs) < WINDOW_MS.hour) return;
    this.#forgotMs = nowMs;
    for (const [id, window] of this.#windows) if (window.idle(nowMs)) this.#windows.delete(id);
  }
}

function groupId(claim: { readonly buckets: readonly Bucket[]; readonly audience?: string | undefined }): string {
  return `${claim.buckets.toSorted().join('+')}/${claim.audience ?? ''}`;
}
