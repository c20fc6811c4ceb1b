/** A parent for tied.test.ts: starts a stubborn child and a grandchild in a tied directory, says so, and then does what its argument says. */
import { makeTiedDirectory } from '../../sandbox/process/tied-directory.ts';
import { startTied } from '../../sandbox/process/tied-process.ts';

const directory = await makeTiedDirectory({ prefix: 'matchday-test-tied-' });
// Both ignore the polite signals, so that only a kill of the whole group ends them.
const script = `trap '' TERM INT HUP; sh -c "trap '' TERM INT HUP; echo grandchild \\$\\$; while :; do sleep 1; done" & wait`;
const child = await startTied({ command: '/bin/sh', args: ['-c', script], cwd: directory.path, lease: directory.lease });
const line = await child.line(/^grandchild \d+$/, { timeoutMs: 10_000 });
process.stdout.write(`${JSON.stringify({ pids: [child.pid, Number(line.split(' ')[1])], path: directory.path })}\n`);

if (process.argv[2] === 'throw') setImmediate(() => Promise.reject(new Error('nobody catches this')));
if (process.argv[2] === 'exit') process.exit(3);
