import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../src/telemetry/metric-table.ts';

const ROOT = join(import.meta.dirname, '../..');
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
}
const rules: Rules = parse(await readFile(join(ROOT, 'deploy/prometheus/rules.yaml'), 'utf8'));
const alerts = rules.groups.flatMap((group) => group.rules);
const tests: { tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[] }[] } = parse(
  await readFile(join(ROOT, 'deploy/prometheus/rules.test.yaml'), 'utf8'),
);

describe('the alerts', () => {
  it.each(alerts.map((alert) => [alert.alert, alert] as const))('%s asks for metrics that exist', (_name, { expr }) => {
    const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
    const asked = [...expr.matchAll(/\b(?:matchday|workqueue|leader_election|controller_runtime|rest_client)_[a-z_]+/g)].map(
      ([name]) => name,
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says what is, what it means and where to read on',
    async (name, alert) => {
      expect(['warning', 'critical']).toContain(alert.labels.severity);
      expect(Object.keys(alert.annotations)).toEqual(['summary', 'impact', 'runbook_url']);
      expect(alert.annotations['runbook_url']?.endsWith(`/${name}`)).toBe(true);
      const page = await readFile(join(ROOT, `docs/runbooks/${name}.md`), 'utf8');
      expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
    },
  );

  it('each have a test in which they fire and one in which they are silent', () => {
    for (const { alert } of alerts) {
      const mine = tests.tests.flatMap((one) => one.alert_rule_test).filter(({ alertname }) => alertname === alert);
      const outcomes = new Set(mine.map(({ exp_alerts: fired }) => (fired.length > 0 ? 'fires' : 'silent')));
      expect([...outcomes].sort(), alert).toEqual(['fires', 'silent']);
    }
  });

  it('have no runbook page of an alert that is gone', async () => {
    const pages = (await readdir(join(ROOT, 'docs/runbooks'))).map((page) => page.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});
