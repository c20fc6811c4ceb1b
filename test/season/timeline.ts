/** What was true of each match and when, and what must therefore have been sent: worked out from the changes alone, without the feed. */
import { applyEdit, type Edit, type MatchEdit } from '../../sandbox/football-data/edits.ts';
import type { MatchRow, Season } from '../../sandbox/football-data/rows.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A near match is read every minute, and a change of it needs two answers; ten minutes before a send nothing is expected of anybody. */
const NEAR_LAG_MS = 10 * MINUTE_MS;
const NEAR_MS = 2 * HOUR_MS;
const RESEND_MS = 6 * HOUR_MS;

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly row: MatchRow;
}

export interface Expected {
  readonly id: string;
  /** Times at which fans must have been told; empty: never. */
  readonly sends: readonly number[];
  /** A change came too close to a send for anything to be demanded. */
  readonly tight: boolean;
  readonly last: MatchRow;
}

export interface TimelineOptions {
  readonly seasons: readonly Season[];
  readonly edits: readonly Edit[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly leadMs: number;
  readonly intervalMs: number;
}

export function expectations(options: TimelineOptions): Map<string, Expected> {
  const changes = Map.groupBy(options.edits.filter(isOfMatch), (edit) => edit.id);
  const rows = options.seasons.flatMap((season) => season.matches);
  return new Map(rows.map((row) => [String(row.id), expected(row, changes.get(row.id) ?? [], options)]));
}

const isOfMatch = (edit: Edit): edit is MatchEdit => 'id' in edit && edit.kind !== 'replace';

function expected(base: MatchRow, edits: readonly MatchEdit[], options: TimelineOptions): Expected {
  const spans = spansOf(base, edits, options);
  const sends: number[] = [];
  let tight = false;
  for (const [index, span] of spans.entries()) {
    const sendMs = sendOf(span.row, options.leadMs);
    const before = spans[index - 1];
    const wasNear = before !== undefined && isNear(sendOf(before.row, options.leadMs), span.fromMs);
    const lagMs = index === 0 ? 0 : wasNear ? NEAR_LAG_MS : options.intervalMs + 2 * NEAR_LAG_MS;
    if (isNear(sendOf(before?.row, options.leadMs), span.fromMs, NEAR_LAG_MS)) tight = true;
    if (sendMs === undefined || sendMs >= span.untilMs || sendMs < span.fromMs) continue;
    if (sendMs < span.fromMs + lagMs) tight = true;
    const last = sends.at(-1);
    if (last === undefined || sendMs >= last + RESEND_MS) sends.push(sendMs);
  }
  return { id: String(base.id), sends, tight, last: spans.at(-1)?.row ?? base };
}

/** A send that a change at `atMs` came shortly before. */
const isNear = (sendMs: number | undefined, atMs: number, withinMs = NEAR_MS): boolean =>
  sendMs !== undefined && sendMs > atMs && sendMs - atMs <= withinMs;

function spansOf(base: MatchRow, edits: readonly MatchEdit[], { fromMs, untilMs }: TimelineOptions): Span[] {
  const ordered = edits.map((edit) => ({ edit, atMs: Date.parse(edit.at ?? '') })).sort((a, b) => a.atMs - b.atMs);
  let state = { row: base, listed: true };
  const spans: { fromMs: number; row: MatchRow }[] = [{ fromMs, row: base }];
  for (const { edit, atMs } of ordered) {
    state = applyEdit(state, edit, atMs);
    if (atMs <= fromMs) spans[0] = { fromMs, row: state.row };
    else if (atMs < untilMs && differs(spans.at(-1)?.row, state.row)) spans.push({ fromMs: atMs, row: state.row });
  }
  return spans.map((span, index) => ({ ...span, untilMs: spans[index + 1]?.fromMs ?? untilMs }));
}

const differs = (a: MatchRow | undefined, b: MatchRow): boolean =>
  a?.utcDate !== b.utcDate || a.status !== b.status || a.homeTeam.id !== b.homeTeam.id || a.awayTeam.id !== b.awayTeam.id;

/** When a match that stays as it is would be announced; undefined: not at all. */
function sendOf(row: MatchRow | undefined, leadMs: number): number | undefined {
  if (row === undefined || row.status !== 'TIMED' || row.homeTeam.id === null || row.awayTeam.id === null) return undefined;
  return Math.floor((Date.parse(row.utcDate) - leadMs) / MINUTE_MS) * MINUTE_MS;
}
