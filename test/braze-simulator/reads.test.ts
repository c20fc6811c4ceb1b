import { afterEach, describe, expect, it } from 'vitest';
import { FENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const details = async (id = CAMPAIGN) => (await h.call('GET', `/campaigns/details?campaign_id=${id}`)).json;
const listed = async (end: string) => (await h.call('GET', `/messages/scheduled_broadcasts?end_time=${end}`)).json['scheduled_broadcasts'];

describe('contracts 1.7: campaign details', () => {
  it('show whether the campaign is live and what each message says', async () => {
    h = await harness();
    expect(await details()).toMatchObject({
      ...{ message: 'success', enabled: true, draft: false, archived: false, schedule_type: 'api_triggered', channels: ['ios_push'] },
      messages: { 'message-1': { channel: 'ios_push', name: 'Variant 1', alert: FENCED_TEMPLATE } },
    });
    h.sim.changeCampaign(CAMPAIGN, { enabled: false, archived: true, template: 'no fence' });
    expect(await details()).toMatchObject({ enabled: false, archived: true, messages: { 'message-1': { alert: 'no fence' } } });
  });

  it('show every variation and channel', async () => {
    h = await harness();
    const message = (id: string, channel: string, variant: string) => ({ id, channel, variant, fields: { title: 'T', alert: id } });
    const messages = [message('m1', 'ios_push', 'A'), message('m2', 'android_push', 'A'), message('m3', 'ios_push', 'B')];
    h.sim.changeCampaign(CAMPAIGN, { messages });
    const shown = await details();
    expect(Object.keys(shown['messages'] as object)).toEqual(['m1', 'm2', 'm3']);
    expect(shown['channels']).toEqual(['ios_push', 'android_push']);
    await h.create({ campaign_id: CAMPAIGN });
    h.clock.advance({ hours: 3 });
    const got = h.sim.deliveries().map((one) => one.messages.map((part) => part.messageId));
    expect(got).toEqual([['m1', 'm2'], ['m3'], ['m1', 'm2'], ['m3'], ['m1', 'm2']]);
  });

  it('move last_sent with a delivery, and not with an abort', async () => {
    h = await harness();
    await h.create({ campaign_id: CAMPAIGN });
    await h.create();
    h.clock.advance({ hours: 3 });
    expect((await details())['last_sent']).toBeUndefined();
    expect((await details(PLAIN))['last_sent']).toBe('2026-12-06T11:30:00.000Z');
  });

  it('may name no more than the hour, and late', async () => {
    h = await harness({ lastSentTo: 'hour', lastSentLagMs: 60_000 });
    await h.create();
    const { last_sent: before } = await details(PLAIN);
    h.clock.advance({ hours: 2, minutes: 30, seconds: 59 });
    expect([before, (await details(PLAIN))['last_sent']]).toEqual([undefined, undefined]);
    h.clock.advance({ seconds: 1 });
    expect((await details(PLAIN))['last_sent']).toBe('2026-12-06T11:00:00.000Z');
  });

  it('of an unknown campaign are refused', async () => {
    h = await harness();
    expect(await details('nobody')).toEqual({ message: 'Invalid Campaign ID' });
  });
});

describe('contracts 1.6: the listing', () => {
  it('shows what was scheduled in the dashboard and not what was over the API', async () => {
    h = await harness();
    await h.create();
    h.sim.addDashboardBroadcast({ name: 'News', id: 'c9', type: 'Campaign', tags: ['t'], nextSendTime: '2026-12-06T20:00:00Z' });
    expect(await listed('2026-12-07T05:00:00Z')).toEqual([
      { name: 'News', id: 'c9', type: 'Campaign', tags: ['t'], next_send_time: '2026-12-06T20:00:00Z', schedule_type: 'UTC' },
    ]);
  });

  it('takes end_time as midnight UTC of its day', async () => {
    h = await harness({ listApiSchedules: true });
    await h.create();
    expect(await listed('2026-12-06T23:59:59Z')).toEqual([]);
    expect(await listed('2026-12-07')).toHaveLength(1);
    expect((await h.call('GET', '/messages/scheduled_broadcasts')).status).toBe(400);
  });

  it('may show schedules of the API, late, without their id, and with members that nobody knows', async () => {
    h = await harness({ listApiSchedules: true, listLagMs: 60_000, listExtraFields: true });
    const id = await h.createId();
    expect(await listed('2026-12-07')).toEqual([]);
    h.clock.advance({ minutes: 1 });
    const rows = await listed('2026-12-07');
    expect(rows).toEqual([expect.objectContaining({ id: PLAIN, tags: ['sport'], type: 'Campaign', recurring: false })]);
    expect(JSON.stringify(rows)).not.toContain(id);
    await h.remove(id);
    expect(await listed('2026-12-07')).toHaveLength(1);
    h.clock.advance({ minutes: 1 });
    expect(await listed('2026-12-07')).toEqual([]);
  });

  it.each([
    ['local_time_zones', 'in_local_time'],
    ['intelligent_delivery', 'at_optimal_time'],
  ])('names the kind of schedule: %s', async (type, flag) => {
    h = await harness({ listApiSchedules: true });
    await h.create({ schedule: { time: '2026-12-07T12:00:00', [flag]: true } });
    expect(await listed('2026-12-09')).toMatchObject([{ schedule_type: type }]);
  });
});

describe('contracts 1.7: send ids and their series', () => {
  const series = (query: string) => h.call('GET', `/sends/data_series?campaign_id=${PLAIN}&${query}`);

  it('an id is given or generated, ASCII, at most 64 characters', async () => {
    h = await harness();
    const made = async (send_id?: string) => h.call('POST', '/sends/id/create', { campaign_id: PLAIN, send_id });
    expect((await made()).json).toEqual({ message: 'success', send_id: expect.any(String) });
    expect((await made('x'.repeat(64))).status).toBe(201);
    expect((await made('x'.repeat(65))).status).toBe(400);
    expect((await made('ü')).status).toBe(400);
  });

  it('count what was sent by day and variation, and only for 14 days', async () => {
    h = await harness();
    await h.call('POST', '/sends/id/create', { campaign_id: PLAIN, send_id: 's1' });
    await h.create({ send_id: 's1' });
    h.clock.advance({ hours: 24 });
    const data = (await series('send_id=s1&length=2')).json['data'] as Record<string, unknown>[];
    expect(data.map((day) => [day['time'], day['unique_recipients']])).toEqual([
      ['2026-12-06', 5],
      ['2026-12-07', 0],
    ]);
    expect(data[0]?.['messages']).toMatchObject({ ios_push: [{ variation_name: 'Variant 1', sent: 5, delivered: 5 }] });
    h.clock.advance({ hours: 24 * 14 });
    const later = (await series('send_id=s1&length=20')).json['data'] as Record<string, unknown>[];
    expect(later.every((day) => day['unique_recipients'] === 0)).toBe(true);
  });

  it.each(['length=5', 'send_id=s1', 'send_id=s1&length=101', 'send_id=s1&length=0', 'send_id=s1&length=1&ending_at=never'])(
    'refuse %s',
    async (query) => {
      h = await harness();
      expect((await series(query)).status).toBe(400);
    },
  );
});
