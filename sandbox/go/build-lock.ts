/**
 * Keeps two builders of the same program apart. It only saves work: a build is put in place by an atomic rename, so two at once would merely
 * do it twice. That is why a lock whose holder shows no sign of life may simply be broken.
 */
import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 1_000;

/** A holder that was silent for this long is dead (or its machine slept). */
const STALE_MS = 10_000;

/** Runs `work` while holding the lock `file`. `onWait` is called once when somebody else holds it. */
export async function withBuildLock<T>(file: string, work: () => Promise<T>, onWait: () => void): Promise<T> {
  let told = false;
  while (!(await take(file))) {
    if (!told) onWait();
    told = true;
    await sleep(BEAT_MS / 2);
  }
  const beat = setInterval(() => void touch(file), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  if (await isStale(file)) await rm(file, { force: true });
  return false;
}

async function isStale(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > STALE_MS;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  // The file may be gone when somebody broke the lock, or the cache was emptied: the build goes on all the same.
  await utimes(file, now, now).catch(() => {});
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
