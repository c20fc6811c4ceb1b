import { describe, expect, it } from 'vitest';
import type { Fixture, FixturesAnswer, FootballDataApi } from '../../src/football-data/types.ts';
import { poll } from '../../src/reconcilers/fixture-feed/poll.ts';
import { feedWith, row } from './samples.ts';

const quota = (remaining: number | undefined) => ({ remaining, resetAt: undefined });
const matches = (rows: readonly Fixture[], remaining = 9): FixturesAnswer => ({
  kind: 'matches',
  matches: rows,
  competition: undefined,
  dropped: 0,
  announced: undefined,
  quota: quota(remaining),
});
const failed: FixturesAnswer = { kind: 'failed', message: 'no', quota: quota(undefined) };

/** A provider that answers these, and what it was asked. */
function provider(answers: { season: FixturesAnswer; byId?: FixturesAnswer }): { api: FootballDataApi; asked: string[] } {
  const asked: string[] = [];
  const again = async (ids: readonly string[]): Promise<FixturesAnswer> => {
    asked.push(ids.join(','));
    return answers.byId ?? failed;
  };
  return { asked, api: { seasonMatches: async () => answers.season, matchesByIds: again, matchById: async (id) => await again([id]) } };
}

describe('poll', () => {
  it.each<[string, FixturesAnswer, readonly string[], readonly string[]]>([
    ['nothing more when all that is followed is listed', matches([row()]), ['600123'], []],
    ['for the one that is not listed', matches([row()]), ['600123', '7'], ['7']],
    ['for all of them in one call', matches([row()]), ['7', '8'], ['7,8']],
    [
      'for fifty at most',
      matches([row()]),
      Array.from({ length: 60 }, (_, n) => `${n}`),
      [Array.from({ length: 50 }, (_, n) => `${n}`).join(',')],
    ],
    ['for all when the list is empty', matches([]), ['7'], ['7']],
    ['nothing more with the last call of the window', matches([row()], 1), ['7'], []],
    ['nothing more after an error', failed, ['7'], []],
  ])('asks %s', async (_, season, followed, wanted) => {
    const { api, asked } = provider({ season });
    await poll(api, feedWith(), followed);
    expect(asked).toEqual(wanted);
  });

  it.each<[string, FixturesAnswer, { byId: number; unlisted: number }]>([
    [
      'takes what was asked for, and counts what is nowhere',
      matches([row({ id: '7' }), row({ id: 'stranger' })]),
      { byId: 1, unlisted: 1 },
    ],
    ['counts what the provider does not know', { kind: 'not-found', message: 'no', quota: quota(5) }, { byId: 0, unlisted: 2 }],
    ['concludes nothing from an error', failed, { byId: 0, unlisted: 0 }],
  ])('by id %s', async (_, byId, wanted) => {
    const polled = await poll(provider({ season: matches([row()]), byId }).api, feedWith(), ['7', '8']);
    expect({ byId: polled.byId.length, unlisted: polled.unlisted }).toEqual(wanted);
    expect(polled.answer.kind).toBe('matches');
  });
});
