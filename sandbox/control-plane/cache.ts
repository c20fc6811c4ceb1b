import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { COMPONENTS, LINKER_FLAGS } from './components.ts';

/** Where go.mod and go.sum are. */
export const MODULE_DIRECTORY = import.meta.dirname;

/**
 * The folder of the built programs, outside of the checkout so that a second clone need not build again. Its name is a hash of all that a
 * build depends on: a changed pin is another folder, never a stale program.
 */
export async function cacheDirectory(env: NodeJS.ProcessEnv): Promise<string> {
  const root = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || homedir(), '.cache');
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(path.join(MODULE_DIRECTORY, file)));
  hash.update(JSON.stringify([COMPONENTS, LINKER_FLAGS, process.platform, process.arch]));
  return path.join(root, 'matchday', 'control-plane', hash.digest('hex').slice(0, 16));
}
