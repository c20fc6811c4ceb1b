import { describe, expect, it } from 'vitest';
import { GENEROUS, PL, simulate, TOKEN } from './simulation.ts';

const COUNTERS = ['x-requests-available-minute', 'x-requests-available', 'x-requestsavailable'];

describe('transport (contracts 2.1)', () => {
  it('first call shows 9 of 10 and a reset of 60', async () => {
    const { get } = await simulate();
    const { status, headers } = await get('/v4/matches');
    expect(status).toBe(200);
    expect(headers.get('x-requests-available-minute')).toBe('9');
    expect(headers.get('x-requestcounter-reset')).toBe('60');
    expect(headers.get('x-api-version')).toBe('v4');
    expect(headers.get('x-authenticated-client')).toBe('Sandbox Club');
  });

  it.each([
    ['sent', [true, false, false]],
    ['documented', [false, false, true]],
    ['both', [true, false, true]],
  ] as const)('spells the remaining count as %s', async (counterHeaders, present) => {
    const { get } = await simulate({ counterHeaders });
    const { headers } = await get('/v4/matches');
    expect(COUNTERS.map((name) => headers.has(name))).toEqual(present);
  });

  it('shows anonymous callers the competition list and another spelling, and nothing else', async () => {
    const { get } = await simulate();
    const list = await get('/v4/competitions', { token: null });
    expect(list.status).toBe(200);
    expect(list.headers.get('x-requests-available')).toBe('99');
    expect(list.headers.get('x-authenticated-client')).toBe('anonymous');
    for (const path of [PL, '/v4/matches', '/v4/matches/600001']) expect((await get(path, { token: null })).status).toBe(403);
  });

  it('answers nothing but GET', async () => {
    const { url } = await simulate();
    expect((await fetch(`${url}/v4/matches`, { method: 'POST', headers: { 'X-Auth-Token': TOKEN } })).status).toBe(405);
  });

  it('counts in a fixed window that starts with the first call', async () => {
    const { get, clock } = await simulate();
    await get('/v4/matches');
    clock.advance(12_000);
    for (let call = 2; call <= 10; call += 1) expect((await get('/v4/matches')).status).toBe(200);
    const refused = await get('/v4/matches');
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({ message: 'You reached your request limit. Wait 48 seconds.', errorCode: 429 });
    expect(refused.headers.get('x-requestcounter-reset')).toBe('48');
    expect(refused.headers.has('retry-after')).toBe(false);
    clock.advance(48_000);
    expect((await get('/v4/matches')).headers.get('x-requests-available-minute')).toBe('9');
  });

  it('counts by token, not by caller, and by plan', async () => {
    const free = { token: 'a', name: 'A', plan: 'TIER_ONE', requestsPerMinute: 1 } as const;
    const standard = { token: 'b', name: 'B', plan: 'TIER_TWO', requestsPerMinute: 30 } as const;
    const { get } = await simulate({ accounts: [free, standard] });
    await get('/v4/matches', { token: 'a' });
    expect((await get('/v4/matches', { token: 'a' })).status).toBe(429);
    expect((await get('/v4/matches', { token: 'b' })).headers.get('x-requests-available-minute')).toBe('29');
  });
});

describe('errors (contracts 2.6)', () => {
  it('a wrong token is a 400, not a 401 or 403', async () => {
    const { get } = await simulate();
    const { status, body } = await get(PL, { token: 'wrong' });
    expect([status, body]).toEqual([400, { message: 'Your API token is invalid.', errorCode: 400 }]);
  });

  it('a bad competition code is a 400 in the service’s words', async () => {
    const { get } = await simulate();
    const { status, body } = await get('/v4/competitions/NOPE/matches');
    expect(status).toBe(400);
    expect(body.message).toBe("Argument 'competitionId' is expected to be either an integer in a specified range or a competition code.");
  });

  it.each(['/v4/matches/999999999', '/v4/competitions/999999/matches', '/v4/nothing', '/v2/matches', '/v4/matches/1/head2head/x'])(
    '%s does not exist, said with "error" as a number',
    async (path) => {
      const { get } = await simulate();
      const { status, body } = await get(path);
      expect([status, body]).toEqual([404, { message: 'The resource you are looking for does not exist.', error: 404 }]);
    },
  );

  it('a competition or season outside the plan is a 403', async () => {
    const { get } = await simulate({ accounts: [{ ...GENEROUS[0], oldestSeason: '2026' }] });
    for (const path of ['/v4/competitions/EL/matches', `${PL}?season=2025`]) {
      const { status, body } = await get(path);
      expect([status, body.errorCode]).toEqual([403, 403]);
      expect(body.message).toContain('restricted and apparently not within your permissions. Please check your subscription.');
    }
  });

  it.each(['season=25', 'matchday=first', 'limit=0', 'limit=501', 'offset=501', 'dateFrom=tomorrow', 'dateTo=2026-02-30'])(
    'an unreadable filter %s is a 400, not an empty list',
    async (filter) => {
      const { get } = await simulate();
      expect((await get(`${PL}?${filter}`)).status).toBe(400);
    },
  );
});

describe('faults', () => {
  it.each([
    ['a 5xx', { kind: 'status', status: 503 }, 503, /^\{"error":/],
    ['a web page with 200', { kind: 'html' }, 200, /^<!DOCTYPE html>/],
    ['a 429 of its own', { kind: 'rate-limit', waitSeconds: 7 }, 429, /Wait 7 seconds/],
    ['a body of one’s choice', { kind: 'body', body: '{"matches":[]}' }, 200, /^\{"matches":\[\]\}$/],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:1/' }, 302, /^$/],
  ] as const)('%s comes once, then the real answer', async (_, fault, status, body) => {
    const { get, admin } = await simulate();
    await admin.addFaults([fault]);
    const faulty = await get(PL);
    expect(faulty.status).toBe(status);
    expect(faulty.text).toMatch(body);
    expect((await get(PL)).body.matches).toHaveLength(380);
  });

  it('truncated JSON is complete HTTP', async () => {
    const { get, admin } = await simulate();
    await admin.addFaults([{ kind: 'truncated' }]);
    const { status, text } = await get(PL);
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(100_000);
    expect(() => JSON.parse(text)).toThrow();
  });

  it.each(['drop', 'cut'] as const)('%s ends the connection', async (kind) => {
    const { get, admin } = await simulate();
    await admin.addFaults([{ kind }]);
    await expect(get(PL)).rejects.toThrow();
    expect((await get(PL)).status).toBe(200);
  });

  it('a slow answer is the right one, and stop does not wait for it', async () => {
    const { get, admin, stop } = await simulate();
    await admin.addFaults([
      { kind: 'slow', delayMs: 20 },
      { kind: 'slow', delayMs: 600_000 },
    ]);
    expect((await get(PL)).body.matches).toHaveLength(380);
    const hanging = get(PL).catch(() => 'ended');
    await expect.poll(async () => (await admin.requests()).length).toBe(2);
    await stop();
    expect(await hanging).toBe('ended');
  });

  it('are met by path, after some calls, some times', async () => {
    const { get, admin } = await simulate();
    await admin.addFaults([{ kind: 'status', status: 500, path: '/PD/', skip: 1, times: 2 }]);
    const seen: number[] = [];
    for (const code of ['PL', 'PD', 'PD', 'PL', 'PD', 'PD']) seen.push((await get(`/v4/competitions/${code}/matches`)).status);
    expect(seen).toEqual([200, 200, 500, 200, 500, 200]);
  });

  it('can be cleared', async () => {
    const { get, admin } = await simulate();
    await admin.addFaults([{ kind: 'html', times: 5 }]);
    await admin.clearFaults();
    expect((await get(PL)).body.matches).toHaveLength(380);
  });
});

it('the request log says who asked what, without the token', async () => {
  const { get, admin } = await simulate();
  await get(PL);
  await get(PL, { token: 'wrong-secret' });
  await admin.addFaults([{ kind: 'drop' }]);
  await get('/v4/matches?ids=600001').catch(() => undefined);
  const log = await admin.requests();
  expect(log).toMatchObject([
    { path: PL, account: 'Sandbox Club', backend: 'fresh', status: 200, matches: 380 },
    { path: PL, account: 'invalid', status: 400 },
    { path: '/v4/matches?ids=600001', status: 0, fault: 'drop' },
  ]);
  expect(JSON.stringify(log)).not.toMatch(/sandbox-token|wrong-secret/);
  await admin.clearRequests();
  expect(await admin.requests()).toEqual([]);
});
