/** What the simulator stores and serves: a match in football-data.org's own v4 form (contracts 2.4), and a season of them. */

export interface TeamRow {
  readonly id: number | null;
  readonly name: string | null;
  readonly shortName: string | null;
  readonly tla: string | null;
  readonly crest: string | null;
}

export interface CompetitionRow {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly type: string;
  readonly emblem: string | null;
}

export interface SeasonRow {
  readonly id: number;
  readonly startDate: string;
  readonly endDate: string;
  readonly currentMatchday: number | null;
  readonly winner: unknown;
}

export interface MatchRow {
  readonly area: unknown;
  readonly competition: CompetitionRow;
  readonly season: SeasonRow;
  readonly id: number;
  readonly utcDate: string;
  /** Any text: a date has been seen in it (contracts 2.9). */
  readonly status: string;
  readonly matchday: number | null;
  readonly stage: string;
  readonly group: string | null;
  readonly lastUpdated: string;
  readonly homeTeam: TeamRow;
  readonly awayTeam: TeamRow;
  readonly score: unknown;
  readonly odds: unknown;
  readonly referees: readonly unknown[];
  readonly venue?: string | null;
}

/** One season of one competition. `year` is the start year, as in the `season` filter. */
export interface Season {
  readonly competition: CompetitionRow;
  readonly year: string;
  readonly matches: readonly MatchRow[];
}

export const NO_TEAM: TeamRow = { id: null, name: null, shortName: null, tla: null, crest: null };

/** Epoch milliseconds of a wire instant. */
export function msOf(instant: string): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`"${instant}" is no instant`);
  return ms;
}

/** The wire's spelling: whole seconds, UTC. */
export const wire = (epochMs: number): string =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs / 1000) * 1000).toString({ smallestUnit: 'second' });

/** `2026-05-02` of an instant, UTC. */
export const dayOf = (instant: string): string => instant.slice(0, 10);

export const byKickoff = (a: MatchRow, b: MatchRow): number => msOf(a.utcDate) - msOf(b.utcDate) || a.id - b.id;
