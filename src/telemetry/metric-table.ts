/**
 * Every metric of the operator: name, type, help, labels and, where the values of a label are a closed set, those values. One
 * table, from which the instruments and docs/reference/metrics.md are made. The names are public interface (design §6); the
 * standard ones are spelled as controller-runtime and client-go spell them, so that existing dashboards work.
 */

/** Seconds. A reconcile is some milliseconds of our own and at most a handful of calls of up to 10 s each. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** All values of these labels, for series that are born at zero. Label values that depend on the wiring come from `createMetrics`. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  readonly buckets?: readonly number[];
}

export const METRICS = {
  notifications: {
    type: 'gauge',
    name: 'matchday_notifications',
    help: 'MatchNotifications by phase.',
    labels: ['phase'],
  },
  sendTimestamp: {
    type: 'gauge',
    name: 'matchday_send_timestamp_seconds',
    help: 'When the send of a MatchNotification is due (Unix time). Only sends due within 24 h.',
    labels: ['namespace', 'name'],
  },
  sendArmed: {
    type: 'gauge',
    name: 'matchday_send_armed',
    help: '1 while Braze holds the schedule of a send due within 24 h and its item is confirmed open, 0 while not.',
    labels: ['namespace', 'name'],
  },
  sends: {
    type: 'counter',
    name: 'matchday_sends_total',
    help: 'Sends that came to their end. PresumedSent: counted as sent without a confirmed open item. Missed: the time passed without a send.',
    labels: ['result'],
    values: { result: ['Sent', 'PresumedSent', 'Missed'] },
  },
  drift: {
    type: 'gauge',
    name: 'matchday_drift',
    help: 'Objects whose armed send, fence item or fixture differs from what is wanted, by kind of difference.',
    labels: ['kind'],
  },
  drifts: {
    type: 'counter',
    name: 'matchday_drifts_total',
    help: 'Differences found, by kind: also those that were put right at once, which matchday_drift hardly shows.',
    labels: ['kind'],
  },
  fenceRewrites: {
    type: 'counter',
    name: 'matchday_fence_rewrites_total',
    help: 'Fence items that were read back with something else in them than written, and were written again.',
    labels: [],
  },
  compensations: {
    type: 'counter',
    name: 'matchday_compensations_total',
    help: 'Schedules deleted right after their creation because another writer had replaced the intent meanwhile.',
    labels: [],
  },
  unresolvedOperations: {
    type: 'gauge',
    name: 'matchday_unresolved_operations',
    help: 'Objects with a recorded intent whose outcome is not known.',
    labels: [],
  },
  ledgerLag: {
    type: 'gauge',
    name: 'matchday_ledger_lag_entries',
    help: 'Entries of the history of objects that the ledger does not hold yet. 0 when no ledger is kept.',
    labels: [],
  },
  resourceCondition: {
    type: 'gauge',
    name: 'matchday_resource_condition',
    help: '1 for each condition that is a problem: Stalled, Reconciling, Drifted, FixturesMissing or Overridden when true, FeedFresh when false. Absent when all is well.',
    labels: ['kind', 'namespace', 'name', 'type', 'reason'],
  },
  feedLastSuccess: {
    type: 'gauge',
    name: 'matchday_feed_last_success_timestamp_seconds',
    help: 'When a FixtureFeed last read and applied a whole answer (Unix time). Absent before the first one, and while it is suspended.',
    labels: ['namespace', 'name'],
  },
  feedInterval: {
    type: 'gauge',
    name: 'matchday_feed_interval_seconds',
    help: 'How often a FixtureFeed is read, as its spec says. Absent while it is suspended.',
    labels: ['namespace', 'name'],
  },
  clockSkew: {
    type: 'gauge',
    name: 'matchday_clock_skew_seconds',
    help: "Braze's clock minus ours, as its answers tell it, by BrazeWorkspace.",
    labels: ['namespace', 'name'],
  },
  rateLimitRemaining: {
    type: 'gauge',
    name: 'matchday_ratelimit_remaining',
    help: 'Calls left in the current window of a rate limit, by the BrazeWorkspace (for bucket feed: the FixtureFeed) that spends it.',
    labels: ['namespace', 'name', 'bucket'],
  },
  externalRequests: {
    type: 'counter',
    name: 'matchday_external_requests_total',
    help: 'Requests to Braze, football-data and translators by answer. code error: no answer was read; not-sent: no call was made.',
    labels: ['api', 'endpoint', 'code'],
  },
  externalRequestSeconds: {
    type: 'histogram',
    name: 'matchday_external_request_seconds',
    help: 'Duration of requests to Braze, football-data and translators.',
    labels: ['api', 'endpoint'],
    buckets: DURATION_BUCKETS,
  },
  reflectorLastEvent: {
    type: 'gauge',
    name: 'matchday_reflector_last_event_timestamp_seconds',
    help: 'When the watch of a kind last heard anything, bookmarks included (Unix time). Of several watched namespaces the one that is silent the longest.',
    labels: ['kind'],
  },
  reconciles: {
    type: 'counter',
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by controller and result.',
    labels: ['controller', 'result'],
    values: { result: ['success', 'requeue_after', 'error'] },
  },
  reconcileErrors: {
    type: 'counter',
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciles that ended with an error, by controller.',
    labels: ['controller'],
  },
  reconcileSeconds: {
    type: 'histogram',
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Duration of reconciles by controller.',
    labels: ['controller'],
    buckets: DURATION_BUCKETS,
  },
  activeWorkers: {
    type: 'gauge',
    name: 'controller_runtime_active_workers',
    help: 'Reconciles running now, by controller.',
    labels: ['controller'],
  },
  maxConcurrentReconciles: {
    type: 'gauge',
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Reconciles that may run at once, by controller.',
    labels: ['controller'],
  },
  queueDepth: {
    type: 'gauge',
    name: 'workqueue_depth',
    help: 'Keys that are due and wait for a worker.',
    labels: ['name'],
  },
  queueAdds: {
    type: 'counter',
    name: 'workqueue_adds_total',
    help: 'Keys put into the queue.',
    labels: ['name'],
  },
  queueRetries: {
    type: 'counter',
    name: 'workqueue_retries_total',
    help: 'Keys put back with a back-off.',
    labels: ['name'],
  },
  queueWaitSeconds: {
    type: 'histogram',
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a due key waited for a worker.',
    labels: ['name'],
    buckets: DURATION_BUCKETS,
  },
  queueWorkSeconds: {
    type: 'histogram',
    name: 'workqueue_work_duration_seconds',
    help: 'How long a worker held a key.',
    labels: ['name'],
    buckets: DURATION_BUCKETS,
  },
  queueUnfinishedSeconds: {
    type: 'gauge',
    name: 'workqueue_unfinished_work_seconds',
    help: 'Seconds that the keys now in work have been in work, summed.',
    labels: ['name'],
  },
  queueLongestSeconds: {
    type: 'gauge',
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the longest running worker has held its key.',
    labels: ['name'],
  },
  apiRequests: {
    type: 'counter',
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by code, method and host. code <error>: no answer was read.',
    labels: ['code', 'method', 'host'],
  },
  apiRequestSeconds: {
    type: 'histogram',
    name: 'rest_client_request_duration_seconds',
    help: 'Duration of requests to the API server, without watches.',
    labels: ['verb', 'host'],
    buckets: DURATION_BUCKETS,
  },
  leader: {
    type: 'gauge',
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease.',
    labels: ['name'],
  },
} as const satisfies Record<string, MetricRow>;
export type MetricKey = keyof typeof METRICS;
