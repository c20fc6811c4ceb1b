/** What the ledger reads of a MatchNotification, and what it stores. */

/** One entry of `status.history`, as far as the ledger knows it. */
export interface HistoryEntry {
  readonly operationId?: string | undefined;
  readonly at: string;
  /** When the intent was written, for an entry whose outcome has replaced it. */
  readonly intendedAt?: string | undefined;
  readonly action: string;
  readonly outcome: string;
  readonly attempt?: number | undefined;
  readonly scheduleId?: string | undefined;
  readonly sendAt?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** The part of a MatchNotification that the ledger is a projection of. */
export interface Recorded {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly spec: {
    readonly campaignId: string;
    readonly match: { readonly provider: string; readonly id: string; readonly competition: string };
  };
  readonly status?:
    | {
        readonly fixture?: string | undefined;
        readonly operation?: { readonly id: string; readonly holder: string; readonly startedAt: string } | undefined;
        readonly history?: Readonly<Record<string, HistoryEntry>> | undefined;
      }
    | undefined;
}

/** One row of `schedule_ledger`, less what the database adds. */
export interface LedgerRow {
  /** Id of the operation, or `<uid>/<sequence>` for what was no call: unique together with `phase`. */
  readonly operation_id: string;
  readonly phase: 'intent' | 'outcome';
  /** What a chain of hashes runs through: match and campaign, whoever writes. */
  readonly match_key: string;
  readonly owner_id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly sequence: number;
  readonly provider: string;
  readonly match_id: string;
  readonly competition: string;
  readonly fixture: string;
  readonly campaign_id: string;
  readonly action: string;
  readonly outcome: string | null;
  readonly attempt: number | null;
  readonly schedule_id: string | null;
  readonly send_at: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly holder: string | null;
  readonly at: string;
}
