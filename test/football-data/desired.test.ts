import { describe, expect, it } from 'vitest';
import { type Desired, desiredFor, floorToMinute, sendTime } from '../../src/football-data/desired.ts';
import { observe, seed } from '../../src/football-data/knowledge.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { AWAY, at, HOME, KICKOFF, row } from './rows.ts';

const HOUR_MS = 3_600_000;
const SETTINGS = { leadTimeMs: HOUR_MS, unconfirmedKickoff: 'Hold' } as const;
const WELL_BEFORE = at('2026-04-20T12:00:00Z');

function wanted(changes: Partial<Fixture>, options: { now?: Temporal.Instant; schedule?: boolean } = {}): Desired {
  const now = options.now ?? WELL_BEFORE;
  const settings = { ...SETTINGS, unconfirmedKickoff: options.schedule === true ? 'Schedule' : 'Hold' } as const;
  return desiredFor(observe(undefined, row(changes), { now, leadTimeMs: HOUR_MS }), settings, { now });
}

describe('the status table (contracts 2.5)', () => {
  it.each<[Fixture['status'], string | undefined]>([
    ['SCHEDULED', 'KickoffUnconfirmed'],
    ['TIMED', undefined],
    ['POSTPONED', 'Postponed'],
    ['CANCELLED', 'Cancelled'],
    ['AWARDED', 'Cancelled'],
    ['SUSPENDED', 'Postponed'],
    ['unknown', 'KickoffUnconfirmed'],
  ])('%s before the kick-off is held as %s', (status, reason) => {
    expect(wanted({ status }).hold?.reason).toBe(reason);
  });

  it.each(['IN_PLAY', 'PAUSED', 'EXTRA_TIME', 'PENALTY_SHOOTOUT', 'LIVE', 'FINISHED'] as const)('%s is over', (status) => {
    expect(wanted({ status }, { now: KICKOFF.add({ hours: 1 }) })).toMatchObject({ over: true, hold: undefined });
  });

  it('SCHEDULED is scheduled when that was asked for', () => {
    expect(wanted({ status: 'SCHEDULED' }, { schedule: true }).hold).toBeUndefined();
  });

  it('SCHEDULED without teams is held even when that was asked for', () => {
    expect(wanted({ status: 'SCHEDULED', home: {} }, { schedule: true }).hold?.reason).toBe('TeamsUnknown');
  });

  it.each([
    ['home', { home: {} }],
    ['away', { away: { id: '57' } }],
  ])('TIMED without its %s team is held', (side, changes) => {
    expect(wanted(changes).hold).toEqual({ reason: 'TeamsUnknown', message: `The ${side} team is not known yet; sent when both are.` });
  });

  it('a TIMED match at midnight UTC is real: the status decides, not the clock', () => {
    expect(wanted({ kickoff: at('2026-05-02T00:00:00Z') }).hold).toBeUndefined();
  });

  it('a postponed match with known teams keeps the time it had', () => {
    const options = { now: WELL_BEFORE, leadTimeMs: HOUR_MS };
    let known = observe(undefined, row(), options);
    const postponed = row({ status: 'POSTPONED', kickoff: at('2026-05-02T00:00:00Z'), lastUpdated: at('2026-04-19T00:00:00Z') });
    known = observe(observe(known, postponed, options), postponed, options);
    expect(desiredFor(known, SETTINGS, { now: WELL_BEFORE })).toMatchObject({
      kickoff: KICKOFF,
      hold: { reason: 'Postponed' },
      over: false,
    });
  });
});

describe('the send time', () => {
  it.each([
    ['2026-05-02T14:00:00Z', 3_600_000, '2026-05-02T13:00:00Z'],
    ['2026-05-02T14:00:01Z', 3_600_000, '2026-05-02T13:00:00Z'],
    ['2026-05-02T14:00:59.999Z', 3_600_000, '2026-05-02T13:00:00Z'],
    ['2026-05-02T14:00:00Z', 3_601_000, '2026-05-02T12:59:00Z'],
    ['2026-05-02T00:30:00Z', 5_400_000, '2026-05-01T23:00:00Z'],
  ])('of a kick-off at %s with %i ms of lead is %s', (kickoff, leadTimeMs, expected) => {
    expect(sendTime(at(kickoff), leadTimeMs)).toEqual(at(expected));
  });

  it('before 1970 is floored too', () => {
    expect(floorToMinute(at('1969-12-31T23:59:30Z'))).toEqual(at('1969-12-31T23:59:00Z'));
  });

  it('that a person owns and that lies after the kick-off is held', () => {
    const known = observe(undefined, row(), { now: WELL_BEFORE, leadTimeMs: HOUR_MS });
    const wantedNow = desiredFor(known, SETTINGS, { now: WELL_BEFORE, sendAtOverride: KICKOFF });
    expect(wantedNow).toMatchObject({ sendAt: KICKOFF, hold: { reason: 'SendAfterKickoff' } });
  });

  it('to come of a match that is being played already is held', () => {
    const now = KICKOFF.subtract({ hours: 5 });
    const play = { state: 'live', kickoff: KICKOFF } as const;
    const known = seed({ id: '1', competition: 'PL', play, home: HOME, away: AWAY });
    expect(desiredFor(known, SETTINGS, { now })).toMatchObject({ over: false, hold: { reason: 'SendAfterKickoff' } });
  });
});

describe('a match that was seen in one answer only', () => {
  const nearSend = KICKOFF.subtract({ hours: 2 });

  it('is held close to its send, and asks for another answer', () => {
    const known = observe(undefined, row(), { now: nearSend, leadTimeMs: HOUR_MS });
    expect(known.wantsConfirmation).toBe(true);
    expect(desiredFor(known, SETTINGS, { now: nearSend }).hold?.reason).toBe('Unconfirmed');
  });

  it('is let go by a second answer', () => {
    const options = { now: nearSend, leadTimeMs: HOUR_MS };
    const known = observe(observe(undefined, row(), options), row(), options);
    expect(known.wantsConfirmation).toBe(false);
    expect(desiredFor(known, SETTINGS, { now: nearSend }).hold).toBeUndefined();
  });

  it('weeks ahead is not held and costs no second call', () => {
    expect(observe(undefined, row(), { now: WELL_BEFORE, leadTimeMs: HOUR_MS }).wantsConfirmation).toBe(false);
    expect(wanted({}).hold).toBeUndefined();
  });
});
