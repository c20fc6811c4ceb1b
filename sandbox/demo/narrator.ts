/** Turns changes of objects into sentences, one for each thing that a newcomer should notice. */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Style } from './screen.ts';

export interface Sentence {
  readonly text: string;
  readonly style?: Style;
}

type Status = NonNullable<MatchNotification['status']>;
type HistoryEntry = NonNullable<Status['history']>[string];

/** `brief`: only that a send is armed, in one sentence; else each step of the way there. */
export type Detail = 'brief' | 'every step';

/** What became different between two states of one object, in the order in which it happened. Pure. */
export function sentencesOn(before: MatchNotification | undefined, after: MatchNotification, detail: Detail = 'every step'): Sentence[] {
  const [was, now] = [before?.status, after.status];
  if (detail === 'brief') return armed(was, now);
  return [...wishes(before, after), ...closing(was, now), ...records(was, now), ...waiting(was, now), ...opening(was, now)];
}

function armed(was: Status | undefined, now: Status | undefined): Sentence[] {
  if (opening(was, now).length === 0 || now?.schedule === undefined) return [];
  return [{ text: `scheduled for ${minute(now.schedule.sendAt)}: Braze holds ${short(now.schedule.id)}` }];
}

function wishes(before: MatchNotification | undefined, after: MatchNotification): Sentence[] {
  if (before === undefined) return [];
  const [was, now] = [before.spec, after.spec];
  const moved = was.sendAt === now.sendAt ? [] : [{ text: `the feed moves the send: ${minute(was.sendAt)} → ${minute(now.sendAt)}` }];
  const held = was.hold === undefined && now.hold !== undefined ? [{ text: `held: ${now.hold.message}` }] : [];
  const freed = was.hold !== undefined && now.hold === undefined ? [{ text: `not held any more (${was.hold.reason})` }] : [];
  return [...moved, ...held, ...freed];
}

function closing(was: Status | undefined, now: Status | undefined): Sentence[] {
  if (now?.fence?.state !== 'closed' || was?.fence === undefined || was.fence.state === 'closed') return [];
  return [{ text: 'closed: its catalog item names no token now, so nothing of it can go out' }];
}

/** The history is written with each effect's record: its new entries are what was done. */
function records(was: Status | undefined, now: Status | undefined): Sentence[] {
  const known = settled(was);
  return [...settled(now)].flatMap(([number, entry]) => (known.has(number) ? [] : record(entry)));
}

/** Without the intent of a call that is still on its way. */
function settled(status: Status | undefined): Map<string, HistoryEntry> {
  const entries = Object.entries(status?.history ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(entries.filter(([, { outcome, operationId }]) => outcome !== 'unknown' || operationId !== status?.operation?.id));
}

function record({ action, outcome, sendAt = '', scheduleId = '', message }: HistoryEntry): Sentence[] {
  switch (action) {
    case 'created':
      if (outcome === 'done') return [{ text: `created: Braze holds ${short(scheduleId)} for ${minute(sendAt)}` }];
      return [{ text: 'its answer was lost: what it may have left in Braze has a token that is never opened', style: 'yellow' }];
    case 'moved':
    case 'cancelled':
      return [{ text: `deleted: ${short(scheduleId)} is gone from Braze` }];
    case 'sent':
      return [{ text: 'sent', style: 'green' }];
    default:
      return [{ text: `${action}, ${outcome}${message === undefined ? '' : `: ${message}`}` }];
  }
}

function waiting(was: Status | undefined, now: Status | undefined): Sentence[] {
  const condition = ready(now);
  if (condition?.reason !== 'WaitingForBudget' || ready(was)?.reason === condition.reason) return [];
  return [{ text: condition.message }];
}

function opening(was: Status | undefined, now: Status | undefined): Sentence[] {
  if (!isOpen(now) || (isOpen(was) && was?.fence?.token === now?.fence?.token)) return [];
  return [{ text: 'opened: the item names the token of this schedule, and of no other', style: 'green' }];
}

const isOpen = (status: Status | undefined): boolean => status?.fence?.state === 'open' && status.fence.confirmed;
const ready = (status: Status | undefined) => status?.conditions?.find(({ type }) => type === 'Ready');

/** `11:30`, UTC. */
const minute = (at: string): string => at.slice(11, 16);
/** Enough of an id to tell it from the others. */
export const short = (id: string): string => `schedule ${id.slice(0, 8)}`;
