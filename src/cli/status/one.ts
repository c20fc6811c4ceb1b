/** `matchday status NAME`: everything about one fixture. Pure but for what it is handed. */
import { instant, toClock } from '../../base/instants.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { editsOf, feedOf, type Taken, takenFields } from '../owners.ts';
import { conditionOf, type SaidCondition, saysTrue } from '../shown.ts';
import { type Told, tellHistory } from './history.ts';
import { nextStep } from './next-step.ts';

type Status = NonNullable<MatchNotification['status']>;

export interface Detail {
  readonly namespace: string;
  readonly name: string;
  readonly fixture: string;
  readonly feed?: string;
  readonly phase: string;
  readonly conditions: readonly SaidCondition[];
  readonly wish: MatchNotification['spec'];
  readonly braze: Pick<Status, 'schedule' | 'operation' | 'obsolete' | 'fence' | 'occasion' | 'lastSent'>;
  /** How what Braze holds differs from the wish. */
  readonly differences: readonly string[];
  readonly taken: readonly Taken[];
  readonly history: readonly Told[];
  readonly deleting: boolean;
  readonly next: string;
}

export function detailOf(object: MatchNotification): Detail {
  const { metadata, spec, status = {} } = object;
  const { schedule, operation, obsolete, fence, occasion, lastSent } = status;
  const feed = feedOf(object);
  const sides = [spec.match.home?.name, spec.match.away?.name].map((name) => name ?? 'to be decided');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    fixture: status.fixture ?? sides.join(' v '),
    ...(feed === undefined ? {} : { feed }),
    phase: status.phase ?? 'Pending',
    conditions: status.conditions ?? [],
    wish: spec,
    braze: JSON.parse(JSON.stringify({ schedule, operation, obsolete, fence, occasion, lastSent })),
    differences: differencesOf(object),
    taken: takenFields(object),
    history: timeline(object),
    deleting: metadata.deletionTimestamp !== undefined,
    next: nextOf(object),
  };
}

function differencesOf({ spec, status }: MatchNotification): readonly string[] {
  const schedule = status?.schedule;
  if (schedule === undefined) return [];
  const sameSend = Temporal.Instant.compare(minuteOf(schedule.sendAt), minuteOf(spec.sendAt)) === 0;
  return [
    ...(sameSend ? [] : [`wanted at ${spec.sendAt}, Braze sends at ${schedule.firesAt}`]),
    ...(schedule.campaignId === spec.campaignId ? [] : [`wanted through campaign ${spec.campaignId}, armed in ${schedule.campaignId}`]),
    ...(spec.suspend ? ['suspended, but still armed'] : []),
  ];
}

/** Sends are compared in minutes, never in seconds. */
const minuteOf = (text: string): Temporal.Instant => instant(text).round({ smallestUnit: 'minute', roundingMode: 'floor' });

/** What the operator did, and who else wrote the wish: the API server keeps only the last time of each writer. */
function timeline(object: MatchNotification): readonly Told[] {
  const edits = editsOf(object).map(({ manager, at, fields }) => ({ at, who: manager, what: `last wrote ${fields.join(', ')}` }));
  return [...tellHistory(object.status?.history), ...moves(object), ...edits].toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Why a send went out when it did: what the kickoff was by then. */
function moves(object: MatchNotification): readonly Told[] {
  const who = feedOf(object) === undefined ? 'a person' : `feed ${feedOf(object)}`;
  return (object.status?.kickoffs ?? []).map(({ kickoff, sendAt, at }, index) => ({
    at,
    who,
    what: `${index === 0 ? 'set the kickoff to' : 'moved the kickoff to'} ${toClock(instant(kickoff))}, the send to ${toClock(instant(sendAt))}`,
  }));
}

function nextOf(object: MatchNotification): string {
  const { namespace, name } = object.metadata;
  const said = saysTrue(object, 'Stalled') ?? conditionOf(object, 'Ready');
  if (said === undefined) return 'The operator has not looked at it yet: is it running?';
  return nextStep({ kind: MATCH_NOTIFICATIONS, key: { namespace, name } }, said.reason) ?? said.message;
}
