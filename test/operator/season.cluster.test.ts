/** A whole season of real fixtures through the feed: each gets one schedule, the nearest first, within Braze's limits; then all is quiet. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../sandbox/braze/index.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import {
  countReasons,
  creates,
  endScale,
  isArmed,
  MINUTE_MS,
  minuteByMinute,
  minuteOf,
  ONE_FAN,
  reasonOf,
  scaleStage,
  spent,
  table,
  tell,
} from './scale-support.ts';

const HOUR_MS = 3_600_000;
/** The season's 282 days in 31, so that most of it is inside the horizon; fixtures that were played are yet to be played. */
const SCALE = 0.11;
const FIRST_KICKOFF_IN_HOURS = 9;
const READ_BACKS: readonly string[] = ['item-get', 'items-list'];

let stack: Stack;
let horizonAt: Temporal.Instant;

/** The real list from its first kickoff on, at a day of ours. */
function seasonFrom(first: Temporal.Instant) {
  const [season] = loadSeasons({ competitions: ['PL'], retime: { from: '2025-08-15T19:00:00Z', to: first.toString(), scale: SCALE } });
  if (season === undefined) throw new Error('there is no recorded season of PL');
  const matches = season.matches.map((row) => ({ ...row, status: row.status === 'FINISHED' ? 'TIMED' : row.status }));
  return { ...season, matches };
}

/** The end of the horizon where the fixtures leave the widest gap after the 300th: none may cross it while the test runs. */
function quietHorizon(kickoffs: readonly string[], now: Temporal.Instant): number {
  const hours = kickoffs
    .map((at) => (Temporal.Instant.from(at).epochMilliseconds - now.epochMilliseconds) / HOUR_MS - 1)
    .sort((a, b) => a - b);
  const gaps = hours.slice(300).map((at, index) => ({ from: hours[index + 299] ?? at, width: at - (hours[index + 299] ?? at) }));
  const widest = gaps.reduce((most, gap) => (gap.width > most.width ? gap : most));
  return Math.round(widest.from + widest.width * 0.75);
}

beforeAll(async () => {
  const instant = Temporal.Now.instant().round({ smallestUnit: 'hour', roundingMode: 'floor' });
  const season = seasonFrom(instant.add({ hours: FIRST_KICKOFF_IN_HOURS }));
  stack = await scaleStage({ instant, footballData: { seasons: [season] } });
  const horizon = quietHorizon(
    season.matches.map(({ utcDate }) => utcDate),
    instant,
  );
  horizonAt = instant.add({ hours: horizon });
  await stack.workspace({ requestTimeout: '1s', spec: { horizon: `${horizon}h` } });
  await stack.feed({ campaignId: stack.campaign({ users: ONE_FAN }), spec: { window: '60d' } });
});
afterAll(() => endScale(stack));

const isInside = ({ spec }: MatchNotification): boolean => Temporal.Instant.compare(spec.sendAt, horizonAt) <= 0;
const isAtRest = (object: MatchNotification): boolean =>
  isArmed(object) || reasonOf(object) === 'BeyondHorizon' || reasonOf(object) === 'Held';

/** Minute by minute: how many creates, and between which send times. */
function byMinute(entries: readonly LogEntry[]) {
  const sendAt = new Map(stack.braze.schedules().map(({ id, time }) => [id, Date.parse(time)]));
  const minutes = [...Map.groupBy(entries, ({ atMs }) => minuteOf(atMs))].sort(([a], [b]) => a - b);
  return minutes.map(([, group], index) => {
    const times = group.map(({ scheduleId = '' }) => sendAt.get(scheduleId) ?? Number.NaN);
    return { minute: index, creates: group.length, nearest: Math.min(...times), farthest: Math.max(...times) };
  });
}

/** Resolves when the feed has asked the provider so often again; its passes do not overlap, so all but the last are done with. */
async function polls(count: number): Promise<void> {
  const asked = async (): Promise<number> => (await stack.footballData.admin.requests()).length;
  for (const wanted = (await asked()) + count; (await asked()) < wanted; ) {
    stack.clock.advance(MINUTE_MS);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const versions = (): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(stack.notifications.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion]));

describe('380 real fixtures', () => {
  it('get one schedule each inside the horizon, nearest first, and never more creates than Braze takes', { timeout: 300_000 }, async () => {
    const all = (): readonly MatchNotification[] | undefined => {
      const objects = stack.notifications.list();
      return objects.length === 380 ? objects : undefined;
    };
    await stack.notifications.until(all, { what: 'the feed to make 380 objects', timeoutMs: 60_000 });
    await minuteByMinute(stack, { atRest: isAtRest, what: 'every fixture to be at rest' });

    const objects = stack.notifications.list();
    const inside = objects.filter((object) => isInside(object) && reasonOf(object) !== 'Held');
    tell(`380 fixtures: ${JSON.stringify(countReasons(objects))}, ${inside.length} inside the horizon`);
    expect(inside.length).toBeGreaterThan(290);
    expect(inside.filter((object) => !isArmed(object)).map(({ metadata }) => metadata.name)).toEqual([]);
    const schedules = stack.braze.schedules();
    expect(schedules.filter(({ state }) => state !== 'scheduled')).toEqual([]);
    expect(schedules.map(({ id }) => id).sort()).toEqual(inside.map(({ status }) => status?.schedule?.id).sort());
    expect(new Set(schedules.map(({ notification }) => notification)).size).toBe(inside.length);

    const minutes = byMinute(creates(stack));
    tell(
      table(
        'creates by the minute',
        minutes.map((row) => ({ ...row, nearest: text(row.nearest), farthest: text(row.farthest) })),
      ),
    );
    expect(spent(stack)).toEqual({ mostCreates: 10, refused: 0 });
    // The first ten were due when the feed had made no more than some twenty objects; from then on all are known.
    for (const [index, { nearest }] of minutes.entries()) {
      const before = index < 2 ? [] : minutes.slice(0, index);
      expect(nearest).toBeGreaterThanOrEqual(Math.max(0, ...before.map(({ farthest }) => farthest)));
    }
  });

  it('cost nothing when they are polled again and nothing has changed', { timeout: 120_000 }, async () => {
    await polls(1);
    const before = versions();
    const lastCall = stack.braze.log.entries.at(-1)?.seq ?? 0;
    await polls(3);
    expect(versions()).toEqual(before);
    const calls = stack.braze.log.where({ afterSeq: lastCall }).map(({ endpoint }) => endpoint);
    expect(calls.filter((endpoint) => !READ_BACKS.includes(endpoint))).toEqual([]);
  });
});

const text = (ms: number): string => new Date(ms).toISOString().slice(5, 16);
