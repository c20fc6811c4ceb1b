import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface CacheOptions {
  /** What is built, as the name of a folder. */
  readonly name: string;
  /** Where go.mod and go.sum are. */
  readonly module: string;
  /** All else that the programs depend on: packages, flags. */
  readonly inputs: readonly unknown[];
  /** Read for XDG_CACHE_HOME and HOME. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The folder of the built programs, outside of the checkout so that a second clone need not build again. Its name is a hash of all that a
 * build depends on: a changed pin is another folder, never a stale program.
 */
export async function cacheOf({ name, module, inputs, env }: CacheOptions): Promise<string> {
  const root = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || homedir(), '.cache');
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(path.join(module, file)));
  hash.update(JSON.stringify([...inputs, process.platform, process.arch]));
  return path.join(root, 'matchday', name, hash.digest('hex').slice(0, 16));
}
