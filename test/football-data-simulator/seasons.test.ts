import { describe, expect, it } from 'vitest';
import { footballDataAdminClient } from '../../sandbox/football-data/admin-client.ts';
import { firstKickoffAt, loadSeasons, replayHistory } from '../../sandbox/football-data/seasons.ts';
import { GENEROUS, PL, simulate } from './simulation.ts';

const accounts = GENEROUS;

describe('the recorded seasons', () => {
  it('are eight leagues with 2,916 matches, under the same ids in each revision', () => {
    const ids = (['2026-01-08', '2026-03-04', '2026-03-13'] as const).map((revision) =>
      loadSeasons({ revision })
        .flatMap((season) => season.matches.map((row) => row.id))
        .sort(),
    );
    expect(ids[0]).toHaveLength(2916);
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[2]).toEqual(ids[0]);
  });

  it('are moved so that the next kick-off is when it is wanted, the others as far from it as they were', () => {
    const seasons = loadSeasons({ competitions: ['PL'] });
    const retime = firstKickoffAt(seasons, { after: '2026-03-14T00:00:00Z', at: '2027-01-01T12:00:30Z' });
    const moved = loadSeasons({ competitions: ['PL'], retime })[0]?.matches ?? [];
    const timed = moved
      .filter((row) => row.status === 'TIMED')
      .map((row) => row.utcDate)
      .sort();
    expect(timed[0]).toBe('2027-01-01T12:01:00Z');
    const gap = (rows: readonly string[]): number => Date.parse(rows[5] ?? '') - Date.parse(rows[0] ?? '');
    const original = (seasons[0]?.matches ?? [])
      .filter((row) => row.status === 'TIMED')
      .map((row) => row.utcDate)
      .sort();
    expect(gap(timed)).toBe(gap(original));
    const postponed = moved.find((row) => row.status === 'POSTPONED');
    expect(postponed?.utcDate).toMatch(/T00:00:00Z$/);
    expect(moved.find((row) => row.id === 600_210)?.lastUpdated).toMatch(/^2026-/);
  });

  it('are compressed, with kick-offs on whole minutes', () => {
    const retime = { from: '2026-03-14T12:00:00Z', to: '2026-03-14T12:00:00Z', scale: 0.01 };
    const rows = loadSeasons({ competitions: ['PL'], retime })[0]?.matches ?? [];
    const timed = rows.filter((row) => row.status === 'TIMED').map((row) => row.utcDate);
    expect(timed.every((kickoff) => kickoff.endsWith(':00Z') && kickoff < '2026-03-15T06:00:00Z')).toBe(true);
  });

  it('without a match to come are refused when the next kick-off is wanted', () => {
    const seasons = loadSeasons({ competitions: ['PL'] });
    expect(() => firstKickoffAt(seasons, { after: '2030-01-01T00:00:00Z', at: '2030-01-01T00:00:00Z' })).toThrow(
      'no match with a set kick-off',
    );
  });
});

describe('the replay of the real history', () => {
  it('starts with what was known on 8 January and ends with the newest', async () => {
    const { get, clock, admin } = await simulate({ accounts });
    clock.set(Temporal.Instant.from('2026-01-08T20:00:00Z'));
    const changes = await admin.replay({ competitions: ['PL', 'PD'] });
    expect(changes).toBeGreaterThan(300);
    const of = (revision: '2026-01-08' | '2026-03-04' | '2026-03-13') => {
      const rows = loadSeasons({ competitions: ['PL'], revision })[0]?.matches ?? [];
      return rows.map((row) => `${row.id} ${row.utcDate} ${row.status}`).sort();
    };
    const served = async (): Promise<string[]> =>
      (await get(PL)).body.matches.map((row) => `${row.id} ${row.utcDate} ${row.status}`).sort();
    expect(await served()).toEqual(of('2026-01-08'));
    clock.set(Temporal.Instant.from('2026-03-05T00:00:00Z'));
    expect(await served()).toEqual(of('2026-03-04'));
    clock.set(Temporal.Instant.from('2026-03-14T00:00:00Z'));
    expect(await served()).toEqual(of('2026-03-13'));
  });

  it('moves its changes in time with its matches', () => {
    const retime = { from: '2026-01-08T00:00:00Z', to: '2026-12-01T00:00:00Z' };
    const { edits } = replayHistory({ competitions: ['PL'], retime });
    expect(edits.length).toBeGreaterThan(100);
    expect(edits.every((edit) => (edit.at ?? '') > '2026-12-01T00:00:00Z')).toBe(true);
  });
});

describe('the admin port', () => {
  it('does from another process what the simulator does in its own', async () => {
    const { adminUrl, get, ids } = await simulate();
    const admin = footballDataAdminClient(adminUrl);
    await admin.setAccounts([...accounts]);
    const [id = 0] = await ids(`${PL}?status=TIMED`);
    await admin.edit([{ kind: 'move', id, utcDate: '2026-03-29T15:00:00Z' }]);
    expect((await admin.match(id)).utcDate).toBe('2026-03-29T15:00:00Z');
    await admin.setBackends([{ name: 'behind', lagMs: 60_000 }], 'in-turn');
    expect((await get(`/v4/matches?ids=${id}`)).body.matches[0]?.utcDate).not.toBe('2026-03-29T15:00:00Z');
    await admin.setOddities([{ kind: 'teams-null', ids: [id] }]);
    expect((await get(`/v4/matches?ids=${id}`)).body.matches[0]?.homeTeam.id).toBeNull();
    await admin.addFaults([{ kind: 'status', status: 500 }]);
    await admin.clearFaults();
    expect((await get(PL)).status).toBe(200);
    expect((await admin.requests()).at(-1)).toMatchObject({ path: PL, backend: 'behind', status: 200 });
    await admin.clearRequests();
    expect(await admin.requests()).toEqual([]);
    await admin.load({ competitions: ['FL1'], revision: '2026-01-08' });
    expect(await admin.matches('FL1')).toHaveLength(306);
    expect(await admin.replay({ competitions: ['FL1'] })).toBeGreaterThan(0);
  });

  it('answers with a sentence when it is asked for something that is not there', async () => {
    const { adminUrl } = await simulate();
    await expect(footballDataAdminClient(adminUrl).match(1)).rejects.toThrow('football-data simulator: the simulator has no match 1');
    expect(await (await fetch(`${adminUrl}/constructor`, { method: 'POST', body: '[]' })).text()).toBe(
      'the admin port has no method "constructor"',
    );
  });
});
