/**
 * The recorded history of what is true: every season with every change, so that each server can answer as of its own lag. Edits with a later
 * instant wait; edits with an earlier one are put where they belong. Single-threaded, all in memory.
 */
import type { Clock } from '../../src/base/clock.ts';
import { applyEdit, type Edit, type MatchEdit, type MatchState } from './edits.ts';
import { type CompetitionRow, type MatchRow, msOf, type Season, wire } from './rows.ts';

interface Change {
  readonly atMs: number;
  readonly edit: MatchEdit;
}

interface MatchHistory {
  readonly base: MatchRow;
  /** Before this the match does not exist. */
  readonly sinceMs: number;
  readonly changes: Change[];
}

interface SeasonHistory {
  readonly competition: CompetitionRow;
  readonly year: string;
  readonly sinceMs: number;
  readonly matches: MatchHistory[];
  readonly cuts: { readonly atMs: number; readonly keep: number | null; readonly announceAll: boolean }[];
}

/** Matches that start and end by the clock, as a real feed's do; `lag` is how late the status follows. */
export interface PlayOptions {
  readonly startLagMs: number;
  readonly durationMs: number;
}

/** A season as of an instant. */
export interface SeasonView {
  readonly competition: CompetitionRow;
  readonly year: string;
  readonly startDate: string;
  readonly matches: readonly MatchRow[];
  /** As many of them as the season's list shows; by id all are found. */
  readonly listed: number;
  /** What `resultSet.count` claims. */
  readonly announced: number | undefined;
}

const VIEWS_KEPT = 16;
const FOREVER = Number.NEGATIVE_INFINITY;

export class World {
  readonly #clock: Clock;
  readonly #play: PlayOptions | undefined;
  #seasons: SeasonHistory[];
  /** Between two changes a season is the same: one view for each server's lag. */
  readonly #views = new Map<SeasonHistory, { readonly fromMs: number; readonly untilMs: number; readonly view: SeasonView }[]>();

  constructor(options: { readonly clock: Clock; readonly seasons: readonly Season[]; readonly play?: PlayOptions | undefined }) {
    this.#clock = options.clock;
    this.#play = options.play;
    this.#seasons = options.seasons.map((season) => recorded(season, FOREVER));
  }

  /** Starts anew with these seasons. */
  load(seasons: readonly Season[]): void {
    this.#seasons = seasons.map((season) => recorded(season, FOREVER));
    this.#views.clear();
  }

  /** Throws a `RangeError` that names a match, team or competition that is not there. */
  edit(edit: Edit): void {
    this.#views.clear();
    const atMs = edit.at === undefined ? this.#clock.now().epochMilliseconds : msOf(edit.at);
    switch (edit.kind) {
      case 'replace':
        this.#replace(edit, atMs);
        break;
      case 'rename':
        this.#rename(edit, atMs);
        break;
      case 'truncate':
        insert(this.#current(edit.competition, atMs).cuts, { atMs, keep: edit.keep, announceAll: edit.announceAll ?? false });
        break;
      case 'roll-over':
        this.#rollOver(edit.competition, edit.matches, atMs);
        break;
      default:
        insert(this.#match(edit.id).changes, { atMs, edit });
    }
  }

  /** Every season as it was known at `atMs`, oldest season first. */
  asOf(atMs: number): SeasonView[] {
    return this.#seasons
      .filter((season) => season.sinceMs <= atMs)
      .map((season) => this.#view(season, atMs))
      .sort((a, b) => a.startDate.localeCompare(b.startDate));
  }

  /** What is true now of one match, listed or not. */
  match(id: number): MatchRow {
    return this.#state(this.#match(id), this.#clock.now().epochMilliseconds).row;
  }

  #view(season: SeasonHistory, atMs: number): SeasonView {
    // Matches that start and end by the clock are never the same for long.
    if (this.#play !== undefined) return this.#viewAt(season, atMs);
    const kept = this.#views.get(season)?.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
    if (kept !== undefined) return kept.view;
    const times = timesOf(season);
    const fromMs = times.findLast((ms) => ms <= atMs) ?? FOREVER;
    const untilMs = times.find((ms) => ms > atMs) ?? Number.POSITIVE_INFINITY;
    const view = this.#viewAt(season, atMs);
    this.#views.set(season, [{ fromMs, untilMs, view }, ...(this.#views.get(season) ?? [])].slice(0, VIEWS_KEPT));
    return view;
  }

  #viewAt(season: SeasonHistory, atMs: number): SeasonView {
    const all = season.matches
      .filter((match) => match.sinceMs <= atMs)
      .map((match) => this.#state(match, atMs))
      .filter((state) => state.listed)
      .map((state) => state.row);
    const cut = season.cuts.findLast((entry) => entry.atMs <= atMs);
    const listed = cut?.keep ?? all.length;
    const startDate = season.matches[0]?.base.season.startDate ?? `${season.year}-08-01`;
    const { competition, year } = season;
    return { competition, year, startDate, matches: all, listed, announced: cut?.announceAll === true ? all.length : undefined };
  }

  #state(match: MatchHistory, atMs: number): MatchState {
    let state: MatchState = { row: match.base, listed: true };
    for (const change of match.changes) {
      if (change.atMs <= atMs) state = applyEdit(state, change.edit, change.atMs);
    }
    return { ...state, row: played(state.row, atMs, this.#play) };
  }

  #match(id: number): MatchHistory {
    const found = this.#seasons.flatMap((season) => season.matches).find((match) => match.base.id === id);
    if (found === undefined) throw new RangeError(`the simulator has no match ${id}`);
    return found;
  }

  #current(code: string, atMs: number): SeasonHistory {
    const found = this.#seasons.findLast((season) => season.competition.code === code && season.sinceMs <= atMs);
    if (found === undefined) throw new RangeError(`the simulator has no competition ${code}`);
    return found;
  }

  #replace(edit: Extract<Edit, { kind: 'replace' }>, atMs: number): void {
    const old = this.#match(edit.id);
    const season = this.#seasons.find((entry) => entry.matches.includes(old));
    const row = this.#state(old, atMs).row;
    const stamp = edit.lastUpdated === undefined || edit.lastUpdated === 'keep' ? wire(atMs) : edit.lastUpdated;
    const base = { ...row, id: edit.newId, utcDate: edit.utcDate ?? row.utcDate, lastUpdated: stamp };
    season?.matches.push({ base, sinceMs: atMs, changes: [] });
    insert(old.changes, { atMs, edit: { kind: 'drop', id: edit.id } });
  }

  #rename(edit: Extract<Edit, { kind: 'rename' }>, atMs: number): void {
    const { teamId, name, shortName, tla, lastUpdated } = edit;
    const names = { name, ...(shortName === undefined ? {} : { shortName }), ...(tla === undefined ? {} : { tla }) };
    let renamed = 0;
    for (const match of this.#seasons.flatMap((season) => season.matches)) {
      const { row } = this.#state(match, atMs);
      const sides = { ...(row.homeTeam.id === teamId ? { home: names } : {}), ...(row.awayTeam.id === teamId ? { away: names } : {}) };
      if (Object.keys(sides).length === 0) continue;
      insert(match.changes, { atMs, edit: { kind: 'teams', id: row.id, lastUpdated: lastUpdated ?? 'keep', ...sides } });
      renamed += 1;
    }
    if (renamed === 0) throw new RangeError(`the simulator has no team ${teamId}`);
  }

  /** The new season is the old one a year later, unless its matches are given. */
  #rollOver(code: string, given: readonly MatchRow[] | undefined, atMs: number): void {
    const old = this.#current(code, atMs);
    const matches = given ?? old.matches.map((match) => nextYear(match.base, wire(atMs)));
    this.#seasons.push(recorded({ competition: old.competition, year: String(Number(old.year) + 1), matches }, atMs));
  }
}

function recorded(season: Season, sinceMs: number): SeasonHistory {
  const matches = season.matches.map((base) => ({ base, sinceMs, changes: [] }));
  return { competition: season.competition, year: season.year, sinceMs, matches, cuts: [] };
}

/** When something of it changes, in order. */
function timesOf({ matches, cuts }: SeasonHistory): number[] {
  const changes = matches.flatMap((match) => [match.sinceMs, ...match.changes.map(({ atMs }) => atMs)]);
  return [...changes, ...cuts.map(({ atMs }) => atMs)].sort((a, b) => a - b);
}

/** Keeps the list in order of time; the later given of two at one instant comes second. */
function insert<T extends { readonly atMs: number }>(list: T[], entry: T): void {
  const index = list.findLastIndex((other) => other.atMs <= entry.atMs);
  list.splice(index + 1, 0, entry);
}

const SEASON_MS = 364 * 86_400_000;

function nextYear(row: MatchRow, lastUpdated: string): MatchRow {
  const day = wire(msOf(row.utcDate) + SEASON_MS).slice(0, 10);
  const shift = (date: string): string => wire(msOf(`${date}T00:00:00Z`) + SEASON_MS).slice(0, 10);
  const season = { ...row.season, id: row.season.id + 100, startDate: shift(row.season.startDate), endDate: shift(row.season.endDate) };
  const fresh = { status: 'SCHEDULED', utcDate: `${day}T00:00:00Z`, lastUpdated, score: null };
  return { ...row, ...fresh, id: row.id + 100_000, season: { ...season, currentMatchday: 1, winner: null } };
}

function played(row: MatchRow, atMs: number, play: PlayOptions | undefined): MatchRow {
  if (play === undefined || (row.status !== 'TIMED' && row.status !== 'IN_PLAY')) return row;
  const startMs = msOf(row.utcDate) + play.startLagMs;
  const endMs = startMs + play.durationMs;
  if (atMs >= endMs) return { ...row, status: 'FINISHED', lastUpdated: wire(endMs) };
  return atMs >= startMs ? { ...row, status: 'IN_PLAY', lastUpdated: wire(startMs) } : row;
}
