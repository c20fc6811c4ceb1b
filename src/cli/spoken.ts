/** Times and tables in words, as kubectl shows them. Pure. */
import { formatDuration } from '../base/durations.ts';
import { hasPassed, instant, msBetween, toClock } from '../base/instants.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GAP = '   ';

/** Two units at most: `3d4h`, `2h5m`, `42s`. */
export function span(ms: number): string {
  const unit = ms >= DAY_MS ? HOUR_MS : ms >= HOUR_MS ? 60_000 : 1_000;
  return formatDuration(Math.floor(ms / unit) * unit);
}

/** `in 3h5m`, `42s ago`. */
export function relative(at: Temporal.Instant, now: Temporal.Instant): string {
  return hasPassed(at, now) ? `${span(msBetween(at, now))} ago` : `in ${span(msBetween(now, at))}`;
}

/** `2026-12-06 11:30Z (in 3h5m)`; a dash for what never was. */
export function when(text: string | undefined, now: Temporal.Instant): string {
  return text === undefined ? '-' : `${toClock(instant(text))} (${relative(instant(text), now)})`;
}

/** Columns as wide as their widest cell; an empty cell is a dash. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows.map((row) => row.map((cell) => (cell === '' ? '-' : cell)))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** `name   value` lines, indented. */
export function pairs(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`).join('\n');
}

/** Of a text that comes from outside, one line. */
export const clip = (text: string, max: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
};
