/** The recorded seasons of `fixtures/` as they were known on three days, moved in time where wanted. */
import { readFileSync } from 'node:fs';
import type { Edit } from './edits.ts';
import { type CompetitionRow, dayOf, type MatchRow, msOf, type Season, wire } from './rows.ts';

export const COMPETITION_CODES = ['PL', 'PD', 'SA', 'BL1', 'FL1', 'DED', 'PPL', 'ELC'] as const;
export type CompetitionCode = (typeof COMPETITION_CODES)[number];

/** What was known on these days; the last is the newest. */
export const REVISIONS = ['2026-01-08', '2026-03-04', '2026-03-13'] as const;
export type Revision = (typeof REVISIONS)[number];

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface LoadOptions {
  /** Default: all eight. */
  readonly competitions?: readonly CompetitionCode[];
  /** Default: the newest. */
  readonly revision?: Revision;
  readonly retime?: Retime;
}

/** Moves recorded time: `from` becomes `to`, and a distance of `d` from there becomes `d × scale` (default 1; 0.1 = a season in a month). */
export interface Retime {
  readonly from: string;
  readonly to: string;
  readonly scale?: number;
}

/** Reads the seasons from the files of this folder. */
export function loadSeasons(options: LoadOptions = {}): Season[] {
  const seasons = (options.competitions ?? COMPETITION_CODES).map((code) => readSeason(code, options.revision ?? '2026-03-13'));
  return options.retime === undefined ? seasons : retimeSeasons(seasons, options.retime);
}

function readSeason(code: CompetitionCode, revision: Revision): Season {
  const folder = revision === '2026-03-13' ? '' : `as-of-${revision}/`;
  const text = readFileSync(new URL(`./fixtures/${folder}${code}-2025.json`, import.meta.url), 'utf8');
  const file = JSON.parse(text) as { competition: CompetitionRow; matches: MatchRow[] };
  return { competition: file.competition, year: '2025', matches: file.matches };
}

/** The retiming that lets the first match with a set time at or after `after` kick off at `at` (rounded up to the minute). */
export function firstKickoffAt(seasons: readonly Season[], { after, at }: { readonly after: string; readonly at: string }): Retime {
  const kickoffs = seasons
    .flatMap((season) => season.matches)
    .filter((row) => row.status === 'TIMED' && msOf(row.utcDate) >= msOf(after))
    .map((row) => msOf(row.utcDate));
  if (kickoffs.length === 0) throw new RangeError(`no match with a set kick-off time at or after ${after} in these seasons`);
  return { from: wire(Math.min(...kickoffs)), to: wire(Math.ceil(msOf(at) / MINUTE_MS) * MINUTE_MS) };
}

function retimeSeasons(seasons: readonly Season[], retime: Retime): Season[] {
  return seasons.map((season) => ({
    ...season,
    matches: season.matches.map((row) => ({
      ...row,
      utcDate: retimeKickoff(row.utcDate, row.status, retime),
      lastUpdated: retimeInstant(row.lastUpdated, retime),
      season: { ...row.season, startDate: retimeDay(row.season.startDate, retime), endDate: retimeDay(row.season.endDate, retime) },
    })),
  }));
}

const retimeMs = (ms: number, { from, to, scale = 1 }: Retime): number => msOf(to) + (ms - msOf(from)) * scale;
const retimeInstant = (instant: string, retime: Retime): string => wire(retimeMs(msOf(instant), retime));
const retimeDay = (day: string, retime: Retime): string => dayOf(wire(retimeMs(msOf(`${day}T12:00:00Z`), retime)));

/** Kick-offs stay on whole minutes; a day without a time stays a day at 00:00Z. */
function retimeKickoff(kickoff: string, status: string, retime: Retime): string {
  const placeholder = kickoff.endsWith('T00:00:00Z') && (status === 'SCHEDULED' || status === 'POSTPONED');
  const ms = retimeMs(msOf(kickoff) + (placeholder ? DAY_MS / 2 : 0), retime);
  return placeholder ? `${dayOf(wire(ms))}T00:00:00Z` : wire(Math.round(ms / MINUTE_MS) * MINUTE_MS);
}

export interface Replay {
  /** What was known on the first day. */
  readonly seasons: Season[];
  /** Every later change, at the time it was recorded. */
  readonly edits: Edit[];
}

/** The real history from 2026-01-08 over 2026-03-04 to the newest, each change at its own `lastUpdated`. */
export function replayHistory(options: Omit<LoadOptions, 'revision'> = {}): Replay {
  const [first, ...later] = REVISIONS.map((revision) => loadSeasons({ ...options, revision }));
  const edits: Edit[] = [];
  let before = first ?? [];
  for (const after of later) {
    edits.push(...changesBetween(before, after));
    before = after;
  }
  return { seasons: first ?? [], edits };
}

function changesBetween(before: readonly Season[], after: readonly Season[]): Edit[] {
  const old = new Map(before.flatMap((season) => season.matches).map((row) => [row.id, row]));
  return after
    .flatMap((season) => season.matches)
    .filter((row) => old.get(row.id)?.lastUpdated !== row.lastUpdated)
    .map((row) => ({ kind: 'set', id: row.id, at: row.lastUpdated, fields: row }));
}
