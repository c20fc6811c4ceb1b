/** Builds a program of the control plane from its pinned modules into the cache, saying what it does while it does it. */
import { access, constants, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { makeTiedDirectory, type TiedDirectory } from '../process/tied-directory.ts';
import { describeExit, startTied, type TiedProcess } from '../process/tied-process.ts';
import { withBuildLock } from './build-lock.ts';
import { MODULE_DIRECTORY } from './cache.ts';
import { COMPONENTS, type Component, LINKER_FLAGS } from './components.ts';

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

export interface BuildOptions {
  readonly components: readonly Component[];
  /** Where the programs go; made when missing. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** Builds those of `components` that `directory` lacks, one after the other. Several processes may do so at once. Throws `BuildFailed`. */
export async function buildMissing({ components, directory, env, progress }: BuildOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  const missing = await withoutPresent(components, directory);
  if (missing.length === 0) return;
  progress(`building ${missing.join(', ')} with Go into ${directory}; once, and in all 6 to 9 minutes when Go's own cache is cold`);
  for (const [index, component] of missing.entries()) {
    const lock = path.join(directory, `.${component}.lock`);
    const build = async (): Promise<void> => {
      if (await isProgram(path.join(directory, component))) return;
      await buildOne({ component, directory, env, progress, step: `${index + 1} of ${missing.length}`, next: missing[index + 1] });
    };
    await withBuildLock(lock, build, () => progress(`${component}: somebody else is building it, waiting`));
  }
}

async function withoutPresent(components: readonly Component[], directory: string): Promise<Component[]> {
  const missing: Component[] = [];
  for (const component of components) {
    if (!(await isProgram(path.join(directory, component)))) missing.push(component);
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
  readonly component: Component;
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly step: string;
  readonly next: Component | undefined;
}

async function buildOne({ component, directory, env, progress, step, next }: OneBuild): Promise<void> {
  const started = performance.now();
  const elapsed = (): string => formatElapsed(performance.now() - started);
  const { cold } = COMPONENTS[component];
  progress(`${component} (${step}): started, about ${cold} when cold; ${next === undefined ? 'the last one' : `next is ${next}`}`);
  // In the cache's own file system, so that the rename is atomic; and Go's scratch files vanish with it, even after a SIGKILL.
  await using scratch = await makeTiedDirectory({ prefix: `.building-${component}-`, parent: directory });
  const go = await startGo({ component, scratch, env });
  let compiled = 0;
  go.stderr.onLine((line) => {
    if (isPackagePath(line)) compiled += 1;
  });
  const sign = setInterval(() => progress(`${component} (${step}): ${elapsed()}, ${compiled} packages compiled`), SIGN_OF_LIFE_MS);
  const exit = await go.exited;
  clearInterval(sign);
  if (exit.code !== 0) {
    const message = `go build of ${component} failed (${describeExit(exit)}):\n${complaint(go)}`;
    throw new BuildFailed(message, { withoutGo: exit.code === NOT_FOUND });
  }
  await rename(path.join(scratch.path, component), path.join(directory, component));
  progress(`${component} (${step}): done after ${elapsed()}`);
}

interface GoBuild {
  readonly component: Component;
  readonly scratch: TiedDirectory;
  readonly env: NodeJS.ProcessEnv;
}

function startGo({ component, scratch, env }: GoBuild): Promise<TiedProcess> {
  const output = path.join(scratch.path, component);
  return startTied({
    command: 'go',
    // -v names each package when it is compiled: the only progress that Go shows.
    args: ['build', '-v', '-trimpath', '-ldflags', LINKER_FLAGS, '-o', output, COMPONENTS[component].package],
    cwd: MODULE_DIRECTORY,
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
