/** Objects as the ledger reads them. */
import type { HistoryEntry, Recorded } from '../../src/ledger/types.ts';

interface Made {
  readonly uid?: string;
  readonly match?: string;
  readonly entries?: readonly HistoryEntry[];
  readonly operation?: { readonly id: string; readonly holder: string; readonly startedAt: string };
  /** Sequence of the first entry. */
  readonly from?: number;
}

export function recorded({ uid = 'u1', match = '600123', entries = [], operation, from = 1 }: Made = {}): Recorded {
  return {
    metadata: { namespace: 'default', name: `pl-${match}`, uid },
    spec: { campaignId: 'c1', match: { provider: 'football-data', id: match, competition: 'PL' } },
    status: {
      fixture: 'Aston Villa FC v Arsenal FC',
      ...(operation === undefined ? {} : { operation }),
      history: Object.fromEntries(entries.map((entry, index) => [String(from + index).padStart(6, '0'), entry])),
    },
  };
}

export const AT = '2026-12-06T09:00:00Z';
export const created = (n: number, outcome = 'done'): HistoryEntry => ({
  operationId: `op${n}`,
  at: AT,
  intendedAt: '2026-12-06T08:59:59Z',
  action: 'created',
  outcome,
  attempt: n,
  scheduleId: `s${n}`,
  sendAt: '2026-12-06T11:30:00Z',
});
export const sent = (n: number): HistoryEntry => ({ at: AT, action: 'sent', outcome: 'done', scheduleId: `s${n}`, reason: 'Sent' });
