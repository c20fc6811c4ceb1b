import { describe, expect, it } from 'vitest';
import { dueAt, emptyMemory, listDueAt, occasionOf } from '../../src/reconcilers/fixture-feed/memory.ts';
import { afterFailure, nextList, nextRead } from '../../src/reconcilers/fixture-feed/poll-times.ts';
import { feedWith, NOW } from './samples.ts';

const seconds = (at: Temporal.Instant | undefined): number | undefined =>
  at === undefined ? undefined : (at.epochMilliseconds - NOW.epochMilliseconds) / 1000;
const base = { now: NOW, intervalMs: 300_000, random: () => 0.5 };
const inMinutes = (minutes: number) => NOW.add({ minutes });

describe('the next list after one', () => {
  it.each<[string, Partial<Parameters<typeof nextList>[0]>, number]>([
    ['comes at the interval', {}, 300],
    ['comes seconds later when more matches than can be read one by one are in doubt', { confirm: true }, 6],
    ['may come a tenth early', { random: () => 0 }, 270],
    ['may come a tenth late', { random: () => 1 }, 330],
  ])('%s', (_, changes, wanted) => {
    expect(seconds(nextList({ ...base, confirm: false, ...changes }))).toBe(wanted);
  });
});

describe('the next re-read of single matches', () => {
  it.each<[string, Partial<Parameters<typeof nextRead>[0]>, number | undefined]>([
    ['is not needed when no send is near and nothing in doubt', {}, undefined],
    ['comes every minute while a send is near', { near: true }, 60],
    ['comes seconds later when an answer more could settle something', { confirm: true }, 6],
    ['keeps a shorter interval near a send', { near: true, intervalMs: 10_000 }, 10],
  ])('%s', (_, changes, wanted) => {
    expect(seconds(nextRead({ ...base, confirm: false, near: false, ...changes }))).toBe(wanted);
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
  const polled = { ...emptyMemory('uid'), polledFor: occasionOf(feedWith()), listAt: inMinutes(5) };
  it('at once at first', () => {
    expect(dueAt(emptyMemory('uid'), feedWith(), NOW)).toEqual(NOW);
  });
  it('then at its time', () => {
    expect(dueAt(polled, feedWith(), NOW)).toEqual(inMinutes(5));
    expect(dueAt(polled, feedWith(), inMinutes(6))).toEqual(inMinutes(6));
  });
  it('earlier for the matches that are near', () => {
    expect(dueAt({ ...polled, readAt: inMinutes(1) }, feedWith(), NOW)).toEqual(inMinutes(1));
    expect(listDueAt({ ...polled, readAt: inMinutes(1) }, feedWith(), NOW)).toEqual(inMinutes(5));
  });
  it('at once when its spec changed or somebody asks, but not against the provider', () => {
    const changed = feedWith({}, { generation: 2 });
    const asked = feedWith({}, { annotations: { 'matchday.dev/requested-at': 'now' } });
    expect([dueAt(polled, changed, NOW), dueAt(polled, asked, NOW)]).toEqual([NOW, NOW]);
    expect(dueAt({ ...polled, notBefore: inMinutes(1) }, changed, NOW)).toEqual(inMinutes(1));
  });
});
