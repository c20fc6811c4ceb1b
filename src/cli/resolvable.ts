/**
 * Whether an object waits for what a person claims, and what follows from the claim (design §4, "Unfenced" and rule 4). Pure. The
 * operator judges again when it reads the annotation: what is refused here is only what it would not act upon.
 */
import { hasPassed, instant, plusMs, toClock } from '../base/instants.ts';
import type { Resolution } from '../crds/annotations.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { CliError } from './errors.ts';
import { saysTrue } from './shown.ts';
import { relative, when } from './spoken.ts';

/** Braze may still be at it before: users of one send are rendered over some minutes. */
const SURELY_OVER_MS = 15 * 60_000;

export type Claim =
  | { readonly kind: 'not-created' }
  | { readonly kind: 'created'; readonly scheduleId: string }
  | { readonly kind: 'not-sent' };

export interface Answerable {
  readonly resolution: Resolution;
  /** What is known, for the person to compare with Braze. */
  readonly evidence: readonly (readonly [string, string])[];
  readonly effect: string;
}

/** Throws `CliError` when the object does not wait for this. */
export function answerable(object: MatchNotification, claim: Claim, now: Temporal.Instant): Answerable {
  return claim.kind === 'not-sent' ? notSent(object, now) : unanswered(object, claim, now);
}

type Operation = NonNullable<NonNullable<MatchNotification['status']>['operation']>;

function unanswered(object: MatchNotification, claim: Exclude<Claim, { kind: 'not-sent' }>, now: Temporal.Instant): Answerable {
  const { operation } = object.status ?? {};
  const stalled = saysTrue(object, 'Stalled');
  if (operation === undefined) throw refusal(object, 'no call of it waits for an answer: there is nothing to resolve.');
  if (stalled?.reason !== 'CreateUnresolved' && stalled?.reason !== 'UpdateUnresolved')
    throw refusal(
      object,
      `a call was begun ${relative(instant(operation.startedAt), now)}, and the operator still finds out by itself what became of it. ` +
        'A person is asked only when the condition Stalled says CreateUnresolved or UpdateUnresolved: wait a minute and look again.',
    );
  if (claim.kind === 'created') checkId(object, claim.scheduleId);
  return {
    resolution: {
      operationId: operation.id,
      result: claim.kind,
      ...(claim.kind === 'created' ? { scheduleId: claim.scheduleId } : {}),
    },
    evidence: evidenceOf(object, operation, now),
    effect: claim.kind === 'created' ? effectOfFound(operation, claim.scheduleId) : effectOfNothing(operation),
  };
}

function evidenceOf(object: MatchNotification, operation: Operation, now: Temporal.Instant): Answerable['evidence'] {
  const { id, kind, campaignId, firesAt, startedAt, holder, token, scheduleId } = operation;
  const { provider, id: match } = object.spec.match;
  return [
    ['lost answer', `${kind} of ${when(startedAt, now)}, made by ${holder}`],
    ['operation', id],
    ['campaign', campaignId],
    ...(scheduleId === undefined ? [] : [['schedule', scheduleId] as const]),
    ['told to send at', when(firesAt, now)],
    ['match', `${provider} ${match}, ${object.status?.fixture ?? 'teams not known'}`],
    ['token', token],
  ];
}

/** What stands in the id field must be Braze's: the old system's placeholders looked like ids. */
function checkId(object: MatchNotification, scheduleId: string): void {
  if (/^(pending|placeholder|unknown|none|null)\b/i.test(scheduleId) || /\s/.test(scheduleId) || scheduleId === '')
    throw new CliError(`"${scheduleId}" is no id of a schedule in Braze: copy it from Braze, or say --not-created.`);
  const old = object.status?.obsolete?.find(({ id }) => id === scheduleId);
  if (old !== undefined)
    throw refusal(
      object,
      `schedule ${scheduleId} is an older one of its own that is being deleted (${old.why}): it is not the one in doubt.`,
    );
}

function effectOfFound({ kind, firesAt }: Operation, scheduleId: string): string {
  const what = kind === 'Create' ? `made for ${toClock(instant(firesAt))}` : `now for ${toClock(instant(firesAt))}`;
  return `The operator takes schedule ${scheduleId} for its own, ${what}. What differs from the wish by now is updated in Braze.`;
}

function effectOfNothing({ kind, scheduleId, firesAt }: Operation): string {
  if (kind === 'Update')
    return `The operator takes it that schedule ${scheduleId} is as it was before the update, and updates it again if that is still wanted.`;
  return (
    `The operator takes it that Braze holds nothing for ${toClock(instant(firesAt))}, and makes a schedule if the send is still wanted. ` +
    'If Braze does hold one, people get the push twice.'
  );
}

function notSent(object: MatchNotification, now: Temporal.Instant): Answerable {
  const { lastSent, schedule, obsolete = [], operation, occasion } = object.status ?? {};
  if (lastSent === undefined) throw refusal(object, 'nothing of it counts as sent.');
  if (lastSent.disprovedAt !== undefined) throw refusal(object, `that was said already, at ${when(lastSent.disprovedAt, now)}.`);
  const over = plusMs(instant(lastSent.firesAt), SURELY_OVER_MS);
  if (!hasPassed(over, now))
    throw refusal(object, `Braze may still be sending what was due at ${when(lastSent.firesAt, now)}: ask again ${relative(over, now)}.`);
  const held = [...(schedule === undefined ? [] : [schedule.id]), ...obsolete.map(({ id }) => id)];
  if (held.length > 0 || operation !== undefined || (occasion?.announced?.length ?? 0) > 0)
    throw refusal(
      object,
      `something of it may still be in Braze (${held.length > 0 ? held.join(', ') : 'a call without an answer'}): wait until the operator has removed it.`,
    );
  return {
    resolution: { operationId: lastSent.scheduleId ?? lastSent.firesAt, result: 'not-sent' },
    evidence: [
      ['counts as sent', `${lastSent.reason}, recorded ${when(lastSent.at, now)}`],
      ['schedule', lastSent.scheduleId ?? 'no id was ever known'],
      ['was due at', when(lastSent.firesAt, now)],
      ['is wanted at', when(object.spec.sendAt, now)],
    ],
    effect:
      'The operator opens the occasion again: if the wanted time, or startingDeadline after it, still allows it, a send is made. ' +
      'If the first did go out, people get the push twice.',
  };
}

function refusal({ metadata, status }: MatchNotification, why: string): CliError {
  const says = status?.conditions?.find(({ type }) => type === 'Ready');
  const state = says === undefined ? '' : ` It says: ${says.reason}: ${says.message}`;
  return new CliError(`MatchNotification ${metadata.namespace}/${metadata.name}: ${why}${state}`);
}
