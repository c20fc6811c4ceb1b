/** What a change of the wish does in Braze, and what reaches the fans in the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, dealtWith, inHours, itemOf, lastCall, onceAt, stage, story, told, untilDealtWith, walkPastSend } from './support.ts';

let stack: Stack;
let campaignId: string;
beforeAll(async () => {
  stack = await stage();
  campaignId = stack.campaign();
});
afterAll(() => stack?.stop());

/** An armed send three hours ahead, with the clock's times around it. */
async function armedMatch(match: string) {
  const kickoff = inHours(stack, 4);
  const object = await armed(stack, { match, campaignId, kickoff });
  return { kickoff, sendAt: kickoff.subtract({ hours: 1 }), object, name: object.metadata.name, item: itemOf(object) };
}

const schedulesOf = (item: string) => stack.braze.schedules().filter(({ notification }) => notification === item);
const scheduleId = (object: MatchNotification): string | undefined => object.status?.schedule?.id;

describe('a kickoff', () => {
  it('that moves by one second asks Braze nothing', async () => {
    const { kickoff, name, item, object } = await armedMatch('1001');
    const before = lastCall(stack);
    await stack.notify({ match: '1001', campaignId, kickoff: kickoff.add({ seconds: 1 }) });
    const after = await stack.notifications.waitFor(name, (seen) => dealtWith(seen, 'Scheduled') && seen.status?.fence?.confirmed === true);
    expect(after.metadata.generation).toBeGreaterThan(object.metadata.generation!);
    expect(story(stack, item, before)).toEqual([]);
    expect(after.status).toMatchObject({ schedule: object.status?.schedule, fence: object.status?.fence });
  });

  it('that moves by five minutes closes, deletes, creates and opens, and fans are told once, at the new time', async () => {
    const { kickoff, name, item, object } = await armedMatch('1002');
    const before = lastCall(stack);
    const moved = kickoff.add({ minutes: 5 });
    await stack.notify({ match: '1002', campaignId, kickoff: moved });
    const after = await untilDealtWith(stack, name, 'Scheduled');
    expect(story(stack, item, before).filter((word) => word !== 'read')).toEqual(['close', 'delete', 'create', 'open']);
    expect(after.status?.fence).toMatchObject({ state: 'open', token: after.status?.schedule?.token, confirmed: true });
    expect(scheduleId(after)).not.toBe(scheduleId(object));
    expect(schedulesOf(item).map(({ id, state }) => [id, state])).toEqual([
      [scheduleId(object), 'deleted'],
      [scheduleId(after), 'scheduled'],
    ]);
    const sendAt = moved.subtract({ hours: 1 });
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    const sent = await untilDealtWith(stack, name, 'Sent');
    expect(sent.status?.lastSent).toMatchObject({ sendAt: sendAt.toString(), reason: 'Sent', scheduleId: scheduleId(after) });
  });
});

describe('a team with a new name', () => {
  it('is one write of the catalog item; no schedule is touched, and fans read the new name', async () => {
    const { kickoff, sendAt, name, item } = await armedMatch('1003');
    const before = lastCall(stack);
    const match = {
      provider: 'football-data',
      id: '1003',
      competition: 'PL',
      home: { id: '58', name: 'Villa', tla: 'AVL' },
      away: { id: '57', name: 'Arsenal FC' },
    };
    await stack.notify({ match: '1003', campaignId, kickoff, spec: { match } });
    await stack.notifications.waitFor(
      name,
      ({ status }) => status?.fixture?.startsWith('Villa') === true && status.fence?.confirmed === true,
    );
    expect(story(stack, item, before)).toEqual(['open', 'read']);
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    const [delivery] = stack.braze.deliveries({ notification: item });
    expect(delivery?.messages[0]?.fields['alert']).toContain('Villa v Arsenal FC');
  });
});

describe('a create', () => {
  it.each([
    ['took effect and was cut off', 'drop-after', '1004'],
    ['took effect and was never answered', 'timeout-after', '1005'],
    ['took effect behind a gateway that says 502', 'error-after', '1006'],
  ] as const)('that %s is made again, and fans are told once', async (_how, kind, match) => {
    const fault = stack.braze.fault({ match: { endpoint: 'campaign-create' }, action: { kind } });
    const { sendAt, item, object } = await armedMatch(match);
    expect(fault.hits).toHaveLength(1);
    expect(schedulesOf(item).map(({ state }) => state)).toEqual(['scheduled', 'scheduled']);
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    const [aborted] = stack.braze.aborts({ notification: item });
    expect(aborted).toMatchObject({ scheduleId: schedulesOf(item).find(({ id }) => id !== scheduleId(object))?.id, outcome: 'aborted' });
  });
});

describe('a hold', () => {
  it('deletes what Braze holds; let go of, it is created anew, and fans are told once', async () => {
    const { kickoff, sendAt, name, item, object } = await armedMatch('1007');
    const hold = { reason: 'Postponed', message: 'Waterlogged pitch.' };
    await stack.notify({ match: '1007', campaignId, kickoff, spec: { hold } });
    const held = await untilDealtWith(stack, name, 'Held');
    expect(held.status).toMatchObject({ phase: 'Held', fence: { state: 'closed', confirmed: true } });
    expect(held.status?.schedule).toBeUndefined();
    expect(schedulesOf(item).map(({ state }) => state)).toEqual(['deleted']);
    await stack.notify({ match: '1007', campaignId, kickoff });
    const again = await untilDealtWith(stack, name, 'Scheduled');
    expect(scheduleId(again)).not.toBe(scheduleId(object));
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });

  it('that stays is never sent', async () => {
    const { kickoff, sendAt, name, item } = await armedMatch('1008');
    await stack.notify({ match: '1008', campaignId, kickoff, spec: { hold: { reason: 'Cancelled' } } });
    await untilDealtWith(stack, name, 'Cancelled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual({});
  });
});

describe('an object that is deleted', () => {
  it('is gone once its schedule is, and nobody is told', async () => {
    const { sendAt, name, item } = await armedMatch('1009');
    const before = lastCall(stack);
    await stack.kubectlOrThrow(['delete', 'mn', name, '--wait=false']);
    await stack.notifications.waitGone(name);
    expect(schedulesOf(item).map(({ state }) => state)).toEqual(['deleted']);
    expect(story(stack, item, before)).toEqual(expect.arrayContaining(['close', 'delete']));
    await walkPastSend(stack, sendAt);
    expect(told(stack, item)).toEqual({});
  });
});
