/** A bug planted into a process of its own, hunted there, and the same hunt in one without it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runTied } from '../../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../../sandbox/process/tied-directory.ts';
import type { Bug, Catch, Hunt, Patch } from './bug.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const CHILD = path.join(import.meta.dirname, 'child.ts');
const PATIENCE_MS = 600_000;

export interface Trial {
  readonly bug: Bug;
  /** With the bug. */
  readonly found: Catch;
  /** Without it, to the same size. */
  readonly without: Catch;
  readonly seconds: number;
}

export async function tryBug(bug: Bug, compileCache: string): Promise<Trial> {
  const began = performance.now();
  const found = await huntApart({ hunt: bug.hunt, patches: bug.patches, compileCache }).catch(notHunted);
  const seconds = (performance.now() - began) / 1000;
  const without = await huntApart({ hunt: shortened(bug.hunt, found.size), patches: [], compileCache }).catch(notHunted);
  return { bug, found, without, seconds };
}

function shortened(hunt: Hunt, size: number): Hunt {
  return hunt.campaign === 'tests' ? hunt : { ...hunt, limit: Math.max(1, size) };
}

/** Not a catch: a stale patch, or a hunt that broke down. */
const notHunted = (error: unknown): Catch => ({ size: 0, broken: error instanceof Error ? error.message : String(error), history: [] });

export const isCaught = ({ found, without }: Trial): boolean =>
  found.violation !== undefined && without.violation === undefined && without.broken === undefined;

export interface HuntOrders {
  readonly hunt: Hunt;
  readonly patches: readonly Patch[];
  readonly compileCache: string;
}

/** Throws when the bug could not be planted. */
export function huntApart(orders: HuntOrders): Promise<Catch> {
  return orders.hunt.campaign === 'tests' ? huntInTests(orders.hunt.file, orders) : huntInChild(orders);
}

async function huntInChild({ hunt, patches, compileCache }: HuntOrders): Promise<Catch> {
  const { code, stdout, stderr } = await runTied({
    command: process.execPath,
    args: [CHILD, JSON.stringify(hunt), JSON.stringify(patches)],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    timeoutMs: PATIENCE_MS,
  });
  if (code !== 0) throw new Error(`the hunt ended with code ${code}: ${stderr.slice(0, 2_000)}`);
  return JSON.parse(stdout);
}

interface TestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** The test runner loads sources in its own way: its configuration plants the bug. */
async function huntInTests(file: string, { patches, compileCache }: HuntOrders): Promise<Catch> {
  const config = path.join(import.meta.dirname, 'vitest.config.ts');
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  await using directory = await makeTiedDirectory({ prefix: 'matchday-tested-' });
  const output = path.join(directory.path, 'report.json');
  const { stderr } = await runTied({
    command: process.execPath,
    args: [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${output}`, file],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, PLANTED: JSON.stringify(patches) },
    cwd: ROOT,
    timeoutMs: PATIENCE_MS,
  });
  const json = await readFile(output, 'utf8').catch(() => undefined);
  if (json === undefined) throw new Error(`the tests of ${file} did not run: ${stderr.slice(0, 2_000)}`);
  const report: TestReport = JSON.parse(json);
  const broken = report.testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (broken !== undefined) throw new Error(`no test of ${file} ran: ${broken.message.slice(0, 2_000)}`);
  const failed = report.testResults.flatMap(({ assertionResults }) => assertionResults).find(({ status }) => status === 'failed');
  return { size: 1, history: failed?.failureMessages ?? [], ...(failed ? { violation: failed.fullName } : {}) };
}
