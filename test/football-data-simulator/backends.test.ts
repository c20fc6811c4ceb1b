import { describe, expect, it } from 'vitest';
import type { OddityKind } from '../../sandbox/football-data/oddities.ts';
import type { MatchRow } from '../../sandbox/football-data/rows.ts';
import { GENEROUS, PL, type Simulation, simulate } from './simulation.ts';

const accounts = GENEROUS;
const HOUR_MS = 3_600_000;
const FRESH = { name: 'fresh', lagMs: 0 };
const WEEKS_BEHIND = { name: 'weeks-behind', lagMs: 21 * 24 * HOUR_MS };

const matchOf = async (simulation: Simulation, status = 'TIMED'): Promise<MatchRow> => {
  const [first] = (await simulation.get(`${PL}?status=${status}`)).body.matches;
  if (first === undefined) throw new Error(`no ${status} match in the fixtures`);
  return first;
};
const readerOf = (simulation: Simulation, id: number) => async (): Promise<MatchRow> =>
  JSON.parse((await simulation.get(`/v4/matches/${id}`)).text);

describe('several servers (contracts 2.9)', () => {
  it('answer in turn, each as of its own lag', async () => {
    const simulation = await simulate({ accounts });
    const { id, utcDate } = await matchOf(simulation);
    await simulation.admin.setBackends([FRESH, { name: 'hour', lagMs: HOUR_MS }, WEEKS_BEHIND], 'in-turn');
    await simulation.admin.edit([{ kind: 'move', id, utcDate: '2026-03-30T19:00:00Z' }]);
    const read = readerOf(simulation, id);
    const round = async (): Promise<string[]> => [await read(), await read(), await read()].map((row) => row.utcDate);
    expect(await round()).toEqual(['2026-03-30T19:00:00Z', utcDate, utcDate]);
    simulation.clock.advance(HOUR_MS);
    expect(await round()).toEqual(['2026-03-30T19:00:00Z', '2026-03-30T19:00:00Z', utcDate]);
    simulation.clock.advance(21 * 24 * HOUR_MS);
    expect(await round()).toEqual(['2026-03-30T19:00:00Z', '2026-03-30T19:00:00Z', '2026-03-30T19:00:00Z']);
  });

  it('answer at random, the same for the same seed', async () => {
    const order = async (seed: number): Promise<string[]> => {
      const { get, admin } = await simulate({ accounts, backends: [FRESH, WEEKS_BEHIND], turn: { seed } });
      for (let call = 0; call < 16; call += 1) await get('/v4/matches?ids=600001');
      return (await admin.requests()).map((entry) => entry.backend);
    };
    const first = await order(7);
    expect(new Set(first)).toEqual(new Set(['fresh', 'weeks-behind']));
    expect(await order(7)).toEqual(first);
    expect(await order(8)).not.toEqual(first);
  });

  it('a stale cached reply comes once, with an older lastUpdated than the one before', async () => {
    const simulation = await simulate({ accounts });
    const { id } = await matchOf(simulation);
    const read = readerOf(simulation, id);
    await simulation.admin.edit([{ kind: 'touch', id }]);
    const { lastUpdated } = await read();
    await simulation.admin.addFaults([{ kind: 'stale', lagMs: HOUR_MS }]);
    expect((await read()).lastUpdated < lastUpdated).toBe(true);
    expect((await read()).lastUpdated).toBe(lastUpdated);
  });

  it('none at all is refused', async () => {
    const { admin } = await simulate();
    await expect(admin.setBackends([], 'in-turn')).rejects.toThrow('one backend at least');
  });
});

describe('an oddity (contracts 2.9)', () => {
  it.each<[OddityKind, string, object, object]>([
    ['teams-null', 'TIMED', {}, { homeTeam: { id: null, name: null }, awayTeam: { id: null }, status: 'TIMED' }],
    ['timed-to-scheduled', 'TIMED', {}, { status: 'SCHEDULED' }],
    ['finished-to-timed', 'FINISHED', {}, { status: 'TIMED' }],
    ['date-as-status', 'TIMED', {}, { status: expect.stringMatching(/^2026-\d\d-\d\d \d\d:\d\d:00Z$/) }],
    ['other-status', 'TIMED', { status: 'POSTPONED' }, { status: 'POSTPONED' }],
    ['future-stamp', 'TIMED', { byMinutes: 114 }, { lastUpdated: '2026-03-14T13:54:00Z' }],
  ])('%s of a %s match lasts two answers and leaves the rest of the row alone', async (kind, status, more, expected) => {
    const simulation = await simulate({ accounts });
    const before = await matchOf(simulation, status);
    const read = readerOf(simulation, before.id);
    await simulation.admin.setOddities([{ kind, ids: [before.id], answers: 2, ...more }]);
    const odd = await read();
    expect(odd).toMatchObject(expected);
    if (kind !== 'future-stamp') expect(odd.lastUpdated).toBe(before.lastUpdated);
    expect(odd.utcDate).toBe(before.utcDate);
    expect(await read()).toEqual(odd);
    expect(await read()).toEqual(before);
  });

  it('concerns only the matches and servers that it names, and only its time', async () => {
    const simulation = await simulate({ accounts, backends: [FRESH, { name: 'odd', lagMs: 0 }] });
    const { id } = await matchOf(simulation);
    const oddity = { kind: 'teams-null', ids: [id], backends: ['odd'], until: '2026-03-14T13:00:00Z' } as const;
    await simulation.admin.setBackends([FRESH, { name: 'odd', lagMs: 0 }], 'in-turn');
    await simulation.admin.setOddities([oddity]);
    const unknown = async (): Promise<number[]> =>
      (await simulation.get(PL)).body.matches.filter((row) => row.homeTeam.id === null).map((row) => row.id);
    expect([await unknown(), await unknown()]).toEqual([[], [id]]);
    simulation.clock.advance(HOUR_MS);
    expect([await unknown(), await unknown()]).toEqual([[], []]);
  });

  it('with a chance hits about that share of the rows', async () => {
    const { get, admin } = await simulate({ accounts, seed: 3 });
    await admin.setOddities([{ kind: 'teams-null', chance: 0.25 }]);
    const hit = (await get(PL)).body.matches.filter((row) => row.homeTeam.id === null).length;
    expect(hit).toBeGreaterThan(60);
    expect(hit).toBeLessThan(130);
  });
});
