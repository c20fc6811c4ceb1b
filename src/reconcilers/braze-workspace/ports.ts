/** What the workspaces need of the rest of the operator, and what they are to the MatchNotification reconciler. */
import type { Clock } from '../../base/clock.ts';
import type { BrazeApi, BrazeClock, Bucket, Budgets, Fence } from '../../braze/types.ts';
import type { KubeClient, Leadership, ObjectKey, Store } from '../../controller/types.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { SendsSeen } from '../../crds/delivery.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import type { Log } from '../../telemetry/log.ts';
import type { CampaignFacts } from './campaigns.ts';
import type { Listed } from './listing.ts';
import type { WorkspaceSettings } from './settings.ts';

/** A workspace that can be called. */
export interface UsableWorkspace {
  readonly kind: 'usable';
  /** Of the BrazeWorkspace object. */
  readonly uid: string;
  readonly settings: WorkspaceSettings;
  readonly braze: BrazeApi;
  /** Undefined: the workspace is unfenced. */
  readonly fence: Fence | undefined;
  /** Fields of its catalog, as last seen. */
  readonly contentFields: ReadonlySet<string>;
  readonly budgets: Budgets;
  readonly clock: BrazeClock;
  /** What the preflight knows of a campaign; undefined while it was never read (asking makes it be read). */
  campaign(id: string): CampaignFacts | undefined;
  /** What Braze's listing shows of a schedule: weak evidence. */
  listed(schedule: { readonly campaignId: string; readonly firesAt: string; readonly recordedAt: string }): Listed;
  /** When a campaign sent last, as Braze was heard to say; undefined while nobody asked. */
  sends(campaignId: string): SendsSeen | undefined;
}

export interface UnusableWorkspace {
  readonly kind: 'unusable';
  readonly problem: {
    /** A reason of a MatchNotification's condition. */
    readonly reason:
      | 'WorkspaceNotFound'
      | 'EndpointNotAllowed'
      | 'SecretNotFound'
      | 'Unauthorized'
      | 'WorkspaceChanged'
      | 'BrazeUnavailable'
      | 'FenceMissing';
    readonly message: string;
    /** False for what heals by itself, true for what needs a person. */
    readonly stalled: boolean;
    /** This process has not looked at it yet, and will in a moment. */
    readonly unseen?: boolean;
  };
  /** The numbers of its spec, when the object exists. */
  readonly settings: WorkspaceSettings | undefined;
  /** Whether it has a fence; undefined when there is no object to tell. */
  readonly fenced: boolean | undefined;
  /** Nothing gives a key any more: no workspace, no Secret. */
  readonly keyGone?: boolean;
}

export interface WorkspaceMetrics {
  called(call: { readonly endpoint: string; readonly code: string; readonly seconds: number; readonly subject?: string }): void;
  /** Calls left in the current window. */
  remaining(workspace: ObjectKey, bucket: Bucket, calls: number): void;
  /** Braze's clock less ours. */
  clockSkew(workspace: ObjectKey, seconds: number): void;
  /** The workspace is gone: its series go too. */
  gone(workspace: ObjectKey): void;
}

export interface WorkspacePorts {
  readonly kube: Pick<KubeClient, 'get' | 'patch' | 'replace'>;
  /** Whole objects. */
  readonly workspaces: Store<BrazeWorkspace>;
  /** With the index `WORKSPACE_INDEX` made by `workspaceIndex`. Must keep spec.campaignId, spec.sendAt, metadata and status. */
  readonly notifications: Store<MatchNotification>;
  readonly feeds: Pick<Store<FixtureFeed>, 'list'>;
  readonly clock: Clock;
  readonly leadership: Pick<Leadership, 'mayStart'>;
  /** The longest call that the lease allows, in milliseconds (`leaseTimings().longestCallMs`). */
  readonly longestCallMs: number;
  readonly ownerId: string;
  /** Origins that `--allow-endpoint` names. */
  readonly allowEndpoints: readonly string[];
  /** PEM of `--ca-file`. */
  readonly ca?: string;
  /** Keeps the key out of every text that leaves the process; called before the key's first use. */
  readonly registerSecret: (owner: string, value: string) => void;
  readonly events: EventRecorder;
  readonly log: Log;
  readonly metrics: WorkspaceMetrics;
  /** Asks for a pass over this workspace. */
  readonly enqueue: (workspace: ObjectKey) => void;
  /** Asks for a pass over every MatchNotification of this workspace: something that they wait for changed. */
  readonly enqueueNotifications: (namespace: string, workspace: string) => void;
  /** Asks for a pass over this MatchNotification: it may be able to say what became of its send. */
  readonly enqueueNotification: (notification: ObjectKey) => void;
}

/** Name of the index of the MatchNotification store that this reconciler reads. */
export const WORKSPACE_INDEX = 'workspace';
export const workspaceIndex = (object: MatchNotification): readonly string[] => [
  workspaceIndexKey({ namespace: object.metadata.namespace, name: object.spec.workspaceRef.name }),
];
export const workspaceIndexKey = ({ namespace, name }: ObjectKey): string => `${namespace}/${name}`;
