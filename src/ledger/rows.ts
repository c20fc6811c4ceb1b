/** From an object's history to rows of the ledger. Pure: the same object gives the same rows whenever it is seen. */
import { callId, entryId } from '../base/operation-id.ts';
import type { HistoryEntry, LedgerRow, Recorded } from './types.ts';

/** Entries by sequence, oldest first. */
function entriesOf(object: Recorded): readonly (readonly [number, HistoryEntry])[] {
  return Object.entries(object.status?.history ?? {})
    .map(([sequence, entry]) => [Number(sequence), entry] as const)
    .sort(([a], [b]) => a - b);
}

/** An intent whose call may still be running, or whose answer nobody knows: there is no outcome to tell yet. */
function isOpen(object: Recorded, entry: HistoryEntry): boolean {
  const call = callId(entry);
  return entry.outcome === 'unknown' && call !== undefined && call === object.status?.operation?.id;
}

/** The rows of all entries after `heldUpTo`. */
export function rowsOf(
  object: Recorded,
  { ownerId, heldUpTo }: { readonly ownerId: string; readonly heldUpTo: number },
): readonly LedgerRow[] {
  return entriesOf(object).flatMap(([sequence, entry]) => (sequence > heldUpTo ? rowsOfEntry(object, { ownerId, sequence, entry }) : []));
}

function rowsOfEntry(
  object: Recorded,
  { ownerId, sequence, entry }: { ownerId: string; sequence: number; entry: HistoryEntry },
): readonly LedgerRow[] {
  const { metadata, spec, status } = object;
  const isCall = callId(entry) !== undefined;
  const operation = status?.operation?.id === entry.operationId ? status?.operation : undefined;
  const common = {
    operation_id: entryId(metadata.uid, sequence, entry),
    match_key: `${spec.match.provider}/${spec.match.id}/${spec.campaignId}`,
    owner_id: ownerId,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    sequence,
    provider: spec.match.provider,
    match_id: spec.match.id,
    competition: spec.match.competition,
    fixture: status?.fixture ?? '',
    campaign_id: spec.campaignId,
    action: entry.action,
    attempt: entry.attempt ?? null,
    send_at: entry.sendAt ?? null,
    holder: operation?.holder ?? null,
  };
  const intendedAt = entry.intendedAt ?? operation?.startedAt ?? entry.at;
  const intent: LedgerRow = { ...common, phase: 'intent', outcome: null, schedule_id: null, reason: null, message: null, at: intendedAt };
  if (isOpen(object, entry)) return [intent];
  const outcome: LedgerRow = {
    ...common,
    phase: 'outcome',
    outcome: entry.outcome,
    schedule_id: entry.scheduleId ?? null,
    reason: entry.reason ?? aboutOperation(entry, isCall),
    message: entry.message ?? null,
    at: entry.at,
  };
  return isCall ? [intent, outcome] : [outcome];
}

/** What a person resolved names the call that it was about. */
const aboutOperation = (entry: HistoryEntry, isCall: boolean): string | null => (isCall ? null : (entry.operationId ?? null));

/** The last sequence up to which every entry has its outcome: what may be forgotten once these rows are in the ledger. */
export function settledUpTo(object: Recorded): number {
  let last = 0;
  for (const [sequence, entry] of entriesOf(object)) {
    if (isOpen(object, entry)) return sequence - 1;
    last = sequence;
  }
  return last;
}

/** The last sequence up to which the given ones stand in the ledger with their outcomes. */
export function heldPrefix(object: Recorded, held: ReadonlySet<number>): number {
  let last = 0;
  for (const [sequence, entry] of entriesOf(object)) {
    const isGap = entry.reason === 'HistoryTrimmed';
    if (!held.has(sequence) && !(isGap && last === 0)) return last;
    last = sequence;
  }
  return last;
}
