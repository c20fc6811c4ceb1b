/** How long a key rests after its pass failed. */

export interface QueueBackoff {
  readonly firstMs: number;
  /** Short enough that a failing object is tried again well inside the margins that a send has. */
  readonly maxMs: number;
  /** In [0, 1). */
  readonly random: () => number;
}

export const QUEUE_BACKOFF: QueueBackoff = { firstMs: 100, maxMs: 60_000, random: Math.random };

/** Doubles from `firstMs` to `maxMs`; between half of that and all of it, so that what failed together does not return together. */
export function retryDelayMs(failures: number, { firstMs, maxMs, random }: QueueBackoff): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1));
  return fullMs / 2 + (fullMs / 2) * random();
}
