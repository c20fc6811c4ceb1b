/**
 * Which one call re-reads what is watched (contracts 2.3): by id while the ids fit into one, else a few days of all the competitions at
 * once, and by id again what those days did not show, because it moved away from them. Pure.
 */
import type { FixturesAnswer, FootballDataApi } from './types.ts';

/** As many ids as one call asks for. */
const IDS_A_CALL = 50;
const DAY_MS = 86_400_000;
const MAX_DAYS = 10;

export interface Watched {
  readonly id: string;
  readonly kickoff: Temporal.Instant;
  readonly competition: string;
}

export interface Read {
  /** Ids asked for one by one. */
  readonly asked: readonly string[];
  /** Ids that count as read: those asked for, or those that the days should show. */
  readonly covered: readonly string[];
  readonly call: (api: FootballDataApi) => Promise<FixturesAnswer>;
}

export interface NextReadInput {
  /** Of all members; an id may come more than once. */
  readonly watched: readonly Watched[];
  /** Of the member that asks: they go first where they were read as long ago as others. */
  readonly first: readonly Watched[];
  /** When each was read last. */
  readonly readMs: ReadonlyMap<string, number>;
}

/** Undefined: nothing is watched. */
export function nextRead({ watched, first, readMs }: NextReadInput): Read | undefined {
  const ids = [...new Set([...first, ...watched].map(({ id }) => id))];
  if (ids.length === 0) return undefined;
  ids.sort((a, b) => (readMs.get(a) ?? 0) - (readMs.get(b) ?? 0));
  if (ids.length <= IDS_A_CALL) return byId(ids);
  return daysOf(watched, ids, readMs) ?? byId(ids.slice(0, IDS_A_CALL));
}

/** One id alone is asked for directly: a 404 says for certain that it is not there. */
function byId(asked: readonly string[]): Read {
  const [only = ''] = asked;
  return { asked, covered: asked, call: (api) => (asked.length === 1 ? api.matchById(only) : api.matchesByIds(asked)) };
}

/** Undefined when the days are too many, or were read while some matches were not: those were not in them. */
function daysOf(watched: readonly Watched[], ids: readonly string[], readMs: ReadonlyMap<string, number>): Read | undefined {
  const [oldest = 0, newest = 0] = [ids[0], ids.at(-1)].map((id) => readMs.get(id ?? '') ?? 0);
  if (newest > oldest) return undefined;
  const kickoffs = watched.map(({ kickoff }) => kickoff.epochMilliseconds);
  // A day more at each end, because a day of theirs is a day in UTC (contracts 2.7, 8); the last is exclusive.
  const dateFrom = dayOf(Math.min(...kickoffs) - DAY_MS);
  const dateTo = dayOf(Math.max(...kickoffs) + 2 * DAY_MS);
  if (Date.parse(dateTo) - Date.parse(dateFrom) > MAX_DAYS * DAY_MS) return undefined;
  const competitions = [...new Set(watched.map(({ competition }) => competition))].sort();
  return { asked: [], covered: ids, call: (api) => api.matchesBetween({ competitions, dateFrom, dateTo }) };
}

const dayOf = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString().slice(0, 10);
