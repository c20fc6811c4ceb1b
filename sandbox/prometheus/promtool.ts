/**
 * promtool, with which Prometheus tests its rules: from the cache, else built with Go from the module that go.mod pins and go.sum checks.
 * One that is installed is never used: before 3.x the series of a test begin in 1970, and rules that compare with time() need their date.
 */
import path from 'node:path';
import { BuildFailed, buildMissing, type Program, type Progress } from '../go/build.ts';
import { cacheOf } from '../go/cache.ts';
import { type RunResult, runTied } from '../process/run-tied.ts';

const PROMTOOL = {
  name: 'promtool',
  package: 'github.com/prometheus/prometheus/cmd/promtool',
  module: import.meta.dirname,
  linkerFlags: '-s -w',
  // Service discovery for two dozen clouds is most of what it is made of otherwise.
  tags: 'remove_all_sd',
  cold: '4 min',
} as const satisfies Program;

export interface PromtoolOptions {
  /** Read for XDG_CACHE_HOME, HOME and PATH; the process's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Lines on standard error unless told. */
  readonly progress?: Progress;
}

/** Path of the program. A first build takes minutes, and says so. Throws with what can be done when none can be built. */
export async function findPromtool({ env = process.env, progress = toStandardError }: PromtoolOptions = {}): Promise<string> {
  const { name, module, package: source, linkerFlags, tags } = PROMTOOL;
  const directory = await cacheOf({ name: 'prometheus', module, inputs: [source, linkerFlags, tags], env });
  try {
    await buildMissing({ programs: [PROMTOOL], estimate: '4 minutes', directory, env, progress });
  } catch (error) {
    if (!(error instanceof BuildFailed)) throw error;
    const why = error.withoutGo ? 'There is no "go" in PATH: install it (https://go.dev/dl).' : error.message;
    const ways = `put one of the version in sandbox/prometheus/go.mod into ${directory}, or let it be built, which needs Go and a GOPROXY`;
    throw new Error(`promtool can't be had: ${ways}. ${why}`, { cause: error });
  }
  return path.join(directory, name);
}

/** `promtool test rules FILE`; resolves whatever it found. */
export async function testRules(file: string, options: PromtoolOptions = {}): Promise<RunResult> {
  return await runTied({ command: await findPromtool(options), args: ['test', 'rules', file] });
}

/** `promtool check rules FILE`: the syntax, and what its linter knows. */
export async function checkRules(file: string, options: PromtoolOptions = {}): Promise<RunResult> {
  return await runTied({ command: await findPromtool(options), args: ['check', 'rules', '--lint-fatal', file] });
}

function toStandardError(line: string): void {
  process.stderr.write(`promtool: ${line}\n`);
}
