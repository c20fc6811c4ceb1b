import { describe, expect, it } from 'vitest';
import { audienceKey } from '../../src/braze/audience-key.ts';
import { ENDPOINTS } from '../../src/braze/endpoints.ts';
import { bucketsOf, describedBucket, readRateLimit } from '../../src/braze/rate-limits.ts';

describe('the rate limit headers', () => {
  it('are read as whole numbers of epoch seconds', () => {
    const seen = readRateLimit({ 'x-ratelimit-limit': '250', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '1796558400' });
    expect(seen).toMatchObject({ limit: 250, remaining: 7 });
    expect(seen?.resetsAt.toString()).toBe('2026-12-06T12:00:00Z');
  });

  it.each([
    ['none', {}],
    ['a reset in seconds from now', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '30' }],
    ['a reset in milliseconds', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '1796558400000' }],
    ['a remaining that is no number', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '1796558400' }],
  ])('say nothing when they are %s', (_, headers: Record<string, string>) => {
    expect(readRateLimit(headers)).toBeUndefined();
  });

  it('of a broadcast create speak of the bucket whose limit they name, else of the wider one', () => {
    const buckets = bucketsOf('schedule.create', true);
    expect([250, 10, 77, undefined].map((limit) => describedBucket(buckets, limit))).toEqual([
      'broadcast',
      'audience_min',
      'broadcast',
      'broadcast',
    ]);
  });
});

describe('the buckets of a call', () => {
  it('are those of contracts 1.9 and 1.12', () => {
    expect(Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, bucketsOf(endpoint, false).join()]))).toEqual({
      'schedule.create': 'hour',
      'schedule.update': 'hour',
      'schedule.delete': 'hour',
      'campaigns.details': 'hour',
      'broadcasts.list': 'hour',
      'catalogs.list': '',
      'catalogs.create': '',
      'catalogs.fields': '',
      'items.put': 'catalog_sync',
      'items.put-many': 'catalog_async',
      'items.get': 'catalog_sync',
      'items.list': 'catalog_sync',
      'items.delete-many': 'catalog_async',
    });
  });

  it('count a unique audience as campaign and filter, however the filter is written', () => {
    const connected = (filter: Record<string, unknown>) => audienceKey('c1', { kind: 'connected', filter });
    expect(connected({ a: 1, b: [2] })).toBe(connected({ b: [2], a: 1 }));
    const keys = [
      connected({ a: 1 }),
      connected({ a: 2 }),
      audienceKey('c1', { kind: 'broadcast' }),
      audienceKey('c2', { kind: 'broadcast' }),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(audienceKey('c1', { kind: 'recipients', recipients: [] })).toBeUndefined();
  });
});
