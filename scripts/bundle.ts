/**
 * One folder that runs with Node alone: `node scripts/bundle.ts DIRECTORY`. The program and its libraries in a few files start in a quarter
 * of the time that the sources take, since nothing has to be found, stripped of types and read file by file.
 *
 * Whoever is no entry must not tell by `import.meta.main` whether it is one: a module that is an entry elsewhere is given as an entry here too.
 */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'rolldown';

const ROOT = path.join(import.meta.dirname, '..');
/** Read at run time, beside the file that asks for it. */
const MIGRATIONS = 'src/ledger/migrations';
const PROGRAM = 'src/main.ts';

export interface BundleOptions {
  readonly directory: string;
  /** Paths from the root of the checkout beside the program's own; `sandbox/operator.ts` becomes `operator.mjs`. */
  readonly entries?: readonly string[];
}

/** Writes `main.mjs`, and what else was asked for, into the directory. Throws with rolldown's words. */
export async function bundle({ directory, entries = [] }: BundleOptions): Promise<void> {
  await build({
    cwd: ROOT,
    input: [PROGRAM, ...entries],
    platform: 'node',
    logLevel: 'warn',
    output: { dir: directory, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: 'chunk-[hash].mjs' },
  });
  await cp(path.join(ROOT, MIGRATIONS), path.join(directory, path.basename(MIGRATIONS)), { recursive: true });
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) {
    process.stderr.write('usage: node scripts/bundle.ts DIRECTORY\n');
    process.exit(2);
  }
  await bundle({ directory: path.resolve(directory) });
}
