/** Whose a catalog item is: two clusters on one Braze workspace, two objects for one match, and objects that lost their memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { type Elsewhere, elsewhere } from './elsewhere.ts';
import {
  armed,
  BRISK_LEASE,
  dealtWith,
  inHours,
  itemOf,
  lastCall,
  onceAt,
  stage,
  told,
  untilDealtWith,
  walkPastSend,
  walkTo,
} from './support.ts';

const OWNER = 'club';

let stack: Stack;
let there: Elsewhere;
let campaignId: string;
beforeAll(async () => {
  stack = await stage({ operatorFlags: [...BRISK_LEASE, '--owner-id', OWNER] });
  campaignId = stack.campaign();
  there = await elsewhere(stack);
  await there.owner('rival');
});
afterAll(async () => {
  await there?.[Symbol.asyncDispose]();
  await stack?.stop();
});

const pass = (time: Temporal.DurationLike): Promise<void> => walkTo(stack, stack.clock.now().add(time));
const message = ({ status }: MatchNotification): string => status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
const schedulesOf = (item: string) => stack.braze.schedules().filter(({ notification }) => notification === item);
const annotate = (where: Stack, name: string, annotation: string): Promise<string> =>
  where.kubectlOrThrow(['annotate', '--overwrite', 'mn', name, annotation]);

/** A read-back now. */
let asked = 0;
async function readBack(where: Stack, name: string): Promise<MatchNotification> {
  asked += 1;
  const at = `look-${asked}`;
  await annotate(where, name, `matchday.dev/requested-at=${at}`);
  return await where.notifications.waitFor(name, ({ status }) => status?.lastHandledReconcileAt === at, {
    what: `${name} to be read back`,
  });
}

describe('an item that another cluster holds open', () => {
  /** Armed there, wanted here too. */
  async function wantedTwice(match: string) {
    const kickoff = inHours(stack, 4);
    const theirs = await armed(there.stack, { match, campaignId, kickoff });
    const name = await stack.notify({ match, campaignId, kickoff });
    const ours = await untilDealtWith(stack, name, 'OwnedElsewhere');
    const owner = `rival/${stack.namespace}/${name}`;
    expect(message(ours)).toContain(`open for ${owner}`);
    expect(ours.status).toMatchObject({ phase: 'Blocked' });
    expect(schedulesOf(itemOf(theirs))).toHaveLength(1);
    return { name, owner, kickoff, item: itemOf(theirs), sendAt: kickoff.subtract({ hours: 1 }) };
  }

  it('is left to it; once it is closed the send is made here, and fans are told once', async () => {
    const { name, item, kickoff, sendAt } = await wantedTwice('5001');
    await there.stack.notify({ match: '5001', campaignId, kickoff, spec: { hold: { reason: 'Postponed' } } });
    await untilDealtWith(there.stack, name, 'Held');
    await pass({ minutes: 6 });
    await untilDealtWith(stack, name, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });

  it('is taken over when a person says so, and fans are told once although the other goes on', async () => {
    const { name, owner, item, sendAt } = await wantedTwice('5002');
    await annotate(stack, name, `matchday.dev/take-over=${owner}`);
    await untilDealtWith(stack, name, 'Scheduled');
    expect(schedulesOf(item).map(({ state }) => state)).toEqual(['scheduled', 'scheduled']);
    await readBack(there.stack, name);
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });

  it('counts as the send of its time, and is ours for a later occasion a day after it', async () => {
    const { name, item, kickoff, sendAt } = await wantedTwice('5003');
    await Promise.all(there.stack.operators.map((operator) => operator.stop()));
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    const later = kickoff.add({ hours: 30 });
    await stack.notify({ match: '5003', campaignId, kickoff: later });
    const waiting = await stack.notifications.waitFor(name, (object) => dealtWith(object, 'OwnedElsewhere'));
    expect(waiting.status?.lastSent).toMatchObject({ sendAt: sendAt.toString(), reason: 'PresumedSent' });
    await walkTo(stack, sendAt.add({ hours: 24, minutes: 6 }), { from: sendAt.add({ hours: 23, minutes: 59 }) });
    await untilDealtWith(stack, name, 'Scheduled');
    const laterSend = later.subtract({ hours: 1 });
    await walkPastSend(stack, laterSend);
    const fans = Object.entries(onceAt(sendAt)).map(([fan, times]) => [fan, [...times, laterSend.toString()]]);
    expect(told(stack, item)).toEqual(Object.fromEntries(fans));
  });
});

describe('a second cluster with our owner id', () => {
  it('is not fought with for ever: we say that ownership is contested, write no more, and fans are told once', async () => {
    await there.owner(OWNER);
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const ours = await armed(stack, { match: '5010', campaignId, kickoff });
    const { name } = ours.metadata;
    // It takes our item for that of an earlier life of its own object.
    await armed(there.stack, { match: '5010', campaignId, kickoff });
    await readBack(stack, name);
    await untilDealtWith(stack, name, 'Scheduled');
    await readBack(there.stack, name);
    await untilDealtWith(there.stack, name, 'Scheduled');
    await annotate(stack, name, 'matchday.dev/requested-at=contested');
    const contested = await untilDealtWith(stack, name, 'OwnershipContested');
    expect(message(contested)).toContain(`replaced by ${OWNER}/${stack.namespace}/${name}`);
    expect(contested.status).toMatchObject({ phase: 'Scheduled', schedule: ours.status?.schedule });
    const since = lastCall(stack);
    await walkPastSend(stack, sendAt);
    await untilDealtWith(stack, name, 'Sent');
    const written = stack.braze.log
      .where({ notification: itemOf(ours), afterSeq: since })
      .filter(({ method, body }) => method === 'PUT' && JSON.stringify(body).includes(ours.status?.schedule?.token ?? '?'));
    expect(written).toEqual([]);
    expect(told(stack, itemOf(ours))).toEqual(onceAt(sendAt));
  });
});

describe('two objects for one match and campaign', () => {
  const twinOf = (match: string, rest: { readonly campaignId: string; readonly kickoff: Temporal.Instant }) =>
    stack.notify({ match, name: `twin-${match}`, ...rest });
  /** Objects made within one second are of one age. */
  const nextSecond = ({ metadata }: MatchNotification): Promise<true> =>
    until(() => Date.now() - Date.parse(metadata.creationTimestamp ?? '') > 1_000 || undefined, {
      what: 'the next second',
      timeoutMs: 5_000,
    });

  it('are one send: the older makes it, and when it is deleted the younger does', async () => {
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const older = await armed(stack, { match: '5020', campaignId, kickoff });
    await nextSecond(older);
    const younger = await twinOf('5020', { campaignId, kickoff });
    const waiting = await untilDealtWith(stack, younger, 'DuplicateMatch');
    expect(message(waiting)).toContain(`${older.metadata.name} is older`);
    expect(schedulesOf(itemOf(older))).toHaveLength(1);
    await stack.kubectlOrThrow(['delete', 'mn', older.metadata.name]);
    await untilDealtWith(stack, younger, 'Scheduled');
    expect(schedulesOf(itemOf(older)).map(({ state }) => state)).toEqual(['deleted', 'scheduled']);
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(older))).toEqual(onceAt(sendAt));
  });

  it('are one send too when the older comes to the campaign of a younger that is armed: that one closes and deletes what it owns', async () => {
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const older = await armed(stack, { match: '5021', campaignId: stack.campaign(), kickoff });
    await nextSecond(older);
    const young = await untilDealtWith(stack, await twinOf('5021', { campaignId, kickoff }), 'Scheduled');
    await stack.notify({ match: '5021', campaignId, kickoff });
    const loser = await stack.notifications.waitFor(
      young.metadata.name,
      (object) => dealtWith(object, 'DuplicateMatch') && disarmed(object),
    );
    expect(loser.status?.phase).toBe('Blocked');
    await pass({ minutes: 6 });
    await untilDealtWith(stack, older.metadata.name, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(young))).toEqual(onceAt(sendAt));
    expect(told(stack, itemOf(older))).toEqual({});
    await stack.kubectlOrThrow(['delete', 'mn', older.metadata.name]);
    const heir = await untilDealtWith(stack, young.metadata.name, 'Sent');
    expect(heir.status?.lastSent).toMatchObject({ sendAt: sendAt.toString(), reason: 'PresumedSent' });
    expect(schedulesOf(itemOf(young)).filter(({ state }) => state === 'scheduled')).toEqual([]);
  });
});

const disarmed = ({ status }: MatchNotification): boolean =>
  status?.schedule === undefined && status?.obsolete === undefined && status?.fence?.confirmed === true && status.fence.token === '';

describe('objects restored from a backup that holds no status', () => {
  /** The cluster was lost: the objects are gone without anybody having closed or deleted anything in Braze. */
  async function lose(names: readonly string[]): Promise<void> {
    await Promise.all(stack.operators.map((operator) => operator.stop()));
    await stack.kubectlOrThrow(['delete', 'mn', '--wait=false', ...names]);
    await stack.kubectlOrThrow(['patch', 'mn', ...names, '--type', 'merge', '-p', '{"metadata":{"finalizers":null}}']);
    for (const name of names) await stack.notifications.waitGone(name);
  }

  it('before and after their sends: each fan is told once of each match', async () => {
    const [early, late] = [inHours(stack, 3), inHours(stack, 5)];
    const [earlySend, lateSend] = [early.subtract({ hours: 1 }), late.subtract({ hours: 1 })];
    const sent = await armed(stack, { match: '5030', campaignId, kickoff: early });
    const ahead = await armed(stack, { match: '5031', campaignId, kickoff: late });
    await walkPastSend(stack, earlySend);
    await untilDealtWith(stack, sent.metadata.name, 'Sent');
    await lose([sent.metadata.name, ahead.metadata.name]);
    await stack.notify({ match: '5030', campaignId, kickoff: early });
    await stack.notify({ match: '5031', campaignId, kickoff: late });
    await (await stack.startOperator({ name: 'after the disaster' })).leads();
    const remembered = await untilDealtWith(stack, sent.metadata.name, 'Sent');
    expect(remembered.metadata.uid).not.toBe(sent.metadata.uid);
    expect(remembered.status?.lastSent).toMatchObject({ sendAt: earlySend.toString(), reason: 'PresumedSent' });
    const again = await untilDealtWith(stack, ahead.metadata.name, 'Scheduled');
    expect(again.status?.schedule?.token).not.toBe(ahead.status?.schedule?.token);
    await walkPastSend(stack, lateSend);
    expect(told(stack, itemOf(sent))).toEqual(onceAt(earlySend));
    expect(told(stack, itemOf(ahead))).toEqual(onceAt(lateSend));
  });

  it('under the same uid, with the status wiped: the armed one is closed and made anew, the sent one is remembered', async () => {
    const [early, late] = [inHours(stack, 3), inHours(stack, 5)];
    const [earlySend, lateSend] = [early.subtract({ hours: 1 }), late.subtract({ hours: 1 })];
    const sent = await armed(stack, { match: '5032', campaignId, kickoff: early });
    const ahead = await armed(stack, { match: '5033', campaignId, kickoff: late });
    await walkPastSend(stack, earlySend);
    await untilDealtWith(stack, sent.metadata.name, 'Sent');
    const wipe = ['--subresource', 'status', '--type', 'json', '-p', '[{"op":"replace","path":"/status","value":{}}]'];
    await stack.kubectlOrThrow(['patch', 'mn', sent.metadata.name, ahead.metadata.name, ...wipe]);
    const anew = ({ status }: MatchNotification): boolean =>
      status?.schedule !== undefined && status.schedule.token !== ahead.status?.schedule?.token;
    await stack.notifications.waitFor(ahead.metadata.name, (object) => anew(object) && dealtWith(object, 'Scheduled'));
    const remembered = await stack.notifications.waitFor(sent.metadata.name, ({ status }) => status?.lastSent?.reason === 'PresumedSent');
    expect(remembered.status?.lastSent?.sendAt).toBe(earlySend.toString());
    await walkPastSend(stack, lateSend);
    expect(told(stack, itemOf(sent))).toEqual(onceAt(earlySend));
    expect(told(stack, itemOf(ahead))).toEqual(onceAt(lateSend));
  });
});
