/**
 * Plants a bug into the process: sources are changed as they are loaded, before their types are stripped, and nothing on disk is. Has to
 * run before anything imports a file that it changes.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Patch } from './bug.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

/** Returns a look at what was planted: it throws when a file was never loaded, so that its patch did nothing. */
export function plant(patches: readonly Patch[]): () => void {
  const waiting = new Set(patches.map(({ file }) => file));
  registerHooks({
    load: (url, context, next) => {
      const file = url.startsWith('file:') ? path.relative(ROOT, fileURLToPath(url)) : '';
      const mine = patches.filter((patch) => patch.file === file);
      if (mine.length === 0) return next(url, context);
      waiting.delete(file);
      const source = mine.reduce(patched, readFileSync(fileURLToPath(url), 'utf8'));
      return { ...next(url, context), source };
    },
  });
  return () => {
    if (waiting.size > 0) throw new Error(`never loaded, so that nothing was planted there: ${[...waiting].join(', ')}`);
  };
}

/** Throws unless the text occurs just once. */
export function patched(source: string, { file, find, replace }: Patch): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(`a patch of ${file} is stale: its text is there ${parts.length - 1} times instead of once:\n${find}`);
  return parts.join(replace);
}
