/** What needs somebody, the nearest send first. Pure. */
import { parseDuration } from '../../base/durations.ts';
import { instant, msBetween } from '../../base/instants.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, type KindDescriptor, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import type { ConditionType } from '../../crds/words.ts';
import type { Ref } from '../refs.ts';
import { conditionOf, type SaidCondition, saysTrue, type WithConditions } from '../shown.ts';
import { span } from '../spoken.ts';
import { holdNeedsSomebody, nextStep } from './next-step.ts';

const HOUR_MS = 3_600_000;
/** What was missed is worth looking at while somebody may still ask about it. */
const MISSED_FOR_MS = 24 * HOUR_MS;
/** A send this near whose object is not Ready is worth a look, although it goes on by itself. */
const LATE_MS = HOUR_MS;
/** The status of a feed is written at most each five minutes. */
const STALE_AT_LEAST_MS = 15 * 60_000;

export interface Problem {
  readonly namespace: string;
  /** `mn/pl-1`. */
  readonly object: string;
  readonly reason: string;
  /** Of the send that is at stake. */
  readonly sendAt?: string;
  readonly message: string;
  readonly next?: string;
}

type Complaint = Pick<SaidCondition, 'reason' | 'message'>;

export function notificationProblem(object: MatchNotification, now: Temporal.Instant): Problem | undefined {
  if (object.metadata.deletionTimestamp !== undefined && saysTrue(object, 'Stalled') === undefined) return undefined;
  const complaint = complaintOf(object, msBetween(now, instant(object.spec.sendAt)));
  return complaint && { ...problem(MATCH_NOTIFICATIONS, object, complaint), sendAt: object.spec.sendAt };
}

function complaintOf(object: MatchNotification, msToSend: number): Complaint | undefined {
  const stalled = saysTrue(object, 'Stalled');
  if (stalled !== undefined) return stalled.reason === 'Missed' && msToSend < -MISSED_FOR_MS ? undefined : stalled;
  const drifted = saysTrue(object, 'Drifted');
  if (drifted !== undefined) return drifted;
  const doubted = doubtOf(object, msToSend);
  if (doubted !== undefined) return doubted;
  if (holdNeedsSomebody(object, msToSend) && msToSend > 0)
    return { reason: 'Held', message: `${object.spec.hold?.reason}. ${object.spec.hold?.message ?? ''}`.trim() };
  const ready = conditionOf(object, 'Ready');
  if (msToSend < 0 || msToSend > LATE_MS || ready?.status === 'True') return undefined;
  return ready ?? { reason: 'Unseen', message: 'The operator has not looked at it yet: is it running?' };
}

/** A send that went out as far as is known, with a reason to think that nobody was told. */
function doubtOf({ status, metadata }: MatchNotification, msToSend: number): Complaint | undefined {
  const { lastSent } = status ?? {};
  if (lastSent?.doubt === undefined || lastSent.disprovedAt !== undefined || msToSend < -MISSED_FOR_MS) return undefined;
  const remedy = `If nobody got it: matchday resolve ${metadata.name} -n ${metadata.namespace} --not-sent.`;
  return { reason: 'SendDoubtful', message: `${lastSent.doubt} ${remedy}` };
}

/** What goes on all the same, less well than it should. */
const FEED_COMPLAINTS = ['FixturesMissing', 'Overridden', 'NamesIncomplete'] as const satisfies readonly ConditionType[];

export function feedProblem(feed: FixtureFeed, now: Temporal.Instant): Problem | undefined {
  const [lesser] = FEED_COMPLAINTS.flatMap((type) => saysTrue(feed, type) ?? []);
  const said = saysTrue(feed, 'Stalled') ?? stale(feed, now) ?? lesser;
  return said && problem(FIXTURE_FEEDS, feed, said);
}

function stale(feed: FixtureFeed, now: Temporal.Instant): Complaint | undefined {
  if (feed.spec.suspend) return undefined;
  const since = instant(feed.status?.lastSuccessAt ?? feed.metadata.creationTimestamp ?? now.toString());
  const limitMs = Math.max(STALE_AT_LEAST_MS, 3 * parseDuration(feed.spec.interval));
  const ageMs = msBetween(since, now);
  if (ageMs <= limitMs) return undefined;
  const said = conditionOf(feed, 'Ready')?.message ?? 'The operator has not looked at it yet: is it running?';
  return { reason: 'Stale', message: `No fixtures were read for ${span(ageMs)}. ${said}` };
}

export function workspaceProblem(workspace: BrazeWorkspace): Problem | undefined {
  const ready = conditionOf(workspace, 'Ready');
  const bad = saysTrue(workspace, 'Stalled') ?? (ready?.status === 'False' && ready.reason === 'BrazeUnavailable' ? ready : undefined);
  return bad && problem(BRAZE_WORKSPACES, workspace, bad);
}

function problem(
  kind: KindDescriptor,
  object: WithConditions & { metadata: { name: string; namespace: string } },
  said: Complaint,
): Problem {
  const { name, namespace } = object.metadata;
  const ref: Ref = { kind, key: { namespace, name } };
  const next = nextStep(ref, said.reason);
  return {
    namespace,
    object: `${kind.shortNames[0]}/${name}`,
    reason: said.reason,
    message: said.message,
    ...(next === undefined ? {} : { next }),
  };
}

/** What stops a whole workspace or feed first, then by the send that is at stake. */
export const byUrgency = (a: Problem, b: Problem): number =>
  (a.sendAt ?? '').localeCompare(b.sendAt ?? '') || a.object.localeCompare(b.object);
