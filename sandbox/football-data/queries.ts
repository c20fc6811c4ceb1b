/** The filters of the two lists (contracts 2.2, 2.3), each with its own idea of what `dateTo` means. */
import { badArgument, periodTooLong, type Reply } from './replies.ts';
import { byKickoff, dayOf, type MatchRow, msOf, wire } from './rows.ts';

const DAY_MS = 86_400_000;
const MAX_PERIOD_DAYS = 10;
const MAX_LIMIT = 500;

/** A filter that can't be read becomes the reply that says so. */
export type Parsed<T> = { readonly value: T } | { readonly reply: Reply };

export interface Window {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

const startOf = (day: string): number => msOf(`${day}T00:00:00Z`);

function isDay(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/** `dateFrom` and `dateTo` of a competition's list: inclusive, either alone; the 10-day rule by option. */
export function competitionWindow(query: URLSearchParams, tenDayRule: boolean): Parsed<Window> {
  const from = query.get('dateFrom');
  const to = query.get('dateTo');
  for (const [name, day] of [
    ['dateFrom', from],
    ['dateTo', to],
  ] as const) {
    if (day !== null && !isDay(day)) return { reply: badArgument(name, 'a date in format YYYY-MM-DD') };
  }
  const window = {
    fromMs: from === null ? Number.NEGATIVE_INFINITY : startOf(from),
    toMs: to === null ? Number.POSITIVE_INFINITY : startOf(to) + DAY_MS,
  };
  return tenDayRule && window.toMs - window.fromMs > (MAX_PERIOD_DAYS + 1) * DAY_MS ? { reply: periodTooLong() } : { value: window };
}

/** The window of `/v4/matches`: `date`, or both ends with an exclusive `dateTo`, or today (UTC). Undefined: `ids` decide. */
export function matchesWindow(query: URLSearchParams, nowMs: number): Parsed<Window | undefined> {
  const date = query.get('date');
  if (date !== null) return dateWindow(date, nowMs);
  const from = query.get('dateFrom');
  const to = query.get('dateTo');
  if (from === null && to === null) return query.has('ids') ? { value: undefined } : dateWindow('TODAY', nowMs);
  if (from === null || to === null) return { reply: badArgument(from === null ? 'dateFrom' : 'dateTo', 'given together with the other') };
  if (!isDay(from) || !isDay(to)) return { reply: badArgument(isDay(from) ? 'dateTo' : 'dateFrom', 'a date in format YYYY-MM-DD') };
  const window = { fromMs: startOf(from), toMs: startOf(to) };
  return window.toMs - window.fromMs > MAX_PERIOD_DAYS * DAY_MS ? { reply: periodTooLong() } : { value: window };
}

const RELATIVE: Readonly<Record<string, number>> = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 };

function dateWindow(date: string, nowMs: number): Parsed<Window> {
  const offset = RELATIVE[date];
  const day = offset === undefined ? date : dayOf(wire(nowMs + offset * DAY_MS));
  if (!isDay(day)) return { reply: badArgument('date', 'a date in format YYYY-MM-DD') };
  return { value: { fromMs: startOf(day), toMs: startOf(day) + DAY_MS } };
}

export const inWindow = (row: MatchRow, window: Window): boolean => {
  const ms = msOf(row.utcDate);
  return ms >= window.fromMs && ms < window.toMs;
};

/** `status=SCHEDULED` shows TIMED rows too, `LIVE` stands for what is being played. */
function hasStatus(row: MatchRow, wanted: readonly string[]): boolean {
  return wanted.some((status) => {
    if (status === 'SCHEDULED') return row.status === 'SCHEDULED' || row.status === 'TIMED';
    if (status === 'LIVE') return row.status === 'IN_PLAY' || row.status === 'PAUSED' || row.status === 'LIVE';
    return row.status === status;
  });
}

export const listOf = (query: URLSearchParams, name: string): string[] | undefined => {
  const text = query.get(name);
  return text === null ? undefined : text.split(',').filter((part) => part !== '');
};

/** The filters that only a competition's list knows: `matchday`, `stage`, `group`. */
export function selectOfCompetition(rows: readonly MatchRow[], query: URLSearchParams): Parsed<MatchRow[]> {
  const matchday = integer(query, 'matchday', { min: 1, max: 100 });
  if ('reply' in matchday) return matchday;
  const kept = rows
    .filter((row) => matchday.value === undefined || row.matchday === matchday.value)
    .filter((row) => query.get('stage') === null || row.stage === query.get('stage'))
    .filter((row) => query.get('group') === null || row.group === query.get('group'));
  return select(kept, query);
}

/** The filters that both lists share, then order and page. */
export function select(rows: readonly MatchRow[], query: URLSearchParams): Parsed<MatchRow[]> {
  const limit = integer(query, 'limit', { min: 1, max: MAX_LIMIT });
  const offset = integer(query, 'offset', { min: 0, max: MAX_LIMIT });
  if ('reply' in limit) return limit;
  if ('reply' in offset) return offset;
  const status = listOf(query, 'status');
  const kept = rows.filter((row) => status === undefined || hasStatus(row, status)).sort(byKickoff);
  const start = offset.value ?? 0;
  return { value: kept.slice(start, limit.value === undefined ? undefined : start + limit.value) };
}

function integer(query: URLSearchParams, name: string, range: { min: number; max: number }): Parsed<number | undefined> {
  const text = query.get(name);
  if (text === null) return { value: undefined };
  const value = Number(text);
  const fits = /^\d+$/.test(text) && value >= range.min && value <= range.max;
  return fits ? { value } : { reply: badArgument(name, 'an integer in a specified range') };
}
