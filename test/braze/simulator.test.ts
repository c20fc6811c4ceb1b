import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type BrazeOptionsPatch,
  type BrazeSimulator,
  DEFAULT_API_KEY,
  FENCED_TEMPLATE,
  startBrazeSimulator,
} from '../../sandbox/braze/index.ts';
import { CATALOG_FIELDS } from '../../src/braze/fence-item.ts';
import type { Claim, FenceItem } from '../../src/braze/types.ts';
import { BrazeLink } from '../../src/reconcilers/braze-workspace/link.ts';
import { FakeClock } from '../support/fake-clock.ts';

const CAMPAIGN = 'campaign-1';
const START = '2026-12-06T09:00:05Z';

async function linked(options: BrazeOptionsPatch = {}): Promise<{ clock: FakeClock; sim: BrazeSimulator; link: BrazeLink }> {
  const clock = new FakeClock(START);
  const sim = await startBrazeSimulator({
    clock,
    campaigns: [{ id: CAMPAIGN, template: FENCED_TEMPLATE }],
    options: { createVisibleAfterMs: 0, ...options },
  });
  sim.createCatalog('matchday', CATALOG_FIELDS);
  const link = new BrazeLink({
    origin: sim.url,
    ca: undefined,
    clock,
    mayStart: () => true,
    timeoutMs: () => 2_000,
    limits: () => ({ hour: 250_000, broadcast: 250, audience_min: 10, catalog_sync: 45, catalog_async: 16_000 }),
    onCall: () => {},
  });
  link.use(DEFAULT_API_KEY);
  onTestFinished(async () => {
    link.close();
    await sim.stop();
  });
  return { clock, sim, link };
}

const create = (notification: string, token: string) => ({
  campaignId: CAMPAIGN,
  time: Temporal.Instant.from('2026-12-06T11:30:00Z'),
  audience: { kind: 'broadcast' } as const,
  triggerProperties: { notification, token },
});
const item = (id: string, token: string): FenceItem => ({
  id,
  token,
  state: token === '' ? 'closed' : 'open',
  owner: 'o/ns/n',
  sendAt: '2026-12-06T11:30:00Z',
  sentAt: '',
  announcedSendAt: '',
  content: { home: 'Aston Villa FC', away: 'Arsenal FC', home_ar: 'no such field' },
});
const urgency = (key: string) => ({ key, firesAt: Temporal.Instant.from('2026-12-06T11:30:00Z') });

describe('the client against the simulator', () => {
  it('creates a schedule that is told once its token is open, and not while it is closed', async () => {
    const { clock, sim, link } = await linked();
    const [open, closed] = [await link.client.createSchedule(create('m-1', 't1')), await link.client.createSchedule(create('m-2', 't2'))];
    expect([open.kind, closed.kind]).toEqual(['done', 'done']);
    const fence = link.fence('matchday');
    expect(await fence.put(item('m-1', 't1'), urgency('1'))).toEqual({ kind: 'done', value: 'stored' });
    expect(await fence.put(item('m-2', ''), urgency('2'))).toEqual({ kind: 'done', value: 'stored' });
    expect(await fence.read('m-1', urgency('1'))).toMatchObject({ value: { token: 't1', content: { home: 'Aston Villa FC' } } });
    clock.advanceTo(Temporal.Instant.from('2026-12-06T11:30:01Z'));
    expect(new Set(sim.deliveries().map((delivery) => delivery.notification))).toEqual(new Set(['m-1']));
  });

  it.each([400, 404] as const)('takes %i for an unknown schedule as gone, and a second delete too', async (unknownSchedule) => {
    const { link } = await linked({ unknownSchedule });
    const made = await link.client.createSchedule(create('m-1', 't1'));
    const scheduleId = made.kind === 'done' ? made.value.scheduleId : '';
    expect(await link.client.deleteSchedule({ campaignId: CAMPAIGN, scheduleId })).toEqual({ kind: 'done', value: undefined });
    expect(await link.client.deleteSchedule({ campaignId: CAMPAIGN, scheduleId })).toMatchObject({ refusal: { reason: 'unknown-id' } });
    expect(await link.client.deleteSchedule({ campaignId: 'nobody', scheduleId })).toMatchObject({
      refusal: { reason: 'campaign-not-found' },
    });
  });

  it.each([
    [{ kind: 'drop-before' }, 'unknown'],
    [{ kind: 'drop-after' }, 'unknown'],
    [{ kind: 'timeout-after' }, 'unknown'],
    [{ kind: 'error-before' }, 'unknown'],
    [{ kind: 'error-after', status: 504 }, 'unknown'],
    [{ kind: 'reset-mid-body' }, 'unknown'],
    [{ kind: 'garbled' }, 'unknown'],
    [{ kind: 'answer', status: 201, body: { message: 'Invalid Campaign ID' }, commit: true }, 'unknown'],
    [{ kind: 'answer', status: 201, body: { message: 'success' }, commit: true }, 'unknown'],
    [{ kind: 'rate-limited' }, 'refused'],
    [{ kind: 'refuse', status: 400, body: { message: 'Bad Request' } }, 'refused'],
  ] as const)('says of a create that met %j: %s', async (action, expected) => {
    const { sim, link } = await linked();
    sim.fault({ match: { endpoint: 'campaign-create' }, action });
    const outcome = await link.client.createSchedule(create('m-1', 't1'));
    expect(outcome.kind, JSON.stringify(outcome)).toBe(expected);
    // Refused must be true: nothing may stand in Braze behind it.
    if (outcome.kind === 'refused') expect(sim.schedules()).toEqual([]);
  });

  it('gives a schedule another time, under the same id or another beside it, and knows one that is gone', async () => {
    const { link, sim } = await linked();
    const { client } = link;
    const created = await client.createSchedule(create('x', 't'));
    if (created.kind !== 'done') throw new Error(`not created: ${JSON.stringify(created)}`);
    const { scheduleId } = created.value;
    const time = Temporal.Instant.from('2026-12-06T12:10:00Z');
    expect(await client.updateSchedule({ campaignId: CAMPAIGN, scheduleId, time })).toEqual({ kind: 'done', value: { scheduleId } });
    sim.setOptions({ updateId: 'new-keep-old' });
    const another = await client.updateSchedule({ campaignId: CAMPAIGN, scheduleId, time });
    expect(another).toMatchObject({ kind: 'done', value: { scheduleId: expect.not.stringContaining(scheduleId) } });
    await client.deleteSchedule({ campaignId: CAMPAIGN, scheduleId });
    expect(await client.updateSchedule({ campaignId: CAMPAIGN, scheduleId, time })).toMatchObject({ refusal: { reason: 'unknown-id' } });
  });

  it('knows a campaign that does not exist, an item that does not exist, and a permission that is missing', async () => {
    const { sim, link } = await linked();
    sim.addKey({ name: 'poor', key: 'poor-key', permissions: ['catalogs.get_item'] });
    expect(await link.client.campaignDetails('nobody')).toMatchObject({ refusal: { reason: 'campaign-not-found' } });
    expect(await link.client.getItem('matchday', 'nothing')).toEqual({ kind: 'done', value: undefined });
    expect(await link.client.getItem('nowhere', 'nothing')).toMatchObject({ refusal: { reason: 'invalid-request' } });
    expect(await link.client.putItem('matchday', { id: 'a', no_such_field: 'x' })).toMatchObject({
      refusal: { reason: 'invalid-request', message: expect.stringContaining('invalid-fields') },
    });
    link.use('poor-key');
    expect(await link.client.createSchedule(create('m-1', 't1'))).toMatchObject({ refusal: { reason: 'forbidden' } });
  });

  it('learns that Braze’s clock is ahead', async () => {
    const { link } = await linked({ clockSkewMs: 90_000 });
    await link.client.campaignDetails(CAMPAIGN);
    expect(link.clock.reading()?.offsetMs).toBeGreaterThan(88_000);
    expect(link.clock.reading()?.offsetMs).toBeLessThanOrEqual(90_000);
  });
});

describe('the fence against the simulator', () => {
  it('opens 120 items without one 429 and reads them all back by page', async () => {
    const { sim, link, clock } = await linked({ asyncLagMs: 0 });
    const fence = link.fence('matchday');
    const ids = Array.from({ length: 120 }, (_, n) => `m-${n}`);
    const put = await Promise.all(ids.map((id) => fence.put(item(id, `t-${id}`), urgency(id))));
    expect(put.every((outcome) => outcome.kind === 'done')).toBe(true);
    clock.advance(1_000);
    const read = await Promise.all(ids.map((id) => fence.read(id, urgency(id))));
    expect(read.map((outcome) => (outcome.kind === 'done' ? outcome.value?.token : outcome.kind))).toEqual(ids.map((id) => `t-${id}`));
    expect(sim.rateLimited().total).toBe(0);
  });
});

describe('budgets against the simulator', () => {
  it('make 45 creates of one audience in the fewest minutes, nearest send first, without one 429', async () => {
    const { sim, link, clock } = await linked();
    const waiting = new Map(Array.from({ length: 45 }, (_, n) => [n, clock.now()]));
    const claim = (n: number): Claim => ({
      key: `create ${n}`,
      firesAt: Temporal.Instant.from('2026-12-06T12:00:00Z').add({ minutes: 44 - n }),
      buckets: ['broadcast', 'audience_min'],
      audience: 'all',
    });
    const order: number[] = [];
    while (waiting.size > 0) {
      for (const [n, at] of [...waiting]) {
        if (Temporal.Instant.compare(at, clock.now()) > 0) continue;
        const grant = link.budgets.take(claim(n));
        if (!grant.granted) waiting.set(n, grant.eta);
        else {
          expect((await link.client.createSchedule(create(`m-${n}`, `t-${n}`))).kind).toBe('done');
          order.push(n);
          waiting.delete(n);
        }
      }
      const next = [...waiting.values()].toSorted(Temporal.Instant.compare)[0];
      if (next !== undefined && Temporal.Instant.compare(next, clock.now()) > 0) clock.advanceTo(next);
    }
    expect(sim.rateLimited().total).toBe(0);
    expect(clock.now().since(Temporal.Instant.from(START)).total('minutes')).toBeLessThan(5);
    // The first ten went before the line was known; from then on the nearest sends went first, ten a minute.
    const minutes = Array.from({ length: 4 }, (_, m) => order.slice(10 + 10 * m, 20 + 10 * m).toSorted((a, b) => b - a));
    expect(minutes.flat()).toEqual(order.slice(10).toSorted((a, b) => b - a));
  });
});
