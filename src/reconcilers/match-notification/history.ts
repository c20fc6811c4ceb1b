/** `status.history`: what happened, by sequence. The ledger is a projection of it. */
import { toText } from '../../base/instants.ts';
import { entryId } from '../../base/operation-id.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';

export type History = NonNullable<MatchNotificationStatus['history']>;
export type HistoryEntry = History[string];

/** How many entries stay whatever the ledger holds. */
const KEPT = 20;
/** How many entries stay at most while the ledger does not hold them (design §3): a status has its limits. */
const KEPT_AT_MOST = 200;

/** When an entry is written, and how far the ledger holds the object's history; undefined: no ledger is kept. */
export interface Stamp {
  readonly now: Temporal.Instant;
  readonly ledgered?: number | undefined;
}

/** Adds an entry under the next sequence and drops the oldest beyond the limit, leaving an entry that says so. */
export function append(history: History | undefined, entry: Omit<HistoryEntry, 'at'>, { now, ledgered }: Stamp): History {
  const entries = Object.entries(history ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = entries.at(-1);
  const next = last === undefined ? 1 : Number(last[0]) + 1;
  entries.push([sequence(next), { ...entry, at: toText(now) }]);
  return Object.fromEntries(trim(entries, ledgered));
}

/** Rewrites the entry of an operation: its intent becomes its outcome. Appends when it was trimmed away. */
export function conclude(
  history: History | undefined,
  operationId: string,
  outcome: Partial<HistoryEntry> & Pick<HistoryEntry, 'outcome' | 'action'>,
  stamp: Stamp,
): History {
  const found = Object.entries(history ?? {}).find(([, entry]) => entry.operationId === operationId && entry.outcome === 'unknown');
  if (found === undefined) return append(history, { ...outcome, operationId }, stamp);
  const intendedAt = found[1].intendedAt ?? found[1].at;
  return { ...history, [found[0]]: { ...found[1], ...outcome, intendedAt, at: toText(stamp.now) } };
}

/** The id of the newest entry of one of these actions, as the ledger will have it: one write may add more than one. */
export function newestEntryId({ metadata, status }: MatchNotification, actions: readonly HistoryEntry['action'][]): string | undefined {
  const newest = Object.entries(status?.history ?? {})
    .filter(([, { action }]) => actions.includes(action))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .at(-1);
  return newest && entryId(metadata.uid, Number(newest[0]), newest[1]);
}

const sequence = (n: number): string => String(n).padStart(6, '0');

function trim(entries: [string, HistoryEntry][], ledgered: number | undefined): [string, HistoryEntry][] {
  const wanted = ledgered === undefined ? 0 : entries.filter(([number]) => Number(number) > ledgered).length;
  const kept = Math.min(KEPT_AT_MOST, Math.max(KEPT, wanted));
  if (entries.length <= kept) return entries;
  const dropped = entries.slice(0, entries.length - kept + 1);
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
