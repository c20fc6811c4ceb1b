/**
 * Where all feeds that share a token meet (contracts 2.7, 7). The provider counts calls by token, so who may call is decided here, and one
 * answer about the matches that are near serves every feed that follows them: twelve feeds with sends ahead cost one call a minute, not
 * twelve.
 *
 * Two kinds of calls: the season's list of one feed, and a re-read of single matches of all of them (`/v4/matches`). Re-reads come first:
 * while anybody has matches to re-read, lists leave some calls of the window to them, and those who wait for a list get it in the order in
 * which they began to wait. One call at a time, because only an answer tells what is left.
 *
 * In memory; a crash loses what was heard and not yet taken, which the next answer says again.
 */
import type { Clock } from '../base/clock.ts';
import { plusMs } from '../base/instants.ts';
import { CallWindow } from './call-window.ts';
import { nextRead, type Watched } from './next-read.ts';
import type { Fixture, FixturesAnswer, FootballDataApi } from './types.ts';

/** Calls of a window that lists leave to re-reads: one for each half minute, and two that confirm. */
const KEPT_FOR_READS = 4;
/** ± nothing, + this: those who were told to wait do not all come back at once. */
const SPREAD_MS = 2_000;
/** Who was told to wait and did not come back is gone. */
const WAITS_MS = 300_000;

/** A member that does not take for so long can lose the oldest: later answers say it again. */
const INBOX = 8;

export interface Source {
  readonly competition: string;
  readonly season?: string | undefined;
}

/** One answer, as far as it concerns a member. */
export interface Heard {
  readonly at: Temporal.Instant;
  /** The whole list of its season; undefined: single matches. */
  readonly list: Extract<FixturesAnswer, { kind: 'matches' }> | undefined;
  readonly matches: readonly Fixture[];
  /** Rows of the answer that could not be read. */
  readonly dropped: number;
  /** Ids that were asked for one by one: of these, what is not in `matches` is not known to the provider. */
  readonly asked: readonly string[];
}

/** `heard`: take it. `refused`: an answer without matches. `wait`: no call was made. */
export type Turn =
  | { readonly kind: 'heard' }
  | { readonly kind: 'refused'; readonly answer: Exclude<FixturesAnswer, { kind: 'matches' }> }
  | { readonly kind: 'wait'; readonly until: Temporal.Instant };

interface Member {
  readonly wake: () => void;
  source: Source | undefined;
  watched: readonly Watched[];
  inbox: Heard[];
}

export interface TokenDeskOptions {
  readonly api: FootballDataApi;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

export class TokenDesk {
  readonly #options: TokenDeskOptions;
  readonly #window = new CallWindow();
  readonly #members = new Map<string, Member>();
  /** Who waits for a list, and since when. */
  readonly #waiting = new Map<string, { readonly sinceMs: number; seenMs: number }>();
  readonly #readMs = new Map<string, number>();
  #inFlight: Promise<unknown> = Promise.resolve();
  #remaining: number | undefined;

  constructor(options: TokenDeskOptions) {
    this.#options = options;
  }

  /** `wake`: somebody else's call brought something. */
  join(key: string, wake: () => void): void {
    if (!this.#members.has(key)) this.#members.set(key, { wake, source: undefined, watched: [], inbox: [] });
  }

  leave(key: string): void {
    this.#members.delete(key);
    this.#waiting.delete(key);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Calls left in the token's window, as the last answer said. */
  get remaining(): number | undefined {
    return this.#remaining;
  }

  /** The matches that this member wants re-read; replaces what it wanted before. */
  watch(key: string, watched: readonly Watched[]): void {
    const member = this.#members.get(key);
    if (member !== undefined) member.watched = watched;
  }

  /** Whether some of the matches that this member watches were not read since. */
  hasUnread(key: string, since: Temporal.Instant): boolean {
    const watched = this.#members.get(key)?.watched ?? [];
    return watched.some(({ id }) => (this.#readMs.get(id) ?? 0) < since.epochMilliseconds);
  }

  /** Whether there is something to take. */
  hasNews(key: string): boolean {
    return (this.#members.get(key)?.inbox.length ?? 0) > 0;
  }

  /** What was heard since the last time, oldest first. */
  take(key: string): readonly Heard[] {
    const member = this.#members.get(key);
    const heard = member?.inbox ?? [];
    if (member !== undefined) member.inbox = [];
    return heard;
  }

  /** Asks for the season's list, when it is this member's turn. Feeds of the same season hear it too. */
  list(key: string, source: Source): Promise<Turn> {
    return this.#oneAtATime(async () => {
      const member = this.#members.get(key);
      if (member !== undefined) member.source = source;
      const until = this.#listWait(key);
      if (until !== undefined) return { kind: 'wait', until };
      this.#waiting.delete(key);
      const { competition, season } = source;
      const answer = await this.#call((api) => api.seasonMatches({ competition, ...(season === undefined ? {} : { season }) }));
      if (answer.kind !== 'matches') return { kind: 'refused', answer };
      const heard: Heard = { at: this.#options.clock.now(), list: answer, matches: answer.matches, dropped: answer.dropped, asked: [] };
      for (const [other, { source: theirs }] of this.#members) {
        if (theirs?.competition === competition && theirs.season === season) this.#tell(other, heard, key);
      }
      return { kind: 'heard' };
    });
  }

  /** Re-reads what members watch: all of it where one call can, else what was not read for longest. */
  read(key: string): Promise<Turn> {
    return this.#oneAtATime(async () => {
      const now = this.#options.clock.now();
      if (this.#window.free(now) === 0) return { kind: 'wait', until: this.#spread(this.#window.renewsAt(now)) };
      const watched = [...this.#members.values()].flatMap((member) => member.watched);
      const first = this.#members.get(key)?.watched ?? [];
      const read = nextRead({ watched, first, readMs: this.#readMs });
      if (read === undefined) return { kind: 'heard' };
      const answer = await this.#call(read.call);
      if (answer.kind !== 'matches' && answer.kind !== 'not-found') return { kind: 'refused', answer };
      const matches = answer.kind === 'matches' ? answer.matches : [];
      // What the days did not show stays unread, and is asked for by id next.
      const shown = new Set(matches.map(({ id }) => id));
      this.#remember(read.asked.length > 0 ? read.asked : read.covered.filter((id) => shown.has(id)), watched);
      const dropped = answer.kind === 'matches' ? answer.dropped : 0;
      this.#share({ matches, dropped, asked: read.asked }, key);
      return { kind: 'heard' };
    });
  }

  /** Undefined: its turn is now. */
  #listWait(key: string): Temporal.Instant | undefined {
    const now = this.#options.clock.now();
    const nowMs = now.epochMilliseconds;
    for (const [other, wait] of this.#waiting) if (wait.seenMs < nowMs - WAITS_MS) this.#waiting.delete(other);
    const mine = this.#waiting.get(key) ?? { sinceMs: nowMs, seenMs: nowMs };
    this.#waiting.set(key, { ...mine, seenMs: nowMs });
    const kept = [...this.#members.values()].some(({ watched }) => watched.length > 0) ? KEPT_FOR_READS : 0;
    const free = this.#window.free(now) - kept;
    const before = [...this.#waiting].filter(([other, { sinceMs }]) => other !== key && sinceMs < mine.sinceMs).length;
    if (before < free) return undefined;
    return this.#spread(free > 0 ? plusMs(now, SPREAD_MS) : this.#window.renewsAt(now));
  }

  #spread(at: Temporal.Instant): Temporal.Instant {
    return plusMs(at, Math.ceil(this.#options.random() * SPREAD_MS) + 1);
  }

  async #call(make: (api: FootballDataApi) => Promise<FixturesAnswer>): Promise<FixturesAnswer> {
    const { api, clock } = this.#options;
    this.#window.sent(clock.now());
    const answer = await make(api);
    this.#window.heard(answer.quota, clock.now());
    if (answer.kind === 'rate-limited') this.#window.blocked(answer.retryAt);
    this.#remaining = answer.quota.remaining ?? this.#remaining;
    return answer;
  }

  #share({ matches, dropped, asked }: Pick<Heard, 'matches' | 'dropped' | 'asked'>, caller: string): void {
    const at = this.#options.clock.now();
    const askedFor = new Set(asked);
    for (const [key, { watched }] of this.#members) {
      const ids = new Set(watched.map(({ id }) => id));
      const mine = matches.filter(({ id }) => ids.has(id));
      const my = watched.map(({ id }) => id).filter((id) => askedFor.has(id));
      if (mine.length > 0 || my.length > 0 || key === caller)
        this.#tell(key, { at, list: undefined, matches: mine, dropped, asked: my }, caller);
    }
  }

  #tell(key: string, heard: Heard, caller: string): void {
    const member = this.#members.get(key);
    if (member === undefined) return;
    member.inbox = [...member.inbox, heard].slice(-INBOX);
    if (key !== caller) member.wake();
  }

  #remember(asked: readonly string[], watched: readonly Watched[]): void {
    const nowMs = this.#options.clock.now().epochMilliseconds;
    for (const id of asked) this.#readMs.set(id, nowMs);
    const still = new Set(watched.map(({ id }) => id));
    for (const id of this.#readMs.keys()) if (!still.has(id)) this.#readMs.delete(id);
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#inFlight.then(work);
    this.#inFlight = mine.catch(() => {});
    return mine;
  }
}
