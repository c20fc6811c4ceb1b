/** The `X-RateLimit-*` headers of every reply (contracts 1.9): UTC epoch seconds on Braze's clock, any case. */
import type { Endpoint } from './endpoints.ts';
import type { Bucket } from './types.ts';

export interface RateLimitSeen {
  readonly limit: number | undefined;
  readonly remaining: number;
  /** On Braze's clock. */
  readonly resetsAt: Temporal.Instant;
}

/** Undefined when the headers are absent or make no sense. */
export function readRateLimit(headers: Readonly<Record<string, string>>): RateLimitSeen | undefined {
  const remaining = whole(headers['x-ratelimit-remaining']);
  const reset = whole(headers['x-ratelimit-reset']);
  // Years 2001 to 2286: anything else is not an epoch in seconds, and must not become an instant that nobody waits for.
  if (remaining === undefined || reset === undefined || reset < 1_000_000_000 || reset > 9_999_999_999) return undefined;
  return { limit: whole(headers['x-ratelimit-limit']), remaining, resetsAt: Temporal.Instant.fromEpochMilliseconds(reset * 1000) };
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** What Braze's pages give as the limit of each bucket (contracts 1.9, 1.12). */
const DOCUMENTED_LIMITS = {
  hour: 250_000,
  broadcast: 250,
  audience_min: 10,
  catalog_sync: 50,
  catalog_async: 16_000,
} as const satisfies Record<Bucket, number>;

/** The buckets that a call counts in. Catalog management (list, create, fields) has a limit of its own that set-up never nears. */
export function bucketsOf(endpoint: Endpoint, broadcast: boolean): readonly Bucket[] {
  switch (endpoint) {
    case 'schedule.create':
      return broadcast ? ['broadcast', 'audience_min'] : ['hour'];
    case 'schedule.update':
    case 'schedule.delete':
    case 'campaigns.details':
    case 'broadcasts.list':
      return ['hour'];
    case 'items.put':
    case 'items.get':
    case 'items.list':
      return ['catalog_sync'];
    case 'items.put-many':
    case 'items.delete-many':
      return ['catalog_async'];
    case 'catalogs.list':
    case 'catalogs.create':
    case 'catalogs.fields':
      return [];
  }
}

/**
 * The bucket that the headers speak of. Which of the two broadcast limits they describe is not said (contracts 1.9): the limit
 * itself tells when it is a documented one; otherwise the wider bucket is believed, which is the careful side.
 */
export function describedBucket(buckets: readonly Bucket[], limit: number | undefined): Bucket | undefined {
  return buckets.find((bucket) => DOCUMENTED_LIMITS[bucket] === limit) ?? buckets[0];
}
