/**
 * A recorded scene as a file for `promtool test rules`: the real samples at their real times, and what must fire on them. Prometheus'
 * own evaluation decides; nothing of a rule is known here.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { testRules } from '../../sandbox/prometheus/promtool.ts';
import { firesAfterMinutes } from './fires-after.ts';
import { type Recording, SCRAPE_SECONDS } from './recorder.ts';
import { RULES } from './rules.ts';
import type { Scene } from './scene.ts';

/** A scrape and an evaluation of half a minute each, before and after. */
const EARLY_SECONDS = 60;
/** What an operator on a busy machine takes to notice, on a clock that is moved at a minute a second. */
const LATE_SECONDS = 300;

/** What promtool says of the scene: nothing when just the alerts that should have fired, each in its time. */
export async function complaintOf(scene: Scene): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'matchday-alerts-'));
  try {
    const file = path.join(directory, 'rules.test.yaml');
    await writeFile(file, testFile(scene));
    const { code, stdout, stderr } = await testRules(file);
    return code === 0 ? '' : `${stdout}\n${stderr}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function testFile({ name, recording, causes, beside }: Scene): string {
  const { begins, slots, series } = recording;
  const test = {
    name,
    interval: `${SCRAPE_SECONDS}s`,
    start_timestamp: begins.toString({ smallestUnit: 'second' }),
    input_series: [...series].map(([key, samples]) => ({ series: key, values: valuesOf(samples, slots) })),
    promql_expr_test: [firedAtAll([...causes.keys(), ...beside], slots), ...[...causes].map((cause) => firedInTime(cause, slots))],
  };
  return stringify({ rule_files: [RULES], evaluation_interval: `${SCRAPE_SECONDS}s`, tests: [test] }, { lineWidth: 0 });
}

const atTheEnd = (slots: number): string => `${slots * SCRAPE_SECONDS}s`;

/** Exactly these alerts fired at some moment. */
function firedAtAll(alerts: readonly string[], slots: number): object {
  return {
    expr: 'group by (alertname) (max_over_time(ALERTS{alertstate="firing"}[1d]))',
    eval_time: atTheEnd(slots),
    exp_samples: [...alerts].sort().map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
  };
}

/** The first moment at which it fired is as long after its cause as docs/alerts.md says. */
function firedInTime([alertname, since]: readonly [string, Temporal.Instant], slots: number): object {
  const first = `min(min_over_time(timestamp(ALERTS{alertstate="firing",alertname="${alertname}"})[1d:${SCRAPE_SECONDS}s]))`;
  const due = since.epochMilliseconds / 1000 + firesAfterMinutes(alertname) * 60;
  return {
    expr: `(${first} - ${due} >= bool -${EARLY_SECONDS}) * (${first} - ${due} <= bool ${LATE_SECONDS})`,
    eval_time: atTheEnd(slots),
    exp_samples: [{ labels: '{}', value: 1 }],
  };
}

/** One value for each slot: `stale` where a series ends, as Prometheus marks it, and nothing where it was not scraped. */
function valuesOf(samples: Recording['series'] extends ReadonlyMap<string, infer Samples> ? Samples : never, slots: number): string {
  const bySlot = new Map(samples.map(({ slot, value }) => [slot, value ?? 'stale']));
  return Array.from({ length: slots }, (_, slot) => String(bySlot.get(slot) ?? '_')).join(' ');
}
