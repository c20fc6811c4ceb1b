import { describe, expect, it } from 'vitest';
import { FootballDataClient } from '../../src/football-data/client.ts';
import type { FixturesAnswer } from '../../src/football-data/types.ts';
import { simulate, TOKEN } from '../football-data-simulator/simulation.ts';

const PL = { competition: 'PL', season: '2025' };
const count = (answer: FixturesAnswer): number => (answer.kind === 'matches' ? answer.matches.length : -1);

async function connected(options: { token?: string; timeoutMs?: number } = {}) {
  const simulation = await simulate();
  const { token = TOKEN, timeoutMs = 5_000 } = options;
  const client = new FootballDataClient({ token, clock: simulation.clock, baseUrl: simulation.url, timeoutMs });
  return { ...simulation, client };
}

describe('the client', () => {
  it('reads a season, matches by id and one match', async () => {
    const { client } = await connected();
    const season = await client.seasonMatches(PL);
    expect(season).toMatchObject({ kind: 'matches', dropped: 0, announced: 380, competition: { code: 'PL' }, quota: { remaining: 9 } });
    expect(count(season)).toBe(380);
    expect(await client.matchesByIds(['600210', '600052'])).toMatchObject({
      kind: 'matches',
      matches: [{ id: '600210' }, { id: '600052' }],
    });
    expect(await client.matchById('600210')).toMatchObject({
      kind: 'matches',
      matches: [{ id: '600210', competition: 'PL', matchday: 1 }],
    });
  });

  it('does not ask for no ids, which would be answered with today’s matches', async () => {
    const { client, admin } = await connected();
    expect(count(await client.matchesByIds([]))).toBe(-1);
    expect(await admin.requests()).toEqual([]);
  });

  it('says what is wrong with a token, a competition and an id', async () => {
    const { client } = await connected();
    const { client: wrong } = await connected({ token: 'wrong-secret' });
    const answers = [
      await wrong.seasonMatches(PL),
      await client.seasonMatches({ competition: 'EL' }),
      await client.seasonMatches({ competition: '../x' }),
      await client.matchById('1'),
    ];
    expect(answers.map((answer) => answer.kind)).toEqual(['unauthorized', 'forbidden', 'invalid', 'not-found']);
    expect(JSON.stringify(answers)).not.toMatch(/wrong-secret|sandbox-token|Sandbox Club/);
  });

  it('tells of each call, without the ids and codes in it', async () => {
    const { clock, url, admin } = await connected();
    const told: string[] = [];
    const client = new FootballDataClient({
      token: TOKEN,
      clock,
      baseUrl: url,
      observe: ({ endpoint, code, seconds }) => void told.push(`${endpoint} ${code} ${seconds >= 0}`),
    });
    await client.seasonMatches(PL);
    await client.matchesByIds(['600210']);
    await client.matchById('1');
    await admin.addFaults([{ kind: 'drop' }]);
    await client.seasonMatches(PL);
    expect(told).toEqual(['competition-matches 200 true', 'matches 200 true', 'match 404 true', 'competition-matches error true']);
  });

  it('waits as long as the 429 says', async () => {
    const { client, clock } = await connected();
    for (let call = 0; call < 10; call += 1) await client.matchById('600210');
    clock.advance(12_000);
    expect(await client.seasonMatches(PL)).toMatchObject({
      kind: 'rate-limited',
      retryAt: clock.now().add({ seconds: 48 }),
      quota: { remaining: 0 },
    });
  });

  it.each([
    ['a 5xx', { kind: 'status', status: 503 }],
    ['a web page', { kind: 'html' }],
    ['truncated JSON', { kind: 'truncated' }],
    ['a cut body', { kind: 'cut' }],
    ['a dropped connection', { kind: 'drop' }],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:1/stolen' }],
    ['an error with status 200', { kind: 'body', body: '{"error":"slow down"}' }],
    ['a body beyond 8 MB', { kind: 'body', body: JSON.stringify({ matches: [], filler: 'x'.repeat(9_000_000) }) }],
  ] as const)('never reads %s as no matches', async (_, fault) => {
    const { client, admin } = await connected();
    await admin.addFaults([fault]);
    const answer = await client.seasonMatches(PL);
    expect(answer.kind).toBe('failed');
    expect(JSON.stringify(answer)).not.toContain(TOKEN);
    expect(count(await client.seasonMatches(PL))).toBe(380);
  });

  it('gives up on an answer that does not come', async () => {
    const { client, admin } = await connected({ timeoutMs: 50 });
    await admin.addFaults([{ kind: 'slow', delayMs: 600_000 }]);
    expect(await client.seasonMatches(PL)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no complete answer in time'),
    });
  });

  it('says that nobody is there', async () => {
    const { client, stop } = await connected();
    await stop();
    expect(await client.seasonMatches(PL)).toMatchObject({ kind: 'failed', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('blacks out its token where an error text quotes it', async () => {
    const { client, admin } = await connected();
    await admin.addFaults([{ kind: 'body', status: 400, body: JSON.stringify({ message: `no account for ${TOKEN}` }) }]);
    expect(await client.seasonMatches(PL)).toMatchObject({ kind: 'invalid', message: expect.stringContaining('no account for …') });
  });
});
