import { describe, expect, it } from 'vitest';
import { dueAt, emptyMemory, occasionOf } from '../../src/reconcilers/fixture-feed/memory.ts';
import { afterFailure, afterSuccess } from '../../src/reconcilers/fixture-feed/poll-times.ts';
import { feedWith, NOW } from './samples.ts';

const NO_QUOTA = { remaining: undefined, resetAt: undefined };
const seconds = (at: Temporal.Instant): number => (at.epochMilliseconds - NOW.epochMilliseconds) / 1000;
const base = { now: NOW, intervalMs: 300_000, random: () => 0.5 };
const success = { ...base, confirm: false, quota: NO_QUOTA };
const inMinutes = (minutes: number) => NOW.add({ minutes });

describe('the next poll after an answer', () => {
  it.each<[string, Partial<Parameters<typeof afterSuccess>[0]>, number]>([
    ['comes at the interval', {}, 300],
    ['comes seconds later when an answer more could settle something', { confirm: true }, 6],
    ['comes every minute within two hours of a send', { nextSendAt: inMinutes(119) }, 60],
    ['comes at the interval before that', { nextSendAt: inMinutes(121) }, 300],
    ['keeps a shorter interval near a send', { nextSendAt: inMinutes(5), intervalMs: 10_000 }, 10],
    ['leaves one call of the window unused', { quota: { remaining: 1, resetAt: NOW.add({ seconds: 40 }) }, confirm: true }, 40],
    ['does not wait for a window that ends sooner', { quota: { remaining: 0, resetAt: NOW.add({ seconds: 40 }) } }, 300],
    ['may come a tenth early', { random: () => 0 }, 270],
    ['may come a tenth late', { random: () => 1 }, 330],
  ])('%s', (_, changes, wanted) => {
    expect(seconds(afterSuccess({ ...success, ...changes }))).toBe(wanted);
  });
});

describe('the next poll after none', () => {
  const failure = { ...base, kind: 'failed', failures: 1 } as const;
  it.each<[string, Partial<Parameters<typeof afterFailure>[0]>, number]>([
    ['comes in five seconds at first', {}, 5],
    ['comes later each time', { failures: 4 }, 40],
    ['comes at the interval in the end', { failures: 1000 }, 300],
    ['comes at most a minute later near a send', { failures: 1000, nextSendAt: inMinutes(30) }, 60],
    ['comes when the provider says so', { kind: 'rate-limited', retryAt: NOW.add({ seconds: 48 }), failures: 3 }, 49],
    ['comes a part of a second after that', { kind: 'rate-limited', retryAt: NOW.add({ seconds: 48 }), random: () => 0.12345 }, 48.247],
    ['comes in a minute for a wrong token', { kind: 'unauthorized', failures: 9 }, 60],
    ['comes at the interval for what the plan lacks', { kind: 'forbidden' }, 300],
    ['comes not before a minute for an unknown competition', { kind: 'not-found', intervalMs: 10_000 }, 60],
  ])('%s', (_, changes, wanted) => {
    expect(seconds(afterFailure({ ...failure, ...changes }))).toBe(wanted);
  });
});

describe('a feed is due', () => {
  const polled = { ...emptyMemory('uid'), polledFor: occasionOf(feedWith()), nextPollAt: inMinutes(5) };
  it('at once at first', () => {
    expect(dueAt(emptyMemory('uid'), feedWith(), NOW)).toBeUndefined();
  });
  it('then at its time', () => {
    expect(dueAt(polled, feedWith(), NOW)).toEqual(inMinutes(5));
    expect(dueAt(polled, feedWith(), inMinutes(5))).toBeUndefined();
  });
  it('at once when its spec changed or somebody asks, but not against the provider', () => {
    const changed = feedWith({}, { generation: 2 });
    const asked = feedWith({}, { annotations: { 'matchday.dev/requested-at': 'now' } });
    expect([dueAt(polled, changed, NOW), dueAt(polled, asked, NOW)]).toEqual([undefined, undefined]);
    expect(dueAt({ ...polled, notBefore: inMinutes(1) }, changed, NOW)).toEqual(inMinutes(1));
  });
});
