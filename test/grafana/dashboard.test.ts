/** The dashboard asks for what the operator serves, and says what it shows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Panel, panels } from '../../sandbox/dashboard/panels.ts';
import { checkRules, findPromtool } from '../../sandbox/prometheus/promtool.ts';
import { METRICS, type MetricRow } from '../../src/telemetry/metric-table.ts';

const targets = panels.flatMap(({ title, targets: own }) => own.map((target) => ({ title, ...target })));
/** What Prometheus adds to each series, and what a histogram has beside its own labels. */
const ADDED = ['instance', 'job'];
const rows: readonly MetricRow[] = Object.values(METRICS);

/** The series that a metric is served as. */
const seriesOf = ({ type, name }: MetricRow): readonly string[] =>
  type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name];
const rowOf = (series: string): MetricRow | undefined => rows.find((row) => seriesOf(row).includes(series));

const SERIES = /\b(?:matchday|controller_runtime|workqueue|rest_client|leader_election)_\w+/g;
const seriesIn = (expr: string): readonly string[] => expr.match(SERIES) ?? [];
const labelsFor = (expr: string): readonly string[] => [
  ...ADDED,
  ...seriesIn(expr).flatMap((series) => [...(rowOf(series)?.labels ?? []), ...(series.endsWith('_bucket') ? ['le'] : [])]),
];
const groupedBy = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
const matchersIn = (expr: string) =>
  [...expr.matchAll(/([a-z]\w*)(?:=~|!=|=)"([^"]*)"/g)].map(([, label = '', value = '']) => ({ label, value }));

const each = targets.map((target) => [`${target.title}: ${target.expr}`, target] as const);

describe('a query of the dashboard', () => {
  it.each(each)('asks for series that are served: %s', (_, { expr }) => {
    expect(seriesIn(expr).length).toBeGreaterThan(0);
    expect(seriesIn(expr).filter((series) => rowOf(series) === undefined)).toEqual([]);
  });

  it.each(each)('names labels that they have: %s', (_, { expr, legendFormat }) => {
    const used = [...groupedBy(expr), ...matchersIn(expr).map(({ label }) => label)];
    expect(used.filter((label) => !labelsFor(expr).includes(label))).toEqual([]);
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    const left = groupedBy(expr).length === 0 ? labelsFor(expr) : groupedBy(expr);
    expect(shown.filter((label) => !left.includes(label))).toEqual([]);
  });

  it.each(each)('asks for label values that exist: %s', (_, { expr }) => {
    const known = (label: string) => seriesIn(expr).flatMap((series) => rowOf(series)?.values?.[label] ?? []);
    const wrong = matchersIn(expr).filter(({ label, value }) => known(label).length > 0 && !known(label).includes(value));
    expect(wrong).toEqual([]);
  });

  it('takes the rate of counters and of buckets alone', () => {
    const rated = targets.flatMap(({ expr }) => [...expr.matchAll(/\b(?:rate|increase)\((\w+)/g)].map(([, series = '']) => series));
    expect(rated.length).toBeGreaterThan(0);
    expect(rated.filter((series) => rowOf(series)?.type === 'gauge')).toEqual([]);
    const counters = targets.filter(({ expr }) => seriesIn(expr).some((series) => rowOf(series)?.type !== 'gauge'));
    expect(counters.filter(({ expr }) => !/\b(?:rate|increase)\(/.test(expr))).toEqual([]);
  });

  it('is one that Prometheus understands', { timeout: 20 * 60_000 }, async () => {
    await findPromtool();
    const directory = await mkdtemp(path.join(tmpdir(), 'matchday-test-dashboard-'));
    try {
      const file = path.join(directory, 'queries.yaml');
      const queries = targets.map(({ expr }, index) => ({ record: `query:${index}`, expr: expr.replaceAll('$__rate_interval', '5m') }));
      await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: queries }] }));
      expect(await checkRules(file)).toMatchObject({ code: 0, stdout: expect.stringContaining(`${targets.length} rules found`) });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('the dashboard', () => {
  it.each(panels.map((panel) => [panel.title, panel] as const))('says what a panel shows, and in which unit: %s', (title, panel) => {
    expect(title.trim()).not.toBe('');
    expect(panel.description ?? '').toMatch(/\w.*\.$/);
    expect(panel.fieldConfig.defaults.unit ?? '').not.toBe('');
    expect(panel.targets.length).toBeGreaterThan(0);
  });

  it('shows every metric of our own', () => {
    const shown = new Set(targets.flatMap(({ expr }) => seriesIn(expr)));
    const hidden = rows.filter((row) => row.name.startsWith('matchday_') && !seriesOf(row).some((series) => shown.has(series)));
    expect(hidden.map(({ name }) => name)).toEqual([]);
  });

  it('has one place for each panel', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const overlap = (a: Panel['gridPos'], b: Panel['gridPos']): boolean =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    const clashes = panels.flatMap((a) =>
      panels.filter((b) => a.id < b.id && overlap(a.gridPos, b.gridPos)).map((b) => [a.title, b.title]),
    );
    expect(clashes).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});
