import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../sandbox/braze/index.ts';
import { type Answer, CAMPAIGN, type Harness, harness } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const of = (answer: Promise<Answer>): Promise<Answer | undefined> => answer.catch(() => undefined);
const made = () => h.sim.schedules().length;

describe('contracts 1.11 item 6: a create that goes wrong', () => {
  const rows: readonly [string, FaultAction, { status: number | undefined; made: number; result: string }][] = [
    ['refused', { kind: 'refuse', status: 400, body: { message: 'Bad Request' } }, { status: 400, made: 0, result: 'answered' }],
    ['429', { kind: 'rate-limited' }, { status: 429, made: 0, result: 'answered' }],
    ['cut before it arrived', { kind: 'drop-before' }, { status: undefined, made: 0, result: 'dropped' }],
    ['done, the answer lost', { kind: 'drop-after' }, { status: undefined, made: 1, result: 'dropped' }],
    ['502 before', { kind: 'error-before' }, { status: 502, made: 0, result: 'answered' }],
    ['502 after', { kind: 'error-after' }, { status: 502, made: 1, result: 'answered' }],
    ['504 after', { kind: 'error-after', status: 504, body: '' }, { status: 504, made: 1, result: 'answered' }],
    ['done, half of the answer', { kind: 'reset-mid-body' }, { status: undefined, made: 1, result: 'cut' }],
    ['200 with a page of HTML, done', { kind: 'garbled' }, { status: 200, made: 1, result: 'answered' }],
    ['200 with a page of HTML, not done', { kind: 'garbled', commit: false }, { status: 200, made: 0, result: 'answered' }],
    [
      '201 with a fatal message',
      { kind: 'answer', status: 201, body: { message: 'fatal' }, commit: false },
      { status: 201, made: 0, result: 'answered' },
    ],
    [
      'success with minor errors',
      { kind: 'answer', status: 201, body: { message: 'success', errors: ['minor'] }, commit: true },
      { status: 201, made: 1, result: 'answered' },
    ],
    ['late', { kind: 'latency', ms: 5 }, { status: 201, made: 1, result: 'answered' }],
  ];

  it.each(rows)('%s', async (_, action, expected) => {
    h = await harness();
    const fault = h.sim.fault({ match: { endpoint: 'campaign-create' }, action });
    const logged = h.sim.log.next({ endpoint: 'campaign-create' });
    const answer = await of(h.create());
    const entry = await logged;
    expect({ status: answer?.status, made: made(), result: entry.result }).toEqual(expected);
    expect(entry.faults).toEqual([fault.id]);
    expect(fault.hits).toEqual([entry]);
    expect((await h.create()).json['message']).toBe('success');
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a time-out %s the commit leaves the client without an answer', async (when, count) => {
    h = await harness();
    h.sim.fault({ action: { kind: `timeout-${when}` } });
    const giveUp = new AbortController();
    const call = fetch(`${h.sim.url}/campaigns/trigger/schedule/create`, {
      method: 'POST',
      signal: giveUp.signal,
      headers: { authorization: 'Bearer sandbox-braze-key', 'content-type': 'application/json' },
      body: JSON.stringify({ campaign_id: CAMPAIGN, broadcast: true, schedule: { time: '2026-12-06T11:30:00Z' } }),
    });
    expect((await h.sim.log.next({ endpoint: 'campaign-create' })).result).toBe('silent');
    giveUp.abort();
    await expect(call).rejects.toThrow();
    expect(made()).toBe(count);
  });

  it('a 5xx carries a page of HTML, as a gateway writes it', async () => {
    h = await harness();
    h.sim.fault({ action: { kind: 'error-after' } });
    const answer = await h.create();
    expect([answer.headers.get('content-type'), answer.json]).toEqual(['text/html', {}]);
  });

  it('a 429 out of the blue says until when, and is counted', async () => {
    h = await harness();
    h.sim.fault({ action: { kind: 'rate-limited' } });
    const answer = await h.create();
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(answer.headers.get('x-ratelimit-reset'))).toBe(Date.parse('2026-12-06T09:01:00Z') / 1000);
    expect(h.sim.rateLimited().total).toBe(1);
  });
});

describe('a held call', () => {
  it('takes effect arbitrarily late, also for a client that has gone', async () => {
    h = await harness();
    const fault = h.sim.fault({ match: { endpoint: 'campaign-create' }, action: { kind: 'hold', when: 'before' } });
    const body = JSON.stringify({ campaign_id: CAMPAIGN, broadcast: true, schedule: { time: '2026-12-06T11:30:00Z' } });
    const socket = connect(Number(new URL(h.sim.url).port), '127.0.0.1');
    const head = ['POST /campaigns/trigger/schedule/create HTTP/1.1', 'Host: x', 'Authorization: Bearer sandbox-braze-key'];
    socket.write([...head, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n'));
    await fault.struck();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    await closed;
    expect(made()).toBe(0);
    const done = h.sim.log.next({ endpoint: 'campaign-create' });
    fault.release();
    expect((await done).committed).toBe(true);
    expect(made()).toBe(1);
  });

  it('may hold the answer instead: done, but not told', async () => {
    h = await harness();
    const fault = h.sim.fault({ action: { kind: 'hold', when: 'after' } });
    const call = h.create();
    const entry = await fault.struck();
    await expect.poll(() => entry.committed).toBe(true);
    expect([made(), entry.result]).toEqual([1, 'pending']);
    fault.release();
    expect((await call).status).toBe(201);
  });

  it('is let go when the simulator stops', async () => {
    h = await harness();
    const fault = h.sim.fault({ action: { kind: 'hold', when: 'before' } });
    const call = of(h.create());
    await fault.struck();
    await h.stop();
    expect((await call)?.status ?? 'cut').toBeTruthy();
    h = await harness();
  });
});

describe('which calls a rule strikes', () => {
  const broken = { kind: 'refuse', status: 500 } as const;
  const props = (notification: string, token = 't') => ({ trigger_properties: { notification, token } });

  it('by notification, also for a delete, which names only the schedule', async () => {
    h = await harness();
    const a = await h.createId(props('fd-1'));
    const b = await h.createId(props('fd-2'));
    h.sim.fault({ match: { endpoint: 'campaign-delete', notification: 'fd-1' }, action: broken });
    expect((await h.remove(b)).status).toBe(201);
    expect((await h.remove(a)).status).toBe(500);
  });

  it('by item, alone or among many', async () => {
    h = await harness();
    h.sim.fault({ match: { notification: 'fd-1' }, action: broken, times: 2 });
    expect((await h.call('PUT', '/catalogs/matchday/items/fd-2', { items: [{ token: 't' }] })).status).toBe(200);
    expect((await h.call('PUT', '/catalogs/matchday/items/fd-1', { items: [{ token: 't' }] })).status).toBe(500);
    expect((await h.call('PUT', '/catalogs/matchday/items', { items: [{ id: 'fd-0' }, { id: 'fd-1' }] })).status).toBe(500);
  });

  it('by token, campaign, schedule, key and any predicate', async () => {
    h = await harness();
    h.sim.fault({ match: { token: 't9' }, action: broken });
    h.sim.fault({ match: { campaignId: CAMPAIGN }, action: broken });
    h.sim.fault({ match: { where: (request) => request.query.includes('end_time') }, action: broken });
    expect((await h.create(props('fd-1', 't8'))).status).toBe(201);
    expect((await h.create(props('fd-1', 't9'))).status).toBe(500);
    expect((await h.create({ campaign_id: CAMPAIGN })).status).toBe(500);
    expect((await h.call('GET', '/messages/scheduled_broadcasts?end_time=2026-12-07')).status).toBe(500);
    const id = await h.createId();
    h.sim.fault({ match: { scheduleId: id, keyName: 'default' }, action: broken });
    expect((await h.remove('other')).status).toBe(400);
    expect((await h.remove(id)).status).toBe(500);
  });

  it('from the nth on, so many times, until it is removed', async () => {
    h = await harness();
    const fault = h.sim.fault({ match: { endpoint: 'campaign-create' }, action: broken, nth: 2, times: 2 });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) statuses.push((await h.create()).status);
    expect(statuses).toEqual([201, 500, 500, 201]);
    expect(fault.hits).toHaveLength(2);
    const forever = h.sim.fault({ action: broken, times: Number.POSITIVE_INFINITY });
    expect((await h.create()).status).toBe(500);
    forever.remove();
    expect((await h.create()).status).toBe(201);
  });

  it('several at once: late, and then lost', async () => {
    h = await harness();
    h.sim.fault({ action: { kind: 'latency', ms: 1 } });
    h.sim.fault({ action: { kind: 'drop-after' } });
    expect(await of(h.create())).toBeUndefined();
    expect(made()).toBe(1);
  });
});

describe('faults that change what a call does', () => {
  it.each([
    [true, 2],
    [false, 1],
  ])('an update answers a new id; keepOld %s', async (keepOld, times) => {
    h = await harness();
    const id = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    h.sim.fault({ match: { endpoint: 'campaign-update' }, action: { kind: 'new-id-on-update', keepOld } });
    expect((await h.update(id, '2026-12-06T12:00:00Z')).json['schedule_id']).not.toBe(id);
    h.clock.advance({ hours: 4 });
    expect(h.sim.timesTold('fd-1')['fan-1']).toBe(times);
  });

  it('one asynchronous write lands late', async () => {
    h = await harness();
    h.sim.fault({ match: { endpoint: 'items-put' }, action: { kind: 'async-lag', ms: 60_000 } });
    await h.call('PUT', '/catalogs/matchday/items', { items: [{ id: 'a', token: 'late' }] });
    await h.call('PUT', '/catalogs/matchday/items', { items: [{ id: 'a', token: 'soon' }] });
    h.clock.advance({ seconds: 1 });
    expect(h.sim.item('matchday', 'a')).toEqual({ token: 'soon' });
    h.clock.advance({ seconds: 60 });
    expect(h.sim.item('matchday', 'a')).toEqual({ token: 'late' });
  });
});
