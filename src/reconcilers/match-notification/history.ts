/** `status.history`: what happened, by sequence. The ledger is a projection of it. */
import { toText } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';

export type History = NonNullable<MatchNotificationStatus['history']>;
export type HistoryEntry = History[string];

/** How many entries stay when no ledger holds the older ones. */
const KEPT = 20;

/** Adds an entry under the next sequence and drops the oldest beyond the limit, leaving an entry that says so. */
export function append(history: History | undefined, entry: Omit<HistoryEntry, 'at'>, now: Temporal.Instant): History {
  const entries = Object.entries(history ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = entries.at(-1);
  const next = last === undefined ? 1 : Number(last[0]) + 1;
  entries.push([sequence(next), { ...entry, at: toText(now) }]);
  return Object.fromEntries(trim(entries));
}

/** Rewrites the entry of an operation: its intent becomes its outcome. Appends when it was trimmed away. */
export function conclude(
  history: History | undefined,
  operationId: string,
  outcome: Partial<HistoryEntry> & Pick<HistoryEntry, 'outcome' | 'action'>,
  now: Temporal.Instant,
): History {
  const found = Object.entries(history ?? {}).find(([, entry]) => entry.operationId === operationId && entry.outcome === 'unknown');
  if (found === undefined) return append(history, { ...outcome, operationId }, now);
  return { ...history, [found[0]]: { ...found[1], ...outcome, at: toText(now) } };
}

const sequence = (n: number): string => String(n).padStart(6, '0');

function trim(entries: [string, HistoryEntry][]): [string, HistoryEntry][] {
  if (entries.length <= KEPT) return entries;
  const dropped = entries.slice(0, entries.length - KEPT + 1);
  const newest = dropped.at(-1);
  if (newest === undefined) return entries;
  const gap: HistoryEntry = {
    at: newest[1].at,
    action: 'skipped',
    outcome: 'done',
    reason: 'HistoryTrimmed',
    message: `entries up to ${newest[0]} are no longer kept here`,
  };
  return [[newest[0], gap], ...entries.slice(dropped.length)];
}
