import { describeExit, startTied, type TiedProcessOptions } from './tied-process.ts';

export interface RunOptions extends Omit<TiedProcessOptions, 'keepAll'> {
  /** After this the command is killed and the run counts as failed. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** null when a signal ended the command, as after a time-out. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command that ends by itself (and with this process at the latest), and returns all that it said whatever its exit code was. */
export async function runTied({ timeoutMs = 60_000, ...options }: RunOptions): Promise<RunResult> {
  const process = await startTied({ ...options, keepAll: true });
  const timer = setTimeout(() => void process.stop({ graceMs: 0 }), timeoutMs);
  const { code } = await process.exited;
  clearTimeout(timer);
  return { code, stdout: process.stdout.lines().join('\n'), stderr: process.stderr.lines().join('\n') };
}

/** As `runTied`, but returns standard output alone and throws with the command's own words when it fails. */
export async function runTiedOrThrow(options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await runTied(options);
  if (code === 0) return stdout;
  const command = [options.name ?? options.command, ...(options.args ?? [])].join(' ');
  throw new Error(`"${command}" failed (${describeExit({ code, signal: code === null ? 'SIGKILL' : null })}):\n${stderr || stdout}`);
}
