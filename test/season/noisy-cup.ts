/**
 * Five weeks of a cup with 104 matches, as its answers really were (contracts 2.9): seven servers of which some are weeks behind answer in
 * turn, known teams turn null, a date stands in the status, TIMED falls back for two polls. Made with the simulator's own history and
 * oddities, and read without a socket, so that ten thousand polls take seconds.
 */
import { seededRandom } from '../../sandbox/football-data/backends.ts';
import type { Edit } from '../../sandbox/football-data/edits.ts';
import type { Oddity } from '../../sandbox/football-data/oddities.ts';
import { type CompetitionRow, type MatchRow, NO_TEAM, type Season, type TeamRow, wire } from '../../sandbox/football-data/rows.ts';

export const CUP_START = '2026-06-10T00:00:00Z';
export const POLL_MINUTES = 5;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse(CUP_START);

/** Where the answers come from: as measured, more than half of them old. */
export const BACKENDS = [
  { name: 'fresh-1', lagMs: 0 },
  { name: 'fresh-2', lagMs: 20_000 },
  { name: 'fresh-3', lagMs: 60_000 },
  { name: 'minutes', lagMs: 14 * 60_000 },
  { name: 'hours', lagMs: 7 * HOUR_MS },
  { name: 'days', lagMs: 3 * DAY_MS },
  { name: 'weeks', lagMs: 24 * DAY_MS },
];
/** The answers that show a change at once. */
export const FRESH: readonly string[] = ['fresh-1', 'fresh-2', 'fresh-3'];

const CUP: CompetitionRow = { id: 2000, name: 'World Cup', code: 'WC', type: 'CUP', emblem: null };
const SEASON = { id: 9_999, startDate: '2026-06-11', endDate: '2026-07-19', currentMatchday: 1, winner: null };

const team = (n: number): TeamRow => ({
  id: 700 + n,
  name: `Country ${n}`,
  shortName: `C${n}`,
  tla: `C${String(n).padStart(2, '0')}`,
  crest: null,
});

function row(id: number, kickoffMs: number, more: Partial<MatchRow>): MatchRow {
  return {
    area: null,
    competition: CUP,
    season: SEASON,
    id,
    utcDate: wire(kickoffMs),
    status: 'TIMED',
    matchday: null,
    stage: 'GROUP_STAGE',
    group: null,
    lastUpdated: '2026-05-01T00:20:00Z',
    homeTeam: NO_TEAM,
    awayTeam: NO_TEAM,
    score: null,
    odds: null,
    referees: [],
    ...more,
  };
}

export interface Cup {
  readonly seasons: Season[];
  readonly edits: Edit[];
  readonly oddities: Oddity[];
  /** Ids of the 32 knock-out matches. */
  readonly knockOut: readonly number[];
  /** Every move of a kickoff, by id. */
  readonly moves: readonly { readonly id: number; readonly at: string; readonly to: string }[];
}

/** 72 group matches with teams and 32 knock-out matches whose teams are filled in days before, all with moves among them. */
export function noisyCup(seed: number): Cup {
  const random = seededRandom(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const groups = Array.from({ length: 72 }, (_, n) => {
    const home = pick(48);
    return row(5_000 + n, START_MS + (1 + (n % 17)) * DAY_MS + (12 + 3 * (n % 4)) * HOUR_MS, {
      homeTeam: team(home),
      awayTeam: team((home + 1 + pick(46)) % 48),
      matchday: 1 + (n % 3),
    });
  });
  const knock = Array.from({ length: 32 }, (_, n) =>
    row(6_000 + n, START_MS + (18 + Math.floor(n / 2)) * DAY_MS + (16 + 4 * (n % 2)) * HOUR_MS, { stage: 'LAST_32' }),
  );
  const named = knock.map((match, n): Edit => {
    const at = wire(Date.parse(match.utcDate) - (2 + pick(4)) * DAY_MS);
    return { kind: 'teams', id: match.id, at, home: team(n), away: team((n + 16) % 48) };
  });
  const matches = [...groups, ...knock];
  const moves = matches.filter((_, n) => n % 5 === 0).map((match) => moveOf(match, pick));
  const edits = [...named, ...moves.map(({ id, at, to }): Edit => ({ kind: 'move', id, at, utcDate: to }))];
  return {
    seasons: [{ competition: CUP, year: '2026', matches }],
    edits,
    oddities: odditiesOf(matches, pick),
    knockOut: knock.map(({ id }) => id),
    moves,
  };
}

/** By an hour or some days, days or half an hour before; a tenth of them to an earlier time. */
function moveOf({ id, utcDate }: MatchRow, pick: (count: number) => number) {
  const kickoffMs = Date.parse(utcDate);
  const noticeMs = pick(4) === 0 ? (100 + pick(60)) * 60_000 : (1 + pick(6)) * DAY_MS + pick(20) * HOUR_MS;
  const byMs = pick(10) === 0 ? -HOUR_MS / 4 : (1 + pick(3)) * HOUR_MS;
  const atMs = Math.max(START_MS + HOUR_MS, kickoffMs - noticeMs);
  return { id, at: wire(atMs), to: wire(kickoffMs + byMs) };
}

/** Half a day to ten days of null teams on twenty matches, flaps before kickoffs, dates as status, stamps ahead, FINISHED that is TIMED again. */
function odditiesOf(matches: readonly MatchRow[], pick: (count: number) => number): Oddity[] {
  const before = (match: MatchRow, ms: number): string => wire(Date.parse(match.utcDate) - ms);
  const nulls = matches.slice(0, 100).filter((_, n) => n % 5 === 1);
  return [
    ...nulls.map((match): Oddity => {
      const ms = (1 + pick(20)) * (DAY_MS / 2);
      return {
        kind: 'teams-null',
        ids: [match.id],
        from: before(match, ms),
        until: before(match, Math.max(0, ms - DAY_MS / 2)),
        backends: ['hours', 'fresh-2'],
      };
    }),
    ...matches
      .filter((_, n) => n % 7 === 2)
      .map((match): Oddity => ({ kind: 'timed-to-scheduled', ids: [match.id], from: before(match, 45 * 60_000), answers: 2 })),
    ...matches
      .filter((_, n) => n % 9 === 3)
      .map(
        (match): Oddity => ({
          kind: 'date-as-status',
          ids: [match.id],
          from: before(match, 30 * HOUR_MS),
          until: before(match, 26 * HOUR_MS),
        }),
      ),
    { kind: 'finished-to-timed', chance: 0.2 },
    { kind: 'future-stamp', chance: 0.00005, byMinutes: 114 },
  ];
}
