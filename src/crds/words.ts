/**
 * The public words beside the fields: annotations, labels, finalizers, field managers, condition types and reasons. Each exists
 * once, here, with one sentence of meaning; docs/reference/api.md is generated from these tables.
 */

/** What people and other objects write on our objects. */
export const ANNOTATIONS = {
  'matchday.dev/requested-at':
    'Any new value asks for a reconcile now: a read-back (MatchNotification), a poll (FixtureFeed), a preflight (BrazeWorkspace).',
  'matchday.dev/adopt-schedule':
    'JSON {"id","campaignId","sendAt"} of a Braze schedule made by somebody else that this MatchNotification takes over.',
  'matchday.dev/resolve':
    'JSON {"operationId","result":"not-created|created|not-sent","scheduleId"?}: what a person found out about a call whose answer was lost; for not-sent operationId is status.lastSent.scheduleId, or its firesAt where there is none.',
  'matchday.dev/take-over': 'The owner shown in the condition OwnedElsewhere, to take the fence item from it.',
  'matchday.dev/abandon': '"true" lets go of an object without calling Braze; the ids that stay behind are logged.',
  'matchday.dev/fixture-updated-at':
    "Written by the feed: the provider's stamp of what a MatchNotification says, so that a restart still knows which answers are older.",
  'matchday.dev/approve': 'The hash shown in the condition TooManyChanges, to apply that one set of changes of a FixtureFeed.',
} as const;
export type AnnotationName = keyof typeof ANNOTATIONS;

export const ADOPT = 'matchday.dev/adopt-schedule' satisfies AnnotationName;
export const RESOLVE = 'matchday.dev/resolve' satisfies AnnotationName;
export const ABANDON = 'matchday.dev/abandon' satisfies AnnotationName;
export const REQUESTED_AT = 'matchday.dev/requested-at' satisfies AnnotationName;
export const TAKE_OVER = 'matchday.dev/take-over' satisfies AnnotationName;
export const FIXTURE_UPDATED_AT = 'matchday.dev/fixture-updated-at' satisfies AnnotationName;
export const APPROVE = 'matchday.dev/approve' satisfies AnnotationName;

export const LABELS = {
  'matchday.dev/feed': 'Name of the FixtureFeed that made this MatchNotification.',
  'matchday.dev/competition': 'Competition code of the match, such as PL.',
} as const;
export const FEED_LABEL = 'matchday.dev/feed' satisfies keyof typeof LABELS;
export const COMPETITION_LABEL = 'matchday.dev/competition' satisfies keyof typeof LABELS;

export const FINALIZERS = {
  'matchday.dev/braze-schedule': 'On a MatchNotification: it is not removed before nothing it owns is left in Braze.',
  'matchday.dev/feed-objects': 'On a FixtureFeed with deletionPolicy Cancel: it is not removed before its objects are gone.',
  'matchday.dev/in-use': 'On a BrazeWorkspace: it is not removed while MatchNotifications own schedules through it.',
} as const;
export const SCHEDULE_FINALIZER = 'matchday.dev/braze-schedule' satisfies keyof typeof FINALIZERS;
export const FEED_OBJECTS_FINALIZER = 'matchday.dev/feed-objects' satisfies keyof typeof FINALIZERS;
export const IN_USE_FINALIZER = 'matchday.dev/in-use' satisfies keyof typeof FINALIZERS;

/** Owners of fields in server-side apply. */
export const FIELD_MANAGERS = {
  'matchday-feed': 'The FixtureFeed: the spec fields, labels and the finalizer of the MatchNotifications it makes.',
} as const;
export const FEED_FIELD_MANAGER = 'matchday-feed' satisfies keyof typeof FIELD_MANAGERS;

/** Condition types, all kinds (kstatus: `Ready` is always there, the others only while true, but for FenceReady). */
export const CONDITION_TYPES = {
  Ready: 'True: the object is as its spec wants it, or rightly waits. False: see the reason. Always there.',
  Reconciling: 'True: work is under way and goes on by itself. Absent otherwise.',
  Stalled: 'True: nothing goes on before somebody acts; the message says what to do. Absent otherwise.',
  Drifted: 'True: what is armed in Braze, or read from the feed, differs from what is wanted. Absent otherwise.',
  Delivered:
    'MatchNotification only, after a send. True: Braze says that the campaign sent at its time or later. Unknown: it could not be told. For people; nothing follows from it.',
  FenceReady: 'BrazeWorkspace only. True: the catalog exists, is ours and has the fields that the fence needs.',
  Overridden: 'FixtureFeed only. True: people own sendAt of more than 20 % of its objects. Absent otherwise.',
  FeedFresh: 'FixtureFeed only. True: the provider answered with fixtures lately. False: what is known may be out of date. Always there.',
  FixturesMissing:
    'FixtureFeed only. True: followed matches are in no list any more and are not found by id; nothing is cancelled by it. Absent otherwise.',
  NamesIncomplete:
    'FixtureFeed only. True: team names are not translated as asked, for a reason that somebody can change; the original ones are used. Absent otherwise.',
  DryRun: 'True: the operator runs with --dry-run; the message says what it would have done. Absent otherwise.',
} as const;
export type ConditionType = keyof typeof CONDITION_TYPES;

/** What a reason says of the object: fine, being worked on, or waiting for a person. */
export type ReasonClass = 'ready' | 'reconciling' | 'stalled';
export interface ReasonMeaning {
  readonly class: ReasonClass;
  readonly meaning: string;
}

export const NOTIFICATION_REASONS = {
  Scheduled: { class: 'ready', meaning: 'Braze holds one schedule for this send and, in a fenced workspace, its item is confirmed open.' },
  Sent: { class: 'ready', meaning: 'The send went out, or what could not be stopped any more counts as sent.' },
  BeyondHorizon: {
    class: 'ready',
    meaning: 'The send is further ahead than the horizon of the workspace; the schedule is created in time.',
  },
  Held: { class: 'ready', meaning: 'spec.hold names why nothing may be sent now; list the reason in spec.ignoreHold to overrule it.' },
  Suspended: { class: 'ready', meaning: 'spec.suspend of the object or of its workspace is true: nothing is sent.' },
  Cancelled: { class: 'ready', meaning: 'The match is cancelled and nothing is left in Braze.' },
  WaitingForBudget: { class: 'reconciling', meaning: 'A rate limit of Braze is used up; the message says when it goes on.' },
  Creating: { class: 'reconciling', meaning: 'The schedule is being created.' },
  Opening: { class: 'reconciling', meaning: 'The schedule exists; its fence item is being opened and read back.' },
  Moving: { class: 'reconciling', meaning: 'The send is being moved: closed, deleted, created anew, opened.' },
  Closing: { class: 'reconciling', meaning: 'What is armed in Braze is being closed and deleted.' },
  Resolving: { class: 'reconciling', meaning: 'A call was left unfinished; it is waited for until it cannot be running any more.' },
  BrazeUnavailable: { class: 'reconciling', meaning: 'Braze does not answer, or answers with errors; it is tried again with back-off.' },
  Missed: { class: 'stalled', meaning: 'The send time passed without a send, and it is too late to make one.' },
  CreateUnresolved: { class: 'stalled', meaning: 'Unfenced only: whether a create took effect is not known; a person must resolve it.' },
  UpdateUnresolved: { class: 'stalled', meaning: 'Unfenced only: whether an update took effect is not known; a person must resolve it.' },
  OwnedElsewhere: { class: 'stalled', meaning: 'The fence item of this match and campaign is open for another owner.' },
  OwnershipContested: { class: 'stalled', meaning: 'Somebody else writes our fence item again and again; nothing is written any more.' },
  ItemMissing: {
    class: 'stalled',
    meaning: 'The fence item was deleted in Braze too near the send to be written again: the message aborts and nobody is told.',
  },
  ItemChanged: {
    class: 'stalled',
    meaning: 'The fence item was edited in Braze too near the send to be written again, so that our message aborts.',
  },
  DuplicateMatch: { class: 'stalled', meaning: 'An older object has the same workspace, campaign and match; this one sends nothing.' },
  FenceMissing: {
    class: 'stalled',
    meaning:
      'A message of the campaign does not read the catalog and abort, or reads one that the workspace does not have; nothing is created there.',
  },
  WorkspaceChanged: {
    class: 'stalled',
    meaning: 'The key leads to another Braze workspace than the one this object was used with; no calls are made.',
  },
  WorkspaceNotFound: { class: 'stalled', meaning: 'No BrazeWorkspace of that name is in this namespace.' },
  SecretNotFound: { class: 'stalled', meaning: 'The Secret, or the key in it, that holds the credential is missing.' },
  Unauthorized: { class: 'stalled', meaning: 'Braze refused the API key, or a permission it lacks; probed again once a minute.' },
  CampaignNotFound: { class: 'stalled', meaning: 'Braze knows no API-triggered campaign of that id.' },
  CampaignNotLive: { class: 'stalled', meaning: 'The campaign is a draft, stopped or archived.' },
  EndpointNotAllowed: { class: 'stalled', meaning: 'The endpoint is neither a documented Braze host nor allowed with --allow-endpoint.' },
  ClockSkew: { class: 'stalled', meaning: "Our clock and Braze's differ by more than 20 s, or Braze's is not known." },
  AnnotationInvalid: {
    class: 'stalled',
    meaning: 'An annotation that says what Braze already holds cannot be read; nothing is created before it is corrected or removed.',
  },
} as const satisfies Record<string, ReasonMeaning>;

/** Reasons of `Drifted` on a MatchNotification. */
export const DRIFT_REASONS = {
  TooLateToMove: 'The send moved when no successor could be made any more; the armed one is kept while it is before kickoff.',
  CampaignNotLive: 'The campaign of an armed send is a draft, stopped or archived: nothing is sent unless it is started again.',
  CampaignNotFound: 'Braze does not know the campaign of an armed send any more: nothing is sent.',
  FenceMissing:
    'The campaign of an armed send lost its fence, so a duplicate could not be stopped; or it reads one that the workspace does not have, and aborts.',
  ItemMissing:
    'Somebody deleted the fence item of an armed send in Braze: it is written again, unless the send is nearer than the margin; then nobody is told.',
  ItemChanged:
    'Somebody edited the fence item of an armed send in Braze: it is written again, unless the send is nearer than the margin, or they do it again and again.',
  ScheduleNotListed:
    "Braze's listing showed the schedule of an armed send, and does not any more: it may be deleted. Suspending the object and resuming it makes a new one.",
  InsideUpdateBuffer: "Unfenced only: this close to the send Braze's own update is best effort, so nothing is changed.",
} as const;

/** Reasons of `Delivered` on a MatchNotification. Weak evidence: a campaign has one time for all of its sends (contracts 1.7). */
export const DELIVERED_REASONS = {
  SeenInCampaign: "True: the campaign's last_sent is at or after the time of this send.",
  NotSeenInCampaign: "Unknown: a quarter of an hour after the send the campaign's last_sent was still an earlier one, or none.",
  OnlyHourKnown: "Unknown: the campaign's last_sent names the hour of the send and no minute.",
  CampaignNotRead: 'Unknown: the campaign could not be read in the 75 minutes after the send, or the object has another one by now.',
} as const;

/** Reasons of `NamesIncomplete` on a FixtureFeed. Sends go on with the names that are known. */
export const NAME_REASONS = {
  TableNotFound: 'There is no such ConfigMap, or the operator may not read it; names that were translated before stay.',
  TableInvalid: 'Some entries of the ConfigMap are unusable and left out; the message names them.',
  TranslatorNotAllowed: 'The origin of the translator is not allowed with --allow-translator; it is not called.',
  TranslatorKeyNotFound: 'The Secret, or the key in it, that holds the API key of the translator is missing; it is not called.',
  TranslatorUnauthorized: 'The translator refused the API key; it is asked again every ten minutes, and when the key changes.',
  TranslatorUnavailable: 'The translator does not answer, or with errors; it is asked again with back-off.',
} as const;
export type NameReason = keyof typeof NAME_REASONS;

export const FEED_REASONS = {
  Fresh: { class: 'ready', meaning: 'The last poll was read whole and its fixtures are applied.' },
  Suspended: { class: 'ready', meaning: 'spec.suspend is true: nothing is polled, existing objects stay as they are.' },
  ApplyFailed: { class: 'reconciling', meaning: 'The API server refused or lost writes of some objects; they are tried again.' },
  RateLimited: { class: 'reconciling', meaning: 'The fixture provider asks to wait; the message says until when.' },
  ProviderUnavailable: { class: 'reconciling', meaning: 'The fixture provider does not answer, or not readably; what is known stays.' },
  Stale: {
    class: 'reconciling',
    meaning: 'Of FeedFresh only: no answer with fixtures for three intervals, and a quarter of an hour at least.',
  },
  NoFixtures: { class: 'stalled', meaning: 'The answer is empty: check competition and season; what is known stays.' },
  SecretNotFound: { class: 'stalled', meaning: 'The Secret, or the key in it, that holds the token is missing.' },
  AuthFailed: { class: 'stalled', meaning: 'The fixture provider refused the token.' },
  Forbidden: { class: 'stalled', meaning: 'The plan of the token does not include this competition or season.' },
  CompetitionNotFound: { class: 'stalled', meaning: 'The fixture provider knows no such competition or season.' },
  TooManyChanges: {
    class: 'stalled',
    meaning: 'A poll would change more objects than maxChangesPerPoll; nothing is applied before it is approved.',
  },
} as const satisfies Record<string, ReasonMeaning>;
export type FeedReason = keyof typeof FEED_REASONS;

export const WORKSPACE_REASONS = {
  Ready: { class: 'ready', meaning: 'Key, endpoint, catalog and campaigns are as needed.' },
  Suspended: { class: 'ready', meaning: 'spec.suspend is true: every open item is closed, nothing is created.' },
  Checking: { class: 'reconciling', meaning: 'The preflight is under way, or waits for budget.' },
  BrazeUnavailable: { class: 'reconciling', meaning: 'Braze does not answer, or answers with errors; it is tried again with back-off.' },
  SecretNotFound: { class: 'stalled', meaning: 'The Secret, or the key in it, that holds the API key is missing.' },
  Unauthorized: { class: 'stalled', meaning: 'Braze refused the API key.' },
  Forbidden: { class: 'stalled', meaning: 'The API key lacks a permission that the message names.' },
  EndpointNotAllowed: { class: 'stalled', meaning: 'The endpoint is neither a documented Braze host nor allowed with --allow-endpoint.' },
  WorkspaceChanged: { class: 'stalled', meaning: 'The key leads to another Braze workspace than before; no calls are made.' },
  FenceMissing: {
    class: 'stalled',
    meaning: 'A campaign used in a fenced workspace has no fence, or one in an unfenced workspace has one; nothing is created there.',
  },
  CatalogInvalid: { class: 'stalled', meaning: 'The catalog lacks fields that cannot be added, or holds them with another type.' },
  ClockSkew: { class: 'stalled', meaning: "Our clock and Braze's differ by more than 20 s, or Braze's is not known." },
} as const satisfies Record<string, ReasonMeaning>;
export type WorkspaceReason = keyof typeof WORKSPACE_REASONS;
