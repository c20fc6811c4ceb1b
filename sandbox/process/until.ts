import { setTimeout as sleep } from 'node:timers/promises';

/** A condition that was not met in time; the message says what was waited for and what was seen last. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}

export interface UntilOptions {
  /** What is waited for, as the end of the sentence "waited 5 s for …". */
  readonly what: string;
  /** Real milliseconds before giving up. */
  readonly timeoutMs: number;
  /** Real milliseconds between two looks. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks `look` again and again until it answers with something other than `undefined`, and returns that. A look that throws counts as
 * "not yet"; its message is part of the final error. Throws `NotInTime` at the deadline, and the signal's reason when aborted.
 */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, options: UntilOptions): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let seen: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= deadline) throw notInTime(options, seen);
    await sleep(options.everyMs ?? 50);
  }
}

function notInTime({ what, timeoutMs }: UntilOptions, seen: unknown): NotInTime {
  const last = seen instanceof Error ? `; the last look failed with: ${seen.message}` : '';
  return new NotInTime(`waited ${timeoutMs / 1000} s for ${what}${last}`, { cause: seen });
}
