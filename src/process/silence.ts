import type { Clock } from '../base/clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** A watch; one for each watched namespace. `silentForMs`: undefined before its first word. */
interface Watch {
  readonly name: string;
  readonly silentForMs: number | undefined;
}

/** Tells when each kind was last heard of: of several watches of a kind the one that is silent the longest, or it would not be missed. */
export function tellSilence(
  watches: readonly Watch[],
  { metrics, clock }: { readonly metrics: Pick<Metrics, 'reflectorLastEvent'>; readonly clock: Pick<Clock, 'now'> },
): void {
  const nowMs = clock.now().epochMilliseconds;
  for (const [kind, some] of Map.groupBy(watches, ({ name }) => name)) {
    const silences = some.map(({ silentForMs }) => silentForMs).filter((ms) => ms !== undefined);
    if (silences.length > 0) metrics.reflectorLastEvent.set({ kind }, (nowMs - Math.max(...silences)) / 1000);
  }
}
