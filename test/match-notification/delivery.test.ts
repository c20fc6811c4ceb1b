/** The condition `Delivered`: what is said of a send, when, and how often it is written. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../src/base/instants.ts';
import type { MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { deliveredOf, type Evidence } from '../../src/reconcilers/match-notification/delivery.ts';
import { CAMPAIGN, notification } from './objects.ts';
import { Bench } from './shell/bench.ts';
import { armed, TOKEN } from './situations.ts';

const day = (time: string): Temporal.Instant => instant(`2026-12-06T${time}Z`);
const LAST_SENT = {
  sendAt: '2026-12-06T11:30:00Z',
  firesAt: '2026-12-06T11:30:00Z',
  at: '2026-12-06T11:30:00Z',
  reason: 'Sent',
  campaignId: CAMPAIGN,
} as const;
const SAID = {
  type: 'Delivered',
  status: 'Unknown',
  reason: 'OnlyHourKnown',
  message: 'As it was.',
  lastTransitionTime: LAST_SENT.at,
} as const;

interface Case extends Partial<Omit<Evidence, 'object' | 'sends' | 'now'>> {
  readonly before?: MatchNotificationStatus;
  readonly now?: string;
  /** When the campaign was looked at, and what Braze said. */
  readonly seen?: readonly [at: string, lastSent: string | undefined];
}

function judged({ before = {}, next = { lastSent: LAST_SENT }, phase = 'Sent', now = '11:50:00', seen }: Case) {
  const sends = seen && { at: day(seen[0]), lastSent: seen[1] === undefined ? undefined : day(seen[1]) };
  return deliveredOf({ object: notification({ status: before }), next, phase, sends, now: day(now) });
}

const says = (one: Case): string | undefined => {
  const delivered = judged(one);
  return delivered && `${delivered.status} ${delivered.reason}`;
};

describe('what is said of a send at 11:30', () => {
  it.each<readonly [string, Case, string | undefined]>([
    ['a campaign that sent at its very time', { seen: ['11:31:00', '11:30:00'] }, 'True SeenInCampaign'],
    ['a campaign that sent later', { seen: ['11:31:00', '11:30:59'] }, 'True SeenInCampaign'],
    ['a look within the first minute', { seen: ['11:30:59', '11:30:00'] }, undefined],
    ['no look yet', {}, undefined],
    ['an earlier time, a minute after', { seen: ['11:31:00', '11:29:59'] }, undefined],
    ['an earlier time, a quarter of an hour after', { seen: ['11:45:00', '11:29:59'] }, 'Unknown NotSeenInCampaign'],
    ['no time at all, a quarter of an hour after', { seen: ['11:45:00', undefined] }, 'Unknown NotSeenInCampaign'],
    ['the hour and no minute', { seen: ['11:45:00', '11:00:00'] }, 'Unknown OnlyHourKnown'],
    ['the hour before', { seen: ['11:45:00', '10:00:00'] }, 'Unknown NotSeenInCampaign'],
    ['no look in 75 minutes', { now: '12:45:00' }, 'Unknown CampaignNotRead'],
    ['no look in 74', { now: '12:44:59' }, undefined],
    ['a look of long before', { now: '12:45:00', seen: ['11:27:00', '11:30:00'] }, 'Unknown CampaignNotRead'],
    ['a send that is armed anew', { phase: 'Scheduled', seen: ['11:45:00', '11:30:00'] }, undefined],
    ['a send of an older operator', { next: { lastSent: { ...LAST_SENT, campaignId: undefined } }, now: '12:45:00' }, undefined],
    ['one that was recorded an hour late and more', { next: { lastSent: { ...LAST_SENT, at: '2026-12-06T12:30:01Z' } } }, undefined],
  ])('with %s', (_, one, expected) => {
    expect(says(one)).toBe(expected);
  });

  it('is begun no more on the next day', () => {
    const object = notification({ status: {} });
    const next = { lastSent: LAST_SENT };
    expect(deliveredOf({ object, next, phase: 'Sent', sends: undefined, now: instant('2026-12-07T11:30:00Z') })).toBeUndefined();
  });

  it('holds both times and the campaign, and says what it is worth', () => {
    const { message = '' } = judged({ seen: ['11:31:00', '11:30:04'] }) ?? {};
    for (const part of [CAMPAIGN, '2026-12-06T11:30:04Z', '2026-12-06T11:30:00Z', 'no proof']) expect(message).toContain(part);
  });

  it('stays as it was said first, but for another send', () => {
    const before = { lastSent: LAST_SENT, conditions: [SAID] };
    const { status, reason, message } = SAID;
    expect(judged({ before, seen: ['11:50:00', '11:30:00'] })).toEqual({ status, reason, message });
    const next = { lastSent: { ...LAST_SENT, firesAt: '2026-12-06T11:40:00Z' } };
    expect(says({ before, next, seen: ['11:41:00', '11:40:00'] })).toBe('True SeenInCampaign');
  });
});

describe('a send that went out', () => {
  const delivered = ({ status }: Bench) => status.conditions?.find(({ type }) => type === 'Delivered');

  /** Up to a minute after its send, with its look at the item. */
  async function minuteAfter(seen: Bench['sends'], fenced = true) {
    const bench = new Bench('2026-12-06T11:29:00Z').begin((object) => {
      const { fence, ...plain } = armed(object);
      return { ...plain, ...(fenced ? { fence } : {}), occasion: { number: 1, locked: true, announced: [TOKEN] } };
    });
    bench.fenced = fenced;
    const { fence } = bench.status;
    bench.item = fence && { ...itemOf(fence.item), token: fence.token };
    bench.clock.advanceTo(day('11:30:00'));
    await bench.passes();
    bench.clock.advanceTo(day('11:31:00'));
    bench.sends = seen;
    const before = bench.writes;
    await bench.passes();
    return { bench, writes: bench.writes - before };
  }
  const itemOf = (id: string) =>
    ({ id, state: 'open', owner: 'cluster-a/default/pl-600123', sendAt: '', sentAt: '', announcedSendAt: '', content: {} }) as const;

  it('is judged in the write that confirms its mark: it takes none of its own', async () => {
    const plain = await minuteAfter(undefined);
    const judged = await minuteAfter({ at: day('11:31:00'), lastSent: day('11:30:04') });
    expect([delivered(plain.bench), delivered(judged.bench)?.reason]).toEqual([undefined, 'SeenInCampaign']);
    expect(judged.writes).toBe(plain.writes);
    expect(judged.bench.status).toMatchObject({ phase: 'Sent', fence: { state: 'sent', confirmed: true } });
  });

  it('asks again when nobody can tell any more, says so once, and is not written again', async () => {
    const { bench } = await minuteAfter(undefined);
    expect((await bench.passes())?.toString()).toBe('2026-12-06T12:45:00Z');
    bench.clock.advanceTo(day('12:45:00'));
    const before = bench.writes;
    await bench.passes();
    await bench.passes();
    expect([bench.writes - before, delivered(bench)?.reason]).toEqual([1, 'CampaignNotRead']);
  });

  it('without a fence takes one write', async () => {
    const { bench, writes } = await minuteAfter({ at: day('11:31:00'), lastSent: day('11:30:00') }, false);
    expect([writes, delivered(bench)?.status, bench.status.phase]).toEqual([1, 'True', 'Sent']);
  });

  it('is never sent again because of it', async () => {
    const { bench } = await minuteAfter(undefined);
    bench.clock.advanceTo(day('11:46:00'));
    bench.sends = { at: day('11:46:00'), lastSent: undefined };
    const calls = bench.calls.length;
    await bench.passes();
    expect([delivered(bench)?.reason, bench.status.phase, bench.calls.length]).toEqual(['NotSeenInCampaign', 'Sent', calls]);
    expect(bench.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'Sent' });
  });
});
