#!/usr/bin/env node
/**
 * `matchday`: one program. `matchday run` is the operator; the other verbs are the command line. Composition root: the only place that
 * reads the process' arguments, environment and signals, and the only one that exits. The operator loads no command line, and a command
 * does not wait for the operator's parts to be loaded.
 */
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from './base/clock.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { KubeconfigError } from './controller/credentials-kubeconfig.ts';
import type { ExitCode } from './controller/manager.ts';
import { stopSignal } from './controller/stop-signal.ts';

/** Runs the operator until SIGTERM or SIGINT, or until it must not go on. Returns the exit code of design §6a. */
export async function run(config: Config, { clock }: { readonly clock: Clock }): Promise<ExitCode | 2> {
  const stop = stopSignal(process);
  try {
    const { runOperator } = await import('./process/operator.ts');
    return await runOperator(config, { clock, env: process.env }, stop.signal);
  } catch (error) {
    if (error instanceof KubeconfigError) {
      process.stderr.write(`matchday: ${error.message} (see --kubeconfig and --context)\n`);
      return 2;
    }
    process.stderr.write(`matchday: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    stop.dispose();
  }
}

/** What the arguments ask for; the process' exit code. `clock` is the machine's but in the sandbox's own entry. */
export async function main(argv: readonly string[], clock: () => Promise<Clock> = () => Promise.resolve(systemClock)): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === 'run') return await runVerb(rest, clock);
  const { runCli } = await import('./cli/index.ts');
  return await runCli(argv, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    clock: await clock(),
  });
}

async function runVerb(argv: readonly string[], clock: () => Promise<Clock>): Promise<number> {
  const loaded = loadConfig({ argv, env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
  if ('help' in loaded) {
    process.stdout.write(loaded.help);
    return 0;
  }
  if ('error' in loaded) {
    process.stderr.write(`matchday: ${loaded.error}\n`);
    return 2;
  }
  return await run(loaded.ok, { clock: await clock() });
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
