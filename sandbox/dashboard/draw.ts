/** Panels of the dashboard with their series, as one SVG: no Grafana, only what it would be given. Pure. */
import type { Series } from '../prometheus/server.ts';
import type { Panel } from './panels.ts';
import { written } from './units.ts';

export interface Filled {
  readonly panel: Panel;
  /** What each of its queries answered, with the legend of that query. */
  readonly answers: readonly { readonly legend: string; readonly series: readonly Series[] }[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const COLUMN = 60;
const ROW = 26;
const GAP = 8;
const HEAD = 56;
/** Told apart by people who do not see all colours (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#999933', '#882255', '#332288', '#555555'] as const;
const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '#555555';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function draw(filled: readonly Filled[], span: Span, caption: string): string {
  const height = HEAD + ROW * Math.max(...filled.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) + GAP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * COLUMN} ${height}" font-family="Inter, Helvetica, Arial, sans-serif">`,
    '<title>The panels of the Matchday dashboard</title>',
    '<rect width="100%" height="100%" fill="#f4f5f5"/>',
    text({ x: 12, y: 26 }, 'Matchday', 'font-size="18" font-weight="600"'),
    text({ x: 12, y: 44 }, caption, 'font-size="11" fill="#6a6f76"'),
    ...filled.map((one) => panelOf(one, span)),
    '</svg>\n',
  ].join('\n');
}

function panelOf(one: Filled, span: Span): string {
  const { x, y, w, h } = one.panel.gridPos;
  const box = { x: x * COLUMN + GAP / 2, y: HEAD + y * ROW + GAP / 2, w: w * COLUMN - GAP, h: h * ROW - GAP };
  const inner = { x: box.x + 12, y: box.y + 30, w: box.w - 24, h: box.h - 40 };
  const body = { stat: statOf, table: tableOf, timeseries: graphOf }[one.panel.type](one, inner, span);
  const frame = `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="3" fill="#ffffff" stroke="#dcdee0"/>`;
  return [frame, text({ x: inner.x, y: box.y + 20 }, one.panel.title, 'font-size="12" font-weight="600"'), body].join('');
}

function statOf({ panel, answers }: Filled, box: Box): string {
  const { unit, noValue = 'No data' } = panel.fieldConfig.defaults;
  const value = answers[0]?.series[0]?.points.at(-1)?.[1];
  return text({ x: box.x, y: box.y + 36 }, value === undefined ? noValue : written(value, unit), 'font-size="28" font-weight="600"');
}

/** Rows by their labels; the queries' values beside each other. */
function tableOf({ panel, answers }: Filled, box: Box): string {
  const rows = new Map<string, { labels: Series['labels']; values: string[] }>();
  for (const [index, { series }] of answers.entries()) {
    for (const { labels, points } of series) {
      const { __name__: _name, ...own } = labels;
      const key = JSON.stringify(own);
      const row = rows.get(key) ?? { labels: own, values: [] };
      row.values[index] = index === 0 ? written(points.at(-1)?.[1] ?? 0, panel.fieldConfig.defaults.unit) : yesNo(points.at(-1)?.[1]);
      rows.set(key, row);
    }
  }
  const shown = [...rows.values()].slice(0, Math.floor(box.h / 18));
  if (shown.length === 0) return text({ x: box.x, y: box.y + 20 }, 'No data: no problem', 'font-size="12" fill="#6a6f76"');
  const hasValues = answers.length > 1;
  return shown
    .map(({ labels, values }, line) => {
      const cells = [...Object.values(labels), ...(hasValues ? values : [])];
      return cells
        .map((cell, at) => text({ x: box.x + (at * box.w) / cells.length, y: box.y + 12 + line * 18 }, cell, 'font-size="12"'))
        .join('');
    })
    .join('');
}

const yesNo = (value: number | undefined): string => (value === undefined ? '' : value === 1 ? 'armed' : 'not armed');

function graphOf({ panel, answers }: Filled, box: Box, span: Span): string {
  const { unit, custom } = panel.fieldConfig.defaults;
  const all = answers.flatMap(({ legend, series }) =>
    series.map((one) => ({ name: named(legend, one.labels), points: finite(one.points) })),
  );
  const lines = custom?.stacking === undefined ? all : stacked(all);
  const isLog = custom?.scaleDistribution?.type === 'log';
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const top = highest === 0 ? 1 : highest;
  const scale = (value: number): number => (isLog ? Math.log10(1 + Math.max(0, value)) : value);
  const plot = { x: box.x + 52, y: box.y + 4, w: box.w - 56, h: box.h - 40 };
  const x = (at: number): number => plot.x + ((at - span.from) / (span.to - span.from)) * plot.w;
  const y = (value: number): number => plot.y + plot.h - (scale(value) / scale(top)) * plot.h;
  const ticks = (isLog ? [0, 10, 1_000, 100_000].filter((tick) => tick <= top) : [0, top / 2, top]).map(
    (tick) =>
      `<line x1="${plot.x}" x2="${plot.x + plot.w}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ebedef"/>${text({ x: plot.x - 6, y: y(tick) + 4 }, written(tick, unit), 'font-size="10" fill="#6a6f76" text-anchor="end"')}`,
  );
  const paths = lines.map(({ points }, index) =>
    pathOf(
      thinned(points).map(([at, value]) => [x(at), y(value)] as const),
      colour(index),
    ),
  );
  return [
    ...ticks,
    ...paths,
    legendOf(
      lines.map(({ name }) => name),
      box,
    ),
    hoursOf(span, plot),
  ].join('');
}

interface Line {
  readonly name: string;
  readonly points: Series['points'];
}

/** Without the points that lie on a level line between their neighbours. */
const thinned = (points: Series['points']): Series['points'] =>
  points.filter(([, value], index) => points[index - 1]?.[1] !== value || points[index + 1]?.[1] !== value);

const finite = (points: Series['points']): Series['points'] => points.filter(([, value]) => Number.isFinite(value));

/** Each on top of those before it. */
function stacked(lines: readonly Line[]): readonly Line[] {
  const sums = new Map<number, number>();
  return lines.map(({ name, points }) => ({
    name,
    points: points.map(([at, value]) => {
      const sum = (sums.get(at) ?? 0) + value;
      sums.set(at, sum);
      return [at, sum] as const;
    }),
  }));
}

function pathOf(points: readonly (readonly [number, number])[], stroke: string): string {
  if (points.length === 0) return '';
  const d = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="1.5"/>`;
}

function legendOf(names: readonly string[], box: Box): string {
  let left = box.x;
  return names
    .map((name, index) => {
      const at = { x: left + 12, y: box.y + box.h - 2 };
      left += 24 + name.length * 5.6;
      // What does not fit is left out, as Grafana scrolls it away.
      if (left > box.x + box.w) return '';
      return `<rect x="${at.x - 12}" y="${at.y - 6}" width="9" height="3" fill="${colour(index)}"/>${text(at, name, 'font-size="10"')}`;
    })
    .join('');
}

function hoursOf({ from, to }: Span, plot: Box): string {
  return [from, (from + to) / 2, to]
    .map((at, index) => {
      const anchor = ['start', 'middle', 'end'][index];
      const clock = new Date(at * 1_000).toISOString().slice(11, 19);
      return text(
        { x: plot.x + (index * plot.w) / 2, y: plot.y + plot.h + 14 },
        clock,
        `font-size="10" fill="#6a6f76" text-anchor="${anchor}"`,
      );
    })
    .join('');
}

const named = (legend: string, labels: Series['labels']): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');

function text({ x, y }: Pick<Box, 'x' | 'y'>, words: string, attributes: string): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const ink = attributes.includes('fill=') ? '' : 'fill="#24292e" ';
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${ink}${attributes}>${escaped}</text>`;
}
