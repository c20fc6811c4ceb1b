import { describe, expect, it } from 'vitest';
import { GENEROUS, NOW, PL, simulate } from './simulation.ts';

const accounts = GENEROUS;
const FIFTEEN_KEYS = [
  'area',
  'awayTeam',
  'competition',
  'group',
  'homeTeam',
  'id',
  'lastUpdated',
  'matchday',
  'odds',
  'referees',
  'score',
  'season',
  'stage',
  'status',
  'utcDate',
];

describe('GET /v4/competitions/{code|id}/matches (contracts 2.2)', () => {
  it('holds the whole season in one reply', async () => {
    const { get } = await simulate();
    const { body } = await get(`${PL}?season=2025`);
    expect(body.filters).toEqual({ season: '2025' });
    expect(body.resultSet).toEqual({ count: 380, first: '2025-08-15', last: '2026-05-24', played: 291 });
    expect(body.competition).toMatchObject({ id: 2021, name: 'Premier League', code: 'PL', type: 'LEAGUE' });
    expect(body.matches).toHaveLength(380);
  });

  it('is the same by id', async () => {
    const { get } = await simulate();
    expect((await get('/v4/competitions/2021/matches')).body).toEqual((await get(PL)).body);
  });

  it('echoes the season as a number where that is asked for', async () => {
    const { get } = await simulate({ seasonEcho: 'number' });
    expect((await get(PL)).body.filters).toEqual({ season: 2025 });
  });

  it('rows have 15 keys and no venue on the free plan, and a venue above it', async () => {
    const paid = { token: 'paid', name: 'P', plan: 'TIER_THREE', requestsPerMinute: 60 } as const;
    const { get } = await simulate({ accounts: [...accounts, paid] });
    expect(Object.keys((await get(PL)).body.matches[0] ?? {}).sort()).toEqual(FIFTEEN_KEYS);
    expect((await get(PL, { token: 'paid' })).body.matches[0]).toHaveProperty('venue');
  });

  it('filters by matchday and echoes what was asked', async () => {
    const { get } = await simulate();
    const { body } = await get(`${PL}?matchday=23&status=FINISHED`);
    expect(body.matches.length).toBeGreaterThan(5);
    expect(new Set(body.matches.map((row) => row.matchday))).toEqual(new Set([23]));
    expect(body.filters).toEqual({ season: '2025', matchday: '23', status: ['FINISHED'] });
  });

  it('status=SCHEDULED shows TIMED rows too, and no postponed one', async () => {
    const { get, admin } = await simulate({ accounts });
    const timed = (await get(`${PL}?status=TIMED`)).body.matches;
    expect((await get(`${PL}?status=SCHEDULED`)).body.matches).toEqual(timed);
    const id = timed[0]?.id ?? 0;
    await admin.edit([{ kind: 'postpone', id }]);
    expect((await get(`${PL}?status=SCHEDULED`)).body.matches).toHaveLength(timed.length - 1);
    expect((await get(`${PL}?status=POSTPONED`)).body.matches.map((row) => row.id)).toContain(id);
  });

  it('status=LIVE stands for what is being played', async () => {
    const { get, ids, admin } = await simulate({ accounts });
    const [a = 0, b = 0] = await ids(`${PL}?status=TIMED`);
    await admin.edit([
      { kind: 'status', id: a, status: 'IN_PLAY' },
      { kind: 'status', id: b, status: 'PAUSED' },
    ]);
    expect((await get(`${PL}?status=LIVE`)).body.matches.map((row) => row.id).sort()).toEqual([a, b].sort());
  });

  it('dateTo is inclusive, 37 days are accepted, and the echo holds only the season', async () => {
    const { get } = await simulate({ accounts });
    const day = (await get(`${PL}?dateFrom=2026-05-24&dateTo=2026-05-24`)).body;
    expect(day.matches).toHaveLength(10);
    expect(day.filters).toEqual({ season: '2025' });
    expect((await get(`${PL}?dateFrom=2026-04-01&dateTo=2026-05-08`)).status).toBe(200);
  });

  it('refuses more than 10 days only where that option is set', async () => {
    const { get } = await simulate({ tenDayRuleOnCompetitions: true });
    expect((await get(`${PL}?dateFrom=2026-04-01&dateTo=2026-05-08`)).body.message).toBe('Specified period must not exceed 10 days.');
    expect((await get(`${PL}?dateFrom=2026-04-01&dateTo=2026-04-08`)).status).toBe(200);
  });

  it('pages by limit and offset', async () => {
    const { ids } = await simulate({ accounts });
    const all = await ids(PL);
    expect(await ids(`${PL}?limit=5&offset=10`)).toEqual(all.slice(10, 15));
  });

  it('is empty for a stage or group that it does not have', async () => {
    const { ids } = await simulate({ accounts });
    expect(await ids(`${PL}?stage=FINAL`)).toEqual([]);
    expect(await ids(`${PL}?group=GROUP_A`)).toEqual([]);
    expect(await ids(`${PL}?stage=REGULAR_SEASON`)).toHaveLength(380);
  });
});

describe('GET /v4/matches (contracts 2.3)', () => {
  it('without a filter is today, UTC, in the account’s competitions', async () => {
    const { get } = await simulate();
    const { body } = await get('/v4/matches');
    expect(body.matches.length).toBeGreaterThan(0);
    expect(new Set(body.matches.map((row) => row.utcDate.slice(0, 10)))).toEqual(new Set(['2026-03-14']));
    expect(new Set(body.matches.map((row) => row.competition.code))).toEqual(new Set(['PL', 'PD', 'ELC']));
    expect(body.filters).toEqual({ permission: 'TIER_ONE' });
  });

  it.each([
    ['YESTERDAY', '2026-03-13'],
    ['TODAY', '2026-03-14'],
    ['TOMORROW', '2026-03-15'],
    ['2026-03-20', '2026-03-20'],
  ])('date=%s is one day', async (date, day) => {
    const { get } = await simulate();
    const { body } = await get(`/v4/matches?date=${date}`);
    expect(body.matches.length).toBeGreaterThan(0);
    expect(new Set(body.matches.map((row) => row.utcDate.slice(0, 10)))).toEqual(new Set([day]));
  });

  it('dateTo is exclusive: the same day twice is empty', async () => {
    const { get, ids } = await simulate({ accounts });
    expect(await ids('/v4/matches?dateFrom=2026-03-14&dateTo=2026-03-14')).toEqual([]);
    expect(await ids('/v4/matches?dateFrom=2026-03-14&dateTo=2026-03-15')).toEqual(await ids('/v4/matches'));
    expect((await get('/v4/matches?dateFrom=2026-03-14')).status).toBe(400);
  });

  it('refuses more than 10 days', async () => {
    const { get } = await simulate({ accounts });
    expect((await get('/v4/matches?dateFrom=2026-03-14&dateTo=2026-03-24')).status).toBe(200);
    const { status, body } = await get('/v4/matches?dateFrom=2026-03-14&dateTo=2026-03-25');
    expect([status, body]).toEqual([400, { message: 'Specified period must not exceed 10 days.', errorCode: 400 }]);
  });

  it('ids are exactly those matches, of any day', async () => {
    const { ids } = await simulate({ accounts });
    const [first = 0] = await ids(PL);
    const last = (await ids('/v4/competitions/PD/matches')).at(-1) ?? 0;
    expect((await ids(`/v4/matches?ids=${first},${last},999999`)).sort()).toEqual([first, last].sort());
  });

  it('competitions are codes or ids, status works as in the other list', async () => {
    const { get } = await simulate({ accounts });
    const { body } = await get('/v4/matches?competitions=PL,2014&status=SCHEDULED&dateFrom=2026-03-14&dateTo=2026-03-22');
    expect(new Set(body.matches.map((row) => row.competition.code))).toEqual(new Set(['PL', 'PD']));
    expect(new Set(body.matches.map((row) => row.status))).toContain('TIMED');
    expect((await get('/v4/matches?competitions=NOPE')).status).toBe(400);
    expect((await get('/v4/matches?competitions=EL')).status).toBe(403);
  });
});

describe('GET /v4/matches/{id} and /v4/competitions', () => {
  it('one match is flat, with the keys of the list and more above the free plan', async () => {
    const paid = { token: 'paid', name: 'P', plan: 'TIER_THREE', requestsPerMinute: 60 } as const;
    const { get, ids } = await simulate({ accounts: [...accounts, paid] });
    const [id = 0] = await ids(PL);
    expect(Object.keys((await get(`/v4/matches/${id}`)).body).sort()).toEqual(FIFTEEN_KEYS);
    expect((await get(`/v4/matches/${id}`, { token: 'paid' })).body).toMatchObject({
      id,
      minute: null,
      goals: [],
      bookings: [],
      substitutions: [],
    });
  });

  it('the competitions are listed once each', async () => {
    const { get } = await simulate();
    const { competitions } = JSON.parse((await get('/v4/competitions')).text);
    expect(competitions).toHaveLength(3);
    const premierLeague = { id: 2021, code: 'PL', plan: 'TIER_ONE', currentSeason: { startDate: '2025-08-15' } };
    expect(competitions).toContainEqual(
      expect.objectContaining({ ...premierLeague, currentSeason: expect.objectContaining(premierLeague.currentSeason) }),
    );
  });
});

it('by option, matches start and end by the clock, late as a real feed does', async () => {
  const { get, ids, clock } = await simulate({ accounts, play: { startLagMs: 120_000, durationMs: 7_200_000 } });
  const [id = 0] = await ids(`${PL}?status=TIMED&dateFrom=2026-03-15`);
  const read = async (): Promise<string> => String(JSON.parse((await get(`/v4/matches/${id}`)).text).status);
  const kickoff = Temporal.Instant.from(JSON.parse((await get(`/v4/matches/${id}`)).text).utcDate);
  expect(Temporal.Instant.compare(kickoff, NOW)).toBe(1);
  clock.set(kickoff.add({ seconds: 60 }));
  expect(await read()).toBe('TIMED');
  clock.set(kickoff.add({ minutes: 3 }));
  expect(await read()).toBe('IN_PLAY');
  clock.set(kickoff.add({ hours: 3 }));
  expect(await read()).toBe('FINISHED');
});
