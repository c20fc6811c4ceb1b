/**
 * The fold against a model of the service: a history of true states, each with its own `lastUpdated`, and servers that each lag by their own
 * time and answer in any order (contracts 2.9).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Knowledge, observe } from '../../src/football-data/knowledge.ts';
import type { Fixture, MatchStatus } from '../../src/football-data/types.ts';
import { AWAY, at, HOME, row } from './rows.ts';

const START = at('2026-03-01T00:00:00Z');
const LEAD_MS = 3_600_000;
const RUNS = { numRuns: 400 };

interface Version {
  readonly atMinute: number;
  readonly row: Fixture;
}

/** True states of one match, each another kick-off or state than the one before, at rising minutes. */
const histories = fc
  .array(
    fc.record({
      gapMinutes: fc.integer({ min: 1, max: 20_000 }),
      day: fc.integer({ min: 1, max: 40 }),
      status: fc.constantFrom<MatchStatus>('TIMED', 'TIMED', 'SCHEDULED', 'POSTPONED', 'SUSPENDED', 'CANCELLED'),
      teams: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((edits) => {
    let minute = 0;
    return edits.map(({ gapMinutes, day, status, teams }, index): Version => {
      minute += gapMinutes;
      // A day of its own for each version: a value then names its version.
      const kickoff = START.add({ hours: (200 + day + index * 50) * 24 });
      const sides = teams ? { home: HOME, away: AWAY } : { home: {}, away: {} };
      return { atMinute: minute, row: row({ kickoff, status, lastUpdated: START.add({ minutes: minute }), ...sides }) };
    });
  });

/** The same moves, none of them a hold. */
const onlyTimed = (history: readonly Version[]): Version[] =>
  history.map(
    (version): Version => ({ ...version, row: { ...version.row, status: version.row.status === 'SCHEDULED' ? 'SCHEDULED' : 'TIMED' } }),
  );

const lags = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 5 });
/** Which server answers next, and how many minutes later. */
const answers = fc.array(fc.record({ server: fc.nat(4), wait: fc.integer({ min: 0, max: 3_000 }) }), { minLength: 1, maxLength: 80 });

interface Step {
  readonly said: Version;
  readonly known: Knowledge;
  readonly before: Knowledge | undefined;
}

const latest = (history: readonly Version[], minute: number): Version | undefined =>
  history.findLast((version) => version.atMinute <= minute);

/** Lets the servers answer in turn as given; one step for each answer that had the match. */
function play(history: readonly Version[], servers: readonly number[], calls: readonly { server: number; wait: number }[]): Step[] {
  const steps: Step[] = [];
  let minute = history[0]?.atMinute ?? 0;
  let known: Knowledge | undefined;
  for (const { server, wait } of calls) {
    minute += wait;
    const said = latest(history, minute - (servers[server % servers.length] ?? 0));
    if (said === undefined) continue;
    const before: Knowledge | undefined = known;
    known = observe(before, said.row, { now: START.add({ minutes: minute }), leadTimeMs: LEAD_MS });
    steps.push({ said, known, before });
  }
  return steps;
}

/** The version whose kick-off is known; kick-offs name versions where no state keeps an older one. */
const versionOf = (known: Knowledge, history: readonly Version[]): number =>
  history.findIndex((version) => version.row.kickoff.equals(known.play.value.kickoff));

/** What a row says about the match: a kick-off counts only while it is to be played, since an off match keeps the one that is known. */
function claimOf({ row: { status, kickoff } }: Version): string {
  return status === 'TIMED' || status === 'SCHEDULED' ? `${status} ${kickoff}` : status;
}

describe('with servers that lag and answer in any order', () => {
  it('what is known never goes back to an earlier version', () => {
    fc.assert(
      fc.property(histories.map(onlyTimed), lags, answers, (history, servers, calls) => {
        let newest = 0;
        for (const { known } of play(history, servers, calls)) {
          const version = versionOf(known, history);
          expect(version).toBeGreaterThanOrEqual(newest);
          newest = version;
        }
      }),
      RUNS,
    );
  });

  it('nothing changes that was not said in two answers', () => {
    fc.assert(
      fc.property(histories, lags, answers, (history, servers, calls) => {
        const said = new Map<string, number>();
        for (const step of play(history, servers, calls)) {
          const claim = claimOf(step.said);
          said.set(claim, (said.get(claim) ?? 0) + 1);
          if (step.before === undefined || step.before.play.value === step.known.play.value) continue;
          expect(said.get(claim)).toBeGreaterThanOrEqual(2);
        }
      }),
      RUNS,
    );
  });

  it('teams that were known stay known', () => {
    fc.assert(
      fc.property(histories, lags, answers, (history, servers, calls) => {
        for (const { before, known } of play(history, servers, calls)) {
          if (before?.home.value.id !== undefined) expect(known.home.value.id).toBe(before.home.value.id);
          if (before?.away.value.id !== undefined) expect(known.away.value.id).toBe(before.away.value.id);
        }
      }),
      RUNS,
    );
  });

  it('the last true state is known a few rounds after the fresh server has it', () => {
    const orders = fc.array(fc.array(fc.nat(4), { minLength: 0, maxLength: 4 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(histories, lags, answers, orders, (history, servers, calls, rounds) => {
        const all = [0, ...servers];
        const last = history.at(-1);
        if (last === undefined) return;
        // First anything, then four rounds in each of which the fresh server answers once among the others.
        const wait = last.atMinute + 1;
        const settled = rounds.flatMap((lagging) => [
          ...lagging.map((server) => ({ server: server + 1, wait: 0 })),
          { server: 0, wait: 0 },
        ]);
        const steps = play(history, all, [...calls, { server: 0, wait }, ...settled]);
        const known = steps.at(-1)?.known;
        expect(known?.play.stamp.hiMs).toBe(last.row.lastUpdated?.epochMilliseconds);
        if (last.row.status === 'TIMED') expect(known?.play.value).toEqual({ state: 'timed', kickoff: last.row.kickoff });
      }),
      RUNS,
    );
  });
});

describe('with rows of any kind at all', () => {
  const anyStatus = fc.constantFrom<Fixture['status']>(
    'SCHEDULED',
    'TIMED',
    'IN_PLAY',
    'FINISHED',
    'POSTPONED',
    'CANCELLED',
    'LIVE',
    'unknown',
  );
  const anyRow = fc
    .record({
      status: anyStatus,
      hours: fc.integer({ min: -100, max: 2_000 }),
      stamp: fc.option(fc.integer({ min: -1_000, max: 120 }), { nil: undefined }),
      teams: fc.boolean(),
    })
    .map(({ status, hours, stamp, teams }) =>
      row({
        status,
        kickoff: START.add({ hours }),
        lastUpdated: stamp === undefined ? undefined : START.add({ minutes: stamp }),
        ...(teams ? {} : { home: {}, away: {} }),
      }),
    );
  const rows = fc.array(anyRow, { minLength: 2, maxLength: 40 });
  const options = { now: START, leadTimeMs: LEAD_MS };

  it('finished stays finished, known teams stay known, an unknown status moves nothing', () => {
    fc.assert(
      fc.property(rows, (seen) => {
        let known: Knowledge | undefined;
        for (const next of seen) {
          const before: Knowledge | undefined = known;
          known = observe(before, next, options);
          if (before === undefined) continue;
          if (before.play.value.state === 'finished') expect(known.play.value).toEqual(before.play.value);
          if (before.home.value.name !== undefined) expect(known.home.value.name).toBeDefined();
          if (next.status === 'unknown') expect(known.play).toEqual(before.play);
        }
      }),
      RUNS,
    );
  });

  it('a row that says what is known asks for nothing and changes nothing', () => {
    fc.assert(
      fc.property(anyRow, (seen) => {
        const twice = observe(observe(undefined, seen, options), seen, options);
        const thrice = observe(twice, seen, options);
        expect(thrice).toEqual(twice);
        if (seen.status !== 'unknown') expect(thrice.wantsConfirmation && thrice.sightings >= 2).toBe(false);
      }),
      RUNS,
    );
  });
});
