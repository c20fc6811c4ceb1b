/**
 * The closed union of what a pass may do. One effect per pass; every step carries what the object shows while and after it.
 */
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import type { Obsolete, Owned, Schedule } from './facts.ts';

export type Phase = NonNullable<MatchNotificationStatus['phase']>;

/** Phase and conditions (design §3a). `stalled` and `reconciling` are shown only while true. */
export interface Shown {
  readonly phase: Phase;
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
  /** Needs a person. */
  readonly stalled?: boolean;
  readonly drifted?: { readonly reason: string; readonly message: string };
}

/** What the fence item is to say, announced in status before it is written. */
export interface Announcement {
  readonly item: string;
  readonly token: string;
  readonly state: 'open' | 'closed' | 'sent';
  readonly contentHash: string;
  /** firesAt of the token that is (or was last) announced. */
  readonly sendAt: string | undefined;
}

export type OperationResolution = { readonly result: 'not-created' } | { readonly result: 'created'; readonly scheduleId: string };

export type FencePurpose = 'open' | 'refresh' | 'close' | 'mark-sent' | 'reassert';

export type Step = { readonly shown: Shown; readonly why: string } & (
  | { readonly kind: 'AddFinalizer' }
  /**
   * `abandoned`: schedules that stay in Braze; `openItem`: a catalog item that stays open without an id of ours; `unledgered`: the ledger
   * does not hold all of its history.
   */
  | { readonly kind: 'RemoveFinalizer'; readonly abandoned: readonly Owned[]; readonly openItem?: string; readonly unledgered?: boolean }
  /** A send went out, or could not be stopped: final for the occasion. */
  | {
      readonly kind: 'RecordSent';
      readonly owned: Owned | undefined;
      readonly sendAt: string;
      readonly firesAt: string;
      readonly reason: 'Sent' | 'PresumedSent';
      /** Why nobody may have been told. */
      readonly doubt?: string;
      /** The operation that is settled by it. */
      readonly settles?: string;
    }
  /** A person said that the last send did not go out. */
  | { readonly kind: 'Reopen' }
  /** A schedule made by somebody else is ours from here on: kept, or to be deleted. `announced`: it is delivered unless it is deleted. */
  | {
      readonly kind: 'Adopt';
      readonly schedule: { readonly id: string; readonly campaignId: string; readonly sendAt: Temporal.Instant };
      readonly keeps: boolean;
      readonly announced: boolean;
    }
  /** Unfenced: the schedule is not wanted any more; its delete follows. `reserve` as for WriteFence. */
  | { readonly kind: 'Retire'; readonly reserve: boolean }
  /** Unfenced: another time for the schedule. */
  | { readonly kind: 'Update'; readonly schedule: Schedule; readonly firesAt: Temporal.Instant }
  /** Unfenced: what became of the call whose answer was lost. */
  | { readonly kind: 'ResolveOperation'; readonly resolution: OperationResolution }
  /** The occasion counts as sent from here on (rule 3). */
  | { readonly kind: 'Lock' }
  | { readonly kind: 'DropOperation' }
  /** The item tells of an earlier life of this object: close what is open under its name. */
  | { readonly kind: 'TakeOverItem'; readonly token: string; readonly announcedSendAt: string }
  | { readonly kind: 'ReadItem'; readonly item: string; readonly purpose: 'memory' | 'clock' | 'check' | 'confirm' }
  /** PUT; `announce` absent when this pass' announcement already stands in status. `retire`: the schedule becomes obsolete in the same write. */
  | {
      readonly kind: 'WriteFence';
      readonly purpose: FencePurpose;
      readonly announce: Announcement | undefined;
      readonly retire: { readonly why: string } | undefined;
      /** Take the successor's create budget before anything is closed (Move). */
      readonly reserve: boolean;
    }
  | { readonly kind: 'Sweep'; readonly target: Obsolete }
  | { readonly kind: 'Create'; readonly firesAt: Temporal.Instant; readonly late: boolean }
  | { readonly kind: 'DeleteItem'; readonly item: string }
  | { readonly kind: 'Rest'; readonly until: Temporal.Instant | undefined }
);
