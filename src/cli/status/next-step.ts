/** What somebody should do about a reason, as a command where there is one. Pure; a reason without a sentence does not compile. */
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import type { FeedReason, NOTIFICATION_REASONS, WorkspaceReason } from '../../crds/words.ts';
import type { Ref } from '../refs.ts';

const NOTHING = 'Nothing: it goes on by itself.';
const WORKSPACE = 'See the BrazeWorkspace: the message there says what is missing.';

type Steps<Reason extends string> = Readonly<Record<Reason, (on: string) => string>>;

/** `on`: `pl-1 -n default`. */
const NOTIFICATION_STEPS: Steps<keyof typeof NOTIFICATION_REASONS> = {
  Scheduled: () => 'Nothing: it is sent by itself.',
  Sent: () => 'Nothing. If nobody got it: matchday resolve NAME --not-sent.',
  BeyondHorizon: () => NOTHING,
  Held: () => 'To send all the same, add the reason of the hold to spec.ignoreHold.',
  Suspended: (on) => `When it shall be sent: matchday resume ${on} (or its workspace).`,
  Cancelled: () => 'Nothing.',
  WaitingForBudget: () => NOTHING,
  Creating: () => NOTHING,
  Opening: () => NOTHING,
  Moving: () => NOTHING,
  Closing: () => NOTHING,
  Resolving: () => NOTHING,
  BrazeUnavailable: () => "Look at Braze's status page when it lasts; it is tried again by itself.",
  Missed: () => 'If it shall still go out: set sendAt to a time ahead and before kickoff.',
  CreateUnresolved: (on) => `Look in Braze, then: matchday resolve ${on} --schedule-id ID, or --not-created.`,
  UpdateUnresolved: (on) => `Look in Braze, then: matchday resolve ${on} --schedule-id ID, or --not-created.`,
  OwnedElsewhere: (on) => `Stop the other owner, then: matchday take-over ${on}`,
  OwnershipContested: () => 'Stop the other writer of the catalog item, then: matchday reconcile NAME.',
  ItemMissing: () => 'Look in Braze whether anybody was told. If nobody was, 15 minutes after the send: matchday resolve NAME --not-sent.',
  ItemChanged: () => 'Look in Braze whether anybody was told. If nobody was, 15 minutes after the send: matchday resolve NAME --not-sent.',
  DuplicateMatch: (on) => `Delete the one that is not needed: kubectl delete mn ${on}`,
  FenceMissing: () => 'Paste the fence into every message of the campaign, then: matchday reconcile bw/NAME.',
  WorkspaceChanged: () => WORKSPACE,
  WorkspaceNotFound: () => 'Create the BrazeWorkspace that spec.workspaceRef names.',
  SecretNotFound: () => WORKSPACE,
  Unauthorized: () => WORKSPACE,
  CampaignNotFound: () => 'Put the id of an API-triggered campaign into spec.campaignId (of the feed, when one made it).',
  CampaignNotLive: () => 'Start the campaign in Braze.',
  EndpointNotAllowed: () => WORKSPACE,
  ClockSkew: () => "Put the clock of the operator's machine right.",
  AnnotationInvalid: (on) => `Correct or remove the annotation that the message names: kubectl edit mn ${on}`,
};

const FEED_STEPS: Steps<FeedReason> = {
  Fresh: () => 'Nothing.',
  Suspended: (on) => `When it shall go on: matchday resume ff/${on}`,
  ApplyFailed: () => 'Look at the message: the API server names what it refuses.',
  RateLimited: () => NOTHING,
  ProviderUnavailable: () => NOTHING,
  Stale: (on) => `See why nothing is read: matchday status, then matchday reconcile ff/${on}`,
  NoFixtures: () => 'Check spec.source.competition and spec.source.season.',
  SecretNotFound: () => 'Create the Secret that spec.source.tokenSecretRef names.',
  AuthFailed: () => 'Put a valid token into the Secret.',
  Forbidden: () => 'Check what the plan of the token includes.',
  CompetitionNotFound: () => 'Check spec.source.competition and spec.source.season.',
  TooManyChanges: (on) => `Look with matchday plan ${on}, then: matchday approve ${on}`,
};

const WORKSPACE_STEPS: Steps<WorkspaceReason> = {
  Ready: () => 'Nothing.',
  Suspended: (on) => `When it shall go on: matchday resume bw/${on}`,
  Checking: () => NOTHING,
  BrazeUnavailable: () => "Look at Braze's status page when it lasts; it is tried again by itself.",
  SecretNotFound: () => 'Create the Secret that spec.apiKeySecretRef names.',
  Unauthorized: () => 'Put a valid API key into the Secret.',
  Forbidden: () => 'Give the API key the permission that the message names.',
  EndpointNotAllowed: () => 'Correct spec.endpoint, or start the operator with --allow-endpoint.',
  WorkspaceChanged: (on) => `Put the right key into the Secret; if it is the right one: matchday take-over bw/${on}`,
  FenceMissing: (on) => `Paste the fence into every message of the campaign, then: matchday reconcile bw/${on}`,
  CatalogInvalid: () => 'Make another catalog and a BrazeWorkspace for it.',
  ClockSkew: () => "Put the clock of the operator's machine right.",
};

/** Undefined for a reason that is not ours. */
export function nextStep({ kind, key }: Ref, reason: string): string | undefined {
  const steps: Readonly<Record<string, (on: string) => string>> =
    kind === MATCH_NOTIFICATIONS ? NOTIFICATION_STEPS : kind === FIXTURE_FEEDS ? FEED_STEPS : WORKSPACE_STEPS;
  return steps[reason]?.(`${key.name} -n ${key.namespace}`).replaceAll('NAME', key.name);
}

const NEAR_MS = 2 * 3_600_000;
/** Settled by the provider or by another object: nobody has to do anything about them. */
const SETTLED: readonly string[] = ['Cancelled', 'Postponed', 'DuplicateFixture'];

/** Holds that only a person can end, or that are still there shortly before the send. */
export function holdNeedsSomebody({ spec }: MatchNotification, msToSend: number): boolean {
  const { hold, ignoreHold = [], suspend } = spec;
  if (hold === undefined || suspend || ignoreHold.includes(hold.reason)) return false;
  return hold.reason === 'SendAfterKickoff' || (!SETTLED.includes(hold.reason) && msToSend < NEAR_MS);
}
