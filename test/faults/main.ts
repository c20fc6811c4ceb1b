/**
 * `make faults CAMPAIGN=crash-points RUNS=120 SEED=1`: real operator processes on a real API server, disturbed at one point each, and held
 * against what the simulated Braze delivered. Exit code 1 when anything was violated; nothing is left behind, whatever ends it.
 */

import path from 'node:path';
import { startControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../sandbox/process/tied-directory.ts';
import { ambiguity, ambiguityUnfenced } from './ambiguity.ts';
import { type Campaign, runCampaign } from './campaign.ts';
import { crashPoints } from './crash-points.ts';
import { table, violationsOf } from './report.ts';

const CAMPAIGNS: readonly Campaign[] = [crashPoints, ambiguity, ambiguityUnfenced];
const USAGE = `usage: CAMPAIGN=NAME|all RUNS=N|all SEED=N node test/faults/main.ts
  CAMPAIGN    ${CAMPAIGNS.map(({ name }) => name).join(', ')} or all
  RUNS=120    how many cells of each, drawn with the seed; all: each of them
  SEED=1      the same seed draws the same cells
  LANES=4     how many run side by side
  MINUTES     begin no cell after so many minutes of a campaign
  ONLY        only cells whose name contains this text`;

interface Settings {
  readonly campaigns: readonly Campaign[];
  readonly runs: number;
  readonly seed: number;
  readonly lanes: number;
  readonly minutes: number;
  readonly only: string;
}

function readSettings(env: NodeJS.ProcessEnv): Settings {
  const name = env['CAMPAIGN'] || 'all';
  const campaigns = CAMPAIGNS.filter((campaign) => name === 'all' || campaign.name === name);
  if (campaigns.length === 0) throw new RangeError(`there is no campaign ${name}\n${USAGE}`);
  const all = Number.POSITIVE_INFINITY;
  return {
    campaigns,
    runs: env['RUNS'] === 'all' ? all : numberOf(env, 'RUNS', 120),
    seed: numberOf(env, 'SEED', 1),
    lanes: numberOf(env, 'LANES', 4),
    minutes: numberOf(env, 'MINUTES', all),
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

async function main({ campaigns, ...settings }: Settings): Promise<number> {
  await using plane = await startControlPlane();
  await using cache = await makeTiedDirectory({ prefix: 'matchday-compiled-' });
  await fillCache(cache.path);
  let violations = 0;
  for (const campaign of campaigns) {
    const report = await runCampaign(campaign, { ...settings, lane: { plane, compileCache: cache.path }, say });
    say(`\n${table(report)}\n`);
    violations += violationsOf(report).length;
  }
  return violations === 0 ? 0 : 1;
}

/** A process that is killed leaves nothing in the cache: one that ends by itself fills it. */
async function fillCache(directory: string): Promise<void> {
  const entry = path.join(import.meta.dirname, '../../src/main.ts');
  await runTied({ command: process.execPath, args: [entry, 'run', '--help'], env: { ...process.env, NODE_COMPILE_CACHE: directory } });
}

// Not exitCode: after a failure a lane may still be starting, and its processes are tied to this one.
process.exit(
  await Promise.try(() => main(readSettings(process.env))).catch((error: unknown) => {
    process.stderr.write(`${error instanceof RangeError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }),
);
