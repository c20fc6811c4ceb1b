/**
 * Answers that are broken in every way one can think of, 2,400 of them: cut, of wrong types, pages of HTML, huge, rows twice, fields of other
 * rows. None may cancel a send, end a pass with an error or lose a fixture, and each must be seen in a condition or an event.
 */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../sandbox/football-data/backends.ts';
import { FootballDataService } from '../../sandbox/football-data/service.ts';
import { inProcess } from '../football-data/in-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FeedBench } from './bench.ts';
import { DAY_ONE, someWeeks } from './bench-on-sockets.ts';

const ROUNDS = 100;
const MANY = { token: 'sandbox-token', name: 'Club', plan: 'TIER_FOUR', requestsPerMinute: 60 } as const;

type Random = () => number;
type Row = Record<string, unknown>;
/** What of a body becomes of it; `silent`: it says less, but nothing that is wrong, so that nothing is to be seen. */
type Mutation = (body: string, random: Random) => string;

const pick = <T>(from: readonly T[], random: Random): T | undefined => from[Math.floor(random() * from.length)];
const JUNK: readonly unknown[] = [null, 7, -1, 1e21, true, '', 'x', [], {}, ['a'], { id: 1 }, '2026-13-45T99:99:99Z', '\u0000\u202e'];

/** Of a list, or of the one match that a direct read answers with. */
function withRows(body: string, change: (rows: Row[]) => unknown[]): string {
  const parsed = JSON.parse(body);
  if (parsed.matches === undefined) return JSON.stringify(change([parsed])[0] ?? null);
  return JSON.stringify({ ...parsed, matches: change(parsed.matches) });
}
const eachRow = (body: string, change: (row: Row) => unknown): string => withRows(body, (rows) => rows.map(change));

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'cut anywhere': (body, random) => body.slice(0, Math.floor(random() * (body.length - 1))),
  'a page of HTML': () => '<!DOCTYPE html><html><body><h1>Checking your browser</h1></body></html>',
  'HTML around it': (body) => `<pre>${body}</pre>`,
  'no body': () => '',
  'not an object': (_, random) => JSON.stringify(pick(JUNK, random)),
  'matches of another type': (body, random) => JSON.stringify({ ...JSON.parse(body), matches: pick(JUNK.slice(0, 7), random) }),
  'no matches field': (body) => JSON.stringify({ ...JSON.parse(body), matches: undefined }),
  'an error with status 200': () => '{"message":"You reached your request limit. Wait 12 seconds.","errorCode":429}',
  'an empty list': (body) => withRows(body, () => []),
  'rows that are no rows': (body, random) => withRows(body, (rows) => rows.map(() => pick(JUNK, random))),
  'some rows that are none': (body, random) =>
    withRows(body, (rows) => rows.map((row, n) => (n === 0 || random() < 0.3 ? pick(JUNK, random) : row))),
  'rows without ids': (body) => eachRow(body, (row) => ({ ...row, id: null })),
  'rows without a kickoff': (body, random) => eachRow(body, (row) => ({ ...row, utcDate: pick(JUNK, random) })),
  'announces more than it has': (body) => {
    const parsed = JSON.parse(body);
    return JSON.stringify({ ...parsed, resultSet: { count: 900 }, matches: (parsed.matches ?? []).slice(0, 3) });
  },
  'ids that are no ids': (body) => eachRow(body, (row) => ({ ...row, id: '../secrets/x' })),
  'control characters': (body) => body.replaceAll('"', '\u0000"'),
  'a string that never ends': (body) => `${body.slice(0, 500)}${'x'.repeat(50_000)}`,
  'nested without end': () => `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
};

/** Odd rows among good ones: what can be read of them is taken, what can't says nothing. Nothing of it is an error of the answer. */
const ODDITIES: Readonly<Record<string, Mutation>> = {
  'every row twice': (body) => withRows(body, (rows) => [...rows, ...rows]),
  'every status of another type': (body, random) => eachRow(body, (row) => ({ ...row, status: pick(JUNK, random) })),
  'every team of another type': (body, random) =>
    eachRow(body, (row) => ({ ...row, homeTeam: pick(JUNK, random), awayTeam: pick(JUNK, random) })),
  'every stamp of another type': (body, random) => eachRow(body, (row) => ({ ...row, lastUpdated: pick(JUNK, random) })),
  'every competition of another type': (body, random) =>
    eachRow(body, (row) => ({ ...row, competition: pick(JUNK, random), matchday: pick(JUNK, random) })),
  'fields nobody knows, huge': (body) =>
    eachRow(body, (row) => ({ ...row, odds: 'y'.repeat(2_000), score: [[[[]]]], season: 7, stage: null })),
};

async function fuzzed(mutate: Mutation, seed: number) {
  const clock = new FakeClock(DAY_ONE);
  const season = someWeeks();
  const service = new FootballDataService({ clock, seasons: [{ ...season, matches: season.matches.slice(0, 12) }], accounts: [MANY] });
  const random = seededRandom(seed);
  let broken = false;
  const mangle = (body: string): string => (broken ? mutate(body, random) : body);
  const bench = new FeedBench({ clock, api: (token) => inProcess({ service, clock, token, mangle }) });
  const pl = bench.addFeed('pl', { competition: 'PL', window: '60d', interval: '1m' });
  await bench.run({ minutes: 1 });
  const before = new Map([...bench.objects].map(([id, { spec }]) => [id, JSON.stringify(spec)]));
  const after = () => new Map([...bench.objects].map(([id, { spec }]) => [id, JSON.stringify(spec)]));
  return {
    bench,
    pl,
    before,
    after,
    /** One poll that meets the mutation. */
    poll: async () => {
      broken = true;
      await bench.step(clock.now().add({ hours: 1 }));
    },
    heal: async () => {
      broken = false;
      await bench.run({ minutes: 70 });
    },
  };
}

describe('a broken answer', () => {
  it.each(Object.keys(MUTATIONS))('of the kind "%s" cancels nothing, loses nothing and is seen', async (kind) => {
    const mutate = MUTATIONS[kind] ?? expect.fail(kind);
    const { bench, pl, before, after, poll, heal } = await fuzzed(mutate, kind.length);
    for (let round = 0; round < ROUNDS; round += 1) {
      await poll();
      const said = `${bench.conditions(pl)[0]} ${bench.message(pl, 'Ready')}`;
      expect(said).toMatch(/Ready=False|could not be read|not found by id/);
    }
    expect(after()).toEqual(before);
    expect(bench.deleted).toEqual([]);
    expect(before.size).toBe(12);
    await heal();
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
    expect(after()).toEqual(before);
  });

  it.each(Object.keys(ODDITIES))('with %s says what can be read of it, and takes nothing back', async (kind) => {
    const mutate = ODDITIES[kind] ?? expect.fail(kind);
    const { bench, before, after, poll, heal } = await fuzzed(mutate, kind.length);
    for (let round = 0; round < ROUNDS; round += 1) await poll();
    const holds = [...bench.objects.values()].filter(({ spec }) => spec.hold !== undefined);
    expect(holds).toEqual([]);
    expect([...after().keys()]).toEqual([...before.keys()]);
    expect(bench.deleted).toEqual([]);
    await heal();
    expect(after()).toEqual(before);
  });
});
