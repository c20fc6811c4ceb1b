/** football-data.org is down for a day: what was scheduled before still goes out, and conditions and metrics tell it from the first minute. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstKickoffAt, loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { itemOf, onceAt, stage, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

const PATIENT = { timeout: 180_000 };

let stack: Stack;
/** The sends of the day, nearest first. */
let due: readonly MatchNotification[];

/** A round of eight days of the real list, which begins five hours from now. */
function someRounds() {
  const at = Temporal.Now.instant().add({ hours: 5 }).toString({ smallestUnit: 'second' });
  const retime = firstKickoffAt(loadSeasons({ competitions: ['PL'] }), { after: '2026-03-14T00:00:00Z', at });
  const until = Temporal.Now.instant()
    .add({ hours: 8 * 24 })
    .toString();
  const from = Temporal.Now.instant().toString();
  return loadSeasons({ competitions: ['PL'], retime }).map((season) => ({
    ...season,
    matches: season.matches.filter(({ utcDate }) => utcDate > from && utcDate < until).map((row) => ({ ...row, status: 'TIMED' })),
  }));
}

beforeAll(async () => {
  stack = await stage({ footballData: { seasons: someRounds() } });
  await stack.feed({ campaignId: stack.campaign(), spec: { window: '10d' } });
  await stack.feeds.waitFor('pl', ({ status }) => (status?.applied ?? 0) > 0, { what: 'the first poll' });
  // More sends than one audience may be given in a minute (contracts 1.9): the rest get theirs in the minutes after it.
  await walkTo(stack, stack.clock.now().add({ minutes: 3 }));
  const day = stack.clock.now().add({ hours: 24 }).toString();
  const names = stack.notifications.list().filter(({ spec }) => spec.sendAt < day && spec.hold === undefined);
  due = await Promise.all(names.map(({ metadata }) => untilDealtWith(stack, metadata.name, 'Scheduled')));
  due = due.toSorted((a, b) => (a.spec.sendAt < b.spec.sendAt ? -1 : 1));
}, 120_000);
afterAll(() => stack?.stop());

const metric = async (series: string): Promise<number> => (await stack.operators[0]?.metric(series)) ?? Number.NaN;
const problem = (type: string, reason: string): string =>
  `matchday_resource_condition{kind="FixtureFeed",namespace="${stack.namespace}",name="pl",type="${type}",reason="${reason}"}`;
const calls = (code: string): Promise<number> =>
  metric(`matchday_external_requests_total{api="football-data",endpoint="competition-matches",code="${code}"}`);
const freshness = ({ status }: FixtureFeed): string | undefined => status?.conditions?.find(({ type }) => type === 'FeedFresh')?.status;
const untilShown = (type: string, reason: string): Promise<true> =>
  until(async () => (await metric(problem(type, reason))) === 1 || undefined, {
    what: problem(type, reason),
    timeoutMs: 20_000,
    everyMs: 100,
  });

describe('a provider that is down for a day', PATIENT, () => {
  it('shows with the first poll that fails, in condition and metrics, and in FeedFresh after a quarter of an hour', async () => {
    expect(await calls('200')).toBeGreaterThan(0);
    await stack.footballData.admin.addFaults([{ kind: 'status', status: 503, times: 1_000_000, path: '/v4' }]);
    await stack.kubectlOrThrow(['annotate', 'ff', 'pl', '--overwrite', 'matchday.dev/requested-at=down']);
    await untilShown('Reconciling', 'ProviderUnavailable');
    expect(await calls('503')).toBeGreaterThan(0);
    const lastSuccess = await metric(`matchday_feed_last_success_timestamp_seconds{namespace="${stack.namespace}",name="pl"}`);
    expect(lastSuccess).toBeGreaterThan(stack.clock.now().subtract({ minutes: 10 }).epochMilliseconds / 1000);
    await walkTo(stack, stack.clock.now().add({ minutes: 16 }));
    await untilShown('FeedFresh', 'Stale');
    const feed = await stack.feeds.waitFor('pl', (one) => freshness(one) === 'False');
    expect(feed.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'ProviderUnavailable' }),
    );
  });

  it('keeps no send of that day from going out, at its time and once', async () => {
    expect(due.length).toBeGreaterThan(1);
    for (const sendAt of new Set(due.map(({ spec }) => spec.sendAt))) await walkPastSend(stack, Temporal.Instant.from(sendAt));
    for (const object of due) expect(told(stack, itemOf(object))).toEqual(onceAt(Temporal.Instant.from(object.spec.sendAt)));
    expect(stack.notifications.list().filter(({ spec }) => spec.hold !== undefined)).toEqual([]);
  });

  it('is over with the first list that is read', async () => {
    await stack.footballData.admin.clearFaults();
    await stack.kubectlOrThrow(['annotate', 'ff', 'pl', '--overwrite', 'matchday.dev/requested-at=up']);
    await stack.feeds.waitFor('pl', (one) => freshness(one) === 'True');
    await until(async () => (await metric(problem('FeedFresh', 'Stale'))) === 0 || undefined, { what: 'no stale feed', timeoutMs: 10_000 });
  });
});
