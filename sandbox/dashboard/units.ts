/** Values as the units of Grafana write them, as far as the dashboard uses them. */
export function written(value: number, unit = 'none'): string {
  if (unit === 's') return duration(value);
  const short = Math.abs(value) >= 1_000 ? `${trimmed(value / 1_000)} K` : trimmed(value);
  return unit === 'reqps' ? `${short} req/s` : unit === 'ops' ? `${short} ops/s` : short;
}

const STEPS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

function duration(seconds: number): string {
  const step = STEPS.find(([size]) => Math.abs(seconds) >= size);
  if (step !== undefined) return `${trimmed(seconds / step[0])} ${step[1]}`;
  return seconds === 0 ? '0 s' : `${trimmed(seconds * 1_000)} ms`;
}

/** Three digits that count. */
const trimmed = (value: number): string => String(Number(value.toPrecision(3)));
