/**
 * The place and the cast: a real round of the Premier League (2025/26, matchday 33 and the two after it), moved in time so that its
 * Saturday afternoon begins in a moment.
 */

import type { OpenOptions } from '../control-plane/existing-cluster.ts';
import type { MatchRow } from '../football-data/rows.ts';
import { firstKickoffAt, loadSeasons } from '../football-data/seasons.ts';
import { type Stack, startStack } from '../stack/index.ts';

/** The Saturday of matchday 33: four matches at 14:00, one at 16:30, one at 19:00. Where the recorded season says TIMED. */
const SATURDAY = '2026-04-18T14:00:00Z';
const LEAD_TIME_MINUTES = 60;
/** The feed is begun at this second of a minute, so that the demo is always the same one: budgets and sends go by whole minutes. */
const BEGIN_AT_SECOND = 20;
/** From the beginning of that minute to the first send. */
const FIRST_SEND_AFTER_MINUTES = 2;
/** Longer than a test's, so that a busy machine does not lose it; a new lease is led after this. */
const LEASE = ['--lease-duration', '6s', '--renew-deadline', '4s', '--retry-period', '1s'];

export interface Cast {
  readonly firstSendAt: Temporal.Instant;
  /** The matches of the first kickoff. */
  readonly first: readonly MatchRow[];
  /** One of them, whose kickoff is confirmed on stage and whose create call's answer is lost. */
  readonly unconfirmed: MatchRow;
  /** The one after them, which television brings forward. */
  readonly moved: MatchRow;
}

export async function startStage(open: OpenOptions): Promise<Stack> {
  return await startStack({
    open,
    operatorFlags: LEASE,
    footballData: { seasons: [], play: { startLagMs: 0, durationMs: 2 * 3_600_000 } },
  });
}

/** Sets the clock to the beginning of the story and loads the season around it. */
export async function setScene({ clock, footballData }: Stack): Promise<Cast> {
  const minute = clock.now().round({ smallestUnit: 'minute', roundingMode: 'floor' });
  const begin = minute.add({ seconds: BEGIN_AT_SECOND });
  const start = Temporal.Instant.compare(begin, clock.now()) < 0 ? begin.add({ minutes: 1 }) : begin;
  clock.set(start);
  const firstSendAt = start.round({ smallestUnit: 'minute', roundingMode: 'floor' }).add({ minutes: FIRST_SEND_AFTER_MINUTES });
  const kickoff = firstSendAt.add({ minutes: LEAD_TIME_MINUTES });
  const retime = firstKickoffAt(loadSeasons({ competitions: ['PL'] }), { after: SATURDAY, at: kickoff.toString() });
  await footballData.admin.load({ competitions: ['PL'], retime });
  const cast = castOf(await footballData.admin.matches('PL'), kickoff, firstSendAt);
  await footballData.admin.edit([{ kind: 'unconfirm', id: cast.unconfirmed.id }]);
  return cast;
}

function castOf(matches: readonly MatchRow[], kickoff: Temporal.Instant, firstSendAt: Temporal.Instant): Cast {
  const ahead = matches.filter(({ utcDate }) => Temporal.Instant.compare(utcDate, kickoff) >= 0);
  const first = ahead.filter(({ utcDate }) => Temporal.Instant.from(utcDate).equals(kickoff));
  const unconfirmed = first.at(-1);
  const moved = ahead.filter((match) => !first.includes(match)).sort((a, b) => (a.utcDate < b.utcDate ? -1 : 1))[0];
  if (unconfirmed === undefined || moved === undefined) throw new Error('the fixture files have no Saturday as the demo needs it');
  return { firstSendAt, first, unconfirmed, moved };
}
