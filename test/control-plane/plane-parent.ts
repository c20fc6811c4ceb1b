/** A parent for life-and-death.cluster.test.ts: starts a control plane, says so, and then waits or does what its argument says. */
import { startControlPlane } from '../../sandbox/control-plane/control-plane.ts';

const plane = await startControlPlane();
process.stdout.write(`${JSON.stringify({ pids: [plane.apiServerPid, plane.etcdPid], path: plane.directory })}\n`);

if (process.argv[2] === 'throw') setImmediate(() => Promise.reject(new Error('nobody catches this')));
