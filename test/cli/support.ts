/** The program itself as a child process, on the stack's clock, in the stack's namespace. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunResult, runTied } from '../../sandbox/process/run-tied.ts';
import type { Stack } from '../../sandbox/stack/index.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** src/main.ts with the sandbox's clock, and nothing else. */
const ENTRY = path.join(ROOT, 'sandbox/operator.ts');

export interface Matchday {
  /** Resolves whatever the exit code is. */
  (...args: readonly string[]): Promise<RunResult>;
  /** All that it ever printed. */
  readonly printed: readonly string[];
  dispose(): void;
}

export function matchdayOf(stack: Stack): Matchday {
  const printed: string[] = [];
  // Two dozen processes load the same sources.
  const cache = mkdtempSync(path.join(tmpdir(), 'matchday-compiled-'));
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], SANDBOX_CLOCK_URL: stack.clockUrl, NODE_COMPILE_CACHE: cache };
  const run = async (...args: readonly string[]): Promise<RunResult> => {
    const common = ['--kubeconfig', stack.cluster.kubeconfigPath, '-n', stack.namespace];
    const result = await runTied({ command: process.execPath, args: [ENTRY, ...args, ...common], env });
    printed.push(result.stdout, result.stderr);
    return result;
  };
  return Object.assign(run, { printed, dispose: () => rmSync(cache, { recursive: true, force: true }) });
}
