/** Rows for tests: one match as an answer has it, with what the test is about changed. */
import type { Fixture } from '../../src/football-data/types.ts';

export const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

export const KICKOFF = at('2026-05-02T14:00:00Z');
export const HOME = { id: '58', name: 'Aston Villa FC', shortName: 'Aston Villa', tla: 'AVL' };
export const AWAY = { id: '57', name: 'Arsenal FC', shortName: 'Arsenal', tla: 'ARS' };

export function row(changes: Partial<Fixture> = {}): Fixture {
  return {
    id: '600123',
    competition: 'PL',
    matchday: 35,
    kickoff: KICKOFF,
    status: 'TIMED',
    home: HOME,
    away: AWAY,
    lastUpdated: at('2026-04-01T10:00:00Z'),
    ...changes,
  };
}

/** The wire's form of a match (contracts 2.4). */
export function wireRow(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    area: { id: 2072, name: 'England', code: 'ENG', flag: null },
    competition: { id: 2021, name: 'Premier League', code: 'PL', type: 'LEAGUE', emblem: null },
    season: { id: 7250, startDate: '2025-08-15', endDate: '2026-05-24', currentMatchday: 30, winner: null },
    id: 600123,
    utcDate: '2026-05-02T14:00:00Z',
    status: 'TIMED',
    matchday: 35,
    stage: 'REGULAR_SEASON',
    group: null,
    lastUpdated: '2026-04-01T10:00:00Z',
    homeTeam: { ...HOME, id: 58, crest: null },
    awayTeam: { ...AWAY, id: 57, crest: null },
    score: { winner: null, duration: 'REGULAR', fullTime: { home: null, away: null } },
    odds: { msg: 'Activate Odds-Package in User-Panel to retrieve odds.' },
    referees: [],
    ...changes,
  };
}
