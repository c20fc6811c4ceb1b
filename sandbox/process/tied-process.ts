/**
 * A child process that cannot outlive its parent.
 *
 * Exit handlers do not run after SIGKILL, so each child is started by a shell that first forks a watcher and then becomes the command (same
 * pid, same output, same exit code). The watcher holds the read end of a pipe whose write end only this process has. When this process is
 * gone, in whatever way, the kernel closes the pipe, and the watcher kills the child's process group. There is no moment without a guard:
 * the pipe exists before the shell does, and a pipe that was closed early is still seen as closed later.
 *
 * The child leads a process group and a session of its own: Ctrl-C reaches the parent alone, which then decides in which order to stop. The
 * watcher is a member of that group, so the group's number can't come to mean somebody else while it lives.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Output } from './output.ts';

/** `kill -s NAME -- -group` is the one spelling that dash, bash and busybox all take. */
const LAUNCHER = `
(
  trap '' TERM INT HUP
  PATH="$PATH:/usr/bin:/bin"
  exec >/dev/null 2>&1
  while read -r _ <&3; do :; done
  kill -s TERM "$$"
  n=0
  while [ "$n" -lt "$MATCHDAY_GRACE_TENTHS" ] && kill -0 "$$"; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL -- "-$$"
) &
exec 3<&-
unset MATCHDAY_GRACE_TENTHS
exec "$@"
`;

export interface TiedProcessOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child; this process's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** How errors call it; the command's last path element unless told. */
  readonly name?: string;
  /** The lease of a directory that the process works in: the directory then stays until the process is gone. */
  readonly lease?: Writable;
  /** How long it may take to end after SIGTERM when this process has died. 0 (the default) kills at once. */
  readonly orphanGraceMs?: number;
  /** Written to its standard input, which is empty unless told. */
  readonly input?: string;
  /** Keep all of the output, not only its tail. */
  readonly keepAll?: boolean;
}

export interface Exit {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StopOptions {
  readonly signal?: NodeJS.Signals;
  /** After this the whole process group is killed. */
  readonly graceMs?: number;
}

export interface TiedProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Both outputs, merged; `stdout` and `stderr` hold them apart. */
  readonly output: Output;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Resolves when the process has ended and everything that it said was read. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** A signal to the process alone, such as SIGSTOP. */
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end (SIGTERM), kills its group after `graceMs` (10 s), resolves when it is gone. Harmless when it has ended. */
  stop(options?: StopOptions): Promise<Exit>;
  /** Resolves with the first line, said or still to be said, that matches. Throws with the tail of the output when it ends first or `timeoutMs` pass. */
  line(pattern: RegExp, options: { readonly timeoutMs: number }): Promise<string>;
}

/** Starts a process that ends when this one does. Throws when the command does not exist or may not be executed. */
export async function startTied(options: TiedProcessOptions): Promise<TiedProcess> {
  const name = options.name ?? options.command.slice(options.command.lastIndexOf('/') + 1);
  const grace = String(Math.ceil((options.orphanGraceMs ?? 0) / 100));
  const child = spawn('/bin/sh', ['-c', LAUNCHER, name, options.command, ...(options.args ?? [])], {
    detached: true,
    cwd: options.cwd,
    env: { ...(options.env ?? process.env), MATCHDAY_GRACE_TENTHS: grace },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe', options.lease ?? 'ignore'],
  });
  // Fails when the working directory is missing or the machine is out of processes; a missing command is the shell's exit code 127.
  await once(child, 'spawn');
  if (options.input !== undefined) {
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  }
  return new Tied(name, child, options.keepAll ?? false);
}

class Tied implements TiedProcess {
  readonly name: string;
  readonly pid: number;
  readonly output = new Output();
  readonly stdout: Output;
  readonly stderr: Output;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;

  constructor(name: string, child: ChildProcess, keepAll: boolean) {
    const [, stdout, stderr, tie] = child.stdio;
    if (child.pid === undefined || !stdout || !stderr || !tie) throw new Error(`${name} was started without its pipes`);
    this.name = name;
    this.pid = child.pid;
    this.#child = child;
    this.stdout = new Output({ keepAll });
    this.stderr = new Output({ keepAll });
    this.stdout.onLine((line) => this.output.add(line));
    this.stderr.onLine((line) => this.output.add(line));
    const read = Promise.all([this.stdout.read(stdout as Readable), this.stderr.read(stderr as Readable)]);
    tie.on('error', () => {});
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        // Lets the watcher go: it then kills what the process may have left behind in its group, and ends.
        tie.destroy();
        void read.then(() => resolve({ code, signal }));
      });
    });
  }

  exit(): Exit | undefined {
    return this.#exit;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop({ signal = 'SIGTERM', graceMs = 10_000 }: StopOptions = {}): Promise<Exit> {
    if (this.#exit === undefined) this.kill(signal);
    const timer = setTimeout(() => this.#killGroup(), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async line(pattern: RegExp, { timeoutMs }: { readonly timeoutMs: number }): Promise<string> {
    const said = this.output.lines().find((line) => pattern.test(line));
    if (said !== undefined) return said;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const forget = this.output.onLine((line) => {
      if (pattern.test(line)) resolve(line);
    });
    const fail = (why: string): void => reject(new Error(`${this.name} ${why} ${pattern}. The end of its output:\n${this.output.tail()}`));
    const timer = setTimeout(() => fail(`did not say within ${timeoutMs / 1000} s`), timeoutMs);
    void this.exited.then((exit) => fail(`ended (${describeExit(exit)}) before it said`));
    return promise.finally(() => {
      clearTimeout(timer);
      forget();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop().then(() => {});
  }

  #killGroup(): void {
    if (this.#exit !== undefined) return;
    process.kill(-this.pid, 'SIGKILL');
  }
}

/** `exit code 1` or `SIGKILL`. */
export function describeExit({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}
