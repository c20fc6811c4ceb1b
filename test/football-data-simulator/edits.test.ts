import { describe, expect, it } from 'vitest';
import type { Edit } from '../../sandbox/football-data/edits.ts';
import type { MatchRow } from '../../sandbox/football-data/rows.ts';
import { GENEROUS, PL, type Simulation, simulate } from './simulation.ts';

const accounts = GENEROUS;

async function withMatch(): Promise<{ simulation: Simulation; before: MatchRow; read: () => Promise<MatchRow> }> {
  const simulation = await simulate({ accounts });
  const [before] = (await simulation.get(`${PL}?status=TIMED&dateFrom=2026-03-20`)).body.matches;
  if (before === undefined) throw new Error('no timed match in the fixtures');
  const read = async (): Promise<MatchRow> => JSON.parse((await simulation.get(`/v4/matches/${before.id}`)).text);
  return { simulation, before, read };
}

describe('a scripted change of one match (contracts 2.8)', () => {
  it.each<[string, (id: number) => Edit, (before: MatchRow) => Partial<MatchRow>]>([
    [
      'moved by hours',
      (id) => ({ kind: 'move', id, utcDate: '2026-03-22T18:30:00Z' }),
      () => ({ utcDate: '2026-03-22T18:30:00Z', status: 'TIMED' }),
    ],
    [
      'postponed to the old day at 00:00Z',
      (id) => ({ kind: 'postpone', id }),
      (before) => ({ status: 'POSTPONED', utcDate: `${before.utcDate.slice(0, 10)}T00:00:00Z` }),
    ],
    [
      'without a set time',
      (id) => ({ kind: 'unconfirm', id, utcDate: '2026-03-21T00:00:00Z' }),
      () => ({ status: 'SCHEDULED', utcDate: '2026-03-21T00:00:00Z' }),
    ],
    ['cancelled', (id) => ({ kind: 'cancel', id }), (before) => ({ status: 'CANCELLED', utcDate: before.utcDate })],
    ['suspended', (id) => ({ kind: 'suspend', id }), (before) => ({ status: 'SUSPENDED', utcDate: before.utcDate })],
    ['of any status', (id) => ({ kind: 'status', id, status: 'AWARDED' }), () => ({ status: 'AWARDED' })],
    ['touched', (id) => ({ kind: 'touch', id }), (before) => ({ status: 'TIMED', utcDate: before.utcDate })],
    [
      'with any field set',
      (id) => ({ kind: 'set', id, fields: { matchday: null, stage: 'LEAGUE_STAGE' } }),
      () => ({ matchday: null, stage: 'LEAGUE_STAGE' }),
    ],
  ])('shows it %s, with a new lastUpdated', async (_, edit, expected) => {
    const { simulation, before, read } = await withMatch();
    await simulation.admin.edit([edit(before.id)]);
    expect(await read()).toEqual({ ...before, ...expected(before), lastUpdated: '2026-03-14T12:00:00Z' });
  });

  it('TBD becomes TIMED, and a postponed match gets its new time under the same id', async () => {
    const { simulation, before, read } = await withMatch();
    const { id } = before;
    await simulation.admin.edit([
      { kind: 'unconfirm', id },
      { kind: 'confirm', id, utcDate: '2026-03-22T16:00:00Z' },
    ]);
    expect(await read()).toMatchObject({ status: 'TIMED', utcDate: '2026-03-22T16:00:00Z' });
    await simulation.admin.edit([
      { kind: 'postpone', id },
      { kind: 'reschedule', id, utcDate: '2026-04-29T19:00:00Z' },
    ]);
    expect(await read()).toMatchObject({ id, status: 'TIMED', utcDate: '2026-04-29T19:00:00Z' });
  });

  it('names are taken away and filled in', async () => {
    const { simulation, before, read } = await withMatch();
    await simulation.admin.edit([{ kind: 'teams', id: before.id, home: null }]);
    expect((await read()).homeTeam).toEqual({ id: null, name: null, shortName: null, tla: null, crest: null });
    expect((await read()).awayTeam).toEqual(before.awayTeam);
    await simulation.admin.edit([{ kind: 'teams', id: before.id, home: before.homeTeam }]);
    expect((await read()).homeTeam).toEqual(before.homeTeam);
  });

  it('keeps lastUpdated, or gives it another, also one in the future', async () => {
    const { simulation, before, read } = await withMatch();
    await simulation.admin.edit([{ kind: 'status', id: before.id, status: 'SCHEDULED', lastUpdated: 'keep' }]);
    expect(await read()).toMatchObject({ status: 'SCHEDULED', lastUpdated: before.lastUpdated });
    await simulation.admin.edit([{ kind: 'touch', id: before.id, lastUpdated: '2026-03-14T13:54:00Z' }]);
    expect((await read()).lastUpdated).toBe('2026-03-14T13:54:00Z');
  });

  it('drops it from every list, and brings it back', async () => {
    const { simulation, before } = await withMatch();
    const { id } = before;
    await simulation.admin.edit([{ kind: 'drop', id }]);
    expect(await simulation.ids(PL)).not.toContain(id);
    expect(await simulation.ids(`/v4/matches?ids=${id}`)).toEqual([]);
    expect((await simulation.get(`/v4/matches/${id}`)).status).toBe(404);
    await simulation.admin.edit([{ kind: 'restore', id }]);
    expect((await simulation.get(PL)).body.matches).toContainEqual(before);
  });

  it('a timeline is followed by the clock, in whatever order it was given', async () => {
    const { simulation, before, read } = await withMatch();
    const { id } = before;
    await simulation.admin.edit([
      { kind: 'move', id, utcDate: '2026-03-23T20:00:00Z', at: '2026-03-14T14:00:00Z' },
      { kind: 'move', id, utcDate: '2026-03-22T20:00:00Z', at: '2026-03-14T13:00:00Z' },
    ]);
    expect(await read()).toEqual(before);
    simulation.clock.advance(3_600_000);
    expect(await read()).toMatchObject({ utcDate: '2026-03-22T20:00:00Z', lastUpdated: '2026-03-14T13:00:00Z' });
    simulation.clock.advance(3_600_000);
    expect(await read()).toMatchObject({ utcDate: '2026-03-23T20:00:00Z', lastUpdated: '2026-03-14T14:00:00Z' });
  });

  it('of a match that is not there is refused by name', async () => {
    const { admin } = await simulate();
    await expect(admin.edit([{ kind: 'cancel', id: 1 }])).rejects.toThrow('no match 1');
  });
});

describe('a scripted change of more', () => {
  it('the same fixture comes back under a new id', async () => {
    const { simulation, before } = await withMatch();
    await simulation.admin.edit([{ kind: 'replace', id: before.id, newId: 777_777, utcDate: '2026-03-25T20:00:00Z' }]);
    const ids = await simulation.ids(PL);
    expect(ids).not.toContain(before.id);
    const [row] = (await simulation.get('/v4/matches?ids=777777')).body.matches;
    expect(row).toMatchObject({ id: 777_777, homeTeam: before.homeTeam, utcDate: '2026-03-25T20:00:00Z' });
  });

  it('a team is renamed in each of its 38 matches, under the same lastUpdated', async () => {
    const { simulation, before, read } = await withMatch();
    const teamId = before.homeTeam.id ?? 0;
    await simulation.admin.edit([{ kind: 'rename', teamId, name: 'New Name FC' }]);
    const all = (await simulation.get(PL)).body.matches;
    expect(all.filter((row) => row.homeTeam.name === 'New Name FC' || row.awayTeam.name === 'New Name FC')).toHaveLength(38);
    expect(await read()).toEqual({ ...before, homeTeam: { ...before.homeTeam, name: 'New Name FC' } });
  });

  it('a list is cut, empty, and whole again', async () => {
    const { get, admin } = await simulate({ accounts });
    await admin.edit([{ kind: 'truncate', competition: 'PL', keep: 200, announceAll: true }]);
    let { body } = await get(PL);
    expect([body.matches.length, body.resultSet['count']]).toEqual([200, 380]);
    await admin.edit([{ kind: 'truncate', competition: 'PL', keep: 0 }]);
    ({ body } = await get(PL));
    expect([body.matches, body.resultSet['count']]).toEqual([[], 0]);
    await admin.edit([{ kind: 'truncate', competition: 'PL', keep: null }]);
    expect((await get(PL)).body.matches).toHaveLength(380);
  });

  it('the season rolls over: the default list switches, the pinned season and its ids stay', async () => {
    const { simulation, before } = await withMatch();
    await simulation.admin.edit([{ kind: 'roll-over', competition: 'PL' }]);
    const { body } = await simulation.get(PL);
    expect(body.filters).toEqual({ season: '2026' });
    expect(body.matches).toHaveLength(380);
    expect(body.matches.map((row) => row.id)).not.toContain(before.id);
    expect(new Set(body.matches.map((row) => row.status))).toEqual(new Set(['SCHEDULED']));
    expect(await simulation.ids(`${PL}?season=2025`)).toContain(before.id);
    expect(await simulation.ids(`/v4/matches?ids=${before.id}`)).toEqual([before.id]);
  });
});
