import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrazeAdminClient } from '../../sandbox/braze/index.ts';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
let admin: BrazeAdminClient;
beforeEach(async () => {
  h = await harness();
  admin = new BrazeAdminClient(h.sim.adminUrl);
});
afterEach(() => h.stop());

const props = (notification: string, token = 't1') => ({ trigger_properties: { notification, token } });

describe('the request log', () => {
  it('keeps what was asked and what became of it', async () => {
    const answer = await h.create(props('fd-1'));
    expect(await h.sim.log.waitFor({ endpoint: 'campaign-create' })).toMatchObject({
      ...{ endpoint: 'campaign-create', method: 'POST', path: '/campaigns/trigger/schedule/create', keyName: 'default' },
      ...{ notifications: ['fd-1'], token: 't1', campaignId: PLAIN, scheduleId: answer.json['schedule_id'] },
      ...{ status: 201, committed: true, reply: answer.json, body: { campaign_id: PLAIN, ...props('fd-1') } },
      atMs: Date.parse('2026-12-06T09:00:00Z'),
    });
  });

  it('is asked by endpoint, notification, token, time and status', async () => {
    await h.create(props('fd-1', 'a'));
    h.clock.advance({ minutes: 1 });
    const id = await h.createId(props('fd-2', 'b'));
    await h.remove(id);
    await h.remove('nothing');
    const count = (filter: Parameters<typeof h.sim.log.where>[0]) => h.sim.log.where(filter).length;
    expect([count({ endpoint: 'campaign-create' }), count({ notification: 'fd-2' }), count({ token: 'a' })]).toEqual([2, 2, 1]);
    expect([count({ status: 400 }), count({ sinceMs: Date.parse('2026-12-06T09:01:00Z') }), count({ scheduleId: id })]).toEqual([1, 3, 2]);
    expect(count((entry) => entry.method === 'GET')).toBe(0);
    expect(h.sim.log.counts()).toEqual({ 'campaign-create': 2, 'campaign-delete': 2 });
  });

  it('lets a test wait for a call that comes, or gives up', async () => {
    const coming = h.sim.log.next({ notification: 'fd-1' });
    const arriving = h.sim.log.nextArrival({ endpoint: 'campaign-create' });
    await h.create(props('fd-1'));
    expect((await coming).seq).toBe((await arriving).seq);
    await expect(h.sim.log.next({ notification: 'never' }, 5)).rejects.toThrow(/no such call .* within 5 ms/);
  });

  it('knows a call that nobody knows', async () => {
    await h.call('GET', '/users/export');
    expect((await h.sim.log.waitFor({ endpoint: 'unknown' })).status).toBe(404);
  });
});

describe('the admin port', () => {
  it('shows schedules, deliveries, aborts, catalogs, requests and counts', async () => {
    const id = await h.createId(props('fd-1'));
    await h.create({ campaign_id: CAMPAIGN, ...props('fd-2') });
    h.clock.advance({ hours: 3 });
    await admin.settled();
    expect((await admin.schedules()).map((schedule) => [schedule.notification, schedule.state])).toEqual([
      ['fd-1', 'sent'],
      ['fd-2', 'sent'],
    ]);
    expect((await admin.deliveries({ scheduleId: id })).length).toBe(5);
    expect((await admin.aborts({ notification: 'fd-2' })).map((one) => one.reason)).toEqual(Array(5).fill('matchday: superseded'));
    expect((await admin.timesTold('fd-1'))['fan-1']).toBe(1);
    expect((await admin.requests({ notification: 'fd-1' })).map((entry) => entry.endpoint)).toEqual(['campaign-create']);
    expect((await admin.waitForRequest({ endpoint: 'campaign-create' })).status).toBe(201);
    expect(await admin.counts()).toEqual({ calls: { 'campaign-create': 2 }, rateLimited: { total: 0, byBucket: {} } });
  });

  it('steers campaigns, catalogs and the dashboard', async () => {
    await admin.addCampaign({ id: 'new', template: 'x', users: ['u1', { id: 'u2', timeZone: 'Asia/Tokyo' }] });
    await admin.changeCampaign('new', { enabled: false });
    expect((await admin.campaigns()).find((campaign) => campaign.id === 'new')).toMatchObject({ enabled: false, users: [{}, {}] });
    await admin.createCatalog('other', [
      { name: 'id', type: 'string' },
      { name: 'token', type: 'string' },
    ]);
    await admin.setItem('other', 'a', { token: 't' });
    await admin.setItem('other', 'b', { token: 't' });
    await admin.setItem('other', 'b', null);
    expect((await admin.catalogs()).find((catalog) => catalog.name === 'other')?.items).toEqual({ a: { token: 't' } });
    await admin.addDashboardBroadcast({ name: 'n', id: 'i', type: 'Canvas', tags: [], nextSendTime: '2026-12-06T10:00:00Z' });
    const listing = await h.call('GET', '/messages/scheduled_broadcasts?end_time=2026-12-07');
    expect(listing.json['scheduled_broadcasts']).toHaveLength(1);
  });

  it('plans faults, tells when they struck, releases and removes them', async () => {
    const fault = await admin.addFault({ match: { endpoint: 'campaign-create' }, action: { kind: 'hold', when: 'before' } });
    const call = h.create(props('fd-1'));
    expect((await admin.faultStruck(fault.id)).notifications).toEqual(['fd-1']);
    await admin.releaseFault(fault.id);
    expect((await call).status).toBe(201);
    const second = await admin.addFault({ action: { kind: 'error-after' }, times: 9 });
    await admin.removeFault(second.id);
    expect((await h.create()).status).toBe(201);
    expect((await admin.faults()).map((one) => one.hits.length)).toEqual([1, 0]);
    await expect(admin.faultStruck(second.id, 1, 5)).rejects.toThrow('nothing within 5 ms');
  });

  it('changes options and keys, and never shows a key', async () => {
    await admin.setOptions({ unknownSchedule: 404, limits: { audience: 1 } });
    expect(await admin.options()).toMatchObject({ unknownSchedule: 404, limits: { audience: 1, broadcast: 250 } });
    expect((await h.remove('x')).status).toBe(404);
    await admin.addKey({ name: 'second', key: 'sesame', permissions: '*' });
    await admin.removeKey('default');
    expect(await admin.keys()).toEqual([{ name: 'second', permissions: '*' }]);
    expect((await h.call('GET', '/catalogs', undefined, { key: 'sesame' })).status).toBe(200);
  });

  it.each([
    ['an unknown option', () => admin.setOptions({ unknownScedule: 404 } as never), /not a valid set of options/],
    ['an option of another type', () => admin.setOptions({ renderLagMs: '5' } as never), /not a valid set of options/],
    ['an unknown fault', () => admin.addFault({ action: { kind: 'explode' } } as never), /not a valid fault rule/],
    ['an unknown matcher', () => admin.addFault({ match: { nth: 1 }, action: { kind: 'drop-after' } } as never), /not a valid fault rule/],
    [
      'an unknown endpoint',
      () => admin.addFault({ match: { endpoint: 'creat' }, action: { kind: 'drop-after' } } as never),
      /not a valid fault rule/,
    ],
    [
      'a question for an unknown endpoint',
      () => admin.requests({ endpoint: 'creat' } as never),
      /no endpoint creat; known: campaign-create/,
    ],
    ['a campaign without an id', () => admin.addCampaign({ template: 'x' } as never), /not a valid campaign/],
    ['a campaign that is not there', () => admin.changeCampaign('nobody', { enabled: false }), /no campaign nobody/],
    ['a fault that is not there', () => admin.releaseFault('fault-9'), /no fault fault-9/],
  ])('refuses %s in words', async (_, act, message) => {
    await expect(act()).rejects.toThrow(message);
  });

  it('names its calls when asked for another', async () => {
    const response = await fetch(`${h.sim.adminUrl}/nothing`);
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringContaining('GET /schedules'),
    ]);
  });

  it('forgets what happened and keeps campaigns, keys and options', async () => {
    await h.create(props('fd-1'));
    await admin.setOptions({ unknownSchedule: 404 });
    await admin.reset();
    h.clock.advance({ hours: 3 });
    expect([await admin.schedules(), await admin.deliveries(), await admin.requests(), await admin.catalogs()]).toEqual([[], [], [], []]);
    expect([(await h.remove('x')).status, (await admin.campaigns()).length]).toEqual([404, 3]);
  });
});
