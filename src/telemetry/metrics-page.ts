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
    '| Metric | Type | Labels | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
