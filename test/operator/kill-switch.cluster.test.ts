/** The kill switch of a workspace with many open items: all of them are closed in bulk, nobody is told, and it goes back on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import { notification } from '../../sandbox/stack/manifests.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { BRAZE_WORKSPACES } from '../../src/crds/resources.ts';
import { countReasons, creates, endScale, isArmed, minuteByMinute, ONE_FAN, scaleStage, table, tell, walkOver } from './scale-support.ts';
import { lastCall } from './support.ts';

/** Each campaign is an audience of its own: ten creates a minute each. 25 of them are 500 sends, too long for every run. */
const CAMPAIGNS = 5;
const EARLY = 10;
const LATE = 10;
const FIXTURES = CAMPAIGNS * (EARLY + LATE);

/** The defaults: hundreds of objects at once on a busy machine must not cost it the lease. */
const PATIENT_LEASE = ['--lease-duration', '15s', '--renew-deadline', '10s', '--retry-period', '2s'];

let stack: Stack;
let early: Temporal.Instant;
let late: Temporal.Instant;
beforeAll(async () => {
  const instant = Temporal.Now.instant().round({ smallestUnit: 'hour', roundingMode: 'floor' });
  stack = await scaleStage({ instant, operatorFlags: PATIENT_LEASE });
  await stack.workspace({ requestTimeout: '1s' });
  early = instant.add({ hours: 3 });
  late = instant.add({ hours: 6 });
  const campaigns = Array.from({ length: CAMPAIGNS }, () => stack.campaign({ users: ONE_FAN }));
  const fixtures = campaigns.flatMap((campaignId, campaign) =>
    Array.from({ length: EARLY + LATE }, (_, index) => {
      const kickoff = (index < EARLY ? early : late).add({ hours: 1 });
      return notification({ match: String(80_000 + campaign * 100 + index), campaignId, kickoff });
    }),
  );
  await stack.apply(fixtures);
});
afterAll(() => endScale(stack));

const suspend = (suspended: boolean): Promise<unknown> =>
  stack.connection.patch(
    BRAZE_WORKSPACES,
    { namespace: stack.namespace, name: 'main' },
    { type: 'merge', body: { spec: { suspend: suspended } } },
  );
const isOff = (object: MatchNotification): boolean => isReady(object, 'Suspended') && object.status?.phase === 'Held';
const isEarly = ({ spec }: MatchNotification): boolean => spec.sendAt === early.toString();
const everyOne = async (fits: (object: MatchNotification) => boolean, what: string): Promise<void> => {
  const look = (): true | undefined => stack.notifications.list().every(fits) || undefined;
  await stack.notifications.until(look, {
    what,
    timeoutMs: 240_000,
    last: () => ({
      status: countReasons(stack.notifications.list()),
      spec: stack.operators.map((operator) => operator.exit() ?? 'running'),
    }),
  });
};

/** Calls since one, by endpoint. */
function callsSince(afterSeq: number): Readonly<Record<string, number>> {
  const calls: Record<string, number> = {};
  for (const { endpoint } of stack.braze.log.where({ afterSeq })) calls[endpoint] = (calls[endpoint] ?? 0) + 1;
  return calls;
}

describe('the kill switch', () => {
  it(`closes and deletes ${FIXTURES} armed sends, and puts back what is still ahead`, { timeout: 300_000 }, async () => {
    await stack.notifications.until(() => stack.notifications.list().length === FIXTURES || undefined, { what: 'all objects' });
    await minuteByMinute(stack, { atRest: isArmed, what: 'every fixture to be armed' });

    const [before, begun] = [lastCall(stack), stack.clock.now()];
    await suspend(true);
    await everyOne(isOff, 'every fixture to be off');
    const off = callsSince(before);
    const seconds = Math.round((stack.clock.now().epochMilliseconds - begun.epochMilliseconds) / 1_000);
    tell(table(`${FIXTURES} armed sends are off after ${seconds} s; calls to Braze:`, [off]));
    expect(stack.braze.schedules().filter(({ state }) => state === 'scheduled')).toEqual([]);
    const open = Object.values(stack.braze.catalogs().find(({ name }) => name === 'matchday')?.items ?? {}).filter(
      ({ token }) => token !== '',
    );
    expect(open).toEqual([]);
    expect(off).toMatchObject({ 'campaign-delete': FIXTURES });
    expect(off['campaign-create']).toBeUndefined();
    // One by one each would be a write, of which there are 45 a minute.
    expect((off['items-put'] ?? 0) + (off['item-put'] ?? 0)).toBeLessThan(FIXTURES / 2);

    await walkOver(stack, early);
    expect(stack.braze.deliveries()).toEqual([]);
    await everyOne(isOff, 'every fixture to stay off');

    stack.clock.set(early.add({ minutes: 15 }));
    const again = lastCall(stack);
    await suspend(false);
    const isBack = (object: MatchNotification): boolean => (isEarly(object) ? isReady(object, 'Missed') : isArmed(object));
    await minuteByMinute(stack, { atRest: isBack, what: 'every fixture that is ahead to be armed again' });
    tell(table('back on; calls to Braze:', [callsSince(again)]));
    expect(creates(stack, again)).toHaveLength(CAMPAIGNS * LATE);
    await walkOver(stack, late);
    await everyOne((object) => isReady(object, isEarly(object) ? 'Missed' : 'Sent'), 'every fixture to be at its end');
    const delivered = Map.groupBy(stack.braze.deliveries(), ({ notification: item }) => item);
    expect([...delivered.values()].filter((times) => times.length > 1)).toEqual([]);
    expect(delivered.size).toBe(CAMPAIGNS * LATE);
    expect(stack.braze.rateLimited().total).toBe(0);
  });
});
