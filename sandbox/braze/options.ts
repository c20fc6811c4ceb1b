/**
 * Every behaviour that Braze does not document, as a switch. The default is what the contract assumes; where it says nothing, the
 * value that is harder on a client. A client must work with either value of each. All times are milliseconds of the simulator's clock
 * unless the name says otherwise.
 */
export interface BrazeOptions {
  /** What update and delete say of a schedule that is unknown, deleted, sent, or not yet visible (contracts 1.4). */
  unknownSchedule: 400 | 404 | 200;
  unknownScheduleMessage: string;
  /** A time in the past with no flag (contracts 1.2). */
  pastTime: '400' | 'send-now';
  /** How far ahead a schedule may lie; the documented 90 days are gone from today's page (contracts 1.2). Infinity: no limit. */
  maxAheadDays: number;
  /** Whose zone decides that a local time has passed; two pages disagree (contracts 1.2). */
  localTimePassed: 'company' | 'all';
  companyTimeZone: string;
  /** What an absent `broadcast` without recipients means; schema comment and text disagree (contracts 1.2). */
  absentBroadcast: 'no-recipients' | 'broadcast';
  /** A create for a stopped, draft or archived campaign: taken and never delivered, or refused. */
  stoppedCampaign: 'accept' | '400';
  /** Success status of the schedule calls: 200 and 201 are both seen (contracts 1.1). */
  successStatus: 200 | 201;
  /** A schedule can be updated and deleted only after this; consistency is "normally 10–100 ms" (contracts 1.9). */
  createVisibleAfterMs: number;
  /** What an update does to the schedule id (contracts 1.3). */
  updateId: 'same' | 'new-keep-old' | 'new-replace';
  /** This close to the send, update and delete reach only `bestEffortShare` of the users, and answer success all the same (contracts 1.3). */
  bestEffortWindowMs: number;
  bestEffortShare: number;
  /** Whether the listing shows schedules made over the API, how late, and with unknown members (contracts 1.6). */
  listApiSchedules: boolean;
  listLagMs: number;
  listExtraFields: boolean;
  /** How fine `last_sent` of a campaign is, documented as "date and hour", and how late it moves (contracts 1.7). */
  lastSentTo: 'second' | 'hour';
  lastSentLagMs: number;
  /** What a key without the permission gets: the pages say both (contracts 1.8). */
  missingPermission: 403 | 401;
  unauthorizedMessage: 'Invalid API Key' | 'Unauthorized';
  /** The account or plan as a whole may not call (contracts 1.8 `Forbidden`). */
  accountForbidden: boolean;
  trailingSlash: 404 | 403;
  tooLarge: 413 | 400;
  bodyLimitBytes: number;
  triggerPropertiesLimitBytes: number;
  /** The body of a 429 is not documented. */
  rateLimitedBody: 'json' | 'empty' | 'html';
  /** Which of the two broadcast limits the headers speak of is not said (contracts 1.9). */
  broadcastHeaders: 'broadcast' | 'audience' | 'tightest';
  limits: Limits;
  /** What the simulator's clock shows beyond the given one: the other end's clock is never ours. */
  clockSkewMs: number;
  /** How long an asynchronous catalog write takes, and whether a later one may land first (contracts 1.12). */
  asyncLagMs: number;
  asyncReorder: boolean;
  /** Liquid sees the catalog as it was this long ago; reads over the API this long ago. */
  renderLagMs: number;
  readLagMs: number;
  /** The users of one send are rendered over this time. */
  sendDurationMs: number;
  /** Connected Content (contracts 1.10). The time-out and the pauses between tries are real time: the server called is a real one. */
  connectedContentTimeoutMs: number;
  connectedContentRetryMs: number;
  connectedContentPorts: readonly number[];
  /** Failures of one host in a minute before it counts as unhealthy; documented as 3,000. */
  unhealthyFailures: number;
}

/** Calls per window of the clock (contracts 1.9). */
export interface Limits {
  hour: number;
  broadcast: number;
  audience: number;
  sendIdsPerDay: number;
  catalogs: number;
  catalogSync: number;
  catalogAsync: number;
  catalogFields: number;
}

/** What may be given or changed: any part; `limits` is merged. */
export type BrazeOptionsPatch = Partial<Omit<BrazeOptions, 'limits'>> & { readonly limits?: Partial<Limits> };

export function defaultOptions(): BrazeOptions {
  return {
    unknownSchedule: 400,
    unknownScheduleMessage: 'Invalid Schedule ID',
    pastTime: '400',
    maxAheadDays: 90,
    localTimePassed: 'company',
    companyTimeZone: 'UTC',
    absentBroadcast: 'no-recipients',
    stoppedCampaign: 'accept',
    successStatus: 201,
    createVisibleAfterMs: 100,
    updateId: 'same',
    bestEffortWindowMs: 20 * 60_000,
    bestEffortShare: 0.5,
    listApiSchedules: false,
    listLagMs: 0,
    listExtraFields: false,
    lastSentTo: 'second',
    lastSentLagMs: 0,
    missingPermission: 403,
    unauthorizedMessage: 'Invalid API Key',
    accountForbidden: false,
    trailingSlash: 404,
    tooLarge: 413,
    bodyLimitBytes: 4 * 1024 * 1024,
    triggerPropertiesLimitBytes: 50 * 1024,
    rateLimitedBody: 'json',
    broadcastHeaders: 'broadcast',
    limits: {
      hour: 250_000,
      broadcast: 250,
      audience: 10,
      sendIdsPerDay: 100,
      catalogs: 50,
      catalogSync: 50,
      catalogAsync: 16_000,
      catalogFields: 50,
    },
    clockSkewMs: 0,
    asyncLagMs: 500,
    asyncReorder: false,
    renderLagMs: 0,
    readLagMs: 0,
    sendDurationMs: 0,
    connectedContentTimeoutMs: 2_000,
    connectedContentRetryMs: 200,
    connectedContentPorts: [80, 443],
    unhealthyFailures: 3_000,
  };
}

/** Merges a patch in place: every part of the simulator reads the same object. */
export function applyOptions(options: BrazeOptions, patch: BrazeOptionsPatch): void {
  const { limits, ...rest } = patch;
  Object.assign(options, rest);
  if (limits !== undefined) Object.assign(options.limits, limits);
}
