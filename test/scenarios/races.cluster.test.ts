/**
 * The seven races of docs/incident-analysis.md, each with the step of the old system replaced by its closest counterpart here, and each
 * ending in the deliveries, the object's history and the number of calls to Braze. docs/scenarios.md holds the table.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, BRISK_LEASE, inHours, lastCall, onceAt, story, told, untilDealtWith, walkPastSend, walkTo } from '../operator/support.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import {
  BLIND_KEY,
  calls,
  failures,
  historyOf,
  holdWrite,
  idsIn,
  isIntent,
  isRecord,
  isRetirement,
  itemWrites,
  letGoOfLease,
  type PairOptions,
  pair,
  schedulesOf,
  wakeUp,
} from './support.ts';

/** Braze may take as long to answer as the lease allows: half of it. */
const WORKSPACE = { margin: '10s', requestTimeout: '9s' } as const;
/** Never waited for: long enough for an answer that takes its time. */
const LONG_LEASE = ['--lease-duration', '15s', '--renew-deadline', '10s', '--retry-period', '2s'] as const;
/** Longer than the time-out of a call and the margin. */
const RESOLVED_AFTER = { seconds: 20 };

let cluster: TestCluster;
let stack: Stack;
let campaignId: string;
beforeAll(async () => {
  cluster = await clusterForTests();
  stack = await startStack({ cluster, operatorFlags: BRISK_LEASE, braze: { apiKeys: [BLIND_KEY] } });
  campaignId = stack.campaign();
  await stack.workspace({ ...WORKSPACE, wait: false });
});
afterAll(() => stack?.stop());

const operators = (name: string, options: Partial<PairOptions> = {}) => pair({ cluster, stack, name, leases: 'shared', ...options });
const itemNamed = (match: string): string => `football-data-${match}-${campaignId.slice(0, 8)}`;
const now = (name: string): Promise<MatchNotification> => stack.notification(name);
const held = (item: string) => schedulesOf(stack, item).map(({ token, state }) => [token, state]);
const resolveTime = (): Promise<void> => walkTo(stack, stack.clock.now().add(RESOLVED_AFTER));

/** The wish, four hours ahead. */
function wish(match: string) {
  const kickoff = inHours(stack, 4);
  const notify = (at = kickoff): Promise<string> => stack.notify({ match, campaignId, kickoff: at });
  return { match, name: `pl-${match}`, item: itemNamed(match), kickoff, sendAt: kickoff.subtract({ hours: 1 }), notify };
}

/** Past the send, and the object once it says so. */
async function afterSend({ name }: { readonly name: string }, sendAt: Temporal.Instant): Promise<MatchNotification> {
  await walkPastSend(stack, sendAt);
  return await untilDealtWith(stack, name, 'Sent');
}

describe('scenario 1: two runs create the same schedule', () => {
  it('the second finds an operation in flight and asks Braze nothing; the late record of the first stands', async () => {
    await using both = await operators('scenario-1');
    const { a, b } = both;
    const { name, item, sendAt, notify } = wish('123');
    const record = holdWrite(a, name, isRecord);
    await notify();
    await record.arrived;
    await letGoOfLease(stack, a);
    await b.operator.leads();
    const seen = await untilDealtWith(stack, name, 'Resolving');
    await a.operator.line(/lost the lease/, { timeoutMs: 20_000 });
    expect(seen.status?.schedule).toBeUndefined();
    expect(seen.status?.operation?.token).toBe(schedulesOf(stack, item)[0]?.token);
    // B wrote what it saw, so the record meets another version, and is written again on that one.
    expect(await record.release()).toBe(409);
    const object = await untilDealtWith(stack, name, 'Scheduled');
    expect(await a.operator.exited).toEqual({ code: 1, signal: null });
    expect(object.status?.schedule?.id).toBe(schedulesOf(stack, item)[0]?.id);

    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 1, update: 0, delete: 0, list: 0 });
  });
});

describe('scenario 2: two runs move the same schedule', () => {
  it('the write of the first comes late, is refused, and no call follows it', async () => {
    await using both = await operators('scenario-2');
    const { a, b } = both;
    const { name, item, kickoff, notify, match } = wish('223');
    const old = await armed(stack, { match, campaignId, kickoff });
    const before = lastCall(stack);
    const intent = holdWrite(a, name, isRetirement);
    await notify(kickoff.add({ minutes: 5 }));
    await intent.arrived;
    a.operator.kill('SIGSTOP');
    await b.operator.leads();
    const moved = await untilDealtWith(stack, name, 'Scheduled');
    expect(story(stack, item, before).filter((word) => word !== 'read')).toEqual(['close', 'delete', 'create', 'open']);
    const after = lastCall(stack);
    expect(await intent.release()).toBe(409);
    expect(await wakeUp(a)).toBe(1);
    expect(story(stack, item, after)).toEqual([]);
    expect((await now(name)).status?.schedule).toEqual(moved.status?.schedule);
    expect(held(item)).toEqual([
      [old.status?.schedule?.token, 'deleted'],
      [moved.status?.schedule?.token, 'scheduled'],
    ]);

    const sendAt = kickoff.subtract({ minutes: 55 });
    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created done', 'moved done', 'created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 2, update: 0, delete: 1, list: 0 });
  });
});

describe('scenario 3: a create is in flight when another run looks', () => {
  it('an operation is not an id: the other waits until it can tell, and what the lost answer left is never opened', async () => {
    await using both = await operators('scenario-3');
    const { a, b } = both;
    const { name, item, sendAt, notify } = wish('323');
    const ids = idsIn(stack, name);
    const answer = stack.braze.fault({
      match: { endpoint: 'campaign-create', notification: item },
      action: { kind: 'hold', when: 'after' },
    });
    await notify();
    const { token } = await answer.struck();
    a.operator.kill('SIGSTOP');
    const before = lastCall(stack);
    await b.operator.leads();
    const seen = await untilDealtWith(stack, name, 'Resolving');
    expect(seen.status?.operation?.token).toBe(token);
    expect(seen.status?.schedule).toBeUndefined();
    expect(seen.status?.obsolete).toBeUndefined();
    expect(story(stack, item, before)).toEqual([]);
    // Nobody answers it any more: its call ends as unknown, and that is what it may still record.
    expect(await wakeUp(a)).toBe(1);
    const object = await untilDealtWith(stack, name, 'Scheduled');
    answer.release();
    expect(object.status?.schedule?.token).not.toBe(token);
    expect(held(item)).toEqual([
      [token, 'scheduled'],
      [object.status?.schedule?.token, 'scheduled'],
    ]);

    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(stack.braze.aborts({ notification: item, token: token ?? '' })).toHaveLength(5);
    expect(historyOf(sent)).toEqual(['created unknown', 'created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 2, update: 0, delete: 0, list: 0 });
    expect([...ids]).toEqual([object.status?.schedule?.id]);
  });
});

describe('scenario 4: one second of difference while a create is in flight', () => {
  it('asks Braze nothing about a schedule that is not on record; the first, too late to record its own, deletes it', async () => {
    await using both = await operators('scenario-4');
    const { a, b } = both;
    const { name, item, kickoff, sendAt, notify } = wish('423');
    const record = holdWrite(a, name, isRecord);
    await notify();
    await record.arrived;
    const [first] = schedulesOf(stack, item);
    await letGoOfLease(stack, a);
    await b.operator.leads();
    const before = lastCall(stack);
    await notify(kickoff.add({ seconds: 1 }));
    await untilDealtWith(stack, name, 'Resolving');
    expect(story(stack, item, before)).toEqual([]);
    await resolveTime();
    const object = await untilDealtWith(stack, name, 'Scheduled');
    expect(object.status?.schedule).toMatchObject({ sendAt: sendAt.toString(), firesAt: sendAt.toString() });
    expect(object.status?.schedule?.id).not.toBe(first?.id);
    await a.operator.line(/lost the lease/, { timeoutMs: 20_000 });
    expect(await record.release()).toBe(409);
    expect(await a.operator.exited).toEqual({ code: 1, signal: null });
    expect(a.operator.output.lines().filter((line) => line.includes('"reason":"Compensated"'))).toHaveLength(1);
    expect(held(item)).toEqual([
      [first?.token, 'deleted'],
      [object.status?.schedule?.token, 'scheduled'],
    ]);
    expect((await now(name)).status?.schedule).toEqual(object.status?.schedule);

    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created unknown', 'resolved done', 'created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 2, update: 0, delete: 1, list: 0 });
    expect(failures(stack, item)).toEqual([]);
  });
});

describe('scenario 5: both hold the lock, and write at the same instant', () => {
  it('the API server takes one intent and refuses the other, whose writer calls nobody', async () => {
    await using both = await operators('scenario-5', { leases: 'own' });
    const { a, b } = both;
    const { name, item, sendAt, notify } = wish('523');
    const intents = [a, b].map((member) => holdWrite(member, name, isIntent));
    await notify();
    await Promise.all(intents.map(({ arrived }) => arrived));
    expect(story(stack, item).filter((word) => word !== 'read')).toEqual([]);
    const answers = await Promise.all(intents.map(({ release }) => release()));
    expect(answers.toSorted()).toEqual([200, 409]);
    await stack.notifications.waitFor(name, ({ status }) => status?.schedule !== undefined);
    // The run that was refused ends, as a run of the old system did; what it looked at meanwhile made it call nobody.
    const refused = answers[0] === 409 ? a : b;
    expect(await refused.operator.stop()).toEqual({ code: 0, signal: null });
    const object = await untilDealtWith(stack, name, 'Scheduled');
    expect(held(item)).toEqual([[object.status?.schedule?.token, 'scheduled']]);

    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 1, update: 0, delete: 0, list: 0 });
  });
});

describe('scenario 6: two ids for one match, and somebody tidies up', () => {
  it('a delete that comes late names the id that was moved away from: the right schedule remains', async () => {
    await using both = await operators('scenario-6');
    const { a, b } = both;
    const { name, item, kickoff, notify, match } = wish('623');
    const old = await armed(stack, { match, campaignId, kickoff });
    const call = stack.braze.fault({
      match: { endpoint: 'campaign-delete', notification: item },
      action: { kind: 'hold', when: 'before' },
    });
    await notify(kickoff.add({ minutes: 30 }));
    await call.struck();
    a.operator.kill('SIGSTOP');
    await b.operator.leads();
    const moved = await untilDealtWith(stack, name, 'Scheduled');
    call.release();
    expect(await wakeUp(a)).toBe(1);
    const [late] = stack.braze.log.where({ endpoint: 'campaign-delete', notification: item });
    await stack.braze.log.waitFor((entry) => entry.seq === late?.seq);
    expect(late?.scheduleId).toBe(old.status?.schedule?.id);
    expect(held(item)).toEqual([
      [old.status?.schedule?.token, 'deleted'],
      [moved.status?.schedule?.token, 'scheduled'],
    ]);

    const sendAt = kickoff.subtract({ minutes: 30 });
    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created done', 'moved done', 'created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 2, update: 0, delete: 2, list: 0 });
  });

  it('a successor whose answer was lost stays behind closed, nobody has to choose, and the right schedule is delivered', async () => {
    await using both = await operators('scenario-6b');
    const { a, b } = both;
    const { name, item, kickoff, notify, match } = wish('624');
    const old = await armed(stack, { match, campaignId, kickoff });
    const call = stack.braze.fault({ match: { endpoint: 'campaign-create', notification: item }, action: { kind: 'hold', when: 'after' } });
    await notify(kickoff.add({ minutes: 30 }));
    const { token } = await call.struck();
    a.operator.kill('SIGSTOP');
    await b.operator.leads();
    await untilDealtWith(stack, name, 'Resolving');
    await resolveTime();
    const moved = await untilDealtWith(stack, name, 'Scheduled');
    expect(await wakeUp(a)).toBe(1);
    call.release();
    expect(held(item)).toEqual([
      [old.status?.schedule?.token, 'deleted'],
      [token, 'scheduled'],
      [moved.status?.schedule?.token, 'scheduled'],
    ]);

    const sendAt = kickoff.subtract({ minutes: 30 });
    const sent = await afterSend({ name }, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(stack.braze.deliveries({ notification: item }).map((each) => each.scheduleId)).toEqual(
      Array(5).fill(moved.status?.schedule?.id),
    );
    expect(historyOf(sent)).toEqual(['created done', 'moved done', 'created unknown', 'resolved done', 'created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 3, update: 0, delete: 1, list: 0 });
    expect(itemWrites(stack, item)).toEqual(['open', 'close', 'open']);
  });
});

describe('scenario 7: a second process reconciles while the first creates', () => {
  it('no listing is asked: the object says that a call is in flight, and the second leaves it alone', async () => {
    // Two leases, as the old scheduler and its clean-up had two locks.
    await using both = await operators('scenario-7', { leases: 'own', bLeads: false, flags: LONG_LEASE });
    const { a, b } = both;
    const { name, item, sendAt, notify } = wish('723');
    const answer = stack.braze.fault({
      match: { endpoint: 'campaign-create', notification: item },
      action: { kind: 'hold', when: 'after' },
    });
    await notify();
    const { token } = await answer.struck();
    const before = lastCall(stack);
    await letGoOfLease(stack, b);
    const seen = await untilDealtWith(stack, name, 'Resolving');
    expect(seen.status?.operation?.token).toBe(token);
    expect(story(stack, item, before)).toEqual([]);
    answer.release();
    await stack.notifications.waitFor(name, ({ status }) => status?.schedule !== undefined);
    expect(await b.operator.stop()).toEqual({ code: 0, signal: null });
    const object = await untilDealtWith(stack, name, 'Scheduled');
    expect(held(item)).toEqual([[token, 'scheduled']]);
    expect(object.status?.schedule?.id).toBe(schedulesOf(stack, item)[0]?.id);

    const sent = await afterSend({ name }, sendAt);
    expect(a.operator.exit()).toBeUndefined();
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    expect(historyOf(sent)).toEqual(['created done', 'sent done']);
    expect(calls(stack, item)).toEqual({ create: 1, update: 0, delete: 0, list: 0 });
  });
});
