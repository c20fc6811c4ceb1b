/** The cup through the feed: what it made of ten thousand answers, and how late it followed what was really so. */
import { type FootballDataAdmin, FootballDataService, type ServiceOptions } from '../../sandbox/football-data/service.ts';
import { startFootballDataSimulator } from '../../sandbox/football-data/simulator.ts';
import { FootballDataClient } from '../../src/football-data/client.ts';
import type { FixturesAnswer, FootballDataApi } from '../../src/football-data/types.ts';
import { FeedBench, type Written } from '../fixture-feed/bench.ts';
import { inProcess } from '../football-data/in-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { BACKENDS, CUP_START, type Cup, FRESH, noisyCup, POLL_MINUTES } from './noisy-cup.ts';

const TOKEN = 'sandbox-token';
const ACCOUNT = { token: TOKEN, name: 'Club', plan: 'TIER_ONE', requestsPerMinute: 10 } as const;

export interface NoiseReport {
  readonly answers: number;
  readonly refused: number;
  /** Share of the answers with a row that is older than one already seen. */
  readonly stale: number;
  /** The same of those answers that hold the whole cup; the rest are re-reads of single matches. */
  readonly staleLists: number;
  /** How often each knock-out match whose teams were filled in became one that is to be sent: one create at Braze each. */
  readonly creates: readonly number[];
  /** Sends that were set and were held or deleted again: a delete at Braze each. */
  readonly deletes: readonly string[];
  /** Minutes from the first fresh answer that had a move to the object that has it. */
  readonly minutesBehind: readonly number[];
  /** Moves that a fresh answer had and no object followed. */
  readonly missed: readonly string[];
  /** Kickoffs written that were never true. */
  readonly wrong: readonly string[];
}

export interface NoiseOptions {
  readonly seed: number;
  readonly days: number;
  readonly fromDay?: number;
  /** Through a real port and the real client; slower, and the same. */
  readonly http?: boolean;
}

export async function playNoise(options: NoiseOptions): Promise<NoiseReport> {
  const cup = noisyCup(options.seed);
  const clock = new FakeClock(Temporal.Instant.from(CUP_START).add({ hours: 24 * (options.fromDay ?? 0) }));
  const play = { startLagMs: 60_000, durationMs: 2 * 3_600_000 };
  const turn = { seed: options.seed };
  const provider = { clock, ...cup, accounts: [ACCOUNT], backends: BACKENDS, turn, play, seed: options.seed };
  const { api, admin, stop } = options.http === true ? await onPort(provider) : inMemory(provider);
  await admin.setOddities(cup.oddities);
  const watch = new Watch(cup, clock.now());
  const note = async (asked: Promise<FixturesAnswer>): Promise<FixturesAnswer> => {
    const answer = await asked;
    const [last] = (await admin.requests()).slice(-1);
    await admin.clearRequests();
    watch.heard(answer, last?.backend ?? '', clock.now());
    return answer;
  };
  const noted = {
    seasonMatches: (request: { competition: string; season?: string }) => note(api.seasonMatches(request)),
    matchesByIds: (ids: readonly string[]) => note(api.matchesByIds(ids)),
    matchesBetween: (window: Parameters<typeof api.matchesBetween>[0]) => note(api.matchesBetween(window)),
    matchById: (id: string) => note(api.matchById(id)),
  };
  const bench = new FeedBench({ clock, api: () => noted });
  bench.onWrite = (written) => watch.written(written);
  bench.addFeed('wc', { competition: 'WC', season: '2026', interval: `${POLL_MINUTES}m`, window: '60d', maxChangesPerPoll: '100%' });
  await bench.run({ hours: options.days * 24 });
  await stop();
  return watch.report(clock.now(), bench.deleted);
}

interface Provider {
  readonly api: FootballDataApi;
  readonly admin: FootballDataAdmin;
  stop(): Promise<void>;
}

function inMemory(options: ServiceOptions): Provider {
  const service = new FootballDataService(options);
  return { api: inProcess({ service, clock: options.clock, token: TOKEN }), admin: service, stop: async () => {} };
}

async function onPort(options: ServiceOptions): Promise<Provider> {
  const { url, admin, stop } = await startFootballDataSimulator(options);
  return { api: new FootballDataClient({ token: TOKEN, clock: options.clock, baseUrl: url }), admin, stop };
}

interface Move {
  readonly id: string;
  readonly to: string;
  readonly atMs: number;
  shownMs: number | undefined;
  followedMs: number | undefined;
}

/** What was said, what was true, and what the feed wrote. */
class Watch {
  readonly #cup: Cup;
  readonly #moves: Move[];
  readonly #newest = new Map<string, number>();
  readonly #creates = new Map<string, number>();
  readonly #deletes: string[] = [];
  readonly #wrong: string[] = [];
  #answers = 0;
  #refused = 0;
  #stale = 0;
  #lists = 0;
  #staleLists = 0;

  constructor(cup: Cup, from: Temporal.Instant) {
    const isAhead = (id: number): boolean =>
      cup.seasons[0]?.matches.some((row) => row.id === id && row.utcDate > from.add({ hours: 1 }).toString()) ?? false;
    this.#cup = { ...cup, edits: cup.edits.filter((edit) => 'id' in edit && isAhead(edit.id)) };
    this.#moves = cup.moves
      .filter(({ id }) => isAhead(id))
      .map(({ id, at, to }) => ({
        id: String(id),
        to,
        atMs: Date.parse(at),
        shownMs: undefined,
        followedMs: undefined,
      }));
  }

  heard(answer: FixturesAnswer, backend: string, now: Temporal.Instant): void {
    this.#answers += 1;
    if (answer.kind === 'rate-limited') this.#refused += 1;
    if (answer.kind !== 'matches') return;
    let stale = false;
    for (const { id, lastUpdated, kickoff } of answer.matches) {
      const stampMs = lastUpdated?.epochMilliseconds ?? 0;
      const newestMs = this.#newest.get(id) ?? 0;
      if (stampMs < newestMs) stale = true;
      this.#newest.set(id, Math.max(stampMs, newestMs));
      const move = FRESH.includes(backend) ? this.#moves.find((one) => one.id === id) : undefined;
      if (move !== undefined && kickoff.equals(move.to)) move.shownMs ??= now.epochMilliseconds;
    }
    if (stale) this.#stale += 1;
    if (answer.matches.length < (this.#cup.seasons[0]?.matches.length ?? 0)) return;
    this.#lists += 1;
    if (stale) this.#staleLists += 1;
  }

  written({ at, before, after }: Written): void {
    const { id } = after.spec.match;
    const wasSet = before !== undefined && before.spec.hold === undefined;
    const isSet = after.spec.hold === undefined;
    if (isSet && !wasSet) this.#creates.set(id, (this.#creates.get(id) ?? 0) + 1);
    if (wasSet && !isSet) this.#deletes.push(`${id} ${after.spec.hold?.reason} ${at}`);
    const move = this.#moves.find((one) => one.id === id);
    if (move?.to === after.spec.kickoff) move.followedMs ??= at.epochMilliseconds;
    const base = this.#cup.seasons[0]?.matches.find((row) => String(row.id) === id)?.utcDate;
    if (after.spec.kickoff !== base && after.spec.kickoff !== move?.to) this.#wrong.push(`${id} ${after.spec.kickoff}`);
  }

  report(now: Temporal.Instant, deleted: readonly string[]): NoiseReport {
    // What was shown in the last minutes had no time to be followed.
    const shown = this.#moves.filter(({ shownMs }) => shownMs !== undefined && shownMs < now.epochMilliseconds - 3_600_000);
    const named = this.#cup.edits.filter((edit) => edit.kind === 'teams' && Date.parse(edit.at ?? '') < now.epochMilliseconds - 3_600_000);
    return {
      answers: this.#answers,
      refused: this.#refused,
      stale: this.#stale / this.#answers,
      staleLists: this.#staleLists / this.#lists,
      creates: named.map((edit) => ('id' in edit ? (this.#creates.get(String(edit.id)) ?? 0) : 0)),
      deletes: [...this.#deletes, ...deleted],
      minutesBehind: shown.flatMap(({ shownMs = 0, followedMs }) => (followedMs === undefined ? [] : [(followedMs - shownMs) / 60_000])),
      missed: shown.filter(({ followedMs }) => followedMs === undefined).map(({ id, to }) => `${id} ${to}`),
      wrong: this.#wrong,
    };
  }
}
