/** The rules of deploy/prometheus: which alerts there are, and which metrics they ask for. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { METRICS } from '../../src/telemetry/metric-table.ts';

export const RULES = path.join(import.meta.dirname, '../../deploy/prometheus/rules.yaml');

interface RulesFile {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
const file: RulesFile = parse(await readFile(RULES, 'utf8'));
const rules = file.groups.flatMap((group) => group.rules);

export const ALERTS: readonly string[] = rules.map(({ alert }) => alert);

/** Names of the metrics that any rule asks for. */
export const ASKED: ReadonlySet<string> = new Set(
  Object.values(METRICS)
    .map(({ name }) => name)
    .filter((name) => rules.some(({ expr }) => new RegExp(`\\b${name}\\b`).test(expr))),
);
