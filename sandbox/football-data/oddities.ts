/**
 * Things that answers have been seen to say although they were not so (contracts 2.9). An oddity changes what is said, never what is true: when
 * it ends, the next answer is right again.
 */
import { type MatchRow, msOf, NO_TEAM, wire } from './rows.ts';

export type OddityKind =
  /** Both known teams are null again. */
  | 'teams-null'
  /** TIMED is said to be SCHEDULED. */
  | 'timed-to-scheduled'
  /** FINISHED is said to be TIMED. */
  | 'finished-to-timed'
  /** `2026-07-06 01:00:00Z` in `status`. */
  | 'date-as-status'
  /** Another status under the same `lastUpdated`; `status` says which. */
  | 'other-status'
  /** `lastUpdated` lies in the future, by `byMinutes` (up to 114 were seen). */
  | 'future-stamp';

export interface Oddity {
  readonly kind: OddityKind;
  /** Matches it concerns; absent = all. */
  readonly ids?: readonly number[];
  /** Names of backends that say it; absent = all. */
  readonly backends?: readonly string[];
  /** Number of answers it lasts, single or list; absent = until the oddities are set anew. */
  readonly answers?: number;
  /** Only inside these instants. */
  readonly from?: string;
  readonly until?: string;
  /** Chance per row, 0–1, from the simulator's seed; absent = always. */
  readonly chance?: number;
  readonly status?: string;
  readonly byMinutes?: number;
}

/** What `row` looks like under the oddity; the same row when it does not concern it. */
export function oddly(row: MatchRow, oddity: Oddity, facts: { readonly nowMs: number; readonly random: () => number }): MatchRow {
  if (oddity.ids !== undefined && !oddity.ids.includes(row.id)) return row;
  if (oddity.chance !== undefined && facts.random() >= oddity.chance) return row;
  switch (oddity.kind) {
    case 'teams-null':
      return { ...row, homeTeam: NO_TEAM, awayTeam: NO_TEAM };
    case 'timed-to-scheduled':
      return row.status === 'TIMED' ? { ...row, status: 'SCHEDULED' } : row;
    case 'finished-to-timed':
      return row.status === 'FINISHED' ? { ...row, status: 'TIMED' } : row;
    case 'date-as-status':
      return { ...row, status: row.utcDate.replace('T', ' ') };
    case 'other-status':
      return { ...row, status: oddity.status ?? 'SCHEDULED' };
    case 'future-stamp':
      return { ...row, lastUpdated: wire(facts.nowMs + (oddity.byMinutes ?? 114) * 60_000) };
  }
}

/** The oddities in force, with the answers they have left. */
export class Oddities {
  #active: { readonly oddity: Oddity; left: number }[] = [];

  set(oddities: readonly Oddity[]): void {
    this.#active = oddities.map((oddity) => ({ oddity, left: oddity.answers ?? Number.POSITIVE_INFINITY }));
  }

  /** Those for one answer at `nowMs`, of which each then has one answer less. */
  take(nowMs: number, concerns: (oddity: Oddity) => boolean): Oddity[] {
    const due = this.#active.filter((entry) => entry.left > 0 && inForce(entry.oddity, nowMs) && concerns(entry.oddity));
    for (const entry of due) entry.left -= 1;
    return due.map((entry) => entry.oddity);
  }
}

function inForce({ from, until }: Oddity, nowMs: number): boolean {
  return (from === undefined || msOf(from) <= nowMs) && (until === undefined || nowMs < msOf(until));
}
