import { createServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type BrazeCall, BrazeClient, type BrazeClientOptions, type RateLimitReport } from '../../src/braze/client.ts';
import { SampledBrazeClock } from '../../src/braze/clock.ts';
import { Transport } from '../../src/braze/transport.ts';
import { json, startWire, type Wire } from './wire.ts';

const KEY = 'k3y-that-must-not-leak';
const create = {
  campaignId: 'c1',
  time: Temporal.Instant.from('2026-12-06T11:30:00Z'),
  audience: { kind: 'broadcast' },
  triggerProperties: { notification: 'football-data-1-c1', token: 't.1.x' },
} as const;

const wires: Wire[] = [];
afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close();
});

async function wired(...parameters: Parameters<typeof startWire>): Promise<Wire> {
  const wire = await startWire(...parameters);
  wires.push(wire);
  return wire;
}

function client(origin: string, options: Partial<BrazeClientOptions> = {}): BrazeClient {
  const transport = new Transport({ origin, clock: systemClock });
  onTestFinished(() => transport.close());
  return new BrazeClient({
    transport,
    clock: systemClock,
    apiKey: () => KEY,
    timeoutMs: () => 5_000,
    mayStart: () => true,
    brazeOffsetMs: () => 0,
    ...options,
  });
}

describe('what goes over the wire', () => {
  it('creates with the key in a header, broadcast said, and whole seconds in UTC', async () => {
    const wire = await wired((response) => json(response, 201, { message: 'success', schedule_id: 's1', dispatch_id: 'd1' }));
    expect(await client(wire.origin).createSchedule(create)).toEqual({ kind: 'done', value: { scheduleId: 's1', dispatchId: 'd1' } });
    expect(wire.requests).toMatchObject([
      {
        method: 'POST',
        path: '/campaigns/trigger/schedule/create',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: {
          campaign_id: 'c1',
          broadcast: true,
          trigger_properties: { notification: 'football-data-1-c1', token: 't.1.x' },
          schedule: { time: '2026-12-06T11:30:00Z' },
        },
      },
    ]);
  });

  it('spells every audience as contracts 1.2 wants it', async () => {
    const wire = await wired((response) => json(response, 201, { message: 'success', schedule_id: 's1' }));
    const braze = client(wire.origin);
    await braze.createSchedule({ ...create, audience: { kind: 'connected', filter: { AND: [] } } });
    await braze.createSchedule({ ...create, audience: { kind: 'recipients', recipients: [{ external_user_id: 'u1' }] } });
    expect(wire.requests[0]?.body).toMatchObject({ broadcast: true, audience: { AND: [] } });
    expect(wire.requests[1]?.body).toMatchObject({ broadcast: false, recipients: [{ external_user_id: 'u1' }] });
  });

  it('writes and reads catalog items in the forms of contracts 1.12', async () => {
    const wire = await wired((response, request) => {
      if (request.method !== 'GET') json(response, 202, { message: 'success' });
      else if (request.url === '/catalogs/fx/items/a') json(response, 200, { items: [{ id: 'a', token: 't' }], message: 'success' });
      else if (request.url?.startsWith('/catalogs/fx/items?cursor=n%2F1'))
        json(response, 200, { items: [{ id: 'b' }], message: 'success' });
      else
        json(
          response,
          200,
          { items: [{ id: 'a' }], message: 'success' },
          { link: '</catalogs/fx/items?cursor=n%2F1>; rel="next", </x?cursor=p>; rel="prev"' },
        );
    });
    const braze = client(wire.origin);
    expect(await braze.putItem('fx', { id: 'a', token: 't' })).toEqual({ kind: 'done', value: undefined });
    expect(await braze.putItems('fx', [{ id: 'a' }, { id: 'b' }])).toEqual({ kind: 'done', value: undefined });
    expect(await braze.deleteItems('fx', ['a'])).toEqual({ kind: 'done', value: undefined });
    expect(await braze.getItem('fx', 'a')).toEqual({ kind: 'done', value: { id: 'a', token: 't' } });
    expect(await braze.listItems('fx')).toEqual({ kind: 'done', value: { items: [{ id: 'a' }], next: 'n/1' } });
    expect(await braze.listItems('fx', 'n/1')).toEqual({ kind: 'done', value: { items: [{ id: 'b' }], next: undefined } });
    expect(wire.requests.slice(0, 3)).toMatchObject([
      { method: 'PUT', path: '/catalogs/fx/items/a', body: { items: [{ token: 't' }] } },
      { method: 'PUT', path: '/catalogs/fx/items', body: { items: [{ id: 'a' }, { id: 'b' }] } },
      { method: 'DELETE', path: '/catalogs/fx/items', body: { items: [{ id: 'a' }] } },
    ]);
    expect(wire.requests[0]?.body).not.toHaveProperty('items.0.id');
  });

  it('reads the texts of every message of a campaign, and none from an answer that was cut', async () => {
    const messages = {
      v1: { channel: 'ios_push', name: 'A', alert: 'hello', extras: [{ text: 'there' }] },
      v2: { channel: 'email', body: 'mail' },
    };
    let body: object = { message: 'success', enabled: true, draft: false, archived: false, name: 'Match', messages };
    const wire = await wired((response) => json(response, 200, body));
    const braze = client(wire.origin);
    expect(await braze.campaignDetails('c1')).toMatchObject({
      value: {
        name: 'Match',
        live: true,
        templates: ['hello\nthere', 'mail'],
        messages: [{ label: 'ios_push A', fields: ['hello', 'there'] }, { label: 'email' }],
      },
    });
    body = { message: 'success', enabled: true, draft: true, messages: {} };
    expect(await braze.campaignDetails('c1')).toMatchObject({ value: { live: false, templates: undefined } });
    body = { message: 'success' };
    expect(await braze.campaignDetails('c1')).toMatchObject({ kind: 'unknown' });
  });

  it('reads the listing, which names no message, up to midnight of the day after', async () => {
    const row = { name: 'Match', type: 'Campaign', tags: [], schedule_type: 'UTC' };
    const rows = [
      { ...row, id: 'c1', next_send_time: '2026-12-06T11:30:00.000Z' },
      { ...row, id: 'c2', next_send_time: '2026-12-06T11:30:00' },
      { ...row, id: 'canvas', type: 'Canvas', next_send_time: '2026-12-06T11:30:00Z' },
    ];
    let body: object = { scheduled_broadcasts: rows };
    const wire = await wired((response) => json(response, 200, body));
    const braze = client(wire.origin);
    const day = Temporal.PlainDate.from('2026-12-07');
    const listed = await braze.listBroadcasts(day);
    expect(wire.requests[0]).toMatchObject({ method: 'GET', path: '/messages/scheduled_broadcasts?end_time=2026-12-07T00:00:00Z' });
    expect(listed.kind === 'done' ? listed.value.map(({ campaignId, at }) => [campaignId, at?.toString()]) : listed).toEqual([
      ['c1', '2026-12-06T11:30:00Z'],
      ['c2', undefined],
    ]);
    for (body of [{ message: 'success' }, { scheduled_broadcasts: [1] }, { scheduled_broadcasts: [], message: 'no' }])
      expect(await braze.listBroadcasts(day)).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    ['2026-12-06T11:30:04Z', '2026-12-06T11:30:04Z'],
    ['2026-12-06T12:00:00+01:00', '2026-12-06T11:00:00Z'],
    ['yesterday', undefined],
    [null, undefined],
  ])('takes a last_sent of %s for %s', async (last_sent, lastSent) => {
    const wire = await wired((response) => json(response, 200, { message: 'success', enabled: true, messages: {}, last_sent }));
    const outcome = await client(wire.origin).campaignDetails('c1');
    expect(outcome.kind === 'done' && outcome.value.lastSent?.toString()).toBe(lastSent);
  });

  it('follows no redirect, which would carry the key elsewhere', async () => {
    const other = await wired((response) => json(response, 200, { message: 'success', schedule_id: 'stolen' }));
    const wire = await wired((response) => {
      response.writeHead(307, { location: `${other.origin}/campaigns/trigger/schedule/create` });
      response.end();
    });
    expect(await client(wire.origin).createSchedule(create)).toMatchObject({ kind: 'unknown' });
    expect(other.requests).toEqual([]);
  });
});

describe('an exchange that ends badly', () => {
  it('is unknown when no answer comes in time, and the deadline covers a body that trickles', async () => {
    const silent = await wired(() => {});
    const trickle = await wired((response) => {
      response.writeHead(201, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    });
    for (const wire of [silent, trickle]) {
      expect(await client(wire.origin, { timeoutMs: () => 80 }).createSchedule(create)).toMatchObject({
        kind: 'unknown',
        message: expect.stringContaining('no answer within 80 ms'),
      });
    }
  });

  it('is unknown after a reset, before or within the body', async () => {
    const before = await wired((response) => response.socket?.resetAndDestroy());
    const within = await wired((response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"message":"succ', () => response.socket?.resetAndDestroy());
    });
    for (const wire of [before, within]) expect(await client(wire.origin).createSchedule(create)).toMatchObject({ kind: 'unknown' });
  });

  it('is unknown when the body is larger than any answer of Braze', async () => {
    const wire = await wired((response) => response.end(Buffer.alloc(5 * 1024 * 1024, ' ')));
    expect(await client(wire.origin).createSchedule(create)).toMatchObject({ kind: 'unknown' });
  });

  it('is not-sent when the connection was refused or the name does not resolve', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    await new Promise((resolve) => closed.close(resolve));
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const origin of [`http://127.0.0.1:${port}`, 'http://name.that.does.not.resolve.invalid']) {
      expect(await client(origin).createSchedule(create)).toMatchObject({ kind: 'refused', refusal: { reason: 'not-sent', status: 0 } });
    }
  });

  it('never throws and never shows the key, whatever happens', async () => {
    const endings = [
      await wired((response) => response.socket?.destroy()),
      await wired((response) => json(response, 401, { message: `Invalid API Key ${KEY}` })),
      await wired((response) => response.end(`<html>${KEY}</html>`)),
    ];
    for (const wire of endings) {
      const calls: BrazeCall[] = [];
      const outcome = await client(wire.origin, { onCall: (call) => calls.push(call) }).createSchedule(create);
      expect(JSON.stringify([outcome, calls])).not.toContain(KEY);
      expect(calls).toHaveLength(1);
    }
  });
});

describe('what may not be called', () => {
  it('a call that the lease would not outlive is not sent', async () => {
    const wire = await wired((response) => json(response, 200, { message: 'success' }));
    const asked: number[] = [];
    const braze = client(wire.origin, { mayStart: (callMs) => asked.push(callMs) === 0, timeoutMs: () => 1_234 });
    expect(await braze.deleteSchedule({ campaignId: 'c1', scheduleId: 's1' })).toMatchObject({ refusal: { reason: 'not-sent' } });
    expect(asked).toEqual([1_234]);
    expect(wire.requests).toEqual([]);
  });

  it('a schedule that stands on no record is deleted all the same: nobody else knows of it', async () => {
    const wire = await wired((response) => json(response, 200, { message: 'success' }));
    const braze = client(wire.origin, { mayStart: () => false });
    const deleted = await braze.deleteSchedule({ campaignId: 'c1', scheduleId: 's1', unrecorded: true });
    expect(deleted).toMatchObject({ kind: 'done' });
    expect(wire.requests).toHaveLength(1);
  });

  it('a 401 stops every call until the key changes', async () => {
    let key = 'old';
    const wire = await wired((response, request) =>
      request.headers.authorization === 'Bearer new'
        ? json(response, 200, { message: 'success' })
        : json(response, 401, { message: 'Invalid API Key' }),
    );
    const braze = client(wire.origin, { apiKey: () => key });
    expect(await braze.deleteSchedule({ campaignId: 'c1', scheduleId: 's1' })).toMatchObject({ refusal: { reason: 'unauthorized' } });
    const stopped = await braze.putItem('fx', { id: 'a' });
    expect(stopped).toMatchObject({ refusal: { reason: 'not-sent', message: expect.stringContaining('Invalid API Key') } });
    expect(wire.requests).toHaveLength(1);
    expect(braze.stopped).toContain('401');
    key = 'new';
    expect(await braze.putItem('fx', { id: 'a' })).toMatchObject({ kind: 'done' });
    expect(braze.stopped).toBeUndefined();
  });

  it('a 403 stops only its endpoint', async () => {
    const wire = await wired((response, request) =>
      request.url === '/catalogs' ? json(response, 403, { message: 'Access Denied' }) : json(response, 200, { message: 'success' }),
    );
    const braze = client(wire.origin);
    expect(await braze.listCatalogs()).toMatchObject({ refusal: { reason: 'forbidden' } });
    expect(await braze.listCatalogs()).toMatchObject({ refusal: { reason: 'not-sent' } });
    expect(await braze.putItem('fx', { id: 'a' })).toMatchObject({ kind: 'done' });
    expect(wire.requests).toHaveLength(2);
  });
});

describe('what a call teaches', () => {
  it('reports limits and, for a 429, until when to wait', async () => {
    const reset = Math.floor(Date.now() / 1000) + 30;
    const headers = { 'X-RateLimit-Limit': '250', 'X-RateLimit-Remaining': '7', 'X-RateLimit-Reset': String(reset) };
    let status = 201;
    const wire = await wired((response) =>
      json(response, status, { message: status === 201 ? 'success' : 'Rate Limited', schedule_id: 's' }, headers),
    );
    const reports: RateLimitReport[] = [];
    const braze = client(wire.origin, { onRateLimit: (report) => reports.push(report), brazeOffsetMs: () => 2_000 });
    await braze.createSchedule(create);
    status = 429;
    const outcome = await braze.createSchedule(create);
    expect(reports).toMatchObject([
      { buckets: ['broadcast', 'audience_min'], seen: { limit: 250, remaining: 7 }, blockedUntil: undefined },
      { blockedUntil: expect.any(Temporal.Instant) },
    ]);
    // The reset that was named, on our clock; headers count whole seconds.
    const until = reports[1]?.blockedUntil?.epochMilliseconds ?? 0;
    expect(Math.abs(until - (reset * 1000 - 2_000))).toBeLessThan(1_000);
    expect(reports[0]?.audience).toMatch(/^[0-9a-f]{16}$/);
    expect(outcome).toMatchObject({ refusal: { reason: 'rate-limited', retryAt: reports[1]?.blockedUntil } });
  });

  it('waits for the next minute when a 429 names no reset', async () => {
    const wire = await wired((response) => json(response, 429, {}));
    const before = Temporal.Now.instant();
    const outcome = await client(wire.origin).createSchedule(create);
    const retryAt = outcome.kind === 'refused' ? outcome.refusal.retryAt : undefined;
    expect(Temporal.Instant.compare(retryAt ?? before, before.add({ seconds: 60 }))).toBeGreaterThanOrEqual(0);
  });

  it('samples the Date header', async () => {
    const brazeClock = new SampledBrazeClock();
    const wire = await wired((response) =>
      json(response, 200, { message: 'success' }, { date: new Date(Date.now() + 30_000).toUTCString() }),
    );
    const transport = new Transport({ origin: wire.origin, clock: systemClock, onDate: (sample) => brazeClock.sample(sample) });
    onTestFinished(() => transport.close());
    await client(wire.origin, { transport }).putItem('fx', { id: 'a' });
    expect(brazeClock.reading()?.offsetMs).toBeGreaterThan(25_000);
  });
});
