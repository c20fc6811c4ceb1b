/**
 * The words of the football-data side: what one match of an answer says (`Fixture`), what became of a call (`FixturesAnswer`), and the
 * calls themselves. An answer that is not a list of matches is never read as "no matches" (contracts 2.6): the union keeps them apart.
 */

/** Statuses with a meaning of their own (contracts 2.4, 2.5); everything else in the field, a date for instance, is `unknown`. */
export const MATCH_STATUSES = [
  'SCHEDULED',
  'TIMED',
  'IN_PLAY',
  'PAUSED',
  'EXTRA_TIME',
  'PENALTY_SHOOTOUT',
  'LIVE',
  'FINISHED',
  'SUSPENDED',
  'POSTPONED',
  'CANCELLED',
  'AWARDED',
] as const;
export type MatchStatus = (typeof MATCH_STATUSES)[number];

/** A side of a match; an absent field was null. A side without an id is not known yet. The key is `id`: names change spelling. */
export interface Team {
  readonly id?: string;
  readonly name?: string;
  readonly shortName?: string;
  readonly tla?: string;
}

/** What one row of one answer says of one match. It may be old, odd or half empty: see `knowledge.ts`. */
export interface Fixture {
  readonly id: string;
  /** Code (`PL`), or the id as text where no code was given. */
  readonly competition: string | undefined;
  readonly matchday: number | undefined;
  /** `utcDate`. For POSTPONED it is the old day at 00:00Z, for SCHEDULED a guess. */
  readonly kickoff: Temporal.Instant;
  readonly status: MatchStatus | 'unknown';
  readonly home: Team;
  readonly away: Team;
  /** `undefined` when absent or unreadable. May lie in the future (contracts 2.9). */
  readonly lastUpdated: Temporal.Instant | undefined;
}

/** What the counter headers said (contracts 2.1): calls left in this window, and when the next window begins. */
export interface Quota {
  readonly remaining: number | undefined;
  readonly resetAt: Temporal.Instant | undefined;
}

interface AnswerBase {
  /** One sentence for people, free of secrets. */
  readonly message: string;
  readonly quota: Quota;
}

/** What became of a call. Only `matches` says anything about matches. */
export type FixturesAnswer =
  | {
      readonly kind: 'matches';
      readonly matches: readonly Fixture[];
      readonly competition: { readonly code: string; readonly name: string | undefined } | undefined;
      /** The first day of the season that all rows are of. */
      readonly seasonFrom?: Temporal.Instant | undefined;
      /** Rows that could not be read and were left out. */
      readonly dropped: number;
      /** `resultSet.count`, where given: more than the rows that came means a cut list. */
      readonly announced: number | undefined;
      readonly quota: Quota;
    }
  /** 429: ask again at `retryAt`. */
  | (AnswerBase & { readonly kind: 'rate-limited'; readonly retryAt: Temporal.Instant })
  /** The token is wrong (the wire says 400, not 401): no call with it can work. */
  | (AnswerBase & { readonly kind: 'unauthorized' })
  /** 403: no token, or outside the plan (competition, season). */
  | (AnswerBase & { readonly kind: 'forbidden' })
  /** 404: this id or competition is not there; says nothing about others. */
  | (AnswerBase & { readonly kind: 'not-found' })
  /** Any other 4xx: what we asked can't be answered as it is. */
  | (AnswerBase & { readonly kind: 'invalid' })
  /** No readable answer: 5xx, HTML, cut JSON, time-out, reset, redirect. Nothing is known; ask again later. */
  | (AnswerBase & { readonly kind: 'failed' });

/** Days of several competitions. No more than ten days, and `dateTo` is the day after the last (contracts 2.3). */
export interface MatchesWindow {
  readonly competitions: readonly string[];
  readonly dateFrom: string;
  readonly dateTo: string;
}

/** The calls of football-data.org that a feed makes. No method throws for an answer. Each costs one of the token's calls per minute. */
export interface FootballDataApi {
  /** Every match of a season in one answer. Without `season` the service takes the season that starts last (contracts 2.7, 1). */
  seasonMatches(request: { competition: string; season?: string }): Promise<FixturesAnswer>;
  /** Exactly these matches, of any competition and season; at least one id. */
  matchesByIds(ids: readonly string[]): Promise<FixturesAnswer>;
  /** All matches of these competitions on these days, of whichever season. */
  matchesBetween(window: MatchesWindow): Promise<FixturesAnswer>;
  /** One match; `matches` holds one row. */
  matchById(id: string): Promise<FixturesAnswer>;
}
