/**
 * Scripted changes of what football-data.org knows (contracts 2.8). Each is a change of one match (or list) at an instant; given as data so that
 * they travel over the admin port. A change at a future instant is a timeline: it is seen when the clock gets there, and by each server when
 * its lag has passed.
 */
import { dayOf, type MatchRow, NO_TEAM, type TeamRow, wire } from './rows.ts';

interface Common {
  /** When the change is made; default now. */
  readonly at?: string;
  /** What `lastUpdated` becomes: default `at`; `keep` = the same as before with another content; an instant, maybe in the future. */
  readonly lastUpdated?: 'keep' | (string & {});
}

/** A change of one match. */
export type MatchEdit = Common & { readonly id: number } & (
    | { readonly kind: 'move'; readonly utcDate: string }
    /** TBD → TIMED. */
    | { readonly kind: 'confirm'; readonly utcDate: string }
    /** TIMED → SCHEDULED; with a day, at its 00:00Z. */
    | { readonly kind: 'unconfirm'; readonly utcDate?: string }
    /** The old day at 00:00Z; the old time is gone. */
    | { readonly kind: 'postpone' }
    | { readonly kind: 'suspend' }
    | { readonly kind: 'cancel' }
    /** The same id gets a new time and is TIMED again. */
    | { readonly kind: 'reschedule'; readonly utcDate: string }
    | { readonly kind: 'status'; readonly status: string }
    /** Names filled in; null = not known (again). */
    | { readonly kind: 'teams'; readonly home?: Partial<TeamRow> | null; readonly away?: Partial<TeamRow> | null }
    /** Only `lastUpdated` moves (odds, referees). */
    | { readonly kind: 'touch' }
    /** Leaves every list, and comes back. */
    | { readonly kind: 'drop' }
    | { readonly kind: 'restore' }
    /** Any fields. Keeps their own `lastUpdated` when given. */
    | { readonly kind: 'set'; readonly fields: Partial<MatchRow> }
  );

/** A change of more than one match. */
export type Edit =
  | MatchEdit
  /** The same fixture under a new id; the old one vanishes. */
  | (Common & { readonly kind: 'replace'; readonly id: number; readonly newId: number; readonly utcDate?: string })
  /** Another spelling in every match of the team. `lastUpdated` of the matches stays unless it is given. */
  | (Common & {
      readonly kind: 'rename';
      readonly teamId: number;
      readonly name: string;
      readonly shortName?: string;
      readonly tla?: string;
    })
  /** The list ends after `keep` rows; null = whole again, 0 = empty. `announceAll`: `resultSet.count` still says all. */
  | (Common & { readonly kind: 'truncate'; readonly competition: string; readonly keep: number | null; readonly announceAll?: boolean })
  /** The next season is published: the default list is that one from now on (contracts 2.7, 1). */
  | (Common & { readonly kind: 'roll-over'; readonly competition: string; readonly matches?: readonly MatchRow[] });

/** One match as of some moment. `listed`: whether the service shows it. */
export interface MatchState {
  readonly row: MatchRow;
  readonly listed: boolean;
}

/** The state after an edit made at `atMs`. Pure. */
export function applyEdit(state: MatchState, edit: MatchEdit, atMs: number): MatchState {
  if (edit.kind === 'drop' || edit.kind === 'restore') return { ...state, listed: edit.kind === 'restore' };
  const fields = fieldsOf(state.row, edit);
  const lastUpdated = stampOf(state.row, edit, fields.lastUpdated ?? wire(atMs));
  return { ...state, row: { ...state.row, ...fields, lastUpdated } };
}

function stampOf(row: MatchRow, edit: MatchEdit, natural: string): string {
  if (edit.lastUpdated === 'keep') return row.lastUpdated;
  return edit.lastUpdated ?? natural;
}

type FieldEdit = Exclude<MatchEdit, { readonly kind: 'drop' | 'restore' }>;

function fieldsOf(row: MatchRow, edit: FieldEdit): Partial<MatchRow> {
  switch (edit.kind) {
    case 'move':
      return { utcDate: edit.utcDate };
    case 'confirm':
    case 'reschedule':
      return { utcDate: edit.utcDate, status: 'TIMED' };
    case 'unconfirm':
      return { utcDate: edit.utcDate ?? row.utcDate, status: 'SCHEDULED' };
    case 'postpone':
      return { utcDate: `${dayOf(row.utcDate)}T00:00:00Z`, status: 'POSTPONED' };
    case 'suspend':
      return { status: 'SUSPENDED' };
    case 'cancel':
      return { status: 'CANCELLED' };
    case 'status':
      return { status: edit.status };
    case 'teams':
      return { homeTeam: team(row.homeTeam, edit.home), awayTeam: team(row.awayTeam, edit.away) };
    case 'touch':
      return {};
    case 'set':
      return edit.fields;
  }
}

function team(before: TeamRow, change: Partial<TeamRow> | null | undefined): TeamRow {
  if (change === null) return NO_TEAM;
  return change === undefined ? before : { ...before, ...change };
}
