/** The status of a feed: what it says, and when saying it is worth a write (design §3a). Pure. */
import { instant, msBetween, toText } from '../../base/instants.ts';
import type { FixtureFeed, FixtureFeedStatus } from '../../crds/fixture-feed.ts';
import type { Condition } from '../../crds/kube.ts';
import { type ConditionType, FEED_REASONS } from '../../crds/words.ts';
import type { Freshness } from './freshness.ts';
import type { NameProblem } from './name-table.ts';
import type { Verdict } from './verdict.ts';

/** Without a change the status is written at most this often; exact numbers live in metrics. */
const REFRESH_MS = 5 * 60_000;
/** More than this share of the objects with a foreign sendAt is worth a word: somebody may have taken them by mistake. */
const OVERRIDDEN_SHARE = 0.2;
const SHOWN_MISSING = 5;

export interface Counts {
  readonly fixtures: number;
  readonly applied: number;
  readonly held: number;
  readonly conflicts: number;
  /** Objects whose sendAt somebody else owns. */
  readonly foreignSendAt: number;
}

export interface StatusInput {
  readonly feed: FixtureFeed;
  readonly verdict: Verdict;
  /** Absent: no poll in this pass, the numbers stay. */
  readonly counts: Counts | undefined;
  readonly polledAt: Temporal.Instant | undefined;
  readonly succeededAt: Temporal.Instant | undefined;
  readonly freshness: Freshness;
  /** Names of objects whose matches are in no list any more and not found by id. */
  readonly missing: readonly string[];
  /** Why names are not translated as asked. */
  readonly names?: NameProblem | undefined;
  readonly now: Temporal.Instant;
}

export function statusFor(input: StatusInput): FixtureFeedStatus {
  const { feed, counts, polledAt, succeededAt } = input;
  const before = feed.status ?? {};
  return {
    ...before,
    ...(feed.metadata.generation === undefined ? {} : { observedGeneration: feed.metadata.generation }),
    ...(counts === undefined ? {} : { fixtures: counts.fixtures, applied: counts.applied, held: counts.held, conflicts: counts.conflicts }),
    ...(polledAt === undefined ? {} : { lastPollAt: toText(polledAt) }),
    ...(succeededAt === undefined ? {} : { lastSuccessAt: toText(succeededAt) }),
    conditions: conditionsOf(input),
  };
}

type Wanted = Pick<Condition, 'status' | 'reason' | 'message'> & { readonly type: ConditionType };

/** `lastTransitionTime` moves only when a condition's status does. */
function conditionsOf(input: StatusInput): Condition[] {
  const { feed, now } = input;
  return wantedConditions(input).map((wanted) => {
    const old = feed.status?.conditions?.find((condition) => condition.type === wanted.type);
    const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : toText(now);
    return {
      ...wanted,
      lastTransitionTime,
      ...(feed.metadata.generation === undefined ? {} : { observedGeneration: feed.metadata.generation }),
    };
  });
}

function wantedConditions({ feed, verdict, counts, freshness, missing, names }: StatusInput): Wanted[] {
  const { reason, message } = verdict;
  const ready = FEED_REASONS[reason].class === 'ready';
  const wanted: Wanted[] = [{ type: 'Ready', status: ready ? 'True' : 'False', reason, message }];
  if (!ready) wanted.push({ type: FEED_REASONS[reason].class === 'stalled' ? 'Stalled' : 'Reconciling', status: 'True', reason, message });
  // A feed that a person suspended is as old as they want it to be.
  if (reason !== 'Suspended') wanted.push(feedFresh(freshness));
  if (missing.length > 0) wanted.push(fixturesMissing(missing));
  if (names !== undefined) wanted.push({ type: 'NamesIncomplete', status: 'True', ...names });
  if (counts !== undefined && counts.foreignSendAt > counts.applied * OVERRIDDEN_SHARE) wanted.push(overridden(counts));
  else if (counts === undefined) wanted.push(...keptConditions(feed));
  return wanted;
}

const feedFresh = ({ fresh, message }: Freshness): Wanted => ({
  type: 'FeedFresh',
  status: fresh ? 'True' : 'False',
  reason: fresh ? 'Fresh' : 'Stale',
  message,
});

function fixturesMissing(missing: readonly string[]): Wanted {
  const some = missing.slice(0, SHOWN_MISSING).join(', ');
  const more = missing.length > SHOWN_MISSING ? ' and others' : '';
  const message =
    `The provider lists ${missing.length} of the followed matches no longer and does not find them by id: ${some}${more}. ` +
    'Nothing is cancelled by it: they send as last known. Delete what will not be played; a replacement under another id gets an object of its own.';
  return { type: 'FixturesMissing', status: 'True', reason: 'NotFound', message };
}

function overridden(counts: Counts): Wanted {
  const message =
    `Somebody else owns sendAt of ${counts.foreignSendAt} of ${counts.applied} objects; their kickoffs may move without it. ` +
    'See the owners with kubectl get mn -o yaml --show-managed-fields.';
  return { type: 'Overridden', status: 'True', reason: 'Overridden', message };
}

/** What a pass without a look at the objects can't judge. */
const keptConditions = (feed: FixtureFeed): Wanted[] =>
  (feed.status?.conditions ?? [])
    .filter((condition) => condition.type === 'Overridden')
    .map(({ status, reason, message }) => ({ type: 'Overridden', status, reason, message }));

/** Whether `next` says something new, or the last write is long enough ago. */
export function isWorthWriting(before: FixtureFeedStatus | undefined, next: FixtureFeedStatus): boolean {
  if (before === undefined || gist(before) !== gist(next)) return true;
  if (next.lastPollAt === undefined || next.lastPollAt === before.lastPollAt) return false;
  return before.lastPollAt === undefined || msBetween(instant(before.lastPollAt), instant(next.lastPollAt)) >= REFRESH_MS;
}

/** What counts as a change: no times, and no numbers inside a message, such as the seconds that a 429 asks to wait; a hash to approve does. */
function gist(status: FixtureFeedStatus): string {
  const conditions = (status.conditions ?? []).map(({ type, status: is, reason, message }) => [
    type,
    is,
    reason,
    message.replaceAll(/\b\d+\b/g, '#'),
  ]);
  const { observedGeneration, fixtures, applied, held, conflicts } = status;
  return JSON.stringify([observedGeneration, fixtures, applied, held, conflicts, conditions]);
}
