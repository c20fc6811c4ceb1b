/**
 * A real Prometheus that scrapes the operators of a sandbox: for pictures of the dashboard. Built with Go from the module that server/go.mod
 * pins and server/go.sum checks, into the cache. Tied to this process, its data with it.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildMissing, type Program } from '../go/build.ts';
import { cacheOf } from '../go/cache.ts';
import { freePorts } from '../process/ports.ts';
import { makeTiedDirectory } from '../process/tied-directory.ts';
import { startTied } from '../process/tied-process.ts';
import { until } from '../process/until.ts';

const SERVER = {
  name: 'prometheus',
  package: 'github.com/prometheus/prometheus/cmd/prometheus',
  module: path.join(import.meta.dirname, 'server'),
  linkerFlags: '-s -w',
  tags: 'remove_all_sd',
  cold: '6 min',
} as const satisfies Program;
const SCRAPE_EVERY = '2s';

/** One line of a graph, or one value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds and value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Prometheus extends AsyncDisposable {
  /** `expr` over time. */
  range(expr: string, span: { readonly from: number; readonly to: number; readonly step: number }): Promise<readonly Series[]>;
  /** `expr` at one moment. */
  instant(expr: string, at: number): Promise<readonly Series[]>;
}

/** `targets`: host:port of each operator's metrics, by the name that its series get as `instance`. */
export async function startPrometheus(targets: Readonly<Record<string, string>>): Promise<Prometheus> {
  const { name, module, package: source, linkerFlags, tags } = SERVER;
  const env = process.env;
  const directory = await cacheOf({ name: 'prometheus-server', module, inputs: [source, linkerFlags, tags], env });
  await buildMissing({ programs: [SERVER], estimate: '6 minutes', directory, env, progress: (line) => console.log(line) });
  const data = await makeTiedDirectory({ prefix: 'matchday-prometheus-' });
  const [port = 0] = await freePorts(1);
  const config = path.join(data.path, 'prometheus.yml');
  const jobs = Object.entries(targets).map(([instance, target]) => ({ targets: [target], labels: { instance } }));
  const scrape = { job_name: 'matchday', static_configs: jobs };
  await writeFile(config, JSON.stringify({ global: { scrape_interval: SCRAPE_EVERY }, scrape_configs: [scrape] }));
  const url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${data.path}/data`, `--web.listen-address=127.0.0.1:${port}`];
  const server = await startTied({ name, command: path.join(directory, name), args, lease: data.lease });
  const ready = async (): Promise<true | undefined> => ((await fetch(`${url}/-/ready`).catch(() => undefined))?.ok ? true : undefined);
  await until(ready, { what: 'Prometheus to be ready', timeoutMs: 30_000, everyMs: 200 });
  return {
    range: (expr, { from, to, step }) => ask(`${url}/api/v1/query_range`, { query: expr, start: from, end: to, step }),
    instant: (expr, at) => ask(`${url}/api/v1/query`, { query: expr, time: at }),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await data[Symbol.asyncDispose]();
    },
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
}

async function ask(url: string, query: Readonly<Record<string, string | number>>): Promise<readonly Series[]> {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const answer = (await (await fetch(`${url}?${parameters}`)).json()) as Answer;
  if (answer.status !== 'success') throw new Error(`Prometheus refused ${query['query']}: ${answer.error}`);
  return answer.data.result.map(({ metric, value, values }) => ({
    labels: metric,
    points: (values ?? (value === undefined ? [] : [value])).map(([at, text]) => [at, Number(text)] as const),
  }));
}
