/** The hooks by which a controller runtime tells what it measures, bound to the instruments and to one controller's name. */
import type { Metrics } from './metrics.ts';

/** Durations in seconds. The shape is the one that the runtime asks for; it is not imported, since neither side knows the other. */
export function controllerMetrics(metrics: Metrics, controller: string) {
  const name = controller;
  return {
    queue: {
      depth: (keys: number) => metrics.queueDepth.set({ name }, keys),
      added: () => metrics.queueAdds.inc({ name }),
      waited: (seconds: number) => metrics.queueWaitSeconds.observe({ name }, seconds),
      worked: (seconds: number) => metrics.queueWorkSeconds.observe({ name }, seconds),
      retried: () => metrics.queueRetries.inc({ name }),
    },
    reconciled: (result: (typeof RECONCILE_RESULTS)[number], seconds: number) => {
      metrics.reconciles.inc({ controller, result });
      if (result === 'error') metrics.reconcileErrors.inc({ controller });
      metrics.reconcileSeconds.observe({ controller }, seconds);
    },
    activeWorkers: (count: number) => metrics.activeWorkers.set({ controller }, count),
    maxConcurrent: (count: number) => metrics.maxConcurrentReconciles.set({ controller }, count),
    /** What only the queue itself knows, read when the page is asked for. Returns the undo. */
    readQueue: (reading: () => { readonly depth: number; readonly unfinishedSeconds: number; readonly longestRunningSeconds: number }) =>
      metrics.beforePage(() => {
        const { depth, unfinishedSeconds, longestRunningSeconds } = reading();
        metrics.queueDepth.set({ name }, depth);
        metrics.queueUnfinishedSeconds.set({ name }, unfinishedSeconds);
        metrics.queueLongestSeconds.set({ name }, longestRunningSeconds);
      }),
  };
}

const RECONCILE_RESULTS = ['success', 'requeue_after', 'error'] as const;

/** Everything that names one controller, for `createMetrics({ born: bornFor([...]) })`: its series exist from the first scrape on. */
export function bornFor(controllers: readonly string[]) {
  const byController = { controller: controllers };
  const byName = { name: controllers };
  return {
    reconciles: byController,
    reconcileErrors: byController,
    reconcileSeconds: byController,
    activeWorkers: byController,
    maxConcurrentReconciles: byController,
    queueDepth: byName,
    queueAdds: byName,
    queueRetries: byName,
    queueWaitSeconds: byName,
    queueWorkSeconds: byName,
    queueUnfinishedSeconds: byName,
    queueLongestSeconds: byName,
  };
}
