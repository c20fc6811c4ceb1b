import { describe, expect, it } from 'vitest';
import { type Knowledge, learntFrom, observe, seed } from '../../src/football-data/knowledge.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { AWAY, at, HOME, KICKOFF, row } from './rows.ts';

const LEAD_MS = 3_600_000;
const FAR = at('2026-04-20T12:00:00Z');
const NEAR = KICKOFF.subtract({ hours: 2 });
const LATER = at('2026-05-03T16:30:00Z');
/** `lastUpdated` of the edit after the one that `row()` shows. */
const EDITED = at('2026-04-19T08:00:00Z');

/** What is known after these rows, one an answer. */
function knownFrom(rows: readonly Fixture[], options: { now?: Temporal.Instant; from?: Knowledge } = {}): Knowledge {
  const now = options.now ?? FAR;
  let known = options.from;
  for (const seen of rows) known = observe(known, seen, { now, leadTimeMs: LEAD_MS });
  if (known === undefined) throw new Error('no rows');
  return known;
}
const KNOWN = knownFrom([row(), row()]);
const moved = row({ kickoff: LATER, lastUpdated: EDITED });
const held = row({ status: 'POSTPONED', kickoff: at('2026-05-02T00:00:00Z'), lastUpdated: EDITED });
const flapped = row({ status: 'SCHEDULED' });

describe('a move', () => {
  it('seen once is not believed, and asks for a second answer at once', () => {
    const known = knownFrom([moved], { from: KNOWN });
    expect(known.play.value.kickoff).toEqual(KICKOFF);
    expect(known.wantsConfirmation).toBe(true);
  });

  it('seen twice is known, and asks for nothing more', () => {
    const known = knownFrom([moved, moved], { from: KNOWN });
    expect(known.play.value).toEqual({ state: 'timed', kickoff: LATER });
    expect(known.wantsConfirmation).toBe(false);
  });

  it('of 29 minutes before the kick-off is known after two answers too', () => {
    expect(knownFrom([moved, moved], { from: KNOWN, now: KICKOFF.subtract({ minutes: 29 }) }).play.value.kickoff).toEqual(LATER);
  });

  it('to an earlier time is one as well', () => {
    const earlier = row({ kickoff: KICKOFF.subtract({ hours: 3 }), lastUpdated: EDITED });
    expect(knownFrom([earlier, earlier], { from: KNOWN }).play.value.kickoff).toEqual(earlier.kickoff);
  });

  it.each([1, -1, 59, -59])('of %i seconds is none', (seconds) => {
    const nudged = row({ kickoff: KICKOFF.add({ seconds }), lastUpdated: EDITED });
    const known = knownFrom([nudged, nudged, nudged, nudged], { from: KNOWN });
    expect(known.play.value.kickoff).toEqual(KICKOFF);
    expect(known.wantsConfirmation).toBe(false);
  });

  it('of which the second sighting comes after lagging answers is still known', () => {
    expect(knownFrom([moved, row(), row(), row(), moved], { from: KNOWN }).play.value.kickoff).toEqual(LATER);
  });

  it('seen once and then not in twenty answers is forgotten', () => {
    const known = knownFrom([moved, ...Array.from({ length: 20 }, () => row())], { from: KNOWN });
    expect(known.play.pending).toBeUndefined();
    expect(knownFrom([moved], { from: known }).play.value.kickoff).toEqual(KICKOFF);
  });

  it('asks for a few answers at once, not for ever', () => {
    const asked = Array.from({ length: 18 }, (_, lagging) =>
      knownFrom([moved, ...Array.from({ length: lagging }, () => row())], { from: KNOWN }),
    ).map((known) => known.wantsConfirmation);
    expect(asked.slice(0, 11)).not.toContain(false);
    expect(asked.slice(12)).not.toContain(true);
  });

  it('is not undone by a lagging server, however often it answers', () => {
    const known = knownFrom([moved, moved, ...Array.from({ length: 200 }, () => row())], { from: KNOWN });
    expect(known.play.value.kickoff).toEqual(LATER);
    expect(known.play.against).toBe(200);
  });

  it('is not made by a server that is further behind than all that was known', () => {
    const ancient = row({ kickoff: at('2026-05-01T19:00:00Z'), lastUpdated: at('2025-07-30T00:00:00Z') });
    expect(knownFrom([ancient, ancient, ancient, ancient, ancient], { from: KNOWN }).play.value.kickoff).toEqual(KICKOFF);
  });

  it('back to the old time is followed when its stamp is newer', () => {
    const back = row({ lastUpdated: EDITED.add({ hours: 30 }) });
    const options = { from: KNOWN, now: FAR.add({ hours: 48 }) };
    expect(knownFrom([moved, moved, back, back], options).play.value.kickoff).toEqual(KICKOFF);
  });
});

describe('lastUpdated as evidence', () => {
  const sameStamp = row({ kickoff: LATER });

  it('that is the same needs three answers in a row', () => {
    expect(knownFrom([sameStamp, sameStamp], { from: KNOWN }).play.value.kickoff).toEqual(KICKOFF);
    expect(knownFrom([sameStamp, sameStamp, sameStamp], { from: KNOWN }).play.value.kickoff).toEqual(LATER);
  });

  it('that is the same changes nothing while servers disagree in turn', () => {
    const turns = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? sameStamp : row()));
    expect(knownFrom(turns, { from: KNOWN }).play.value.kickoff).toEqual(KICKOFF);
  });

  it('that is missing is as good as the same', () => {
    const bare = row({ kickoff: LATER, lastUpdated: undefined });
    expect(knownFrom([bare, bare, bare], { from: KNOWN }).play.value.kickoff).toEqual(LATER);
    expect(knownFrom([bare, row(), bare, bare], { from: KNOWN }).play.value.kickoff).toEqual(KICKOFF);
  });

  it('in the future does not block the real edit that comes after it', () => {
    const future = row({ lastUpdated: FAR.add({ minutes: 114 }) });
    const real = row({ kickoff: LATER, lastUpdated: FAR.add({ minutes: 10 }) });
    const known = knownFrom([future, future], { from: KNOWN });
    expect(knownFrom([real, real], { from: known, now: FAR.add({ minutes: 20 }) }).play.value.kickoff).toEqual(LATER);
  });

  it('in the future does not let an old row undo a move in two answers', () => {
    const wrong = row({ lastUpdated: FAR.add({ minutes: 114 }) });
    expect(knownFrom([moved, moved, wrong, wrong, wrong, wrong], { from: KNOWN }).play.value.kickoff).toEqual(LATER);
  });

  it('that moves for odds and referees says nothing', () => {
    const touched = row({ lastUpdated: EDITED });
    const known = knownFrom([touched], { from: KNOWN });
    expect(known.play.value).toEqual(KNOWN.play.value);
    expect(known.wantsConfirmation).toBe(false);
    expect(learntFrom(known)).toEqual(EDITED);
  });
});

describe('a hold', () => {
  it('well before the send needs two answers and keeps the kick-off', () => {
    expect(knownFrom([held], { from: KNOWN }).play.value.state).toBe('timed');
    expect(knownFrom([held, held], { from: KNOWN }).play.value).toEqual({ state: 'postponed', kickoff: KICKOFF });
  });

  it.each(['POSTPONED', 'CANCELLED', 'SUSPENDED', 'SCHEDULED', 'AWARDED'] as const)('as %s in the last two hours needs three', (status) => {
    const seen = row({ status, lastUpdated: EDITED });
    expect(knownFrom([seen, seen], { from: KNOWN, now: NEAR }).play.value.state).toBe('timed');
    expect(knownFrom([seen, seen, seen], { from: KNOWN, now: NEAR }).play.value.state).not.toBe('timed');
  });

  it('of two answers 45 minutes before a kick-off was a flap and changes nothing', () => {
    const known = knownFrom([flapped, flapped, row(), row()], { from: KNOWN, now: KICKOFF.subtract({ minutes: 45 }) });
    expect(known.play.value).toEqual({ state: 'timed', kickoff: KICKOFF });
    expect(known.play.pending).toBeUndefined();
  });

  it('ends when the same id is timed again, after two answers', () => {
    const again = row({ kickoff: LATER, lastUpdated: EDITED.add({ hours: 1 }) });
    const known = knownFrom([held, held, again], { from: KNOWN });
    expect(known.play.value.state).toBe('postponed');
    expect(knownFrom([again], { from: known }).play.value).toEqual({ state: 'timed', kickoff: LATER });
  });

  it('is not ended by a lagging server that still has the match timed', () => {
    expect(knownFrom([held, held, row(), row(), row(), row()], { from: KNOWN }).play.value.state).toBe('postponed');
  });
});

describe('a status that says nothing', () => {
  const dateAsStatus = row({ status: 'unknown', kickoff: LATER, lastUpdated: EDITED });

  it('changes neither state nor kick-off, however often it comes', () => {
    const known = knownFrom([dateAsStatus, dateAsStatus, dateAsStatus, dateAsStatus], { from: KNOWN });
    expect(known.play).toEqual(KNOWN.play);
    expect(known.wantsConfirmation).toBe(false);
  });

  it('in the first row waits for the first real one, which is taken at once', () => {
    const known = knownFrom([row({ status: 'unknown' })]);
    expect(known.play.value.state).toBe('unknown');
    expect(knownFrom([row()], { from: known }).play.value.state).toBe('timed');
  });

  it('still may name the teams', () => {
    const known = knownFrom([row({ home: {} })]);
    expect(knownFrom([row({ status: 'unknown' })], { from: known }).home.value).toEqual(HOME);
  });
});

describe('what has started or ended', () => {
  const finished = row({ status: 'FINISHED', lastUpdated: KICKOFF.add({ hours: 2 }) });
  const afterwards = KICKOFF.add({ hours: 3 });

  it('is taken from one answer when the kick-off has passed', () => {
    expect(knownFrom([row({ status: 'IN_PLAY', lastUpdated: KICKOFF })], { from: KNOWN, now: afterwards }).play.value.state).toBe('live');
    expect(knownFrom([finished], { from: KNOWN, now: afterwards }).play.value.state).toBe('finished');
  });

  it('does not become timed again, whatever the stamp', () => {
    const again = row({ kickoff: afterwards.add({ hours: 20 }), lastUpdated: afterwards });
    const known = knownFrom([finished, again, again, again, again], { from: KNOWN, now: afterwards });
    expect(known.play.value).toEqual({ state: 'finished', kickoff: KICKOFF });
  });

  it('keeps its kick-off when that is corrected the next day', () => {
    const corrected = row({ status: 'FINISHED', kickoff: KICKOFF.add({ hours: 1 }), lastUpdated: afterwards });
    expect(knownFrom([finished, corrected, corrected, corrected], { from: KNOWN, now: afterwards }).play.value.kickoff).toEqual(KICKOFF);
  });

  it('says nothing when its own kick-off is still far away', () => {
    expect(knownFrom([finished, finished, finished], { from: KNOWN, now: FAR }).play).toEqual(KNOWN.play);
  });

  it('before the known kick-off needs three answers: it was moved earlier, or is wrong', () => {
    const early = row({ status: 'IN_PLAY', kickoff: KICKOFF.subtract({ hours: 3 }), lastUpdated: NEAR });
    expect(knownFrom([early, early], { from: KNOWN, now: NEAR }).play.value.state).toBe('timed');
    expect(knownFrom([early, early, early], { from: KNOWN, now: NEAR }).play.value.state).toBe('live');
  });

  it('and is abandoned, then timed for another day, is a match to come again', () => {
    const live = row({ status: 'IN_PLAY', lastUpdated: KICKOFF });
    const suspended = row({ status: 'SUSPENDED', lastUpdated: KICKOFF.add({ hours: 1 }) });
    const replay = row({ kickoff: KICKOFF.add({ hours: 72 }), lastUpdated: KICKOFF.add({ hours: 2 }) });
    const known = knownFrom([live, suspended, suspended, replay, replay], { from: KNOWN, now: afterwards });
    expect(known.play.value).toEqual({ state: 'timed', kickoff: replay.kickoff });
  });

  it('is not put back to timed at the same kick-off', () => {
    const live = row({ status: 'IN_PLAY', lastUpdated: KICKOFF });
    const timed = row({ lastUpdated: afterwards });
    expect(knownFrom([live, timed, timed, timed, timed], { from: KNOWN, now: afterwards }).play.value.state).toBe('live');
  });
});

describe('the teams', () => {
  it('that turn null stay known', () => {
    const known = knownFrom([row({ home: {}, away: {}, lastUpdated: EDITED })], { from: KNOWN });
    expect([known.home.value, known.away.value]).toEqual([HOME, AWAY]);
    expect(known.wantsConfirmation).toBe(false);
  });

  it('that are filled in are known at once', () => {
    const known = knownFrom([row({ home: {}, away: { id: '57' } }), row()]);
    expect([known.home.value, known.away.value]).toEqual([HOME, AWAY]);
  });

  it('that are renamed have the new name after two answers', () => {
    const renamed = row({ home: { ...HOME, name: 'Aston Villa' }, lastUpdated: EDITED });
    expect(knownFrom([renamed], { from: KNOWN }).home.value.name).toBe('Aston Villa FC');
    expect(knownFrom([renamed, renamed], { from: KNOWN }).home.value.name).toBe('Aston Villa');
    expect(knownFrom([renamed, renamed], { from: KNOWN }).play).toMatchObject({ value: KNOWN.play.value });
  });

  it('whose spelling depends on the server keep the one they have', () => {
    const other = row({ home: { ...HOME, name: 'Aston Villa' } });
    const turns = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? other : row()));
    expect(knownFrom(turns, { from: KNOWN }).home.value.name).toBe('Aston Villa FC');
  });

  it('that lose their short name keep it', () => {
    const bare = row({ home: { id: '58', name: 'Aston Villa FC' }, lastUpdated: EDITED });
    expect(knownFrom([bare, bare], { from: KNOWN }).home.value).toEqual(HOME);
  });

  it('that are replaced by others are the others after two answers', () => {
    const other = { id: '61', name: 'Chelsea FC', shortName: 'Chelsea', tla: 'CHE' };
    const replaced = row({ home: other, lastUpdated: EDITED });
    expect(knownFrom([replaced, replaced], { from: KNOWN }).home.value).toEqual(other);
  });
});

describe('after a restart', () => {
  const applied = { id: '600123', competition: 'PL', play: { state: 'timed', kickoff: LATER }, home: HOME, away: AWAY } as const;

  it('what the object says is not undone by two stale answers', () => {
    expect(knownFrom([row(), row()], { from: seed(applied) }).play.value.kickoff).toEqual(LATER);
  });

  it('with the stamp it was learnt from, it is not undone by any number of them', () => {
    const stale = Array.from({ length: 50 }, () => row());
    expect(knownFrom(stale, { from: seed({ ...applied, lastUpdated: EDITED }) }).play.value.kickoff).toEqual(LATER);
  });

  it('a move made meanwhile is seen after two answers with a newer stamp', () => {
    const since = row({ kickoff: KICKOFF, lastUpdated: EDITED.add({ hours: 5 }) });
    expect(knownFrom([since, since], { from: seed({ ...applied, lastUpdated: EDITED }) }).play.value.kickoff).toEqual(KICKOFF);
  });
});
