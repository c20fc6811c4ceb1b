import { describe, expect, it } from 'vitest';
import { nextRead, type Watched } from '../../src/football-data/next-read.ts';
import type { FixturesAnswer, FootballDataApi } from '../../src/football-data/types.ts';
import { at } from './rows.ts';

const NONE: FixturesAnswer = { kind: 'failed', message: '', quota: { remaining: undefined, resetAt: undefined } };

/** What the read asks for. */
async function asked(watched: readonly Watched[], readMs: ReadonlyMap<string, number> = new Map(), first: readonly Watched[] = []) {
  const calls: string[] = [];
  const note = async (call: string): Promise<FixturesAnswer> => {
    calls.push(call);
    return NONE;
  };
  const api: FootballDataApi = {
    seasonMatches: () => note('season'),
    matchesByIds: (ids) => note(`ids ${ids.join(',')}`),
    matchById: (id) => note(`id ${id}`),
    matchesBetween: ({ competitions, dateFrom, dateTo }) => note(`${competitions.join(',')} ${dateFrom}..${dateTo}`),
  };
  await nextRead({ watched, first, readMs })?.call(api);
  return calls;
}

const match = (id: number, kickoff = '2026-05-02T23:30:00Z', competition = 'PL'): Watched => ({
  id: String(id),
  kickoff: at(kickoff),
  competition,
});
const many = (count: number, make = (n: number) => match(n)): Watched[] => Array.from({ length: count }, (_, n) => make(n + 100));

describe('what is re-read with one call', () => {
  it('is nothing when nothing is watched', async () => {
    expect(await asked([])).toEqual([]);
  });

  it('is one match directly: a 404 says for certain that it is not there', async () => {
    expect(await asked([match(7)])).toEqual(['id 7']);
  });

  it('is every match once, whoever watches it, longest unread first', async () => {
    expect(await asked([match(7), match(8), match(7)], new Map([['7', 5]]))).toEqual(['ids 8,7']);
  });

  it('begins with those of who asks', async () => {
    expect(await asked([match(7), match(8)], new Map(), [match(8)])).toEqual(['ids 8,7']);
  });

  it('are the days of all competitions when the ids are too many: a day more at each end, the last exclusive', async () => {
    const watched = [...many(60), match(7, '2026-05-04T00:30:00Z', 'BSA')];
    expect(await asked(watched)).toEqual(['BSA,PL 2026-05-01..2026-05-06']);
  });

  it('are fifty ids when the days would be more than ten', async () => {
    const [call = ''] = await asked([...many(60), match(7, '2026-05-12T12:00:00Z')]);
    expect(call.startsWith('ids ')).toBe(true);
    expect(call.split(',')).toHaveLength(50);
  });

  it('are ten days at most', async () => {
    expect(await asked([...many(60), match(7, '2026-05-09T12:00:00Z')])).toEqual(['PL 2026-05-01..2026-05-11']);
  });

  it('are by id those that the days did not show', async () => {
    const watched = many(60);
    const readMs = new Map(watched.slice(0, 57).map(({ id }) => [id, 1_000]));
    const [call = ''] = await asked(watched, readMs);
    expect(call.startsWith('ids 157,158,159,')).toBe(true);
  });
});
