/** Turns changes of objects into sentences, one for each thing that a newcomer should notice. */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Style } from './screen.ts';

export interface Sentence {
  readonly text: string;
  readonly style?: Style;
}

type Status = NonNullable<MatchNotification['status']>;

/** What became different between two states of one object, in the order in which it happened. Pure. */
export function sentencesOn(before: MatchNotification | undefined, after: MatchNotification): Sentence[] {
  return [...wishes(before, after), ...records(before, after), ...fence(before?.status, after.status), ...waits(before, after)];
}

function wishes(before: MatchNotification | undefined, after: MatchNotification): Sentence[] {
  if (before === undefined) return [];
  const said: Sentence[] = [];
  if (before.spec.sendAt !== after.spec.sendAt) {
    said.push({ text: `the feed moves the send: ${clock(before.spec.sendAt)} → ${clock(after.spec.sendAt)}`, style: 'yellow' });
  }
  if (before.spec.hold !== undefined && after.spec.hold === undefined) said.push({ text: `no longer held (${before.spec.hold.reason})` });
  if (before.spec.hold === undefined && after.spec.hold !== undefined) said.push({ text: `held: ${after.spec.hold.message}` });
  return said;
}

/** The history is written with each effect's record: its new entries are what was done. */
function records(before: MatchNotification | undefined, after: MatchNotification): Sentence[] {
  const known = new Set(Object.keys(before?.status?.history ?? {}));
  const entries = Object.entries(after.status?.history ?? {}).filter(([number]) => !known.has(number));
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, entry]) => record(entry));
}

function record({ action, outcome, sendAt, scheduleId = '', message }: NonNullable<Status['history']>[string]): Sentence[] {
  const id = scheduleId.slice(0, 8);
  switch (action) {
    case 'created':
      if (outcome === 'done') return [{ text: `created: Braze holds schedule ${id}… for ${clock(sendAt ?? '')}` }];
      return [{ text: `the answer to the create call was lost: Braze may hold a schedule that nobody knows`, style: 'yellow' }];
    case 'moved':
    case 'cancelled':
      return [{ text: `deleted: schedule ${id}… is gone from Braze` }];
    case 'resolved':
      return [{ text: `given up on that call: whatever it left in Braze carries a token that is never opened`, style: 'yellow' }];
    case 'sent':
      return [{ text: `sent`, style: 'green' }];
    default:
      return [{ text: `${action} (${outcome})${message === undefined ? '' : `: ${message}`}` }];
  }
}

function fence(before: Status | undefined, after: Status | undefined): Sentence[] {
  const now = after?.fence;
  const was = before?.fence;
  if (now === undefined || !now.confirmed || (was?.confirmed === true && was.token === now.token && was.state === now.state)) return [];
  if (now.state === 'open')
    return [{ text: `opened: the catalog item names this schedule's token, so its message may go out`, style: 'green' }];
  if (now.state === 'closed') return [{ text: `closed: no message of this fixture can go out now` }];
  return [];
}

function waits(before: MatchNotification | undefined, after: MatchNotification): Sentence[] {
  const now = ready(after);
  if (now === undefined || ready(before)?.reason === now.reason) return [];
  return now.reason === 'WaitingForBudget' ? [{ text: now.message }] : [];
}

const ready = (object: MatchNotification | undefined) => object?.status?.conditions?.find(({ type }) => type === 'Ready');

/** `11:30`, or with the day when it is not today's. */
const clock = (at: string): string => at.slice(11, 16);
