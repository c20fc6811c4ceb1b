/**
 * Draws docs/pictures/dashboard.svg: a match day in a sandbox in real time, scraped by a real Prometheus, which then answers the very
 * queries of deploy/grafana/matchday.json. What happens: 88 fixtures arrive; Braze fails for half a minute; the leader is killed and the
 * standby takes over; the ledger's database is away for a minute; the first sends go out. Eight minutes.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/ledger/migrate.ts';
import { firstKickoffAt, loadSeasons } from '../football-data/seasons.ts';
import { Postgres } from '../postgres/postgres.ts';
import { type Prometheus, startPrometheus } from '../prometheus/server.ts';
import { type Operator, type Stack, startStack } from '../stack/index.ts';
import { draw, type Filled, type Span } from './draw.ts';
import { type Panel, panels } from './panels.ts';

const PICTURE = path.join(import.meta.dirname, '../../docs/pictures/dashboard.svg');
const SATURDAY = '2026-04-18T14:00:00Z';
const LEASE = ['--lease-duration', '6s', '--renew-deadline', '4s', '--retry-period', '1s'];
/** For `$__rate_interval`: fifteen scrapes. */
const RATE = '30s';
const STEP_SECONDS = 3;

async function main(): Promise<void> {
  await using postgres = await Postgres.start();
  await migrate({ connection: { connectionString: postgres.url() }, writer: 'postgres' });
  await using stack = await startStack({ operatorFlags: [...LEASE, '--database-url', postgres.url()], footballData: { seasons: [] } });
  const first = await stack.startOperator({ name: 'operator-1' });
  await first.leads();
  const second = await stack.startOperator({ name: 'operator-2' });
  const targets = Object.fromEntries([first, second].map(({ name, metricsUrl }) => [name, new URL(metricsUrl).host]));
  await using prometheus = await startPrometheus(targets);
  const from = Date.now() / 1_000;
  await matchDay(stack, postgres, first);
  const span = { from, to: Date.now() / 1_000 };
  const filled = await Promise.all(panels.map((panel) => fill(panel, prometheus, span)));
  const date = new Date().toISOString().slice(0, 10);
  const caption = `A run of the sandbox on ${date}, drawn from the queries of deploy/grafana/matchday.json by sandbox/dashboard: not a screenshot of Grafana.`;
  await mkdir(path.dirname(PICTURE), { recursive: true });
  await writeFile(PICTURE, draw(filled, span, caption));
  console.log(`drawn: ${PICTURE}`);
}

async function matchDay(stack: Stack, postgres: Postgres, leader: Operator): Promise<void> {
  const sendAt = stack.clock.now().add({ minutes: 6 }).round({ smallestUnit: 'minute', roundingMode: 'ceil' });
  const kickoff = sendAt.add({ hours: 1 }).toString();
  const retime = firstKickoffAt(loadSeasons({ competitions: ['PL'] }), { after: SATURDAY, at: kickoff });
  await stack.footballData.admin.load({ competitions: ['PL'], retime });
  await stack.workspace({ margin: '10s', requestTimeout: '1s' });
  await stack.feed({ campaignId: stack.campaign({ name: 'Match day push' }), spec: { interval: '20s' } });
  await tell('fixtures arrive', 90);
  const outage = stack.braze.fault({ action: { kind: 'refuse', status: 503 }, times: Number.POSITIVE_INFINITY });
  await tell('Braze is down', 30);
  outage.remove();
  await tell('Braze is up again', 60);
  leader.kill('SIGKILL');
  await tell('the leader is gone', secondsUntil(stack, sendAt) - 20);
  await postgres.interrupt();
  await tell('the ledger is away, and the first sends are due', 60);
  await postgres.resume();
  await tell('all is well', 60);
}

const secondsUntil = ({ clock }: Stack, at: Temporal.Instant): number => (at.epochMilliseconds - clock.now().epochMilliseconds) / 1_000;

async function tell(what: string, seconds: number): Promise<void> {
  console.log(`${what}: ${Math.round(seconds)} s`);
  await sleep(seconds * 1_000);
}

async function fill(panel: Panel, prometheus: Prometheus, span: Span): Promise<Filled> {
  const answers = panel.targets.map(async ({ expr, legendFormat }) => {
    const query = expr.replaceAll('$__rate_interval', RATE);
    const overTime = panel.type === 'timeseries';
    const series = overTime ? await prometheus.range(query, { ...span, step: STEP_SECONDS }) : await prometheus.instant(query, span.to);
    return { legend: legendFormat, series };
  });
  return { panel, answers: await Promise.all(answers) };
}

await main();
process.exit(0);
