/**
 * A temporary directory that cannot outlive its users.
 *
 * Exit handlers do not run after SIGKILL, so the removal is the job of a small shell of its own: it makes the directory, then holds the
 * read end of a pipe. The write end (the *lease*) is in this process and in every process that was started with it. When the last of them
 * is gone, in whatever way, the kernel closes the pipe, and the shell removes the directory. Nobody else cleans up, so nobody can clean up
 * too early.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';

/** The name is chosen here but made there: a parent that is killed between the two leaves nothing. */
const GUARDIAN = `
PATH="$PATH:/usr/bin:/bin"
mkdir -m 700 "$1" || exit 1
echo made
while read -r _; do :; done
rm -rf "$1"
`;

export interface TiedDirectory extends AsyncDisposable {
  readonly path: string;
  /** Hand this to `startTied` of each process that uses the directory. */
  readonly lease: Writable;
  /** Gives this process's lease back; resolves when the directory is gone, so stop the processes that use it before. */
  remove(): Promise<void>;
}

export interface TiedDirectoryOptions {
  /** Start of the directory's name, such as `matchday-control-plane-`. */
  readonly prefix: string;
  /** Where to make it; the system's temporary directory unless told. */
  readonly parent?: string;
}

/** Makes an empty directory, readable by this user alone, that is removed when its last user is gone. Throws when it can't be made. */
export async function makeTiedDirectory({ prefix, parent = tmpdir() }: TiedDirectoryOptions): Promise<TiedDirectory> {
  const directory = path.join(parent, prefix + randomBytes(6).toString('hex'));
  // Detached: its own session, so that Ctrl-C and a closed terminal pass it by.
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'directory-guardian', directory], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = once(guardian, 'exit');
  let complaint = '';
  guardian.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const made = await Promise.race([once(guardian.stdout, 'data').then(() => true), gone.then(() => false)]);
  if (!made) throw new Error(`could not make the directory ${directory}: ${complaint.trim()}`);
  guardian.stdout.destroy();
  guardian.stderr.destroy();
  guardian.unref();

  async function remove(): Promise<void> {
    guardian.ref();
    // Not end(): a pipe of Node's is a socket pair, and shutting it down would end the other holders' leases too.
    guardian.stdin.destroy();
    await gone;
  }
  return { path: directory, lease: guardian.stdin, remove, [Symbol.asyncDispose]: remove };
}
