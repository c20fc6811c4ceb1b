import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runTied, runTiedOrThrow } from '../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../sandbox/process/tied-directory.ts';
import { startTied, type TiedProcess, type TiedProcessOptions } from '../../sandbox/process/tied-process.ts';
import { isRunning, startParent, untilGone } from '../support/processes.ts';

const started: TiedProcess[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop({ graceMs: 0 });
});

async function sh(script: string, options: Partial<TiedProcessOptions> = {}): Promise<TiedProcess> {
  const child = await startTied({ command: '/bin/sh', args: ['-c', script], ...options });
  started.push(child);
  return child;
}

describe('a tied process', () => {
  it('has the pid, the output and the exit code of the command itself', async () => {
    const child = await sh('echo "I am $$"; echo trouble >&2; printf "no line end"; exit 7');
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(child.stdout.lines()).toEqual([`I am ${child.pid}`, 'no line end']);
    expect(child.stderr.lines()).toEqual(['trouble']);
    expect(child.output.lines()).toHaveLength(3);
  });

  it('keeps the tail of a long output and all of it when asked', async () => {
    const count = 'i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i + 1)); done';
    const child = await sh(count);
    await child.exited;
    expect(child.output.tail(2)).toBe('998\n999');
    expect(child.output.lines()).toHaveLength(200);
    expect((await runTied({ command: '/bin/sh', args: ['-c', count] })).stdout.split('\n')).toHaveLength(1000);
  });

  it('reads its input, and sees nothing of the means that tie it', async () => {
    const script = 'cat; env | grep -c MATCHDAY_GRACE; [ -e /proc/self/fd/3 ] && echo "fd 3 is open"; true';
    expect((await runTied({ command: '/bin/sh', args: ['-c', script], input: 'hello\n' })).stdout).toBe('hello\n0');
  });

  it('finds a line that was said before or after it was asked for', async () => {
    const child = await sh('echo listening on 1234; read -r _ </dev/zero & wait');
    expect(await child.line(/listening/, { timeoutMs: 5_000 })).toBe('listening on 1234');
    expect(await child.line(/on \d+/, { timeoutMs: 5_000 })).toBe('listening on 1234');
  });

  it('shows the end of the output when it ends without the awaited line, or does not say it in time', async () => {
    const child = await sh('echo the disk is full; exit 1');
    await expect(child.line(/listening/, { timeoutMs: 5_000 })).rejects.toThrow(/exit code 1[\s\S]*the disk is full/);
    const silent = await sh('echo warming up; exec sleep 60');
    await silent.line(/warming/, { timeoutMs: 5_000 });
    await expect(silent.line(/listening/, { timeoutMs: 10 })).rejects.toThrow(/within 0.01 s[\s\S]*warming up/);
  });

  it('ends politely when it can, by a kill of its whole group when it will not', async () => {
    const polite = await sh(`trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`);
    await polite.line(/up/, { timeoutMs: 5_000 });
    expect(await polite.stop()).toEqual({ code: 0, signal: null });
    expect(polite.output.tail()).toContain('bye');
    const stubborn = await sh(`trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & wait; sleep 60`);
    const grandchild = Number(await stubborn.line(/^\d+$/, { timeoutMs: 5_000 }));
    expect(await stubborn.stop({ graceMs: 50 })).toEqual({ code: null, signal: 'SIGKILL' });
    await untilGone({ pids: [grandchild] });
  });

  it('takes what it left running with it when it ends by itself', async () => {
    const child = await sh('sleep 600 >/dev/null 2>&1 & echo $!');
    const left = Number(await child.line(/^\d+$/, { timeoutMs: 5_000 }));
    await child.exited;
    await untilGone({ pids: [left] });
  });

  it('can be stopped twice, and after it has ended', async () => {
    const child = await sh('exit 0');
    await child.exited;
    expect(await child.stop()).toEqual({ code: 0, signal: null });
    expect(await child.stop()).toEqual({ code: 0, signal: null });
  });

  it('says which command is missing', async () => {
    await expect(runTiedOrThrow({ command: 'no-such-command', args: ['--help'] })).rejects.toThrow(
      /"no-such-command --help" failed[\s\S]*not found/,
    );
  });

  it('is killed when a run takes too long', async () => {
    expect((await runTied({ command: 'sleep', args: ['60'], timeoutMs: 20 })).code).toBeNull();
  });
});

describe('a tied directory', () => {
  it('is private, and gone after its removal', async () => {
    const directory = await makeTiedDirectory({ prefix: 'matchday-test-tied-' });
    expect((await runTied({ command: 'ls', args: ['-ld', directory.path] })).stdout).toMatch(/^drwx------/);
    await directory.remove();
    expect(existsSync(directory.path)).toBe(false);
    await directory.remove();
  });

  it('stays until the last process that uses it is gone', async () => {
    const directory = await makeTiedDirectory({ prefix: 'matchday-test-tied-' });
    const user = await sh(`trap 'pwd -P; echo last words > file && cat file; exit' TERM; echo up; while :; do sleep 0.05; done`, {
      cwd: directory.path,
      lease: directory.lease,
    });
    await user.line(/up/, { timeoutMs: 5_000 });
    const removal = directory.remove();
    await user.stop();
    await removal;
    expect(user.stdout.tail()).toContain('last words');
    expect(existsSync(directory.path)).toBe(false);
  });

  it('says why it can not be made', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'matchday-test-'));
    await rm(parent, { recursive: true });
    await expect(makeTiedDirectory({ prefix: 'x-', parent })).rejects.toThrow(/could not make the directory.*No such file/);
  });
});

describe('when the parent is gone, its processes, their children and its directory are gone too:', () => {
  const SCRIPT = path.join(import.meta.dirname, 'tied-parent.ts');
  interface Said {
    readonly pids: readonly number[];
    readonly path: string;
  }

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('after %s', async (signal) => {
    const parent = await startParent<Said>(SCRIPT);
    for (const pid of parent.said.pids) expect(await isRunning(pid)).toBe(true);
    expect(existsSync(parent.said.path)).toBe(true);
    parent.signalGroup(signal);
    await parent.exited();
    await untilGone({ pids: parent.said.pids, paths: [parent.said.path] });
  });

  it.each([
    ['an error that nobody caught', 'throw'],
    ['process.exit', 'exit'],
  ])('after %s', async (_what, then) => {
    const parent = await startParent<Said>(SCRIPT, then);
    await parent.exited();
    await untilGone({ pids: parent.said.pids, paths: [parent.said.path] });
  });
});
