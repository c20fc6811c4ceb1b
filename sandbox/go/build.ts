/** Builds Go programs (the control plane's, promtool) from pinned modules into a cache, saying what it does while it does it. */
import { access, constants, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { makeTiedDirectory, type TiedDirectory } from '../process/tied-directory.ts';
import { describeExit, startTied, type TiedProcess } from '../process/tied-process.ts';
import { withBuildLock } from './build-lock.ts';

/** A line for people who wait. */
export type Progress = (line: string) => void;

/** How often a running build says that it is alive; CI systems give up on a silent job after some minutes. */
const SIGN_OF_LIFE_MS = 15_000;

/** Go could not build the program; the message holds the end of what it said. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
  /** There is no Go to build with. */
  readonly withoutGo: boolean;

  constructor(message: string, { withoutGo }: { readonly withoutGo: boolean }) {
    super(message);
    this.withoutGo = withoutGo;
  }
}

/** How a shell says that there is no such command. */
const NOT_FOUND = 127;

/** What Go builds, and from where. */
export interface Program {
  readonly name: string;
  /** The Go package. */
  readonly package: string;
  /** Where go.mod and go.sum are. */
  readonly module: string;
  readonly linkerFlags: string;
  /** Build tags, such as those that leave parts out. */
  readonly tags?: string;
  /** How long a cold build took on two cores, for the progress lines. */
  readonly cold: string;
}

export interface BuildOptions {
  readonly programs: readonly Program[];
  /** How long all may take, for the first line: `6 to 9 minutes`. */
  readonly estimate: string;
  /** Where the programs go; made when missing. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** Builds those of `programs` that `directory` lacks, one after the other. Several processes may do so at once. Throws `BuildFailed`. */
export async function buildMissing({ programs, directory, env, progress, estimate }: BuildOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  const missing = await withoutPresent(programs, directory);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  progress(`building ${names} with Go into ${directory}; once, and in all ${estimate} when Go's own cache is cold`);
  for (const [index, program] of missing.entries()) {
    const lock = path.join(directory, `.${program.name}.lock`);
    const build = async (): Promise<void> => {
      if (await isProgram(path.join(directory, program.name))) return;
      await buildOne({ program, directory, env, progress, step: `${index + 1} of ${missing.length}`, next: missing[index + 1]?.name });
    };
    await withBuildLock(lock, build, () => progress(`${program.name}: somebody else is building it, waiting`));
  }
}

async function withoutPresent(programs: readonly Program[], directory: string): Promise<Program[]> {
  const missing: Program[] = [];
  for (const program of programs) {
    if (!(await isProgram(path.join(directory, program.name)))) missing.push(program);
  }
  return missing;
}

/** Whether `file` can be executed. */
export async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface OneBuild {
  readonly program: Program;
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly step: string;
  /** Name of what is built after it. */
  readonly next: string | undefined;
}

async function buildOne({ program, directory, env, progress, step, next }: OneBuild): Promise<void> {
  const started = performance.now();
  const elapsed = (): string => formatElapsed(performance.now() - started);
  const { name, cold } = program;
  progress(`${name} (${step}): started, about ${cold} when cold; ${next === undefined ? 'the last one' : `next is ${next}`}`);
  // In the cache's own file system, so that the rename is atomic; and Go's scratch files vanish with it, even after a SIGKILL.
  await using scratch = await makeTiedDirectory({ prefix: `.building-${name}-`, parent: directory });
  const go = await startGo({ program, scratch, env });
  let compiled = 0;
  go.stderr.onLine((line) => {
    if (isPackagePath(line)) compiled += 1;
  });
  const sign = setInterval(() => progress(`${name} (${step}): ${elapsed()}, ${compiled} packages compiled`), SIGN_OF_LIFE_MS);
  const exit = await go.exited;
  clearInterval(sign);
  if (exit.code !== 0) {
    const message = `go build of ${name} failed (${describeExit(exit)}):\n${complaint(go)}`;
    throw new BuildFailed(message, { withoutGo: exit.code === NOT_FOUND });
  }
  await rename(path.join(scratch.path, name), path.join(directory, name));
  progress(`${name} (${step}): done after ${elapsed()}`);
}

interface GoBuild {
  readonly program: Program;
  readonly scratch: TiedDirectory;
  readonly env: NodeJS.ProcessEnv;
}

function startGo({ program, scratch, env }: GoBuild): Promise<TiedProcess> {
  const { linkerFlags, tags } = program;
  const output = path.join(scratch.path, program.name);
  const withTags = tags === undefined ? [] : ['-tags', tags];
  return startTied({
    command: 'go',
    // -v names each package when it is compiled: the only progress that Go shows.
    args: ['build', '-v', '-trimpath', ...withTags, '-ldflags', linkerFlags, '-o', output, program.package],
    cwd: program.module,
    // The caller's GOFLAGS and workspace are meant for other modules.
    env: { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTMPDIR: scratch.path },
    name: 'go build',
    lease: scratch.lease,
  });
}

/** With -v, Go's standard error is package paths and downloads; what is neither is what went wrong. */
function complaint(go: TiedProcess): string {
  const words = go.output.lines().filter((line) => !isPackagePath(line) && !line.startsWith('go: downloading '));
  return words.slice(-20).join('\n');
}

function isPackagePath(line: string): boolean {
  return /^[\w.~-]+(\/[\w.~-]+)*$/.test(line);
}

/** `4m05s`. */
function formatElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}
