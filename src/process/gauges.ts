/** Gauges that are read from the caches: phases, sends that are due, problems. */

import type { Clock } from '../base/clock.ts';
import { instant } from '../base/instants.ts';
import type { ObjectStore } from '../controller/store.ts';
import type { KubeObject, ObjectKey } from '../controller/types.ts';
import { type MatchNotification, PHASES } from '../crds/match-notification.ts';
import { type ConditionType, DRIFT_REASONS } from '../crds/words.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { FeedAges } from './feed-ages.ts';
import type { Kinds } from './kinds.ts';

/** Only sends due this soon have a series of their own: cardinality stays bounded. */
const DUE_MS = 24 * 3_600_000;
/** The status in which a condition is a problem. `Ready` is none of its own: Stalled or Reconciling stand beside it. */
const PROBLEM_STATUS: Readonly<Record<string, string>> = {
  Stalled: 'True',
  Drifted: 'True',
  Reconciling: 'True',
  FeedFresh: 'False',
  FixturesMissing: 'True',
  Overridden: 'True',
} satisfies { readonly [Type in ConditionType]?: string };

type WithConditions = KubeObject & {
  readonly status?: { readonly conditions?: readonly { type: string; status: string; reason: string }[] | undefined } | undefined;
};

/** For what the caches do not hold. */
export interface Gauges {
  /** A feed has just read and applied a whole answer. */
  feedSucceeded(feed: ObjectKey, at: Temporal.Instant): void;
  feedGone(feed: ObjectKey): void;
}

/** From now on the gauges are read from the caches before each page. */
export function readGauges(kinds: Kinds, metrics: Metrics, clock: Clock): Gauges {
  const ages = new FeedAges(metrics);
  watchProblems('MatchNotification', kinds.notifications, metrics);
  watchProblems('BrazeWorkspace', kinds.workspaces, metrics);
  watchProblems('FixtureFeed', kinds.feeds, metrics);
  metrics.beforePage(() => readNotifications(kinds.notifications.list(), metrics, clock.now()));
  metrics.beforePage(() => ages.read(kinds.feeds.list()));
  return { feedSucceeded: (feed, at) => ages.succeeded(feed, at), feedGone: (feed) => ages.gone(feed) };
}

function watchProblems<T extends WithConditions>(kind: string, store: ObjectStore<T>, metrics: Metrics): void {
  store.subscribe((type, old, current) => {
    const object = current ?? old;
    if (object === undefined) return;
    const subject = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    if (type === 'deleted') metrics.forget(subject);
    else metrics.problems.set(subject, problemsOf(object));
  });
}

function problemsOf(object: WithConditions): { type: string; reason: string }[] {
  const conditions = object.status?.conditions ?? [];
  return conditions.filter(({ type, status }) => PROBLEM_STATUS[type] === status).map(({ type, reason }) => ({ type, reason }));
}

function readNotifications(notifications: readonly MatchNotification[], metrics: Metrics, now: Temporal.Instant): void {
  const phases = new Map<string, number>(PHASES.map((phase) => [phase, 0]));
  let unresolved = 0;
  metrics.sendTimestamp.reset();
  metrics.sendArmed.reset();
  for (const object of notifications) {
    const phase = object.status?.phase ?? 'Pending';
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
    if (object.status?.operation !== undefined) unresolved += 1;
    readDue(object, metrics, now);
  }
  for (const [kind, count] of driftOf(notifications)) metrics.drift.set({ kind }, count);
  for (const [phase, count] of phases) metrics.notifications.set({ phase }, count);
  metrics.unresolvedOperations.set(unresolved);
}

/** Kinds of drift that a notification can show; each is a series from the first scrape on. */
export const DRIFT_KINDS = Object.keys(DRIFT_REASONS);

function driftOf(notifications: readonly MatchNotification[]): Map<string, number> {
  const kinds = new Map<string, number>(DRIFT_KINDS.map((kind) => [kind, 0]));
  for (const { status } of notifications) {
    const drifted = status?.conditions?.find(({ type }) => type === 'Drifted');
    if (drifted) kinds.set(drifted.reason, (kinds.get(drifted.reason) ?? 0) + 1);
  }
  return kinds;
}

/** A send that is wanted within a day: when, and whether Braze holds it with its item open. */
function readDue(object: MatchNotification, metrics: Metrics, now: Temporal.Instant): void {
  const { status, spec } = object;
  if (status?.phase === 'Sent' || status?.phase === 'Held' || status?.phase === 'Cancelled') return;
  // The older object of the match sends, and has a series of its own.
  if (status?.conditions?.some(({ type, reason }) => type === 'Stalled' && reason === 'DuplicateMatch')) return;
  const firesAt = instant(status?.schedule?.firesAt ?? spec.sendAt);
  const dueInMs = firesAt.epochMilliseconds - now.epochMilliseconds;
  if (dueInMs < 0 || dueInMs > DUE_MS) return;
  const series = { namespace: object.metadata.namespace, name: object.metadata.name };
  metrics.sendTimestamp.set(series, firesAt.epochMilliseconds / 1000);
  metrics.sendArmed.set(series, isArmed(status) ? 1 : 0);
}

/** What Braze holds is delivered: with a fence once its item was seen open, without one unless a call about it is in doubt. */
function isArmed(status: MatchNotification['status']): boolean {
  if (status?.schedule === undefined) return false;
  // What its campaign keeps from being sent needs a person as much as what is not in Braze at all.
  if (status.conditions?.some(({ type, reason }) => type === 'Stalled' && reason in DRIFT_REASONS)) return false;
  if (status.fence === undefined) return status.operation === undefined;
  return status.fence.token === status.schedule.token && status.fence.confirmedAt !== undefined;
}
