import { afterEach, describe, expect, it } from 'vitest';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const audience = (club: string) => ({
  audience: { AND: [{ custom_attribute: { custom_attribute_name: 'club', comparison: 'equals', value: club } }] },
});
const rate = (headers: Headers) => ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
const epoch = (time: string) => String(Date.parse(time) / 1000);

async function statuses(count: number, call: (index: number) => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index++) all.push((await call(index)).status);
  return all;
}

describe('contracts 1.9: the broadcast limits', () => {
  it('10 a minute per unique audience, in minutes of the clock', async () => {
    h = await harness();
    expect(await statuses(11, () => h.create())).toEqual([...Array(10).fill(201), 429]);
    h.clock.set('2026-12-06T09:00:59Z');
    expect((await h.create()).status).toBe(429);
    h.clock.set('2026-12-06T09:01:00Z');
    expect((await h.create()).status).toBe(201);
  });

  it('another campaign or another audience object is another audience; the order of its keys is not', async () => {
    h = await harness({ limits: { audience: 1 } });
    expect((await h.create()).status).toBe(201);
    expect((await h.create({ campaign_id: CAMPAIGN })).status).toBe(201);
    expect((await h.create(audience('AVL'))).status).toBe(201);
    expect((await h.create(audience('ARS'))).status).toBe(201);
    const turned = { audience: { AND: [{ custom_attribute: { value: 'AVL', comparison: 'equals', custom_attribute_name: 'club' } }] } };
    expect((await h.create(turned)).status).toBe(429);
  });

  it('a new time or other trigger properties do not make a new audience', async () => {
    h = await harness({ limits: { audience: 1 } });
    await h.create({ trigger_properties: { notification: 'a' } });
    expect((await h.create({ trigger_properties: { notification: 'b' }, schedule: { time: '2026-12-07T09:00:00Z' } })).status).toBe(429);
  });

  it('250 a minute over all audiences', async () => {
    h = await harness();
    const answers = await statuses(251, (index) => h.create(audience(`club-${index}`)));
    expect(answers.lastIndexOf(201)).toBe(249);
    expect(answers[250]).toBe(429);
    expect(h.sim.mostInWindow('broadcast')).toBe(250);
    expect(h.sim.rateLimited()).toEqual({ total: 1, byBucket: { broadcast: 1 } });
  });

  it('a refused call spends nothing in the other bucket', async () => {
    h = await harness({ limits: { broadcast: 3, audience: 1 } });
    await h.create();
    await h.create();
    expect(await statuses(3, (index) => h.create(audience(`c${index}`)))).toEqual([201, 201, 429]);
  });

  it('a create for recipients counts in the hour and not as a broadcast', async () => {
    h = await harness({ limits: { broadcast: 0 } });
    const answer = await h.create({ broadcast: false, recipients: [{ external_user_id: 'fan-1' }] });
    expect([answer.status, answer.headers.get('x-ratelimit-limit')]).toEqual([201, '250000']);
  });

  it('a wrong broadcast has spent its call all the same', async () => {
    h = await harness({ limits: { audience: 1 } });
    expect((await h.create({ schedule: { time: 'never' } })).status).toBe(400);
    expect((await h.create()).status).toBe(429);
  });

  it.each([
    ['broadcast', '250', '249'],
    ['audience', '10', '9'],
    ['tightest', '10', '9'],
  ] as const)('the headers may speak of either: %s', async (broadcastHeaders, limit, remaining) => {
    h = await harness({ broadcastHeaders });
    expect(rate((await h.create()).headers)).toEqual([limit, remaining, epoch('2026-12-06T09:01:00Z')]);
  });
});

describe('contracts 1.9: the other limits', () => {
  it('one bucket of the hour for the whole workspace, reset on the clock', async () => {
    h = await harness({ limits: { hour: 3 } });
    h.clock.set('2026-12-06T09:59:59Z');
    const details = () => h.call('GET', `/campaigns/details?campaign_id=${PLAIN}`);
    const first = await details();
    expect(rate(first.headers)).toEqual(['3', '2', epoch('2026-12-06T10:00:00Z')]);
    await h.remove('nothing');
    await h.call('GET', '/messages/scheduled_broadcasts?end_time=2026-12-08');
    const fourth = await h.update('nothing', '2026-12-07T09:00:00Z');
    expect([fourth.status, fourth.json['message'], rate(fourth.headers)[1]]).toEqual([429, 'Rate Limited', '0']);
    h.clock.set('2026-12-06T10:00:00Z');
    expect((await details()).status).toBe(200);
  });

  it.each([
    { call: ['POST', '/sends/id/create', { campaign_id: PLAIN }], bucket: 'sendIdsPerDay', limit: 100 },
    { call: ['GET', '/catalogs'], bucket: 'catalogs', limit: 50 },
    { call: ['PUT', '/catalogs/matchday/items/a', { items: [{ home: 'x' }] }], bucket: 'catalogSync', limit: 50 },
    { call: ['GET', '/catalogs/matchday/items'], bucket: 'catalogSync', limit: 50 },
    { call: ['DELETE', '/catalogs/matchday/fields/none'], bucket: 'catalogFields', limit: 50 },
  ] as const)('$limit of $bucket', async ({ call: [method, path, body], bucket, limit }) => {
    h = await harness();
    const answers = await statuses(limit + 1, () => h.call(method, path, body));
    expect(answers.indexOf(429)).toBe(limit);
    expect(h.sim.rateLimited().byBucket).toEqual({ [bucket]: 1 });
  });

  it('synchronous item calls share 50; the asynchronous ones have 16,000 of their own', async () => {
    h = await harness({ limits: { catalogSync: 2 } });
    await h.call('GET', '/catalogs/matchday/items/a');
    await h.call('PUT', '/catalogs/matchday/items/a', { items: [{ home: 'x' }] });
    expect((await h.call('GET', '/catalogs/matchday/items')).status).toBe(429);
    const bulk = await h.call('PUT', '/catalogs/matchday/items', { items: [{ id: 'b', home: 'x' }] });
    expect([bulk.status, bulk.headers.get('x-ratelimit-limit')]).toEqual([202, '16000']);
    h.sim.setOptions({ limits: { catalogAsync: 1 } });
    expect((await h.call('DELETE', '/catalogs/matchday/items', { items: [{ id: 'b' }] })).status).toBe(429);
  });

  it('every answer carries the headers, a refusal too', async () => {
    h = await harness();
    for (const answer of [await h.create(), await h.call('GET', '/nowhere'), await h.call('GET', '/catalogs', undefined, { key: 'no' })]) {
      expect(rate(answer.headers)).not.toContain(null);
    }
  });

  it.each([
    ['json', '{"message":"Rate Limited"}'],
    ['empty', ''],
    ['html', '<html><body><h1>429 Too Many Requests</h1></body></html>'],
  ] as const)('the body of a 429 is not documented: %s', async (rateLimitedBody, text) => {
    h = await harness({ rateLimitedBody, limits: { hour: 0 } });
    const answer = await h.remove('x');
    expect([answer.status, answer.text, answer.headers.get('retry-after')]).toEqual([429, text, null]);
  });
});

describe("the other end's clock", () => {
  it('shows in Date, in the windows and in when a schedule fires', async () => {
    h = await harness({ clockSkewMs: 30_000 });
    const answer = await h.create();
    expect(answer.headers.get('date')).toBe('Sun, 06 Dec 2026 09:00:30 GMT');
    h.clock.set('2026-12-06T11:29:29Z');
    expect(h.sim.deliveries()).toHaveLength(0);
    h.clock.set('2026-12-06T11:29:30Z');
    expect(h.sim.deliveries()).toHaveLength(5);
  });
});
