/** Twelve feeds with one token on the free plan: ten calls a minute, counted by the provider in a fixed window (contracts 2.1, 2.7). */
import { describe, expect, it } from 'vitest';
import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import type { Season } from '../../sandbox/football-data/rows.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { FootballDataService } from '../../sandbox/football-data/service.ts';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { inProcess } from '../football-data/in-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FeedBench } from './bench.ts';

const TWELVE = ['PL', 'PD', 'SA', 'BL1', 'FL1', 'DED', 'PPL', 'ELC', 'CL', 'EC', 'WC', 'BSA'] as const;
/** The Saturday of the recorded seasons with most kickoffs: 17 in one minute. */
const SATURDAY = '2026-01-17T11:40:00Z';
const MINUTE_MS = 60_000;

/** The ten days around that Saturday of eight recorded leagues, and four of them again as the cups of the free plan. */
function twelveSeasons(): Season[] {
  const isAround = (utcDate: string): boolean => utcDate > '2026-01-15' && utcDate < '2026-01-25';
  const real = loadSeasons({ revision: '2026-01-08' }).map((season) => ({
    ...season,
    matches: season.matches.filter(({ utcDate }) => isAround(utcDate)),
  }));
  const cups = real.slice(0, 4).map((season, index): Season => {
    const code = TWELVE[8 + index] ?? '';
    const competition = { ...season.competition, code, id: 9_000 + index };
    return { ...season, competition, matches: season.matches.map((row) => ({ ...row, competition, id: row.id + 100_000 })) };
  });
  return [...real, ...cups];
}

function stage(spec: Partial<FixtureFeedSpec> = {}) {
  const clock = new FakeClock(SATURDAY);
  const service = new FootballDataService({ clock, seasons: twelveSeasons() });
  const bench = new FeedBench({ clock, api: (token) => inProcess({ service, clock, token }) });
  const keys = TWELVE.map((competition, index) =>
    bench.addFeed(competition.toLowerCase(), { competition, ...spec }, { namespace: index % 2 === 0 ? 'club' : 'other' }),
  );
  return { bench, service, keys };
}

/** Most calls in any minute, wherever it begins. */
function mostInAMinute(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE_MS).length));
}

const callsOf = async (service: FootballDataService) => {
  const requests = await service.requests();
  const times = requests.map(({ at }) => Temporal.Instant.from(at).epochMilliseconds);
  return {
    refused: requests.filter(({ status }) => status === 429).length,
    lists: requests.filter(({ path }) => path.startsWith('/v4/competitions')).length,
    reads: requests.filter(({ path }) => path.startsWith('/v4/matches')).length,
    most: mostInAMinute(times),
    paths: requests.map(({ path }) => path),
  };
};

describe('twelve feeds of two namespaces with one token on the free plan', () => {
  it('stay within its ten calls a minute through a Saturday, one kept spare', { timeout: 60_000 }, async () => {
    const { bench, service, keys } = stage();
    await bench.run({ hours: 2 });
    const calls = await callsOf(service);
    expect(calls.refused).toBe(0);
    expect(calls.most).toBeLessThanOrEqual(SANDBOX_ACCOUNT.requestsPerMinute - 1);
    for (const key of keys) expect(bench.conditions(key)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
    // Two hours hold 24 intervals of five minutes: no list comes more often, give or take the jitter.
    expect(calls.lists).toBeLessThanOrEqual(12 * 28);
    expect(calls.reads).toBeGreaterThan(100);
    expect(calls.reads).toBeLessThan(2 * 60 * 3);
  });

  it('see the move of any match that is due within two hours at most two minutes later', { timeout: 60_000 }, async () => {
    const { bench, service } = stage();
    await bench.run({ minutes: 30 });
    const delays: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const now = bench.clock.now();
      const near = [...bench.objects.values()].filter(({ spec }) => {
        const ahead = Temporal.Instant.from(spec.sendAt).since(now).total('minutes');
        return spec.hold === undefined && ahead > 5 && ahead < 118;
      });
      const object = near[(round * 7) % Math.max(1, near.length)];
      if (object === undefined) break;
      const utcDate = Temporal.Instant.from(object.spec.kickoff).add({ minutes: 15 }).toString();
      await service.edit([{ kind: 'move', id: Number(object.spec.match.id), utcDate }]);
      const seen = (): boolean => bench.notification(object.metadata.name, object.metadata.namespace).spec.kickoff === utcDate;
      while (!seen()) await bench.step(now.add({ minutes: 10 }));
      delays.push(bench.clock.now().since(now).total('seconds'));
      await bench.run({ seconds: 37 });
    }
    expect(delays.length).toBeGreaterThan(20);
    expect(Math.max(...delays)).toBeLessThanOrEqual(120);
    expect((await callsOf(service)).refused).toBe(0);
  });

  it('share the calls fairly when they want more than there are: none waits longer than twice the others', {
    timeout: 60_000,
  }, async () => {
    const { bench, service } = stage({ interval: '10s' });
    await bench.run({ minutes: 30 });
    const calls = await callsOf(service);
    expect(calls.refused).toBe(0);
    const lists = TWELVE.map((code) => calls.paths.filter((path) => path.includes(`/competitions/${code}/`)).length);
    expect(Math.min(...lists)).toBeGreaterThanOrEqual(Math.max(...lists) / 2);
    expect(Math.min(...lists)).toBeGreaterThan(5);
  });

  it('do not all come at once after a while', async () => {
    const { bench, service } = stage({ interval: '5m' });
    await bench.run({ hours: 1 });
    await service.clearRequests();
    await bench.run({ minutes: 5 });
    const lists = (await service.requests()).filter(({ path }) => path.startsWith('/v4/competitions'));
    const seconds = lists.map(({ at }) => Math.floor(Temporal.Instant.from(at).epochMilliseconds / 10_000));
    expect(Math.max(...[...Map.groupBy(seconds, (second) => second).values()].map((group) => group.length))).toBeLessThan(6);
  });

  it('wait together when the provider says so, and leave it in peace until then', async () => {
    const { bench, service } = stage();
    await bench.run({ minutes: 10 });
    await service.addFaults([{ kind: 'rate-limit', waitSeconds: 120 }]);
    await service.clearRequests();
    await bench.run({ minutes: 4 });
    const requests = await service.requests();
    const refusedAt = requests.find(({ status }) => status === 429)?.at ?? expect.fail('no call met the limit');
    const next = requests.find(({ at, status }) => at > refusedAt && status === 200)?.at ?? expect.fail('nothing was asked again');
    expect(Temporal.Instant.from(next).since(refusedAt).total('seconds')).toBeGreaterThanOrEqual(120);
  });
});

describe('feeds with different tokens', () => {
  it('do not share a budget', async () => {
    const clock = new FakeClock(SATURDAY);
    const accounts = [SANDBOX_ACCOUNT, { ...SANDBOX_ACCOUNT, token: 'other-token', name: 'Other' }];
    const service = new FootballDataService({ clock, seasons: loadSeasons({ competitions: ['PL'] }), accounts });
    const asked: string[] = [];
    const bench = new FeedBench({
      clock,
      api: (token) => {
        asked.push(token);
        return inProcess({ service, clock, token });
      },
    });
    for (let n = 0; n < 10; n += 1) bench.addFeed(`one-${n}`, { competition: 'PL' });
    for (let n = 0; n < 10; n += 1) bench.addFeed(`two-${n}`, { competition: 'PL' }, { token: 'other-token' });
    await bench.run({ seconds: 59 });
    expect(asked).toEqual(['sandbox-token', 'other-token']);
    expect((await service.requests()).filter(({ status }) => status === 429)).toEqual([]);
  });
});
