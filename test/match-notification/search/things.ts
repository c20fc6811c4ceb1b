/** What a state of the search is made of. Everything that decides nothing (history, conditions, most stamps) is left out. */
import type { MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { FoundItem } from '../../../src/reconcilers/match-notification/facts.ts';

export type Status = MatchNotificationStatus;

/** The object in the API server; undefined stands for none. */
export interface Thing {
  readonly uid: number;
  readonly wish: number;
  readonly deleting: boolean;
  readonly status: Status;
}

/** The catalog item; `told` is its announced_send_at. */
export interface Item {
  readonly token: string;
  readonly state: FoundItem['state'];
  readonly told: string;
}

export interface Planned {
  readonly token: string;
  readonly firesAt: string;
  readonly state: 'live' | 'deleted' | 'fired';
}

/** A call on its way. `who` is the operator that waits for the answer, -1 when nobody does any more. */
export type Call = { readonly who: number } & (
  | { readonly kind: 'create'; readonly token: string; readonly firesAt: string }
  | { readonly kind: 'put'; readonly item: Item }
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
  readonly read?: { readonly at: string; readonly found: Item | null };
}

/** All but `left` and `delivered` are interned. `left` counts edits, deletions and losses that may still happen. */
export interface State {
  readonly time: number;
  readonly thing: number;
  readonly left: readonly [edits: number, deletions: number, losses: number];
  readonly planned: number;
  readonly item: number;
  readonly calls: number;
  /** Tokens that the item admitted since the time before: Liquid may see the catalog as it was (contracts 1.12, renderLagMs). */
  readonly recent: number;
  readonly minds: readonly number[];
  readonly delivered: number;
}

export const keyOf = (s: State): string =>
  `${s.time},${s.thing},${s.left.join('')},${s.planned},${s.item},${s.calls},${s.recent},${s.minds.join()},${s.delivered}`;
