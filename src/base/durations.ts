/** Durations as the API spells them (`design: ^([0-9]+(d|h|m|s))+$`, zero is `0s`), in milliseconds inside the program. */

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** What a duration string must look like; the CRDs carry the same pattern. */
export const DURATION_PATTERN = '^([0-9]+(d|h|m|s))+$';

/** Milliseconds of `text` (`1h30m` → 5,400,000). Throws a `RangeError` that quotes the text when it is not a duration. */
export function parseDuration(text: string): number {
  if (!new RegExp(DURATION_PATTERN).test(text)) {
    throw new RangeError(`"${text}" is not a duration: write it as days, hours, minutes and seconds, such as 1h30m or 0s`);
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([dhms])/g)) total += Number(count) * UNIT_MS[unit as Unit];
  return total;
}

/** The shortest spelling of `ms`, rounded down to whole seconds (`5400000` → `1h30m`). */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000) * 1000);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    rest -= count * UNIT_MS[unit];
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
