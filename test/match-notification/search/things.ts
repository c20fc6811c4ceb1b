/** What a state of the search is made of. Everything that decides nothing (history, conditions, most stamps) is left out. */
import type { MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { FoundItem } from '../../../src/reconcilers/match-notification/facts.ts';

export type Status = MatchNotificationStatus;

/** The object in the API server; null stands for none. */
export interface Thing {
  readonly uid: number;
  readonly owner: number;
  readonly wish: number;
  readonly deleting: boolean;
  readonly status: Status;
}

/** A catalog item; `told` is its announced_send_at, `sent` its sent_at. */
export interface Item {
  readonly token: string;
  readonly state: FoundItem['state'];
  readonly told: string;
  readonly sent: string;
  readonly owner: string;
}

export type Items = Readonly<Partial<Record<string, Item>>>;

export interface Planned {
  readonly token: string;
  /** Id of the catalog item that its message reads. */
  readonly item: string;
  readonly firesAt: string;
  readonly state: 'live' | 'deleted' | 'fired';
}

/** A call on its way. `who` is the operator that waits for the answer, -1 when nobody does any more. */
export type Call = { readonly who: number } & (
  | { readonly kind: 'create'; readonly token: string; readonly item: string; readonly firesAt: string }
  | { readonly kind: 'put'; readonly id: string; readonly item: Item }
  | { readonly kind: 'delete'; readonly id: number }
);

export type Doing =
  | { readonly kind: 'idle' }
  /** Announced; the PUT has not left yet. */
  | { readonly kind: 'must-put' }
  | { readonly kind: 'waits'; readonly call: 'create' | 'put' | 'delete'; readonly id: string }
  | { readonly kind: 'created'; readonly operationId: string; readonly scheduleId: string }
  | { readonly kind: 'deleted'; readonly id: string }
  /** The read-back showed what was announced. */
  | { readonly kind: 'read-back' };

export interface Mind {
  /** Interned Thing. */
  readonly cache: number;
  readonly doing: Doing;
  readonly ticket?: {
    readonly announcedAt: string;
    readonly put?: { readonly at: string; readonly answer: 'stored' | 'accepted' | 'failed' };
  };
  readonly read?: { readonly at: string; readonly item: string; readonly found: Item | null };
}

/** All but `time` and `left` are interned. `left` counts edits, deletions and losses that may still happen. */
export interface State {
  readonly time: number;
  /** One object per owner. */
  readonly things: readonly number[];
  readonly left: readonly [edits: number, deletions: number, losses: number];
  readonly planned: number;
  readonly items: number;
  readonly calls: number;
  /** Tokens that an item admitted since the time before: Liquid may see the catalog as it was (contracts 1.12, renderLagMs). */
  readonly recent: number;
  /** Times of what fans were sent. */
  readonly delivered: number;
  /** One per operator. */
  readonly minds: readonly number[];
}

const LEFT = 8;

export function rowOf(state: State): number[] {
  const { time, things, left, planned, items, calls, recent, delivered, minds } = state;
  const [edits, deletions, losses] = left;
  return [time, (edits * LEFT + deletions) * LEFT + losses, planned, items, calls, recent, delivered, ...things, ...minds];
}

/** The inverse of `rowOf`, for states of so many owners. */
export function stateOf(row: readonly number[], owners: number): State {
  const [time = 0, left = 0, planned = 0, items = 0, calls = 0, recent = 0, delivered = 0, ...rest] = row;
  return {
    time,
    left: [Math.floor(left / LEFT / LEFT), Math.floor(left / LEFT) % LEFT, left % LEFT],
    planned,
    items,
    calls,
    recent,
    delivered,
    things: rest.slice(0, owners),
    minds: rest.slice(owners),
  };
}
