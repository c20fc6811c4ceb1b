/** A simulator for one test: started, asked over its socket, stopped at the end. */
import { afterEach } from 'vitest';
import { SandboxClock } from '../../sandbox/clock/sandbox-clock.ts';
import type { MatchRow } from '../../sandbox/football-data/rows.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { type FootballDataSimulator, type SimulatorOptions, startFootballDataSimulator } from '../../sandbox/football-data/simulator.ts';

export const NOW = Temporal.Instant.from('2026-03-14T12:00:00Z');
export const TOKEN = 'sandbox-token';

interface Body {
  readonly filters: Record<string, unknown>;
  readonly resultSet: Record<string, unknown>;
  readonly competition: { readonly code: string };
  readonly matches: readonly MatchRow[];
  readonly message: string;
  readonly errorCode: number;
  readonly error: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface Simulation extends FootballDataSimulator {
  readonly clock: SandboxClock;
  get(path: string, options?: { readonly token?: string | null }): Promise<Answer>;
  ids(path: string): Promise<number[]>;
}

const running = new Set<FootballDataSimulator>();
afterEach(async () => {
  await Promise.all([...running].map((simulator) => simulator.stop()));
  running.clear();
});

/** Starts a simulator at NOW, with the Premier League, La Liga and the Championship; its clock stands still. */
export async function simulate(options: Partial<SimulatorOptions> = {}): Promise<Simulation> {
  const clock = new SandboxClock({ instant: NOW, rate: 0 });
  const seasons = options.seasons ?? loadSeasons({ competitions: ['PL', 'PD', 'ELC'] });
  const simulator = await startFootballDataSimulator({ clock, ...options, seasons });
  running.add(simulator);
  const get: Simulation['get'] = async (path, { token = TOKEN } = {}) => {
    const response = await fetch(simulator.url + path, { headers: token === null ? {} : { 'X-Auth-Token': token }, redirect: 'manual' });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const ids = async (path: string): Promise<number[]> => (await get(path)).body.matches.map((row) => row.id);
  return { ...simulator, clock, get, ids };
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse('{}');
  }
}

export const PL = '/v4/competitions/PL/matches';

/** An account for which the counter is no matter. */
export const GENEROUS = [{ token: TOKEN, name: 'Jane Doe', plan: 'TIER_ONE', requestsPerMinute: 10_000 }] as const;
