/** Looks at other processes: whether they run, and parents that are there to be killed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until } from '../../sandbox/process/until.ts';

/** Whether `pid` runs; a zombie that nobody has collected yet does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  return state !== '' && !state.startsWith('Z');
}

/** Resolves when none of `pids` runs and none of `paths` exists. Throws with those that are left after 20 s. */
export async function untilGone({
  pids = [],
  paths = [],
}: {
  readonly pids?: readonly number[];
  readonly paths?: readonly string[];
}): Promise<void> {
  const look = async (): Promise<true> => {
    const left: (number | string)[] = paths.filter((each) => existsSync(each));
    for (const pid of pids) if (await isRunning(pid)) left.push(pid);
    if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
    return true;
  };
  await until(look, { what: 'everything to be gone', timeoutMs: 20_000 });
}

export interface Parent<T> {
  readonly process: ChildProcess;
  /** What it printed as its first line. */
  readonly said: T;
  /** As a terminal does: a signal to the whole group. */
  signalGroup(signal: NodeJS.Signals): void;
  exited(): Promise<void>;
}

/** Starts `script` by this very node in a process group of its own, and resolves when it has printed its first line (JSON). */
export async function startParent<T>(script: string, ...args: readonly string[]): Promise<Parent<T>> {
  const child = spawn(process.execPath, [script, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exit.then(() => undefined)]);
  if (line === undefined) throw new Error(`${script} ended before it said anything: ${complaint}`);
  return {
    process: child,
    said: JSON.parse(line[0]),
    signalGroup: (signal) => void process.kill(-child.pid!, signal),
    exited: () => exit.then(() => {}),
  };
}
