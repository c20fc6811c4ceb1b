/** A feed on the simulator's real port: one league, some weeks around the first day. */
import { afterEach } from 'vitest';
import type { MatchRow, Season } from '../../sandbox/football-data/rows.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import type { ServiceOptions } from '../../sandbox/football-data/service.ts';
import { type FootballDataSimulator, startFootballDataSimulator } from '../../sandbox/football-data/simulator.ts';
import type { ObjectKey } from '../../src/controller/types.ts';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { FootballDataClient } from '../../src/football-data/client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FeedBench } from './bench.ts';

/** A Monday; the first match of the league is on Saturday. */
export const DAY_ONE = '2026-01-12T09:00:00Z';

export interface Socketed {
  readonly bench: FeedBench;
  readonly provider: FootballDataSimulator;
  readonly pl: ObjectKey;
  /** A match twelve days ahead, set and with both teams. */
  readonly id: number;
  object(): MatchNotification;
}

const running = new Set<FootballDataSimulator>();
afterEach(async () => {
  await Promise.all([...running].map((provider) => provider.stop()));
  running.clear();
});

/** The matches of six weeks, all set. */
export function someWeeks(code: 'PL' | 'PD' = 'PL'): Season {
  const [season] = loadSeasons({ competitions: [code], revision: '2026-01-08' });
  if (season === undefined) throw new Error(`there is no recorded season of ${code}`);
  const isNear = ({ utcDate }: MatchRow): boolean => utcDate > '2026-01-15' && utcDate < '2026-02-28';
  const matches = season.matches.filter(isNear).map((row) => ({ ...row, status: 'TIMED', lastUpdated: '2026-01-02T00:20:00Z' }));
  return { ...season, matches };
}

export async function onSockets(spec: Partial<FixtureFeedSpec> = {}, options: Partial<ServiceOptions> = {}): Promise<Socketed> {
  const clock = new FakeClock(DAY_ONE);
  const seasons = options.seasons ?? [someWeeks()];
  const provider = await startFootballDataSimulator({ clock, ...options, seasons });
  running.add(provider);
  const bench = new FeedBench({ clock, api: (token) => new FootballDataClient({ token, clock, baseUrl: provider.url }) });
  const pl = bench.addFeed('pl', { competition: 'PL', window: '60d', ...spec });
  await bench.run({ minutes: 1 });
  const row = seasons[0]?.matches.find(({ utcDate }) => utcDate > '2026-01-24');
  if (row === undefined) throw new Error('no match twelve days ahead');
  return { bench, provider, pl, id: row.id, object: () => bench.notification(`pl-${row.id}`) };
}
