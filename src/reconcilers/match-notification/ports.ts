/** What the MatchNotification reconciler needs of the rest of the operator. */
import type { Clock } from '../../base/clock.ts';
import type { BrazeApi, BrazeClock, Budgets, Fence } from '../../braze/types.ts';
import type { KubeClient, Leadership, Store } from '../../controller/types.ts';
import type { SendsSeen } from '../../crds/delivery.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import type { Log } from '../../telemetry/log.ts';
import type { CampaignFacts, Listed, Schedule, Settings, WorkspaceProblem } from './facts.ts';

/** A workspace that can be called. */
export interface UsableWorkspace {
  readonly kind: 'usable';
  readonly settings: Settings;
  readonly braze: Pick<BrazeApi, 'createSchedule' | 'updateSchedule' | 'deleteSchedule'>;
  /** Undefined: the workspace is unfenced. */
  readonly fence: Fence | undefined;
  /** Fields of its catalog, as last seen. Absent: it takes all content. */
  readonly contentFields?: ReadonlySet<string>;
  readonly budgets: Budgets;
  readonly clock: BrazeClock;
  /** What the preflight knows of a campaign; undefined while it was never read (asking makes it be read). */
  campaign(id: string): CampaignFacts | undefined;
  /** What Braze's listing shows of a schedule. Absent: it is never looked at. */
  listed?(schedule: Schedule): Listed;
  /** When a campaign sent last, as Braze was heard to say; undefined while nobody asked. Asks nothing itself. */
  sends(campaignId: string): SendsSeen | undefined;
}

export interface UnusableWorkspace {
  readonly kind: 'unusable';
  readonly problem: WorkspaceProblem;
  /** The last known numbers, when there are any. */
  readonly settings: Settings | undefined;
  /** Whether it has a fence; undefined when there is no object to tell. */
  readonly fenced: boolean | undefined;
  /** Nothing gives a key any more: no workspace, no Secret. */
  readonly keyGone?: boolean;
}

export type WorkspaceLookup = (namespace: string, name: string) => UsableWorkspace | UnusableWorkspace;

/** Counts that the operator publishes; see the metric table. */
export interface Counts {
  sent(result: 'Sent' | 'PresumedSent' | 'Missed'): void;
  fenceRewritten(): void;
  /** A difference was found that was not known; `kind`: the reason of `Drifted`. */
  drifted(kind: string): void;
  compensated(): void;
}

/** The ledger, where one is kept: asked, never waited for. */
export interface LedgerView {
  /** The last sequence of the object's history up to which everything is held. */
  heldUpTo(uid: string): number;
  /** Whether it holds everything that happened to the object. */
  holds(object: MatchNotification): boolean;
  /** How long a deletion waits for it at most, in milliseconds. */
  readonly graceMs: number;
}

export interface Ports {
  readonly client: KubeClient;
  /** With the index `MATCH_INDEX` made by `matchIndex`. */
  readonly notifications: Store<MatchNotification>;
  readonly workspace: WorkspaceLookup;
  readonly clock: Clock;
  readonly leadership: Leadership;
  readonly events: EventRecorder;
  readonly log: Log;
  readonly counts: Counts;
  /** For traces: what follows in this pass belongs to this operation. */
  readonly traced?: (operationId: string) => void;
  /** Undefined: no ledger is kept. */
  readonly ledger?: LedgerView | undefined;
  readonly ownerId: string;
  /** Unguessable text for tokens and operation ids. */
  readonly random: () => string;
}
