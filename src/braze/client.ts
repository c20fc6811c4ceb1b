/**
 * Braze's REST API for one workspace. Each method makes at most one request and returns its outcome; nothing is retried here,
 * because only the caller knows whether a second request could send twice.
 *
 * Safe to use from many passes at once. Before a request leaves, the gate is asked: leadership that outlives the call's deadline
 * (but for the delete of a schedule that stands on no record), and no standing 401 or 403. What is refused there is `not-sent`. A crash during a call is the caller's `unknown`.
 */
import type { Clock } from '../base/clock.ts';
import { type Outcome, type Refusal, refused } from '../base/outcomes.ts';
import { audienceKey } from './audience-key.ts';
import * as bodies from './bodies.ts';
import type { Endpoint } from './endpoints.ts';
import { Gate } from './gate.ts';
import { type Answered, type Exchange, type Judgement, judge } from './outcomes.ts';
import { bucketsOf, type RateLimitSeen, readRateLimit } from './rate-limits.ts';
import type { Transport, WireRequest } from './transport.ts';
import type {
  Audience,
  BrazeApi,
  Bucket,
  Catalog,
  CatalogField,
  CatalogItem,
  CreateSchedule,
  DeleteSchedule,
  ListedBroadcast,
  UpdateSchedule,
} from './types.ts';

/** One call that ended, for metrics and logs; free of secrets. */
export interface BrazeCall {
  readonly endpoint: Endpoint;
  /** HTTP status as text; `error` when no answer was read, `not-sent` when none was asked for. */
  readonly code: string;
  readonly outcome: Outcome<unknown>['kind'];
  readonly seconds: number;
  /** What the call was about: the notification item, the schedule, the campaign. */
  readonly subject: string;
}

export interface RateLimitReport {
  readonly buckets: readonly Bucket[];
  readonly audience: string | undefined;
  readonly seen: RateLimitSeen | undefined;
  /** Set by a 429: nothing of these buckets before it, on our clock. */
  readonly blockedUntil: Temporal.Instant | undefined;
}

export interface BrazeClientOptions {
  readonly transport: Pick<Transport, 'exchange'>;
  readonly clock: Clock;
  /** The key as it is now: read for each request, so that a rotated Secret needs no restart. */
  readonly apiKey: () => string;
  /** Deadline of one call, in milliseconds; read for each request. */
  readonly timeoutMs: () => number;
  /** Whether leadership outlives a call of that length. */
  readonly mayStart: (callMs: number) => boolean;
  /** Milliseconds that Braze's clock is ahead of ours. */
  readonly brazeOffsetMs: () => number;
  readonly onCall?: (call: BrazeCall) => void;
  readonly onRateLimit?: (report: RateLimitReport) => void;
}

interface Call<T> extends Pick<Judgement<T>, 'read' | 'absent' | 'wordless'> {
  readonly endpoint: Endpoint;
  readonly method: WireRequest['method'];
  readonly path: string;
  readonly body?: object;
  readonly subject: string;
  readonly audience?: string;
  /** Is made although the lease is lost. */
  readonly withoutLease?: boolean;
}

export class BrazeClient implements BrazeApi {
  readonly #options: BrazeClientOptions;
  readonly #gate: Gate;

  constructor(options: BrazeClientOptions) {
    this.#options = options;
    this.#gate = new Gate(options.clock);
  }

  /** What a 401 said, while it stops all calls. */
  get stopped(): string | undefined {
    return this.#gate.stopped;
  }

  /** Tells that `apiKey` gives another key from now on. */
  keyChanged(): void {
    this.#gate.open();
  }

  /** What a 403 said, while it stops an endpoint. */
  get forbidden(): string | undefined {
    return this.#gate.forbidden;
  }

  createSchedule(request: CreateSchedule): Promise<Outcome<{ scheduleId: string; dispatchId: string | undefined }>> {
    const { campaignId, audience, triggerProperties } = request;
    const key = audienceKey(campaignId, audience);
    return this.#call({
      endpoint: 'schedule.create',
      method: 'POST',
      path: '/campaigns/trigger/schedule/create',
      body: {
        campaign_id: campaignId,
        ...audienceBody(audience),
        trigger_properties: triggerProperties,
        schedule: { time: request.time.toString({ smallestUnit: 'second' }) },
      },
      subject: String(triggerProperties['notification'] ?? campaignId),
      ...(key === undefined ? {} : { audience: key }),
      read: bodies.schedule,
    });
  }

  updateSchedule({ campaignId, scheduleId, time }: UpdateSchedule): Promise<Outcome<{ scheduleId: string }>> {
    return this.#call({
      endpoint: 'schedule.update',
      method: 'POST',
      path: '/campaigns/trigger/schedule/update',
      body: { campaign_id: campaignId, schedule_id: scheduleId, schedule: { time: time.toString({ smallestUnit: 'second' }) } },
      subject: scheduleId,
      read: bodies.updated(scheduleId),
    });
  }

  deleteSchedule(request: DeleteSchedule): Promise<Outcome<void>> {
    return this.#call({
      endpoint: 'schedule.delete',
      method: 'POST',
      path: '/campaigns/trigger/schedule/delete',
      body: { campaign_id: request.campaignId, schedule_id: request.scheduleId },
      subject: request.scheduleId,
      withoutLease: request.unrecorded === true,
      read: bodies.nothing,
    });
  }

  campaignDetails(campaignId: string) {
    const path = `/campaigns/details?campaign_id=${encodeURIComponent(campaignId)}`;
    return this.#call({ endpoint: 'campaigns.details', method: 'GET', path, subject: campaignId, read: bodies.campaign });
  }

  listBroadcasts(until: Temporal.PlainDate): Promise<Outcome<readonly ListedBroadcast[]>> {
    const path = `/messages/scheduled_broadcasts?end_time=${until.toString()}T00:00:00Z`;
    return this.#call({ endpoint: 'broadcasts.list', method: 'GET', path, subject: 'broadcasts', wordless: true, read: bodies.broadcasts });
  }

  listCatalogs(): Promise<Outcome<readonly Catalog[]>> {
    return this.#call({ endpoint: 'catalogs.list', method: 'GET', path: '/catalogs', subject: 'catalogs', read: bodies.catalogs });
  }

  createCatalog(catalog: Catalog & { description: string }): Promise<Outcome<void>> {
    const { name, description, fields } = catalog;
    const body = { catalogs: [{ name, description, fields }] };
    return this.#call({ endpoint: 'catalogs.create', method: 'POST', path: '/catalogs', body, subject: name, read: bodies.nothing });
  }

  addCatalogFields(catalog: string, fields: readonly CatalogField[]): Promise<Outcome<void>> {
    return this.#call({
      endpoint: 'catalogs.fields',
      method: 'POST',
      path: `${catalogPath(catalog)}/fields`,
      body: { fields },
      subject: catalog,
      read: bodies.nothing,
    });
  }

  putItem(catalog: string, item: CatalogItem): Promise<Outcome<void>> {
    const { id, ...rest } = item;
    const path = `${catalogPath(catalog)}/items/${encodeURIComponent(id)}`;
    return this.#call({ endpoint: 'items.put', method: 'PUT', path, body: { items: [rest] }, subject: id, read: bodies.nothing });
  }

  putItems(catalog: string, items: readonly CatalogItem[]): Promise<Outcome<void>> {
    const path = `${catalogPath(catalog)}/items`;
    return this.#call({ endpoint: 'items.put-many', method: 'PUT', path, body: { items }, subject: many(items), read: bodies.nothing });
  }

  getItem(catalog: string, id: string): Promise<Outcome<CatalogItem | undefined>> {
    const path = `${catalogPath(catalog)}/items/${encodeURIComponent(id)}`;
    const absent = { value: undefined };
    return this.#call<CatalogItem | undefined>({ endpoint: 'items.get', method: 'GET', path, subject: id, read: bodies.item, absent });
  }

  listItems(catalog: string, cursor?: string): Promise<Outcome<{ items: readonly CatalogItem[]; next: string | undefined }>> {
    const path = `${catalogPath(catalog)}/items${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`;
    return this.#call({ endpoint: 'items.list', method: 'GET', path, subject: catalog, read: bodies.itemPage });
  }

  deleteItems(catalog: string, ids: readonly string[]): Promise<Outcome<void>> {
    const items = ids.map((id) => ({ id }));
    const path = `${catalogPath(catalog)}/items`;
    return this.#call({
      endpoint: 'items.delete-many',
      method: 'DELETE',
      path,
      body: { items },
      subject: many(items),
      read: bodies.nothing,
    });
  }

  async #call<T>(call: Call<T>): Promise<Outcome<T>> {
    const { clock } = this.#options;
    const apiKey = this.#options.apiKey();
    const timeoutMs = this.#options.timeoutMs();
    const refusal = this.#unready(call, apiKey, timeoutMs) ?? this.#gate.refuse(call.endpoint, apiKey);
    if (refusal !== undefined) return this.#ended(call, 'not-sent', refused(refusal), clock.monotonicMs());
    const startedMs = clock.monotonicMs();
    const { method, path, body } = call;
    const exchange = await this.#options.transport.exchange({ method, path, ...(body && { body }), apiKey, timeoutMs });
    const outcome = judge(exchange, {
      endpoint: call.endpoint,
      read: call.read,
      ...(call.absent && { absent: call.absent }),
      ...(call.wordless && { wordless: call.wordless }),
      retryAt: (answer) => this.#retryAt(answer),
      redact: (text) => text.replaceAll(apiKey, '[key]'),
    });
    this.#gate.learn(call.endpoint, apiKey, outcome);
    this.#reportLimits(call, exchange, outcome);
    return this.#ended(call, exchange.kind === 'answered' ? String(exchange.status) : 'error', outcome, startedMs);
  }

  #unready({ endpoint, withoutLease }: Call<unknown>, apiKey: string, timeoutMs: number): Refusal | undefined {
    const refusal = (why: string): Refusal => ({ reason: 'not-sent', status: 0, message: `${endpoint}: not called: ${why}` });
    if (apiKey === '') return refusal('no API key is known yet');
    if (withoutLease === true || this.#options.mayStart(timeoutMs)) return undefined;
    return refusal('this process may not start a call now (its lease is not held, or would end before the call)');
  }

  #ended<T>(call: Call<T>, code: string, outcome: Outcome<T>, startedMs: number): Outcome<T> {
    const seconds = (this.#options.clock.monotonicMs() - startedMs) / 1000;
    this.#options.onCall?.({ endpoint: call.endpoint, code, outcome: outcome.kind, seconds, subject: call.subject });
    return outcome;
  }

  #reportLimits(call: Call<unknown>, exchange: Exchange, outcome: Outcome<unknown>): void {
    const buckets = bucketsOf(call.endpoint, call.audience !== undefined);
    if (buckets.length === 0 || exchange.kind !== 'answered') return;
    const blockedUntil = outcome.kind === 'refused' ? outcome.refusal.retryAt : undefined;
    this.#options.onRateLimit?.({ buckets, audience: call.audience, seen: readRateLimit(exchange.headers), blockedUntil });
  }

  /** The reset that Braze names, on our clock; the next minute when it names none that makes sense (no `Retry-After` exists). */
  #retryAt(answer: Answered): Temporal.Instant {
    const now = this.#options.clock.now();
    const resetsAt = readRateLimit(answer.headers)?.resetsAt.subtract({ milliseconds: this.#options.brazeOffsetMs() });
    const waitMs = resetsAt === undefined ? Number.NaN : resetsAt.epochMilliseconds - now.epochMilliseconds;
    // No window is longer than an hour; a reset that has passed still means "not this instant".
    return waitMs <= 3_600_000 ? now.add({ milliseconds: Math.max(1_000, waitMs) }) : now.add({ milliseconds: 60_000 });
  }
}

/** `broadcast` is always said: what its absence means is documented in two ways (contracts 1.2). */
function audienceBody(audience: Audience): object {
  switch (audience.kind) {
    case 'broadcast':
      return { broadcast: true };
    case 'connected':
      return { broadcast: true, audience: audience.filter };
    case 'recipients':
      return { broadcast: false, recipients: audience.recipients };
  }
}

const catalogPath = (catalog: string): string => `/catalogs/${encodeURIComponent(catalog)}`;

function many(items: readonly { readonly id: string }[]): string {
  const first = items[0]?.id ?? 'nothing';
  return items.length > 1 ? `${first} and ${items.length - 1} more` : first;
}
