/** status.history in words. Pure. */
import { instant, toClock } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';

export type HistoryEntry = NonNullable<MatchNotificationStatus['history']>[string];

export interface Told {
  readonly at: string;
  readonly who: string;
  readonly what: string;
}

type Action = HistoryEntry['action'];

/** What it is called when it was done, and when it was tried. */
const WORDS: Readonly<Record<Action, { readonly done: string; readonly tried: string }>> = {
  created: { done: 'made schedule', tried: 'a create' },
  updated: { done: 'moved in place schedule', tried: 'an update' },
  moved: { done: 'moved the send of schedule', tried: 'a move' },
  cancelled: { done: 'removed schedule', tried: 'a delete' },
  skipped: { done: 'left it', tried: 'nothing' },
  adopted: { done: 'took over schedule', tried: 'a take-over' },
  compensated: { done: 'removed what another pass had replaced: schedule', tried: 'a delete' },
  resolved: { done: 'said what became of the call', tried: 'an answer' },
  sent: { done: 'counts as sent: schedule', tried: 'a send' },
  missed: { done: 'missed the send', tried: 'a send' },
  error: { done: 'failed', tried: 'a call' },
};

export function tellHistory(history: MatchNotificationStatus['history']): readonly Told[] {
  return Object.entries(history ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => ({ at: entry.at, who: entry.action === 'resolved' ? 'a person' : 'operator', what: sentence(entry) }));
}

function sentence(entry: HistoryEntry): string {
  const { action, outcome, scheduleId, sendAt, attempt, reason, message } = entry;
  const about = [
    ...(scheduleId === undefined ? [] : [scheduleId]),
    ...(sendAt === undefined ? [] : [`for ${toClock(instant(sendAt))}`]),
    ...(attempt === undefined ? [] : [`(attempt ${attempt})`]),
  ];
  const { done, tried } = WORDS[action];
  const what = {
    done: [done, ...about],
    refused: [tried, ...about, 'was refused'],
    unknown: [tried, ...about, 'went out; its answer is not known'],
  }[outcome].join(' ');
  const why = [reason, message].filter((text) => text !== undefined && text !== '').join(': ');
  return why === '' ? what : `${what} — ${why}`;
}
