/** What a change of the wish means at Braze, in a sentence (design §4). Pure: the operator decides, with facts that are not seen here. */
import { parseDuration } from '../../base/durations.ts';
import { sameJson } from '../../base/hash.ts';
import { floorMinute, hasPassed, instant, isBefore, plusMs, toClock } from '../../base/instants.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { RESEND_AFTER } from '../../crds/match-notification-spec.ts';
import type { FeedSpec } from '../../reconcilers/fixture-feed/wish.ts';

export interface Meaning {
  readonly shown: MatchNotification | undefined;
  /** What the feed will have set; what it leaves to others stays as shown. */
  readonly wanted: FeedSpec;
  readonly workspace: BrazeWorkspace | undefined;
  readonly now: Temporal.Instant;
}

type Schedule = NonNullable<NonNullable<MatchNotification['status']>['schedule']>;

export function meaningAtBraze(meaning: Meaning): string {
  const { shown, workspace } = meaning;
  const schedule = shown?.status?.schedule;
  return (
    whyNothing(meaning) ??
    stopping(meaning, schedule) ??
    (workspace === undefined ? undefined : schedule === undefined ? making(meaning, workspace) : changing(meaning, workspace, schedule)) ??
    'nothing'
  );
}

function whyNothing({ shown, workspace }: Meaning): string | undefined {
  if (workspace === undefined) return 'nothing: the BrazeWorkspace is not there';
  if (workspace.spec.suspend) return 'nothing: the workspace is suspended';
  if (shown?.spec.suspend) return 'nothing: a person suspended it';
  if (shown?.status?.phase === 'Blocked')
    return 'nothing before its problem is solved: see matchday status NAME'.replace('NAME', shown.metadata.name);
  return undefined;
}

/** Held, or already sent. */
function stopping(meaning: Meaning, schedule: Schedule | undefined): string | undefined {
  const { shown, wanted, now } = meaning;
  const { lastSent } = shown?.status ?? {};
  const resendMs = parseDuration(shown?.spec.resendAfter ?? RESEND_AFTER);
  if (
    lastSent !== undefined &&
    lastSent.disprovedAt === undefined &&
    isBefore(sendAtOf(meaning), plusMs(instant(lastSent.sendAt), resendMs))
  )
    return `nothing: it was sent at ${toClock(instant(lastSent.firesAt))}`;
  const { hold } = wanted;
  if (hold === undefined || shown?.spec.ignoreHold?.includes(hold.reason) === true) return undefined;
  if (schedule === undefined) return `nothing: held (${hold.reason})`;
  const late = hasPassed(instant(schedule.firesAt), now) ? '' : `, if that is still in time for ${toClock(instant(schedule.firesAt))}`;
  return `close and delete schedule ${schedule.id}${late}`;
}

function making(meaning: Meaning, { spec }: BrazeWorkspace): string {
  const { now } = meaning;
  const sendAt = sendAtOf(meaning);
  const from = plusMs(sendAt, -parseDuration(spec.horizon));
  if (isBefore(now, from)) return `nothing yet: a schedule is made from ${toClock(from)} on, ${spec.horizon} ahead`;
  if (hasPassed(sendAt, now)) return 'a late send if startingDeadline still allows it, else none (Missed)';
  return `create a schedule for ${toClock(sendAt)}${spec.fence === undefined ? '' : ', then open its catalog item'}`;
}

function changing(meaning: Meaning, { spec }: BrazeWorkspace, schedule: Schedule): string | undefined {
  const { now, wanted } = meaning;
  const sendAt = sendAtOf(meaning);
  const moves = Temporal.Instant.compare(sendAt, floorMinute(instant(schedule.sendAt))) !== 0;
  const readdressed =
    changes(meaning, 'audience') ||
    changes(meaning, 'triggerProperties') ||
    (wanted.campaignId ?? schedule.campaignId) !== schedule.campaignId;
  const content = changes(meaning, 'match') || changes(meaning, 'kickoff');
  const { id } = schedule;
  if (spec.fence !== undefined) {
    if (moves || readdressed) return `close its item, delete schedule ${id}, create one for ${toClock(sendAt)}, open the item`;
    return content ? `rewrite its catalog item; schedule ${id} stays` : undefined;
  }
  if (readdressed || changes(meaning, 'match')) return `delete schedule ${id}, create one for ${toClock(sendAt)}`;
  if (!moves) return undefined;
  const frozen = !isBefore(now, plusMs(instant(schedule.firesAt), -parseDuration(spec.updateBuffer)));
  if (frozen) return `nothing: within ${spec.updateBuffer} of the send Braze's update is best effort (Drifted)`;
  return `update schedule ${id} to ${toClock(sendAt)}`;
}

const sendAtOf = ({ wanted, shown }: Meaning): Temporal.Instant =>
  floorMinute(instant(wanted.sendAt ?? shown?.spec.sendAt ?? '1970-01-01T00:00:00Z'));

const changes = ({ wanted, shown }: Meaning, field: 'audience' | 'triggerProperties' | 'match' | 'kickoff'): boolean =>
  wanted[field] !== undefined && shown !== undefined && !sameJson(wanted[field], shown.spec[field]);
