/**
 * The real history of eight leagues at once, from 8 January to the newest state, with scripted moves, postponements, cancellations and names
 * that are filled in late among the real ones: every match that was played must be announced once, an hour before the kickoff as it was
 * known then; none that was called off.
 */
import { seededRandom } from '../../sandbox/football-data/backends.ts';
import type { Edit } from '../../sandbox/football-data/edits.ts';
import { type MatchRow, NO_TEAM, type Season, wire } from '../../sandbox/football-data/rows.ts';
import { COMPETITION_CODES, type CompetitionCode, replayHistory } from '../../sandbox/football-data/seasons.ts';
import { FootballDataService } from '../../sandbox/football-data/service.ts';
import { FeedBench } from '../fixture-feed/bench.ts';
import { inProcess } from '../football-data/in-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Deliveries } from './deliveries.ts';
import { expectations } from './timeline.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-01-08T21:00:00Z');
const LEAD_MS = HOUR_MS;

export interface SeasonOptions {
  readonly seed: number;
  readonly days: number;
  readonly intervalHours: number;
  readonly competitions?: readonly CompetitionCode[];
}

export interface SeasonReport {
  readonly matches: number;
  /** Matches whose kickoff was set, moved or taken away, as it really was. */
  readonly realMoves: number;
  readonly scripted: { readonly moves: number; readonly postponed: number; readonly cancelled: number; readonly named: number };
  readonly expectedSends: number;
  readonly delivered: number;
  /** Matches with a change so close to a send that nothing was demanded. */
  readonly tight: number;
  /** Sends at another time than demanded, missing, or too many. */
  readonly wrong: readonly string[];
  readonly sentThoughCancelled: readonly string[];
  readonly calls: { readonly lists: number; readonly reads: number; readonly refused: number };
  readonly writes: number;
  readonly deleted: number;
}

export async function playSeason(options: SeasonOptions): Promise<SeasonReport> {
  const untilMs = START_MS + options.days * DAY_MS;
  const { seasons, edits: recorded } = replayHistory({ competitions: options.competitions ?? COMPETITION_CODES });
  const { edits: real, moves: realMoves } = published(seasons, recorded, options.seed);
  const script = scriptFor(seasons, real, { ...options, untilMs });
  const clock = new FakeClock(wire(START_MS));
  const service = new FootballDataService({ clock, seasons: script.seasons, edits: script.edits });
  const calls = { lists: 0, reads: 0, refused: 0 };
  const bench = new FeedBench({
    clock,
    api: (token) => inProcess({ service, clock, token, told: ({ path, status }) => count(calls, path, status) }),
  });
  const deliveries = new Deliveries();
  let writes = 0;
  bench.onWrite = (written) => {
    writes += 1;
    deliveries.written(written);
  };
  const spec = { interval: `${options.intervalHours}h`, maxChangesPerPoll: '100%' };
  for (const { competition } of seasons) bench.addFeed(competition.code.toLowerCase(), { competition: competition.code, ...spec });
  await bench.run({ hours: options.days * 24 });
  deliveries.until(clock.now());
  const timeline = { seasons: script.seasons, edits: script.edits, fromMs: START_MS, untilMs };
  const wanted = expectations({ ...timeline, leadMs: LEAD_MS, intervalMs: options.intervalHours * HOUR_MS });
  const judged = [...wanted.values()].filter(({ tight }) => !tight);
  const textOf = (sends: readonly number[]): string => sends.map(wire).join(' and ') || 'never';
  const sentOf = (id: string): readonly number[] => deliveries.sent.get(id) ?? [];
  return {
    matches: wanted.size,
    realMoves,
    scripted: script.counts,
    expectedSends: judged.reduce((sum, { sends }) => sum + sends.length, 0),
    delivered: judged.reduce((sum, { id }) => sum + sentOf(id).length, 0),
    tight: wanted.size - judged.length,
    wrong: judged
      .filter(({ id, sends }) => textOf(sends) !== textOf(sentOf(id)))
      .map(({ id, sends }) => `${id}: sent ${textOf(sentOf(id))}, wanted ${textOf(sends)}`),
    sentThoughCancelled: script.cancelled.filter((id) => sentOf(id).length > 0),
    calls,
    writes,
    deleted: bench.deleted.length,
  };
}

function count(calls: { lists: number; reads: number; refused: number }, path: string, status: number): void {
  if (status === 429) calls.refused += 1;
  else if (path.startsWith('/v4/competitions')) calls.lists += 1;
  else calls.reads += 1;
}

interface Script {
  readonly seasons: readonly Season[];
  readonly edits: readonly Edit[];
  readonly counts: SeasonReport['scripted'];
  readonly cancelled: readonly string[];
}

/** What becomes of some of the matches besides, some hours or days before their kickoff. */
function scriptFor(seasons: readonly Season[], real: readonly Edit[], { seed, untilMs }: ScriptOptions): Script {
  const random = seededRandom(seed);
  const latest = new Map(seasons.flatMap((season) => season.matches).map((row) => [row.id, row]));
  for (const edit of real) if (edit.kind === 'set') latest.set(edit.id, { ...latest.get(edit.id), ...edit.fields } as MatchRow);
  const playable = [...latest.values()].filter(({ status, utcDate }) => {
    const kickoffMs = Date.parse(utcDate);
    return (status === 'TIMED' || status === 'FINISHED') && kickoffMs > START_MS + 5 * DAY_MS && kickoffMs < untilMs - DAY_MS;
  });
  const counts = { moves: 0, postponed: 0, cancelled: 0, named: 0 };
  const edits: Edit[] = [];
  const [off, unnamed] = [new Set<number>(), new Set<number>()];
  const cancelled: string[] = [];
  for (const row of playable) {
    const chance = random();
    const kickoffMs = Date.parse(row.utcDate);
    const soon = wire(kickoffMs - HOUR_MS * (6 + random() * 60));
    if (chance < 0.32) {
      counts.moves += 1;
      edits.push(moveOf(row, kickoffMs, random));
    } else if (chance < 0.37) {
      counts.postponed += 1;
      off.add(row.id);
      edits.push({ kind: 'postpone', id: row.id, at: soon });
      // Half of them are set again under the same id.
      if (chance < 0.345)
        edits.push({ kind: 'reschedule', id: row.id, at: wire(kickoffMs + DAY_MS), utcDate: wire(kickoffMs + 9 * DAY_MS) });
    } else if (chance < 0.4) {
      counts.cancelled += 1;
      off.add(row.id);
      cancelled.push(String(row.id));
      edits.push({ kind: 'cancel', id: row.id, at: soon });
    } else if (chance < 0.45) {
      counts.named += 1;
      unnamed.add(row.id);
      edits.push({ kind: 'teams', id: row.id, at: wire(kickoffMs - DAY_MS * (1 + random() * 2)), home: row.homeTeam, away: row.awayTeam });
    }
  }
  const hidden = (row: MatchRow): MatchRow => (unnamed.has(row.id) ? { ...row, homeTeam: NO_TEAM, awayTeam: NO_TEAM } : row);
  // A match that was called off has no result.
  const history = real.filter((edit) => !('id' in edit && off.has(edit.id) && edit.kind === 'set' && edit.fields.status === 'FINISHED'));
  const named = history.map((edit): Edit => {
    if (edit.kind !== 'set' || !unnamed.has(edit.id) || edit.fields.status === 'FINISHED') return edit;
    const { homeTeam: _h, awayTeam: _a, ...fields } = edit.fields;
    return { ...edit, fields };
  });
  return {
    seasons: seasons.map((season) => ({ ...season, matches: season.matches.map(hidden) })),
    edits: [...named, ...edits],
    counts,
    cancelled,
  };
}

type ScriptOptions = SeasonOptions & { readonly untilMs: number };

/**
 * The real changes in the order in which they can have been published. The record has each match as it was on three days: of one that was
 * played meanwhile only the result is dated. Its new time, where it has one, is announced some days before the kickoff.
 */
function published(seasons: readonly Season[], edits: readonly Edit[], seed: number): { readonly edits: Edit[]; readonly moves: number } {
  const random = seededRandom(seed + 1);
  const before = new Map(seasons.flatMap((season) => season.matches).map((row) => [row.id, row]));
  const all: Edit[] = [];
  let moves = 0;
  for (const edit of edits) {
    if (edit.kind !== 'set') continue;
    const old = before.get(edit.id);
    const fields = edit.fields;
    const kickoffMs = Date.parse(fields.utcDate ?? '');
    const isNew = old?.utcDate !== fields.utcDate || (old?.status !== 'TIMED' && old?.status !== fields.status);
    before.set(edit.id, { ...old, ...fields } as MatchRow);
    if (isNew) moves += 1;
    if (fields.status !== 'FINISHED') {
      all.push(edit);
      continue;
    }
    const announcedMs = Math.max(START_MS + HOUR_MS, kickoffMs - (5 + random() * 20) * DAY_MS);
    if (isNew && announcedMs < kickoffMs - DAY_MS) {
      const at = wire(announcedMs);
      all.push({ kind: 'set', id: edit.id, at, fields: { ...fields, status: 'TIMED', score: null, lastUpdated: at } });
    }
    const at = wire(Math.max(START_MS, kickoffMs + 6 * HOUR_MS));
    all.push({ ...edit, at, fields: { ...fields, lastUpdated: at } });
  }
  return { edits: all, moves };
}

/** Days before or, for a third, within the last two hours before the send; by one to three hours, a few to an earlier time. */
function moveOf(row: MatchRow, kickoffMs: number, random: () => number): Edit {
  const late = random() < 0.33;
  const noticeMs = late ? (75 + random() * 100) * 60_000 : (8 + random() * 60) * HOUR_MS;
  const byMs = !late && random() < 0.2 ? -HOUR_MS / 2 : Math.ceil(random() * 6) * (HOUR_MS / 2);
  return { kind: 'move', id: row.id, at: wire(Math.max(START_MS + HOUR_MS, kickoffMs - noticeMs)), utcDate: wire(kickoffMs + byMs) };
}
