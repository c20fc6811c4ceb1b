/** One fixture for people. Pure. */
import { instant, toClock } from '../../base/instants.ts';
import { pairs, table, when } from '../spoken.ts';
import type { Detail } from './one.ts';

type Rows = readonly (readonly [string, string])[];

export function detailText(detail: Detail, now: Temporal.Instant): string {
  const { namespace, name, fixture, phase, deleting, conditions, differences, taken, history, next } = detail;
  return [
    `${fixture}   (MatchNotification ${namespace}/${name}${deleting ? ', being deleted' : ''})`,
    `${phase}${conditions.map(({ type, status, reason, message }) => `\n  ${type}=${status} ${reason}: ${message}`).join('')}`,
    section('Wish', wishRows(detail, now)),
    section('Braze, as recorded', [...brazeRows(detail, now), ['differs', differences.join('; ') || 'in nothing']]),
    ...(taken.length === 0
      ? []
      : [
          section('Taken from the feed', [
            ...taken.map(({ field, manager, at }): readonly [string, string] => [field, `${manager}, ${when(at, now)}`]),
            ['give back', `matchday release ${name} -n ${namespace}`],
          ]),
        ]),
    `History\n${
      history.length === 0
        ? '  none yet'
        : table(
            ['  WHEN', 'WHO', 'WHAT'],
            history.map(({ at, who, what }) => [`  ${toClock(instant(at))}`, who, what]),
          )
    }`,
    `Next step\n  ${next}`,
  ].join('\n\n');
}

const section = (title: string, rows: Rows): string => `${title}\n${pairs(rows)}`;

function wishRows({ wish, feed }: Detail, now: Temporal.Instant): Rows {
  const { sendAt, kickoff, campaignId, workspaceRef, audience, hold, ignoreHold = [], suspend, deletionPolicy, startingDeadline } = wish;
  const overruled = hold !== undefined && ignoreHold.includes(hold.reason) ? ', overruled by spec.ignoreHold' : '';
  return [
    ['send at', when(sendAt, now)],
    ['kickoff', when(kickoff, now)],
    ['campaign', `${campaignId} of workspace ${workspaceRef.name}`],
    ['audience', Object.keys(audience).join(', ')],
    ['made by', feed === undefined ? 'a person' : `feed ${feed}`],
    ...(hold === undefined ? [] : [['hold', `${hold.reason}${overruled}. ${hold.message ?? ''}`.trim()] as const]),
    ...(suspend ? [['suspended', 'by a person (spec.suspend)'] as const] : []),
    ['otherwise', `late by ${startingDeadline} at most; ${deletionPolicy} on delete`],
  ];
}

function brazeRows({ braze }: Detail, now: Temporal.Instant): Rows {
  const { schedule, operation, obsolete = [], fence, lastSent } = braze;
  return [
    [
      'schedule',
      schedule === undefined ? 'none' : `${schedule.id}, fires ${when(schedule.firesAt, now)}, recorded ${when(schedule.recordedAt, now)}`,
    ],
    ...(operation === undefined
      ? []
      : [
          [
            'in flight',
            `${operation.kind} ${operation.id} for ${when(operation.firesAt, now)}, begun ${when(operation.startedAt, now)} by ${operation.holder}`,
          ] as const,
        ]),
    ...obsolete.map(({ id, firesAt, why }) => ['to be deleted', `${id}, fires ${when(firesAt, now)}: ${why}`] as const),
    ...(fence === undefined ? [] : [['catalog item', `${fence.item}: ${fence.state}, ${fenceDoubt(fence, now)}`] as const]),
    ...(lastSent === undefined ? [] : [['last sent', sentText(lastSent, now)] as const]),
  ];
}

function fenceDoubt({ confirmed, confirmedAt, unsettled = [] }: NonNullable<Detail['braze']['fence']>, now: Temporal.Instant): string {
  const settled = unsettled.length === 0 ? '' : `; ${unsettled.length} writes whose answer is not read back`;
  return `${confirmed ? `read back ${when(confirmedAt, now)}` : 'not read back yet'}${settled}`;
}

function sentText({ firesAt, scheduleId, reason, disprovedAt }: NonNullable<Detail['braze']['lastSent']>, now: Temporal.Instant): string {
  const disproved = disprovedAt === undefined ? '' : `; a person said at ${when(disprovedAt, now)} that it did not go out`;
  return `${when(firesAt, now)}, ${reason}${scheduleId === undefined ? '' : `, schedule ${scheduleId}`}${disproved}`;
}
