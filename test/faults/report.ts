/** What a campaign found, as a table. */
import type { Report, Result } from './campaign.ts';

export function violationsOf({ results }: Report): readonly Result[] {
  return results.filter(({ run }) => run.violations.length > 0);
}

export function table(report: Report): string {
  const rows = [...Map.groupBy(report.results, ({ planned }) => planned.row)].sort(([a], [b]) => (a < b ? -1 : 1));
  const cells = [
    ['', 'cells', 'violations', 'not reached', 's/cell'],
    ...rows.map(([row, results]) => line(row, results, report.perCell)),
    line('all', report.results, report.perCell),
  ];
  return [...aligned(cells), '', summary(report)].join('\n');
}

/** The first column to the left, the others to the right. */
export function aligned(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((each) => each[column]?.length ?? 0))) ?? [];
  return cells.map((each) =>
    each.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}

export interface Finished {
  readonly name: string;
  readonly cells: number;
  readonly violations: number;
  readonly seconds: number;
}

/** All campaigns of a run, and what each took of the time. */
export function closingTable(finished: readonly Finished[]): string {
  const all = finished.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = finished.map(({ name, cells, violations, seconds }) => [
    name,
    String(cells),
    String(violations),
    violations === 0 && cells >= 30 ? `${(300 / cells).toFixed(2)} %` : '-',
    seconds.toFixed(0),
    `${((seconds / all) * 100).toFixed(0)} %`,
  ]);
  return aligned([['campaign', 'cells', 'violations', 'bound 3/N', 'seconds', 'of the time'], ...rows]).join('\n');
}

function line(name: string, results: readonly Result[], perCell: number): string[] {
  const violations = results.filter(({ run }) => run.violations.length > 0).length;
  const missed = results.filter(({ run }) => !run.reached).length;
  const count = results.length * perCell;
  const seconds = results.reduce((sum, { run }) => sum + run.seconds, 0) / Math.max(1, count);
  return [name, String(count), String(violations), String(missed), seconds.toFixed(1)];
}

function summary(report: Report): string {
  const { campaign, perCell, seconds } = report;
  const [count, possible] = [report.results.length * perCell, report.possible * perCell];
  const violations = violationsOf(report).length;
  const rate = (count / seconds) * 60;
  const bound = violations === 0 && count > 0 ? `; 0 in ${count} bounds the rate at ${(300 / count).toFixed(2)} % (3/N)` : '';
  return [
    `${campaign}: ${count} cells, of ${possible} there are, in ${seconds.toFixed(0)} s (${rate.toFixed(1)} a minute), ${violations} violations${bound}`,
    `writes of an object beyond those of its undisturbed run: ${report.extraWrites} at most`,
    ...(report.void.length === 0
      ? []
      : [
          `run again because an operator ended by itself or the lane failed: ${report.void.length}; never judged: ${report.unjudged}`,
          ...new Set(report.void),
        ]),
    ...[...report.errors].map(([message, times]) => `said at level error ${times} times: ${message}`),
  ].join('\n');
}
