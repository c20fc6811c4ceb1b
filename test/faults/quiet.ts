/**
 * Quiet time (design §8, P3): when an object rests, ten minutes in which it is not written and Braze not asked, but for the read-backs of
 * design §4. The clock is moved, so it takes a moment.
 */
import type { LogEntry } from '../../sandbox/braze/index.ts';
import type { Cell } from './cell.ts';
import type { Effect, Effects } from './effects.ts';
import { story } from './effects.ts';
import { idle } from './pace.ts';

const MINUTE_MS = 60_000;
const QUIET_MINUTES = 10;
const STEP_MINUTES = 5;
/** What is under way when it should begin, such as the read-back of who took over, ends within so many half minutes. */
const ROUNDS_BEFORE = 20;
/** Minutes from the send. */
const READ_BACKS = [-24 * 60, -60, -10, -3, 1] as const;
/** By then a campaign that was not seen to send is looked at once more, and what that shows is written (design §4). */
const JUDGED_BY = 15;
const ITEM_DELETED = 48 * 60;
const READS: readonly string[] = ['item-get', 'items-list'];
/** What only a person can put right is looked at more often before a send: its campaign, and the listing (docs/drift.md). */
const LOOKS = [-24 * 60, -12 * 60, -6 * 60, -180, -120, -60, -30, -20, -10, -5, -3] as const;
const PREFLIGHT = 'campaign-details';
/** Once more when a schedule is a minute old. */
const LISTING = 'scheduled-broadcasts';
/** The workspace may come to it a little later. */
const PREFLIGHT_LATE_MINUTES = 15;
const DELETES: readonly string[] = ['item-delete', 'items-delete'];
/** Once a day a workspace pages through its catalog, and deletes what is two days past; a lane can live that long. */
const SWEEP_EVERY_MS = 23 * 3_600_000;
const SWEEP_LASTS_MS = 5 * MINUTE_MS;

/** What happened in it although nothing should have. Ends ten minutes later. */
export async function quietTime(cell: Cell, effects: Effects, when: string): Promise<readonly string[]> {
  const { log } = cell.lane.stack.braze;
  if (!(await comesToRest(cell, effects))) return [`${when}, it never came to rest`];
  const from = cell.now;
  const [written, asked] = [effects.list.length, log.entries.at(-1)?.seq ?? 0];
  for (let minutes = 0; minutes < QUIET_MINUTES; minutes += STEP_MINUTES) {
    await cell.jumpTo(cell.now.add({ minutes: STEP_MINUTES }));
    await idle(cell, { effects });
  }
  const writes = effects.list.slice(written).filter(isWriteOfObject);
  const asks = log.where({ afterSeq: asked }).filter((call) => !isDailySweep(cell, call));
  const due = dueIn(cell, from);
  const calls = undocumented(asks, due);
  return [
    ...writes.slice(due.judgements).map((write) => `${when}, in quiet time it was written: ${story([write]).trim()}`),
    ...calls.map(({ endpoint, notifications }) => `${when}, in quiet time Braze was asked: ${endpoint} ${notifications.join(', ')}`),
  ];
}

function isDailySweep({ item, lane }: Cell, { endpoint, notifications, path, atMs }: LogEntry): boolean {
  if (endpoint === 'items-delete') return !notifications.includes(item);
  if (endpoint !== 'items-list') return false;
  const before = lane.stack.braze.log.where({ endpoint, sinceMs: atMs - SWEEP_EVERY_MS, untilMs: atMs - SWEEP_LASTS_MS });
  return !before.some((other) => other.path === path);
}

/** Twice in a row half a minute in which nothing happens. */
async function comesToRest(cell: Cell, effects: Effects): Promise<boolean> {
  let still = 0;
  for (let round = 0; round < ROUNDS_BEFORE && still < 2; round += 1) {
    await cell.jumpTo(cell.now.add({ seconds: 30 }));
    still = (await idle(cell, { effects })) ? 0 : still + 1;
  }
  return still === 2;
}

/** Of the MatchNotification itself. */
export const isWriteOfObject = ({ to, what }: Effect): boolean => to === 'API server' && !what.includes(' workspace');

/** Far enough from the send, and from the last read-back before it, for ten minutes of quiet. */
export const hasTimeForQuiet = (cell: Cell, firesAt: Temporal.Instant): boolean =>
  Temporal.Instant.compare(cell.now.add({ minutes: QUIET_MINUTES + 15 }), firesAt) < 0;

interface Due {
  readonly reads: number;
  readonly deletes: number;
  readonly preflights: number;
  readonly listings: number;
  /** Writes that say what became of a send. */
  readonly judgements: number;
}

function dueIn(cell: Cell, from: Temporal.Instant): Due {
  const { schedule, lastSent } = cell.seen?.status ?? {};
  const firesAt = schedule?.firesAt ?? lastSent?.firesAt;
  if (firesAt === undefined) return { reads: 0, deletes: 0, preflights: 0, listings: 0, judgements: 0 };
  const passedSince = (since: Temporal.Instant) => (minutes: number) => {
    const at = Temporal.Instant.from(firesAt).epochMilliseconds + minutes * MINUTE_MS;
    return at > since.epochMilliseconds && at <= cell.now.epochMilliseconds;
  };
  const late = from.subtract({ minutes: PREFLIGHT_LATE_MINUTES });
  return {
    reads: READ_BACKS.filter(passedSince(from)).length,
    deletes: [ITEM_DELETED].filter(passedSince(from)).length,
    preflights: [...LOOKS, 1, JUDGED_BY].filter(passedSince(late)).length,
    listings: LOOKS.filter(passedSince(late)).length + (isNew(schedule, late) ? 1 : 0),
    judgements: [JUDGED_BY].filter(passedSince(from)).length,
  };
}

const isNew = (schedule: { readonly recordedAt: string } | undefined, since: Temporal.Instant): boolean =>
  schedule !== undefined && Temporal.Instant.compare(schedule.recordedAt, since) > 0;

function undocumented(calls: readonly LogEntry[], due: Due): readonly LogEntry[] {
  let { reads, deletes, preflights, listings } = due;
  return calls.filter(({ endpoint }) => {
    if (READS.includes(endpoint)) return --reads < 0;
    if (endpoint === PREFLIGHT) return --preflights < 0;
    if (endpoint === LISTING) return --listings < 0;
    return DELETES.includes(endpoint) ? --deletes < 0 : true;
  });
}
