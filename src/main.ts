#!/usr/bin/env node
/**
 * `matchday`: one program. `matchday run` is the operator; the other verbs are the command line. Composition root: the only place that
 * reads the process' arguments, environment and signals, and the only one that exits.
 */
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from './base/clock.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { KubeconfigError } from './controller/credentials-kubeconfig.ts';
import type { ExitCode } from './controller/manager.ts';
import { stopSignal } from './controller/stop-signal.ts';
import { runOperator } from './process/operator.ts';

const USAGE = `matchday: keeps exactly one scheduled Braze send per football fixture.

Usage: matchday run [flags]     the operator (matchday run --help lists the flags)
       matchday help            this text
`;

/** Runs the operator until SIGTERM or SIGINT, or until it must not go on. Returns the exit code of design §6a. */
export async function run(config: Config, { clock }: { readonly clock: Clock }): Promise<ExitCode | 2> {
  const stop = stopSignal(process);
  try {
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
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (verb !== 'run') {
    process.stderr.write(`matchday: unknown command "${verb}". Try: matchday help\n`);
    return 2;
  }
  const loaded = loadConfig({ argv: rest, env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
  if ('help' in loaded) {
    process.stdout.write(loaded.help);
    return 0;
  }
  if ('error' in loaded) {
    process.stderr.write(`matchday: ${loaded.error}\n`);
    return 2;
  }
  return run(loaded.ok, { clock: await clock() });
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
