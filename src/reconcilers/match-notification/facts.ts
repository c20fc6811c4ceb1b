/**
 * What a decision is made from, beside the object itself. Everything here is read before `decide` runs: `decide` asks nothing.
 */
import type { SendsSeen } from '../../crds/delivery.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';

export type Schedule = NonNullable<MatchNotificationStatus['schedule']>;
export type Obsolete = NonNullable<MatchNotificationStatus['obsolete']>[number];
export type FenceStatus = NonNullable<MatchNotificationStatus['fence']>;
export type Operation = NonNullable<MatchNotificationStatus['operation']>;

/** A schedule that we hold an id of, wanted or not. */
export interface Owned {
  readonly id: string;
  readonly campaignId: string;
  readonly token?: string | undefined;
  readonly firesAt: string;
  readonly recordedAt: string;
}

/**
 * The update buffer as it is kept: a call takes effect somewhere within its time-out, and by as much Braze's clock may be read wrong. What
 * is begun just outside the workspace's buffer may be done inside it.
 */
export const keptBufferMs = ({ updateBufferMs, requestTimeoutMs }: Settings): number => updateBufferMs + requestTimeoutMs;

/** The workspace's numbers, in milliseconds. */
export interface Settings {
  readonly marginMs: number;
  readonly requestTimeoutMs: number;
  readonly updateBufferMs: number;
  readonly horizonMs: number;
  readonly suspended: boolean;
  /** Unfenced only: what becomes of a call whose answer was lost. */
  readonly unresolved: 'Block' | 'Recreate' | 'Abandon';
}

export type Tristate = 'True' | 'False' | 'Unknown';

/** What the campaign's preflight said; undefined while it was never read. */
export interface CampaignFacts {
  readonly found: boolean;
  readonly live: Tristate;
  readonly fenced: Tristate;
  /** Unfenced only: whether a message shows the kickoff of the trigger properties. */
  readonly rendersKickoff?: Tristate;
  readonly message: string;
}

/** The wish, in the form in which it is compared with what is recorded. */
export interface Desired {
  /** Floored to the minute. */
  readonly sendAt: Temporal.Instant;
  readonly kickoff: Temporal.Instant;
  readonly campaignId: string;
  readonly audienceHash: string;
  readonly propertiesHash: string;
  readonly contentHash: string;
  /** Unfenced only: the kickoff as the trigger properties tell it. */
  readonly toldKickoff?: string;
  /** Catalog item of this match and campaign. */
  readonly item: string;
  /** `<owner-id>/<namespace>/<name>` */
  readonly owner: string;
}

/** The catalog item as read by this process. */
export interface ItemRead {
  readonly item: string;
  /** When the read was begun: it shows a state of that moment or later. */
  readonly at: Temporal.Instant;
  readonly found: FoundItem | undefined;
}
export interface FoundItem {
  readonly token: string;
  readonly state: 'open' | 'closed' | 'sent';
  readonly owner: string;
  readonly sendAt: Temporal.Instant | undefined;
  readonly announcedSendAt: Temporal.Instant | undefined;
  /** When the last message of this match went out, whatever was announced since. */
  readonly sentAt?: Temporal.Instant | undefined;
  /** How its content differs from what the operator would have written at that moment; `hash`: of that content. */
  readonly content?: { readonly hash: string; readonly differs: readonly string[] };
}

/** This process' own fence write: an announcement is good for one PUT, and its PUT for its own read-back. */
export interface Ticket {
  /** `announcedAt` of the announcement in status that this ticket belongs to. */
  readonly announcedAt: string;
  readonly put: undefined | { readonly at: Temporal.Instant; readonly answer: 'stored' | 'accepted' | 'failed' };
}

/** Why the workspace can't be used at all now. */
export interface WorkspaceProblem {
  readonly reason: string;
  readonly message: string;
  /** False for what heals by itself (Reconciling), true for what needs a person (Stalled). */
  readonly stalled: boolean;
  /** Nobody in this process has looked at it yet, and will in a moment: it says nothing of the workspace. */
  readonly unseen?: boolean;
}

export type ClockFacts = { readonly kind: 'known'; readonly offsetMs: number } | { readonly kind: 'unknown' };

/** A schedule that was taken over has no token in Braze: ours for it stands for "may be delivered", and opens nothing. */
const ADOPTED_TOKEN = 'adopted.';
export const adoptedToken = (id: string): string => `${ADOPTED_TOKEN}${id}`;
export const isAdopted = (token: string | undefined): boolean => token?.startsWith(ADOPTED_TOKEN) === true;

/** What Braze's listing says of the armed schedule. `gone`: it was shown, and twice not any more; weak evidence (contracts 1.6). */
export type Listed = 'shown' | 'gone' | 'unknown';

export interface Facts {
  readonly settings: Settings;
  readonly problem: WorkspaceProblem | undefined;
  /** False: the workspace has no fence, and what Braze holds is delivered. Undefined: there is no workspace to tell. */
  readonly fenced: boolean | undefined;
  readonly campaign: CampaignFacts | undefined;
  /** Absent: unknown. */
  readonly listed?: Listed;
  /** Of the campaign of the last send; absent while it was not read. */
  readonly sends?: SendsSeen | undefined;
  readonly desired: Desired;
  readonly brazeClock: ClockFacts;
  readonly createBudget: { readonly granted: true } | { readonly granted: false; readonly eta: Temporal.Instant };
  readonly itemRead: ItemRead | undefined;
  readonly ticket: Ticket | undefined;
  /** Until when another process may be doing what it announced a moment ago; absent when it is our turn. */
  readonly othersTurnUntil?: Temporal.Instant | undefined;
  /** Kinds of call that failed lately for this object, and when to try again. */
  readonly notBefore: Readonly<Partial<Record<'fence' | 'read' | 'sweep' | 'create' | 'update', Temporal.Instant>>>;
  /** What the last failed call said, for the condition. */
  readonly lastFailure: string | undefined;
  /** When this process first saw the operation that stands in status. */
  readonly operationSeenAt: Temporal.Instant | undefined;
  /** The operation was begun in this very process life: passes over one object never overlap, so its call can't be running. */
  readonly operationIsOver: boolean;
  /** Until when a deletion waits for the ledger, which does not hold the whole history yet; undefined: it need not wait. */
  readonly ledgerWait?: Temporal.Instant | undefined;
  /** The older object for the same match and campaign, when there is one. */
  readonly twin: string | undefined;
  /** Neither the Secret nor the workspace is there to give a key, and none is left from before. */
  readonly keyGone: boolean;
  /** Since when the object's namespace is being removed; asked for only when the object is too, and its key is gone. */
  readonly namespaceEndsSince: Temporal.Instant | undefined;
  /** How often an item written by somebody else replaced ours since it was last right. */
  readonly foreignWrites: number;
}
