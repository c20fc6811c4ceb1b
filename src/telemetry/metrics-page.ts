/** The page docs/reference/metrics.md, made from the table of metrics. */
import { METRICS, type MetricRow } from './metric-table.ts';

export function metricsPage(): string {
  const rows = Object.values<MetricRow>(METRICS).map(({ name, type, labels, values, help }) => {
    const shown = labels.map((label) => `\`${label}\`${values?.[label] ? ` (${values[label].join(', ')})` : ''}`).join(', ');
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  return [
    '# Metrics',
    '',
    '<!-- Written by `make generate` from src/telemetry/metric-table.ts. -->',
    '',
    'Served at `/metrics` on `--metrics-address`. The names that do not begin with `matchday_` are those of controller-runtime and',
    'client-go, so that existing dashboards work. `process_*` and `nodejs_*` of the runtime come beside them.',
    '',
    'Every series is there from the first scrape on, at zero, so that rates and alerts work from the start; but for moments, for those of',
    'the API server by `host`, and for those of objects (labels `namespace` and `name`), which come and go with what they tell of. A',
    'MatchNotification has series of its own only while its send is due within 24 h, or while it has a problem.',
    '',
    '| Metric | Type | Labels | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
