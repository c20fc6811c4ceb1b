/** Processes that die, freeze and return, and remote sides that are half dead: each fan is told once all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../sandbox/braze/index.ts';
import { until } from '../../sandbox/process/until.ts';
import type { Operator, Stack } from '../../sandbox/stack/index.ts';
import { armed, inHours, itemOf, lastCall, onceAt, stage, story, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

let stack: Stack;
let campaignId: string;
beforeAll(async () => {
  stack = await stage();
  campaignId = stack.campaign();
});
afterAll(() => stack?.stop());

const LEADING = 'leader_election_master_status{name="matchday"}';
const running = (): readonly Operator[] => stack.operators.filter((operator) => operator.exit() === undefined);

/** One that leads and one that waits, whatever the test before left. */
async function pair(): Promise<{ leader: Operator; standby: Operator }> {
  while (running().length < 2) await stack.startOperator({ name: `operator-${stack.operators.length + 1}` });
  return await until(
    async () => {
      const leads = await Promise.all(running().map(async (operator) => ({ operator, leads: (await operator.metric(LEADING)) === 1 })));
      const leader = leads.find((each) => each.leads)?.operator;
      const standby = leads.find((each) => !each.leads)?.operator;
      return leader && standby && { leader, standby };
    },
    { what: 'one of two operators to lead', timeoutMs: 30_000, everyMs: 100 },
  );
}

const leaseHolder = (): Promise<string> => stack.kubectlOrThrow(['get', 'lease', 'matchday', '-o', 'jsonpath={.spec.holderIdentity}']);
const schedulesOf = (item: string) => stack.braze.schedules().filter(({ notification }) => notification === item);
const itemNamed = (match: string): string => `football-data-${match}-${campaignId.slice(0, 8)}`;

/** A wish whose create call hangs in the simulator, before or after it took effect there. */
async function withCreateInFlight(match: string, when: 'before' | 'after') {
  const kickoff = inHours(stack, 4);
  const hold = stack.braze.fault({ match: { endpoint: 'campaign-create' }, action: { kind: 'hold', when } });
  const name = await stack.notify({ match, campaignId, kickoff });
  const call = await hold.struck();
  expect((await stack.notification(name)).status?.operation?.token).toBe(call.token);
  return { name, hold, sendAt: kickoff.subtract({ hours: 1 }), item: itemNamed(match), token: call.token };
}

describe('a leader that is killed with a create in flight', () => {
  it.each([
    ['after it took effect in Braze', 'after', '3001'],
    ['before it took effect, which it then does late', 'before', '3002'],
  ] as const)('%s: another takes over and fans are told once', async (_when, when, match) => {
    const { leader, standby } = await pair();
    const { name, hold, sendAt, item, token } = await withCreateInFlight(match, when);
    leader.kill('SIGKILL');
    await leader.exited;
    hold.release();
    await standby.leads();
    // The call of the dead can't be running any more when its time-out and the margin have passed.
    await untilDealtWith(stack, name, 'Resolving');
    await walkTo(stack, stack.clock.now().add({ seconds: 20 }));
    const object = await untilDealtWith(stack, name, 'Scheduled');
    expect(object.status?.schedule?.token).not.toBe(token);
    expect(schedulesOf(item).map((schedule) => [schedule.token, schedule.state])).toEqual([
      [token, 'scheduled'],
      [object.status?.schedule?.token, 'scheduled'],
    ]);
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });
});

describe('a leader that is frozen past its lease and wakes up', () => {
  it('with a create in flight: starts nothing more, ends with 1, and fans are told once', async () => {
    const { leader, standby } = await pair();
    const { name, hold, sendAt, item, token } = await withCreateInFlight('3003', 'after');
    leader.kill('SIGSTOP');
    await standby.leads();
    await untilDealtWith(stack, name, 'Resolving');
    await walkTo(stack, stack.clock.now().add({ seconds: 20 }));
    const object = await untilDealtWith(stack, name, 'Scheduled');
    const before = lastCall(stack);
    hold.release();
    leader.kill('SIGCONT');
    expect(await leader.exited).toEqual({ code: 1, signal: null });
    // At most the schedule that it made itself and could not record.
    expect(story(stack, item, before).filter((word) => word !== 'delete')).toEqual([]);
    expect(object.status?.schedule?.token).not.toBe(token);
    expect((await stack.notification(name)).status?.schedule).toEqual(object.status?.schedule);
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });

  it('over the send: fans are told once, and what the other recorded stands', async () => {
    const { leader, standby } = await pair();
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const object = await armed(stack, { match: '3004', campaignId, kickoff });
    leader.kill('SIGSTOP');
    await standby.leads();
    await walkPastSend(stack, sendAt);
    const sent = await untilDealtWith(stack, object.metadata.name, 'Sent');
    leader.kill('SIGCONT');
    expect(await leader.exited).toEqual({ code: 1, signal: null });
    expect((await stack.notification(object.metadata.name)).status?.lastSent).toEqual(sent.status?.lastSent);
    expect(told(stack, itemOf(object))).toEqual(onceAt(sendAt));
  });
});

describe('SIGTERM', () => {
  it('ends the leader with 0 and gives the lease back, and the other goes on with the work', async () => {
    const { leader, standby } = await pair();
    const before = await leaseHolder();
    leader.kill('SIGTERM');
    expect(await leader.exited).toEqual({ code: 0, signal: null });
    expect(leader.output.tail(50)).toContain('gave the lease back');
    await standby.leads();
    expect(await leaseHolder()).not.toBe(before);
    const object = await armed(stack, { match: '3005', campaignId, kickoff: inHours(stack, 4) });
    expect(schedulesOf(itemOf(object)).map(({ state }) => state)).toEqual(['scheduled']);
  });

  it('leaves a lease that says that nobody holds it', async () => {
    for (const operator of running()) expect(await operator.stop()).toEqual({ code: 0, signal: null });
    expect(await leaseHolder()).toBe('');
  });

  it('lets a create in flight end and records it', async () => {
    const { leader } = await pair();
    const { name, hold, item } = await withCreateInFlight('3006', 'after');
    leader.kill('SIGTERM');
    await leader.line(/"message":"stopping"/, { timeoutMs: 10_000 });
    hold.release();
    expect(await leader.exited).toEqual({ code: 0, signal: null });
    await untilDealtWith(stack, name, 'Scheduled');
    expect(schedulesOf(item)).toHaveLength(1);
  });
});

describe('an object that is deleted and applied again five minutes after its send', () => {
  it('is not sent again: the catalog item remembers', async () => {
    await pair();
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const object = await armed(stack, { match: '3007', campaignId, kickoff });
    const { name, uid } = object.metadata;
    await walkPastSend(stack, sendAt);
    await untilDealtWith(stack, name, 'Sent');
    await walkTo(stack, sendAt.add({ minutes: 5 }));
    await stack.kubectlOrThrow(['delete', 'mn', name, '--wait=false']);
    await stack.notifications.waitGone(name);
    await stack.notify({ match: '3007', campaignId, kickoff });
    const again = await untilDealtWith(stack, name, 'Sent');
    expect(again.metadata.uid).not.toBe(uid);
    expect(again.status?.lastSent).toMatchObject({ sendAt: sendAt.toString(), reason: 'PresumedSent' });
    await walkTo(stack, kickoff, { from: kickoff.subtract({ minutes: 1 }) });
    await stack.braze.settled();
    expect(schedulesOf(itemOf(object))).toHaveLength(1);
    expect(told(stack, itemOf(object))).toEqual(onceAt(sendAt));
  });
});

const CATALOG: readonly Endpoint[] = [
  ...(['catalogs-list', 'catalogs-create', 'fields-add', 'items-put', 'items-patch', 'items-post', 'items-delete', 'items-list'] as const),
  ...(['item-get', 'item-put', 'item-patch', 'item-post', 'item-delete'] as const),
];

describe('a catalog API that is down while the schedule API works', () => {
  it('does not keep a postponed match scheduled: it is deleted, and closed once the catalog is back', async () => {
    await pair();
    const kickoff = inHours(stack, 4);
    const object = await armed(stack, { match: '3008', campaignId, kickoff });
    const { name } = object.metadata;
    const down = stack.braze.fault({ match: { endpoint: CATALOG }, action: { kind: 'error-before', status: 503 }, times: 1_000_000 });
    await stack.notify({ match: '3008', campaignId, kickoff, spec: { hold: { reason: 'Postponed' } } });
    const look = (): true | undefined => schedulesOf(itemOf(object)).every(({ state }) => state === 'deleted') || undefined;
    await until(look, { what: 'the schedule to be deleted', timeoutMs: 20_000 });
    const meanwhile = await stack.notifications.waitFor(
      name,
      ({ status }) => status?.obsolete === undefined && status?.schedule === undefined,
    );
    expect(meanwhile.status?.fence).toMatchObject({ state: 'closed', confirmed: false });
    expect(down.hits.length).toBeGreaterThan(0);
    down.remove();
    await walkTo(stack, stack.clock.now().add({ minutes: 6 }));
    await untilDealtWith(stack, name, 'Held');
    await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
    expect(told(stack, itemOf(object))).toEqual({});
  });
});
