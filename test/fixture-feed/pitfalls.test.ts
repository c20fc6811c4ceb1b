/**
 * Every pitfall of the provider by name (contracts 2.5, 2.7, 2.9), on the simulator's real port, through client, knowledge and reconciler to
 * the object. None of them may cancel, and each that people must know of is seen somewhere.
 */
import { describe, expect, it } from 'vitest';
import { NO_TEAM } from '../../sandbox/football-data/rows.ts';
import { onSockets, someWeeks } from './bench-on-sockets.ts';

const HOUR_MS = 3_600_000;

describe('the season (contracts 2.7, 1)', () => {
  it('that is pinned stays when the next one is published', async () => {
    const { bench, provider, pl, object } = await onSockets();
    await provider.admin.edit([{ kind: 'roll-over', competition: 'PL' }]);
    const before = bench.objects.size;
    await bench.run({ hours: 2 });
    expect(bench.objects.size).toBe(before);
    expect(object().spec.hold).toBeUndefined();
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
  });

  it('that is not pinned switches under the feed: matches followed are read by id, and their moves are still heard', async () => {
    const { bench, provider, pl, id, object } = await onSockets();
    const { season: _, ...source } = bench.feed(pl).spec.source;
    bench.change(pl, { source });
    await bench.run({ minutes: 6 });
    await provider.admin.edit([
      { kind: 'roll-over', competition: 'PL' },
      { kind: 'move', id, utcDate: '2026-01-27T20:00:00Z' },
    ]);
    await bench.run({ minutes: 20 });
    expect(object().spec).toMatchObject({ kickoff: '2026-01-27T20:00:00Z' });
    expect(object().spec.hold).toBeUndefined();
    expect(bench.deleted).toEqual([]);
  });

  it('whose postponed match left the list with the switch is found by id when it is set again', async () => {
    const { bench, provider, pl, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'postpone', id }]);
    await bench.run({ minutes: 15 });
    const { season: _, ...source } = bench.feed(pl).spec.source;
    bench.change(pl, { source, interval: '12h' });
    await provider.admin.edit([{ kind: 'roll-over', competition: 'PL' }]);
    bench.clock.advanceTo('2026-02-16T09:00:00Z');
    await bench.run({ minutes: 5 });
    await provider.admin.edit([{ kind: 'reschedule', id, utcDate: '2026-02-25T20:00:00Z' }]);
    await bench.run({ hours: 14 });
    expect(object().spec).toMatchObject({ kickoff: '2026-02-25T20:00:00Z', sendAt: '2026-02-25T19:00:00Z' });
    expect(object().spec.hold).toBeUndefined();
  });
});

describe('a match that an answer leaves out (contracts 2.7, 2)', () => {
  it('is read by id at once, and stays as it is', async () => {
    const { bench, provider, pl, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'drop', id }]);
    const { resourceVersion } = object().metadata;
    await bench.run({ minutes: 6 });
    const paths = (await provider.admin.requests()).map(({ path }) => path);
    expect(paths.at(-1)).toBe(`/v4/matches/${id}`);
    expect(object().metadata.resourceVersion).toBe(resourceVersion);
    expect(bench.message(pl, 'Ready')).toContain('1 of them are in no list any more and not found by id');
    expect(bench.conditions(pl)).not.toContain('FixturesMissing=True NotFound');
  });

  it('is called missing after three lists and as many direct reads, and is never cancelled for it', async () => {
    const { bench, provider, pl, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'drop', id }]);
    await bench.run({ minutes: 18 });
    expect(bench.conditions(pl)).toContain('FixturesMissing=True NotFound');
    expect(bench.message(pl, 'FixturesMissing')).toContain(`pl-${id}`);
    expect(bench.events.filter(({ reason }) => reason === 'FixtureMissing').map(({ name }) => name)).toEqual([`pl-${id}`]);
    await bench.run({ hours: 1 });
    expect(object().spec.hold).toBeUndefined();
    expect(bench.deleted).toEqual([]);
    expect(bench.events.filter(({ reason }) => reason === 'FixtureMissing')).toHaveLength(1);
  });

  it('is none that is missing when it comes back', async () => {
    const { bench, provider, pl, id } = await onSockets();
    await provider.admin.edit([{ kind: 'drop', id }]);
    await bench.run({ minutes: 30 });
    await provider.admin.edit([{ kind: 'restore', id }]);
    await bench.run({ minutes: 6 });
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
  });

  it('because the list was cut is not counted as missing, and the cut list shows', async () => {
    const { bench, provider, pl } = await onSockets();
    const before = bench.writes.length;
    await provider.admin.edit([{ kind: 'truncate', competition: 'PL', keep: 5, announceAll: true }]);
    await bench.run({ minutes: 30 });
    expect(bench.conditions(pl)).toContain('Ready=False ProviderUnavailable');
    expect(bench.conditions(pl)).not.toContain('FixturesMissing=True NotFound');
    expect(bench.writes).toHaveLength(before);
  });

  it('because the list was cut without a word is found by id', async () => {
    const { bench, provider, pl } = await onSockets();
    const before = bench.writes.length;
    await provider.admin.edit([{ kind: 'truncate', competition: 'PL', keep: 5 }]);
    await bench.run({ minutes: 30 });
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
    expect(bench.writes).toHaveLength(before);
  });
});

describe('a list that grows (contracts 2.7, 3)', () => {
  it('gains a match in the middle of the season: one object more', async () => {
    const { bench, provider, id } = await onSockets();
    const row = await provider.admin.match(id);
    const before = bench.objects.size;
    await provider.admin.edit([
      { kind: 'replace', id, newId: 777_001, utcDate: '2026-02-20T20:00:00Z' },
      { kind: 'restore', id },
    ]);
    await provider.admin.edit([{ kind: 'teams', id: 777_001, home: row.awayTeam, away: row.homeTeam }]);
    await bench.run({ minutes: 12 });
    expect(bench.objects.size).toBe(before + 1);
    expect(bench.notification('pl-777001').spec.hold).toBeUndefined();
  });
});

describe('what moves and what does not (contracts 2.7, 4)', () => {
  it('a kickoff that moves without a change of status is followed', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-25T16:30:00Z' }]);
    await bench.run({ minutes: 6 });
    expect(object().spec).toMatchObject({ kickoff: '2026-01-25T16:30:00Z', sendAt: '2026-01-25T15:30:00Z' });
    expect(bench.events.find(({ reason }) => reason === 'KickoffMoved')?.note).toContain('→ kickoff 2026-01-25T16:30:00Z');
  });

  it('lastUpdated that moves for odds and referees is no change', async () => {
    const { bench, provider, id } = await onSockets();
    const before = bench.writes.length;
    for (let n = 0; n < 5; n += 1) {
      await provider.admin.edit([{ kind: 'touch', id }]);
      await bench.run({ minutes: 6 });
    }
    expect(bench.writes).toHaveLength(before);
  });
});

describe('names (contracts 2.7, 5)', () => {
  it('that are respelled by one of the servers in turn change nothing', async () => {
    const { bench, provider, id } = await onSockets();
    const { homeTeam } = await provider.admin.match(id);
    const before = bench.writes.length;
    await provider.admin.setBackends(
      [
        { name: 'fresh', lagMs: 0 },
        { name: 'other', lagMs: 2 * HOUR_MS },
      ],
      'in-turn',
    );
    await provider.admin.edit([{ kind: 'rename', teamId: homeTeam.id ?? 0, name: 'Another Spelling' }]);
    await bench.run({ minutes: 100 });
    expect(bench.writes).toHaveLength(before);
  });

  it('that are respelled for good are followed, by the id of the team', async () => {
    const { bench, provider, id, object } = await onSockets();
    const { homeTeam } = await provider.admin.match(id);
    await provider.admin.edit([{ kind: 'rename', teamId: homeTeam.id ?? 0, name: 'A New Name FC' }]);
    await bench.run({ minutes: 20 });
    expect(object().spec.match.home).toMatchObject({ id: String(homeTeam.id), name: 'A New Name FC' });
  });
});

describe('the day and the hour (contracts 2.7, 8 and 12)', () => {
  it('a kickoff at 00:00Z that is TIMED is real: the status decides, not the clock', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-26T00:00:00Z' }]);
    await bench.run({ minutes: 12 });
    expect(object().spec).toMatchObject({ kickoff: '2026-01-26T00:00:00Z', sendAt: '2026-01-25T23:00:00Z' });
    expect(object().spec.hold).toBeUndefined();
  });

  it('a kickoff at 00:00Z that is SCHEDULED is a placeholder: held', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'unconfirm', id, utcDate: '2026-01-26T00:00:00Z' }]);
    await bench.run({ minutes: 12 });
    expect(object().spec.hold?.reason).toBe('KickoffUnconfirmed');
  });
});

describe('values nobody announced (contracts 2.4, 2.7, 10 and 11)', () => {
  it('an unknown stage, group, score, odds and season of another type are let pass', async () => {
    const { bench, provider, pl, id } = await onSockets({}, { seasonEcho: 'number' });
    const before = bench.writes.length;
    const odd = { stage: 'ROUND_OF_32', group: 'GROUP_Z', score: 'n/a', odds: [], referees: [], venue: null } as const;
    await provider.admin.edit([{ kind: 'set', id, fields: odd }]);
    await bench.run({ minutes: 12 });
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
    expect(bench.writes).toHaveLength(before);
  });

  it.each(['DELAYED', '2026-01-24 15:00:00Z', ''])('the status %j says nothing, however often', async (status) => {
    const { bench, provider, id } = await onSockets();
    const before = bench.writes.length;
    await provider.admin.edit([{ kind: 'status', id, status }]);
    await bench.run({ minutes: 60 });
    expect(bench.writes).toHaveLength(before);
  });
});

describe('a match that is called off (contracts 2.5)', () => {
  it('POSTPONED keeps the kickoff that was known, although the row has the old day at 00:00Z', async () => {
    const { bench, provider, id, object } = await onSockets();
    const { kickoff } = object().spec;
    await provider.admin.edit([{ kind: 'postpone', id }]);
    await bench.run({ minutes: 12 });
    expect(object().spec).toMatchObject({ kickoff, hold: { reason: 'Postponed' } });
  });

  it('and TIMED again under the same id is sent at its new time', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'postpone', id }]);
    await bench.run({ minutes: 12 });
    await provider.admin.edit([{ kind: 'reschedule', id, utcDate: '2026-02-11T19:30:00Z' }]);
    await bench.run({ minutes: 12 });
    expect(object().spec).toMatchObject({ kickoff: '2026-02-11T19:30:00Z', sendAt: '2026-02-11T18:30:00Z' });
    expect(object().spec.hold).toBeUndefined();
  });

  it('and TIMED under a new id is sent under that one, and not under the old one', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'postpone', id }]);
    await bench.run({ minutes: 12 });
    await provider.admin.edit([
      { kind: 'replace', id, newId: 777_002, utcDate: '2026-02-11T19:30:00Z' },
      { kind: 'restore', id },
      { kind: 'status', id: 777_002, status: 'TIMED' },
    ]);
    await bench.run({ minutes: 12 });
    expect(object().spec.hold?.reason).toBe('Postponed');
    expect(bench.notification('pl-777002').spec).toMatchObject({ kickoff: '2026-02-11T19:30:00Z' });
    expect(bench.notification('pl-777002').spec.hold).toBeUndefined();
  });

  it('and TIMED under a new id and then under the old one as well is sent once', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'postpone', id }]);
    await bench.run({ minutes: 12 });
    await provider.admin.edit([
      { kind: 'replace', id, newId: 777_002, utcDate: '2026-02-11T19:30:00Z' },
      { kind: 'restore', id },
      { kind: 'status', id: 777_002, status: 'TIMED' },
    ]);
    await bench.run({ minutes: 12 });
    await provider.admin.edit([{ kind: 'reschedule', id, utcDate: '2026-02-11T19:30:00Z' }]);
    await bench.run({ minutes: 12 });
    expect(bench.notification('pl-777002').spec.hold).toBeUndefined();
    expect(object().spec.hold).toEqual({
      reason: 'DuplicateFixture',
      message: 'The provider has this fixture under another id too; match 777002 is the one that is sent.',
    });
  });

  it('a second leg and a replay, on the other ground or weeks later, are no duplicates', async () => {
    const { bench, provider, id, object } = await onSockets();
    const { homeTeam, awayTeam } = await provider.admin.match(id);
    await provider.admin.edit([
      { kind: 'replace', id, newId: 777_003, utcDate: '2026-01-26T19:30:00Z' },
      { kind: 'restore', id },
      { kind: 'teams', id: 777_003, home: awayTeam, away: homeTeam },
      { kind: 'replace', id: 777_003, newId: 777_004, utcDate: '2026-02-24T19:30:00Z' },
      { kind: 'restore', id: 777_003 },
      { kind: 'teams', id: 777_004, home: homeTeam, away: awayTeam },
    ]);
    await bench.run({ minutes: 12 });
    const holds = [object(), bench.notification('pl-777003'), bench.notification('pl-777004')].map(({ spec }) => spec.hold);
    expect(holds).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['CANCELLED', 'Cancelled'],
    ['AWARDED', 'Cancelled'],
    ['SUSPENDED', 'Postponed'],
  ])('%s is held as %s after three answers at most', async (status, reason) => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'status', id, status }]);
    await bench.run({ minutes: 12 });
    expect(object().spec.hold?.reason).toBe(reason);
  });

  it('FINISHED that comes back as TIMED stays over', async () => {
    const { bench, provider, id, object } = await onSockets({ interval: '1h' });
    bench.clock.advanceTo('2026-01-24T20:00:00Z');
    await provider.admin.edit([{ kind: 'status', id, status: 'FINISHED' }]);
    await bench.run({ hours: 2 });
    const before = object().metadata.resourceVersion;
    await provider.admin.setOddities([{ kind: 'finished-to-timed', ids: [id] }]);
    await bench.run({ hours: 10 });
    expect(object().metadata.resourceVersion).toBe(before);
  });
});

describe('placeholders (contracts 2.9)', () => {
  it('TIMED with null teams is held until both are known', async () => {
    const { bench, provider, id } = await onSockets({}, { seasons: [withoutTeams()] });
    expect(bench.notification(`pl-${id}`).spec.hold?.reason).toBe('TeamsUnknown');
    const [real] = someWeeks().matches.filter((row) => row.id === id);
    await provider.admin.edit([{ kind: 'teams', id, home: real?.homeTeam ?? null, away: real?.awayTeam ?? null }]);
    await bench.run({ minutes: 12 });
    expect(bench.notification(`pl-${id}`).spec.hold).toBeUndefined();
  });

  it('whose ids are replaced by new ones stay held, are called missing, and the new ones are sent', async () => {
    const { bench, provider, pl, id } = await onSockets({}, { seasons: [withoutTeams()] });
    const [real] = someWeeks().matches.filter((row) => row.id === id);
    await provider.admin.edit([
      { kind: 'replace', id, newId: 777_005 },
      { kind: 'teams', id: 777_005, home: real?.homeTeam ?? null, away: real?.awayTeam ?? null },
    ]);
    await bench.run({ minutes: 20 });
    expect(bench.notification(`pl-${id}`).spec.hold?.reason).toBe('TeamsUnknown');
    expect(bench.notification('pl-777005').spec.hold).toBeUndefined();
    expect(bench.conditions(pl)).toContain('FixturesMissing=True NotFound');
  });

  it('a match with both teams that is replaced by a new id is sent under the new one alone', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'replace', id, newId: 777_006, utcDate: '2026-02-04T20:00:00Z' }]);
    await bench.run({ minutes: 20 });
    expect(object().spec.hold?.reason).toBe('DuplicateFixture');
    expect(bench.notification('pl-777006').spec.hold).toBeUndefined();
  });

  it('known teams that turn null days before the kickoff stay known', async () => {
    const { bench, provider, id } = await onSockets();
    const before = bench.writes.length;
    await provider.admin.setOddities([{ kind: 'teams-null', ids: [id] }]);
    await bench.run({ hours: 3 });
    expect(bench.writes).toHaveLength(before);
  });
});

function withoutTeams() {
  const season = someWeeks();
  const isLate = ({ utcDate }: { utcDate: string }): boolean => utcDate > '2026-01-24';
  return { ...season, matches: season.matches.map((row) => (isLate(row) ? { ...row, homeTeam: NO_TEAM, awayTeam: NO_TEAM } : row)) };
}
