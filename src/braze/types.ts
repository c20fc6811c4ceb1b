import type { Outcome } from '../base/outcomes.ts';

/** The calls of Braze that the operator makes (contracts 1.2–1.6, 1.12). No method throws for an answer: it becomes an `Outcome`. */
export interface BrazeApi {
  createSchedule(request: CreateSchedule): Promise<Outcome<{ scheduleId: string; dispatchId: string | undefined }>>;
  /** Another time for a schedule. Braze may answer with another id, and may keep the old one beside it (contracts 1.3). */
  updateSchedule(request: UpdateSchedule): Promise<Outcome<{ scheduleId: string }>>;
  /** `refused` with `unknown-id` for every form of "no such schedule" (contracts 1.4): gone, but maybe because it was sent. */
  deleteSchedule(request: DeleteSchedule): Promise<Outcome<void>>;
  campaignDetails(campaignId: string): Promise<Outcome<CampaignDetails>>;
  /** What is to be sent before that day begins in UTC. Weak evidence: API-made schedules may be in it or not (contracts 1.6). */
  listBroadcasts(until: Temporal.PlainDate): Promise<Outcome<readonly ListedBroadcast[]>>;
  listCatalogs(): Promise<Outcome<readonly Catalog[]>>;
  createCatalog(catalog: Catalog & { description: string }): Promise<Outcome<void>>;
  addCatalogFields(catalog: string, fields: readonly CatalogField[]): Promise<Outcome<void>>;
  /** Synchronous: 200 means it is stored. */
  putItem(catalog: string, item: CatalogItem): Promise<Outcome<void>>;
  /** Asynchronous, at most 50: 202 means it will be applied, unless an item is bad, which nobody says. */
  putItems(catalog: string, items: readonly CatalogItem[]): Promise<Outcome<void>>;
  /** `done(undefined)` when Braze says that no such item exists. */
  getItem(catalog: string, id: string): Promise<Outcome<CatalogItem | undefined>>;
  /** One page of 50; `cursor` of the page before. */
  listItems(catalog: string, cursor?: string): Promise<Outcome<{ items: readonly CatalogItem[]; next: string | undefined }>>;
  /** Asynchronous, at most 50. */
  deleteItems(catalog: string, ids: readonly string[]): Promise<Outcome<void>>;
}

/** One row of the listing: no schedule id is in it. */
export interface ListedBroadcast {
  readonly campaignId: string;
  /** Undefined: a text that names no instant, such as a local time. */
  readonly at: Temporal.Instant | undefined;
}

export interface DeleteSchedule {
  readonly campaignId: string;
  readonly scheduleId: string;
  /** This process made it and no object names it: nobody else can delete it, so that this is done without the lease too (design §4). */
  readonly unrecorded?: boolean;
}

export interface UpdateSchedule {
  readonly campaignId: string;
  readonly scheduleId: string;
  readonly time: Temporal.Instant;
}

export interface CreateSchedule {
  readonly campaignId: string;
  readonly time: Temporal.Instant;
  readonly audience: Audience;
  readonly triggerProperties: Readonly<Record<string, unknown>>;
}

export type Audience =
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'connected'; readonly filter: Readonly<Record<string, unknown>> }
  | { readonly kind: 'recipients'; readonly recipients: readonly Readonly<Record<string, unknown>>[] };

export interface CampaignDetails {
  readonly name: string | undefined;
  readonly live: boolean;
  /** When it sent last, maybe only to the hour (contracts 1.7); absent when it never did, or the answer names no such time. */
  readonly lastSent?: Temporal.Instant;
  /** Template bodies of every message, variant and channel; undefined where the answer held none or was cut. */
  readonly templates: readonly string[] | undefined;
  /** The same, with the name of each message and its texts apart: a fence must stand whole in one of them. */
  readonly messages: readonly CampaignMessage[] | undefined;
}

export interface CampaignMessage {
  /** Channel and variant, for people. */
  readonly label: string;
  readonly fields: readonly string[];
}

export type CatalogItem = Readonly<Record<string, unknown>> & { readonly id: string };
export interface CatalogField {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'time' | 'object' | 'array';
}
export interface Catalog {
  readonly name: string;
  readonly fields: readonly CatalogField[];
}

/** The rate limits that Braze counts (contracts 1.9), each in windows of the clock. */
export type Bucket = 'hour' | 'broadcast' | 'audience_min' | 'catalog_sync' | 'catalog_async';

/** A claim on one call. The most urgent claims (nearest `firesAt`) get what is left of a window. */
export interface Claim {
  /** Who asks; asking again replaces the earlier claim. */
  readonly key: string;
  readonly firesAt: Temporal.Instant;
  /** Buckets the call counts in. `audience_min` needs `audience`. */
  readonly buckets: readonly Bucket[];
  /** Identifies campaign + segment + audience (contracts 1.9). */
  readonly audience?: string;
}
export type Grant = { readonly granted: true } | { readonly granted: false; readonly eta: Temporal.Instant };

/** Spends one workspace's rate limits across all workers, nearest send first. */
export interface Budgets {
  /** What `take` would answer now, without taking. */
  peek(claim: Claim): Grant;
  /** Takes one call out of the current window, or says when to ask again (and keeps the place in the line until then). */
  take(claim: Claim): Grant;
  /** Takes a call ahead for a step that comes later; held over window ends until `take` with the same key uses it or `release` gives it back. */
  reserve(claim: Claim): Grant;
  release(key: string): void;
  /** What Braze's own headers said of a bucket: never trust our count above it. `resetsAt` is on Braze's clock, as sent. */
  observed(bucket: Bucket, remaining: number, resetsAt: Temporal.Instant, audience?: string): void;
  /** A 429 was answered: nothing of these buckets before `until` (on our clock). `audience_min` without an audience is all of them. */
  blocked(buckets: readonly Bucket[], until: Temporal.Instant, audience?: string): void;
  /** Calls left in the current window, for the metric. */
  remaining(bucket: Bucket): number;
}

/** What we store in the catalog item of one match and campaign (design §4, "The fence item"). Content fields are added beside. */
export interface FenceItem {
  readonly id: string;
  /** Empty = closed. */
  readonly token: string;
  readonly state: 'open' | 'closed' | 'sent';
  /** `<owner-id>/<namespace>/<name>` */
  readonly owner: string;
  /** RFC 3339, or empty. */
  readonly sendAt: string;
  readonly sentAt: string;
  readonly announcedSendAt: string;
  /** `home`, `away`, `kickoff`, `competition`, `home_ar` … */
  readonly content: Readonly<Record<string, string>>;
}

/** How items are written and read within the catalog budgets; gathers what can go together. */
export interface Fence {
  /** One item as it should stand. `done` says how: `stored` (200) or `accepted` (202: applied later). */
  put(item: FenceItem, urgency: { key: string; firesAt: Temporal.Instant }): Promise<Outcome<'stored' | 'accepted'>>;
  /**
   * The item as Braze has it at some moment after this call began, or after `after`; `done(undefined)` when absent. `refused` +
   * `rate-limited` when no budget is left, with retryAt.
   */
  read(id: string, urgency: { key: string; firesAt: Temporal.Instant }, after?: Temporal.Instant): Promise<Outcome<FenceItem | undefined>>;
  delete(ids: readonly string[]): Promise<Outcome<void>>;
}

/** The offset of Braze's clock from ours, from `Date` headers. */
export interface BrazeClock {
  /** Milliseconds to add to our clock, and when that was last learnt; undefined before the first answer. */
  reading(): { readonly offsetMs: number; readonly at: Temporal.Instant } | undefined;
}
