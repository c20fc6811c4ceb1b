/** A parent for binaries.test.ts: builds into the home directory of its argument until it is killed. */
import path from 'node:path';
import { findBinaries } from '../../sandbox/control-plane/binaries.ts';
import { cacheDirectory } from '../../sandbox/control-plane/cache.ts';

const home = process.argv[2] ?? '';
const env = { XDG_CACHE_HOME: path.join(home, 'cache'), HOME: home, PATH: path.join(home, 'bin') };
process.stdout.write(`${JSON.stringify({ cache: await cacheDirectory(env) })}\n`);
await findBinaries({ env });
