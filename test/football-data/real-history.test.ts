/**
 * Two months of a real league through the client and the fold, from servers up to three weeks behind that also say odd things: what is known
 * must follow each real move and nothing else. A feed that believed each answer would have deleted and created hundreds of times.
 */
import { expect, it } from 'vitest';
import { replayHistory } from '../../sandbox/football-data/seasons.ts';
import { FootballDataClient } from '../../src/football-data/client.ts';
import { type Knowledge, observe } from '../../src/football-data/knowledge.ts';
import { GENEROUS, simulate, TOKEN } from '../football-data-simulator/simulation.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Temporal.Instant.from('2026-01-08T20:00:00Z');
const POLLS = 90;

const BACKENDS = [
  { name: 'fresh', lagMs: 0 },
  { name: 'hours', lagMs: 7 * HOUR_MS },
  { name: 'days', lagMs: 3 * DAY_MS },
  { name: 'weeks', lagMs: 21 * DAY_MS },
];

it('what is known of 380 matches follows the real moves and nothing else', { timeout: 60_000 }, async () => {
  const { seasons, edits } = replayHistory({ competitions: ['PL'] });
  const simulation = await simulate({ accounts: GENEROUS, seasons, edits, backends: BACKENDS, turn: { seed: 5 } });
  const { clock, admin } = simulation;
  clock.set(START);
  await admin.setOddities([
    { kind: 'teams-null', chance: 0.02 },
    { kind: 'timed-to-scheduled', chance: 0.01 },
    { kind: 'date-as-status', chance: 0.02 },
    { kind: 'finished-to-timed', backends: ['weeks', 'days'], chance: 0.3 },
  ]);
  const client = new FootballDataClient({ token: TOKEN, clock, baseUrl: simulation.url });
  const known = new Map<string, Knowledge>();
  let undone = 0;
  const poll = async (): Promise<void> => {
    const answer = await client.seasonMatches({ competition: 'PL', season: '2025' });
    if (answer.kind !== 'matches') throw new Error(answer.message);
    for (const row of answer.matches) {
      const before = known.get(row.id);
      const now = observe(before, row, { now: clock.now(), leadTimeMs: HOUR_MS });
      known.set(row.id, now);
      const { state } = now.play.value;
      const fellBack = before?.play.value.state === 'timed' && state !== 'timed' && state !== 'live' && state !== 'finished';
      if (fellBack && state !== 'postponed') undone += 1;
      if (before?.home.value.name !== undefined && now.home.value.name === undefined) undone += 1;
    }
  };
  for (let day = 0; day < POLLS; day += 1) {
    await poll();
    for (let again = 0; again < 3 && [...known.values()].some((match) => match.wantsConfirmation); again += 1) await poll();
    clock.advance(DAY_MS + HOUR_MS);
  }
  const truth = await admin.matches('PL');
  const wrong = truth.filter((row) => {
    const match = known.get(String(row.id));
    if (row.status !== 'TIMED') return match?.play.value.state !== (row.status === 'FINISHED' ? 'finished' : 'postponed');
    return match?.play.value.state !== 'timed' || !match.play.value.kickoff.equals(row.utcDate);
  });
  expect(wrong.map((row) => `${row.id} ${row.utcDate} ${row.status}`)).toEqual([]);
  expect(undone).toBe(0);
});
