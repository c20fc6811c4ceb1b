/**
 * `make faults CAMPAIGN=crash-points RUNS=120 SEED=1`: the operator is attacked, and held against what the simulated Braze delivered. Exit
 * code 1 when anything was violated; nothing is left behind, whatever ends it.
 */

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { SandboxClock } from '../../sandbox/clock/sandbox-clock.ts';
import { serveClock } from '../../sandbox/clock/serve-clock.ts';
import { startControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../sandbox/process/tied-directory.ts';
import { bundle } from '../../scripts/bundle.ts';
import { ENTRIES, type Entry, EVERYTHING, type Ground, type Orders } from './entries.ts';
import { closingTable, type Finished } from './report.ts';

const USAGE = `usage: CAMPAIGN=NAME|all RUNS=N|all SEED=N node test/faults/main.ts
  CAMPAIGN    ${ENTRIES.map(({ name }) => name).join(', ')}; or all but ${ENTRIES.filter(({ apart }) => apart)
    .map(({ name }) => name)
    .join(' and ')}
  RUNS=N      how many cells of each, drawn with the seed, each again and again when there are fewer; all: each of
              them once; absent: each campaign's own number for CI
  SEED=1      the same seed draws the same cells
  LANES       how many run side by side; three a core
  MINUTES     begin no cell after so many minutes, shared out among the campaigns; 25 for all of them in their CI sizes
  ONLY        only cells whose name contains this text`;
/** What CI has for all campaigns together. */
const CI_MINUTES = 25;
/** A cell mostly waits: for its lease, for the clock, for an answer that does not come. */
const LANES_A_CORE = 3;

interface Settings extends Omit<Orders, 'runs' | 'say'> {
  readonly entries: readonly Entry[];
  readonly runs: number | undefined;
}

function readSettings(env: NodeJS.ProcessEnv): Settings {
  const name = env['CAMPAIGN'] || 'all';
  const entries = ENTRIES.filter((entry) => (name === 'all' ? !entry.apart : entry.name === name));
  if (entries.length === 0) throw new RangeError(`there is no campaign ${name}\n${USAGE}`);
  const runs = env['RUNS'] === 'all' ? EVERYTHING : env['RUNS'] ? numberOf(env, 'RUNS', 1) : undefined;
  return {
    entries,
    runs,
    seed: numberOf(env, 'SEED', 1),
    lanes: numberOf(env, 'LANES', LANES_A_CORE * availableParallelism()),
    minutes: numberOf(env, 'MINUTES', runs === undefined && name === 'all' ? CI_MINUTES : EVERYTHING),
    only: env['ONLY'] ?? '',
  };
}

function numberOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] ?? '';
  const value = text === '' ? fallback : Number(text);
  if (!(value > 0)) throw new RangeError(`${name} must be a number above 0, not ${text}\n${USAGE}`);
  return value;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main({ entries, minutes, ...settings }: Settings): Promise<number> {
  await using undo = new AsyncDisposableStack();
  let ground: Promise<Ground> | undefined;
  const onGround = (): Promise<Ground> => {
    ground ??= breakGround(undo);
    return ground;
  };
  const finished: Finished[] = [];
  let left = minutes;
  for (const [index, entry] of entries.entries()) {
    const began = performance.now();
    const part = (left * entry.share) / entries.slice(index).reduce((sum, { share }) => sum + share, 0);
    const orders = { ...settings, runs: settings.runs ?? entry.ci, minutes: part, say };
    const outcome = await entry.run(orders, onGround);
    say(`\n${outcome.text}\n`);
    const seconds = (performance.now() - began) / 1000;
    left = Math.max(0, left - seconds / 60);
    finished.push({ name: entry.name, ...outcome, seconds });
  }
  const violations = finished.reduce((sum, each) => sum + each.violations, 0);
  const cells = finished.reduce((sum, each) => sum + each.cells, 0);
  say(`${closingTable(finished)}\n`);
  if (cells === 0) throw new RangeError(`no cell was run: none has a name that contains ${JSON.stringify(settings.only)}\n${USAGE}`);
  say(`${cells - violations} passed, ${violations} failed`);
  return violations === 0 ? 0 : 1;
}

async function breakGround(undo: AsyncDisposableStack): Promise<Ground> {
  const plane = undo.use(await startControlPlane());
  const { path: directory } = undo.use(await makeTiedDirectory({ prefix: 'matchday-operator-' }));
  await bundle({ directory, entries: ['sandbox/operator.ts'] });
  const compileCache = path.join(directory, 'compile-cache');
  const operatorProgram = path.join(directory, 'operator.mjs');
  await fillCache(operatorProgram, compileCache);
  let postgres: Promise<Postgres> | undefined;
  const database = (): Promise<Postgres> => {
    postgres ??= Postgres.start().then((started) => undo.use(started));
    return postgres;
  };
  return { plane, operatorProgram, compileCache, database };
}

/** A process that is killed leaves nothing in the cache: one that ends by itself, since there is no cluster to be found, fills it. */
async function fillCache(program: string, cache: string): Promise<void> {
  await using served = await serveClock(new SandboxClock());
  const args = [program, 'run', '--kubeconfig', path.join(cache, 'none')];
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: cache, SANDBOX_CLOCK_URL: served.url };
  const { code, stderr } = await runTied({ command: process.execPath, args, env });
  if (code !== 2) throw new Error(`the bundle did not look for its cluster: ${stderr}`);
}

// Not exitCode: after a failure a lane may still be starting, and its processes are tied to this one.
process.exit(
  await Promise.try(() => main(readSettings(process.env))).catch((error: unknown) => {
    process.stderr.write(`${error instanceof RangeError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }),
);
