/**
 * Operators of the sandbox: each a process of its own (sandbox/operator.ts), on the sandbox's clock and on free ports. They end with this
 * process, however it ends.
 */
import path from 'node:path';
import { startTied, type TiedProcess } from '../process/tied-process.ts';
import { until } from '../process/until.ts';

const ENTRY = path.join(import.meta.dirname, '../operator.ts');
const START_TIMEOUT_MS = 30_000;

export interface OperatorOptions {
  /** How errors call it, and nothing else. */
  readonly name?: string;
  /** After the sandbox's own, so they win: `['--lease-duration', '3s', …]`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of its log. */
  readonly onLine?: (line: string) => void;
}

/** A running operator. `stop()` asks politely, `kill('SIGKILL')` does not. */
export interface Operator extends TiedProcess {
  readonly metricsUrl: string;
  readonly healthUrl: string;
  /** What `/metrics` says. */
  metrics(): Promise<string>;
  /** One series of `/metrics`, as it is written there: `leader_election_master_status{name="matchday"}`. 0 when absent. */
  metric(series: string): Promise<number>;
  /** Resolves when it holds the lease. Throws when it ends first. */
  leads(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** What every operator of one sandbox is given. */
export interface OperatorSite {
  readonly clockUrl: string;
  /** The program to run; the sources' own unless told. */
  readonly program?: string | undefined;
  readonly flags: readonly string[];
}

/** Starts one and resolves when it serves metrics and health; a standby waits for the lease then. Throws with its last words. */
export async function startOperator(site: OperatorSite, options: OperatorOptions = {}): Promise<Operator> {
  const child = await startTied({
    name: options.name ?? 'operator',
    command: process.execPath,
    args: [site.program ?? ENTRY, 'run', ...site.flags, ...(options.flags ?? [])],
    env: { ...inherited(), SANDBOX_CLOCK_URL: site.clockUrl, ...options.env },
  });
  if (options.onLine !== undefined) child.output.onLine(options.onLine);
  try {
    const line = await child.line(/"message":"listening"/, { timeoutMs: START_TIMEOUT_MS });
    return withUrls(child, line);
  } catch (error) {
    await child.stop({ graceMs: 0 });
    throw error;
  }
}

/** Not the whole environment: a PGHOST or MATCHDAY_… of the caller's would configure the operator. */
function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  const given = { PATH, HOME, TMPDIR, TZ };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function withUrls(child: TiedProcess, line: string): Operator {
  const { metricsPort, healthPort } = JSON.parse(line) as { metricsPort: number; healthPort: number };
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  const metrics = async (): Promise<string> => (await fetch(metricsUrl)).text();
  const metric = async (series: string): Promise<number> => {
    const found = (await metrics()).split('\n').find((each) => each.startsWith(`${series} `));
    return found === undefined ? 0 : Number(found.slice(series.length + 1));
  };
  const leads = async ({ timeoutMs = START_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> => {
    const look = async (): Promise<true | undefined> =>
      /^leader_election_master_status\{[^}]*\} 1$/m.test(await metrics()) ? true : undefined;
    const ended = child.exited.then(() => {
      throw new Error(`${child.name} ended before it led. The end of its output:\n${child.output.tail()}`);
    });
    await Promise.race([until(look, { what: `${child.name} to lead`, timeoutMs, everyMs: 100 }), ended]);
  };
  return Object.assign(child, { metricsUrl, healthUrl: `http://127.0.0.1:${healthPort}`, metrics, metric, leads });
}
