/**
 * What the runtime measures, as hooks: telemetry turns them into the metrics of the same names that controller-runtime has
 * (`workqueue_*`, `controller_runtime_*`, `leader_election_master_status`). All durations are seconds.
 */

/** One work queue; `name` is the controller's. */
export interface QueueMetrics {
  /** `workqueue_depth`: keys ready to be taken. */
  depth(keys: number): void;
  /** `workqueue_adds_total`. */
  added(): void;
  /** `workqueue_queue_duration_seconds`: from ready to taken. */
  waited(seconds: number): void;
  /** `workqueue_work_duration_seconds`: from taken to done. */
  worked(seconds: number): void;
  /** `workqueue_retries_total`. */
  retried(): void;
}

/** What a queue can be asked at scrape time. */
export interface QueueReading {
  readonly depth: number;
  /** `workqueue_unfinished_work_seconds`: sum over the passes that still run. */
  readonly unfinishedSeconds: number;
  /** `workqueue_longest_running_processor_seconds`. */
  readonly longestRunningSeconds: number;
}

export const RECONCILE_RESULTS = ['success', 'requeue_after', 'error'] as const;
export type ReconcileOutcome = (typeof RECONCILE_RESULTS)[number];

/** One controller. */
export interface ControllerMetrics {
  readonly queue: QueueMetrics;
  /** `controller_runtime_reconcile_total{result}`, `…_errors_total`, `…_time_seconds`. */
  reconciled(result: ReconcileOutcome, seconds: number): void;
  /** `controller_runtime_active_workers`. */
  activeWorkers(count: number): void;
  /** `controller_runtime_max_concurrent_reconciles`, told once at the start. */
  maxConcurrent(count: number): void;
}

/** Counts nothing. */
export const silentQueueMetrics: QueueMetrics = { depth: () => {}, added: () => {}, waited: () => {}, worked: () => {}, retried: () => {} };
export const silentControllerMetrics: ControllerMetrics = {
  queue: silentQueueMetrics,
  reconciled: () => {},
  activeWorkers: () => {},
  maxConcurrent: () => {},
};
