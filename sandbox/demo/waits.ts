/** Waiting that ends when the demo must. */
import type { Clock } from '../../src/base/clock.ts';

/** Resolves when `clock` shows `at`; rejects with the signal's reason. The clock must not be moved meanwhile. */
export async function untilTime(clock: Clock, at: Temporal.Instant, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, clock.delayMs(at));
  await aborting(signal, promise).finally(() => clearTimeout(timer));
}

/** `work`, or the signal's reason as soon as it is aborted. */
export async function aborting<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  return await Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', cancel));
}
