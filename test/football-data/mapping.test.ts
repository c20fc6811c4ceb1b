import { describe, expect, it } from 'vitest';
import { toFixture } from '../../src/football-data/mapping.ts';
import { MATCH_STATUSES } from '../../src/football-data/types.ts';
import { AWAY, at, HOME, KICKOFF, row, wireRow } from './rows.ts';

describe('a row of an answer', () => {
  it('becomes a fixture with ids as text', () => {
    expect(toFixture(wireRow())).toEqual(row());
  });

  it.each(MATCH_STATUSES)('keeps the status %s', (status) => {
    expect(toFixture(wireRow({ status }))?.status).toBe(status);
  });

  it.each(['2026-07-06 01:00:00Z', 'DELAYED', '', null, 7, {}, undefined])('with %j in the status has an unknown one', (status) => {
    expect(toFixture(wireRow({ status }))?.status).toBe('unknown');
  });

  it('without a status key has an unknown one', () => {
    const { status: _, ...rest } = wireRow();
    expect(toFixture(rest)?.status).toBe('unknown');
  });

  it.each([
    ['all five fields null', { id: null, name: null, shortName: null, tla: null, crest: null }],
    ['null', null],
    ['absent', undefined],
    ['a text', 'Arsenal'],
  ])('whose home team is %s does not know it', (_, homeTeam) => {
    const fixture = toFixture(wireRow({ homeTeam }));
    expect(fixture?.home).toEqual({});
    expect(fixture?.away).toEqual(AWAY);
  });

  it('with an id of a team but no name keeps the id', () => {
    expect(toFixture(wireRow({ homeTeam: { id: 58, name: null, shortName: null, tla: null } }))?.home).toEqual({ id: '58' });
  });

  it.each([
    ['LEAGUE_STAGE, which no page documents', { stage: 'LEAGUE_STAGE' }],
    ['a stage nobody has seen', { stage: 'ROUND_OF_32' }],
    ['scores and odds of another shape', { score: 'n/a', odds: [], referees: null }],
    ['a season of another shape', { season: null }],
    ['fields nobody knows', { venue: 7, minute: '90+4' }],
  ])('with %s is read all the same', (_, changes) => {
    expect(toFixture(wireRow(changes))).toEqual(row());
  });

  it.each([
    ['matchday null', { matchday: null }, { matchday: undefined }],
    ['matchday a text', { matchday: 'Final' }, { matchday: undefined }],
    ['lastUpdated missing', { lastUpdated: undefined }, { lastUpdated: undefined }],
    ['lastUpdated unreadable', { lastUpdated: 'yesterday' }, { lastUpdated: undefined }],
    ['no competition', { competition: null }, { competition: undefined }],
    ['a competition without a code', { competition: { id: 2021 } }, { competition: '2021' }],
    ['an id as text', { id: '600123' }, {}],
    ['a kick-off with seconds', { utcDate: '2026-05-02T14:00:01Z' }, { kickoff: at('2026-05-02T14:00:01Z') }],
  ])('with %s lacks only that', (_, changes, expected) => {
    expect(toFixture(wireRow(changes))).toEqual(row(expected));
  });

  it('with nothing but an id and a kick-off is read', () => {
    const bare = { id: 600123, utcDate: '2026-05-02T14:00:00Z' };
    const nothing = { status: 'unknown', competition: undefined, matchday: undefined, lastUpdated: undefined, home: {}, away: {} } as const;
    expect(toFixture(bare)).toEqual(row(nothing));
  });

  it.each([
    ['no id', { id: null }],
    ['no utcDate', { utcDate: null }],
    ['an utcDate that is none', { utcDate: 'TBD' }],
    ['an utcDate without a zone', { utcDate: '2026-05-02T14:00:00' }],
  ])('with %s can not be used', (_, changes) => {
    expect(toFixture(wireRow(changes))).toBeUndefined();
  });

  it.each([null, 'row', 7, []])('that is %j can not be used', (raw) => {
    expect(toFixture(raw)).toBeUndefined();
  });

  it('says the kick-off and both sides of the example', () => {
    expect(toFixture(wireRow())).toMatchObject({ kickoff: KICKOFF, home: HOME, away: AWAY });
  });
});
