/** The two long runs in small; `node test/season/main.ts` plays them whole (docs/feed.md has the figures). */
import { describe, expect, it } from 'vitest';
import { playSeason } from './eight-leagues.ts';
import { playNoise } from './noise.ts';

describe('half a day of a cup polled every five minutes from servers of which some are weeks behind', () => {
  it('takes no send back, writes no kickoff that was never true, and misses no move', { timeout: 60_000 }, async () => {
    const report = await playNoise({ seed: 3, days: 0.5, fromDay: 20 });
    expect(report.answers).toBeGreaterThan(100);
    expect(report.stale).toBeGreaterThan(0.3);
    expect(report).toMatchObject({ refused: 0, deletes: [], wrong: [], missed: [] });
    expect(report.creates.filter((creates) => creates !== 1)).toEqual([]);
  });
});

describe('two hours of the same through a real port', () => {
  it('come to the same as in memory', { timeout: 60_000 }, async () => {
    const options = { seed: 3, days: 1 / 12, fromDay: 20 };
    expect(await playNoise({ ...options, http: true })).toEqual(await playNoise(options));
  });
});

describe('nine days of a league with its real moves and scripted ones', () => {
  it('are announced once each, at the kickoff as it was known an hour before, and what is called off never', {
    timeout: 60_000,
  }, async () => {
    const report = await playSeason({ seed: 1, days: 9, intervalHours: 6, competitions: ['PL'] });
    expect(report.expectedSends).toBeGreaterThan(2);
    expect(report).toMatchObject({ wrong: [], sentThoughCancelled: [], deleted: 0, calls: { refused: 0 } });
    expect(report.delivered).toBe(report.expectedSends);
  });
});
