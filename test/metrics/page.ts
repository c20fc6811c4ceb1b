/** A metrics page in the text format, read strictly enough to compare it with its documentation, or to hand it to promtool. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Page {
  /** Type and help by name of the metric. */
  readonly metrics: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  readonly series: readonly Series[];
}

/** Throws with the line that is none of the format. */
export function readPage(text: string): Page {
  const help = new Map<string, string>();
  const metrics = new Map<string, { type: string; help: string }>();
  const series: Series[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'HELP') help.set(name, rest);
    else if (what === 'TYPE') metrics.set(name, { type: rest, help: help.get(name) ?? '' });
    else series.push(readSeries(line));
  }
  return { metrics, series };
}

function readSeries(line: string): Series {
  const [, name, labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of a metrics page: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity').replace('Nan', 'NaN')) };
}

/** The metric that a series belongs to: a histogram has three kinds of series. */
export const metricOf = ({ metrics }: Page, { name }: Series): string =>
  metrics.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
