/** A campaign that changes in Braze after sends were armed through it: said before the send, once, and not forgotten after it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencedTemplate, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, inHours, itemOf, lastCall, onceAt, stage, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await stage();
});
afterAll(() => stack?.stop());

const drift = ({ status }: MatchNotification) => status?.conditions?.find(({ type }) => type === 'Drifted');
const drifted = (name: string, reason: string | undefined): Promise<MatchNotification> =>
  stack.notifications.waitFor(name, (object) => drift(object)?.reason === reason, { what: `${name} to be Drifted: ${reason ?? 'not'}` });

async function eventsOf(name: string, reason: string): Promise<readonly string[]> {
  const output = await stack.kubectlOrThrow(['get', 'events.events.k8s.io', '-o', 'json']);
  const { items } = JSON.parse(output) as { items: { regarding: { name: string }; reason: string; note: string }[] };
  return items.filter((event) => event.regarding.name === name && event.reason === reason).map(({ note }) => note);
}

/** One that is armed, at eleven minutes before its send. */
async function armedSoon(match: string) {
  const campaignId = stack.campaign();
  const kickoff = inHours(stack, 4);
  const sendAt = kickoff.subtract({ hours: 1 });
  const object = await armed(stack, { match, campaignId, kickoff });
  await walkTo(stack, sendAt.subtract({ minutes: 11 }), { from: sendAt.subtract({ minutes: 12 }) });
  return { campaignId, sendAt, item: itemOf(object), name: object.metadata.name };
}
/** Looked at ten minutes before the send, again a minute later. */
const nineMinutesBefore = (sendAt: Temporal.Instant): Promise<void> => walkTo(stack, sendAt.subtract({ minutes: 8 }));

describe('a campaign of an armed send', () => {
  it('that is stopped is said before the send, and the send counts as doubtful: nobody was told', async () => {
    const { campaignId, sendAt, item, name } = await armedSoon('7001');
    stack.braze.stopCampaign(campaignId);
    await nineMinutesBefore(sendAt);
    const warned = await drifted(name, 'CampaignNotLive');
    expect(warned.status).toMatchObject({ phase: 'Scheduled' });
    await untilDealtWith(stack, name, 'CampaignNotLive');
    await walkPastSend(stack, sendAt);
    const sent = await untilDealtWith(stack, name, 'Sent');
    expect(sent.status?.lastSent).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringContaining('last seen not live') });
    expect(told(stack, item)).toEqual({});
    expect(await eventsOf(name, 'Drifted')).toEqual([expect.stringContaining(`Campaign ${campaignId} is not live`)]);
    expect(await eventsOf(name, 'PresumedSent')).toEqual([expect.stringContaining('--not-sent')]);
  });

  it('that is started again in time sends, and nothing is held against it', async () => {
    const { campaignId, sendAt, item, name } = await armedSoon('7002');
    stack.braze.stopCampaign(campaignId);
    await nineMinutesBefore(sendAt);
    await drifted(name, 'CampaignNotLive');
    stack.braze.changeCampaign(campaignId, { enabled: true });
    await walkTo(stack, sendAt.subtract({ minutes: 5 }));
    await drifted(name, undefined);
    await untilDealtWith(stack, name, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect((await untilDealtWith(stack, name, 'Sent')).status?.lastSent?.reason).toBe('Sent');
    expect(told(stack, item)).toEqual(onceAt(sendAt));
  });

  it('that loses its fence is said; what is armed goes out once, what is new is not made, and the mode does not change', async () => {
    const { campaignId, sendAt, item, name } = await armedSoon('7003');
    stack.braze.changeCampaign(campaignId, { template: UNFENCED_TEMPLATE });
    await nineMinutesBefore(sendAt);
    await drifted(name, 'FenceMissing');
    const kickoff = inHours(stack, 4);
    const fresh = await stack.notify({ match: '7004', campaignId, kickoff });
    expect((await untilDealtWith(stack, fresh, 'FenceMissing')).status?.phase).toBe('Blocked');
    await walkPastSend(stack, sendAt);
    expect((await untilDealtWith(stack, name, 'Sent')).status?.lastSent?.reason).toBe('Sent');
    expect(told(stack, item)).toEqual(onceAt(sendAt));
    stack.braze.changeCampaign(campaignId, { template: fencedTemplate('matchday') });
    await walkTo(stack, stack.clock.now().add({ seconds: 130 }));
    await untilDealtWith(stack, fresh, 'Scheduled');
    await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
    expect(told(stack, itemOf(await stack.notification(fresh)))).toEqual(onceAt(kickoff.subtract({ hours: 1 })));
  });
});

describe('after a send its campaign is looked at', () => {
  const delivered = ({ status }: MatchNotification) => status?.conditions?.find(({ type }) => type === 'Delivered');
  const said = (name: string, reason: string): Promise<MatchNotification> =>
    stack.notifications.waitFor(name, (object) => delivered(object)?.reason === reason, { what: `${name} to be Delivered: ${reason}` });
  const looks = (campaignId: string, since: number): number =>
    stack.braze.log.where({ endpoint: 'campaign-details', campaignId, afterSeq: since }).length;

  it('once for both of its matches, and each says what Braze says', async () => {
    const campaignId = stack.campaign();
    const kickoff = inHours(stack, 2);
    const sendAt = kickoff.subtract({ hours: 1 });
    const names = ['7011', '7012'].map(async (match) => (await armed(stack, { match, campaignId, kickoff })).metadata.name);
    const [first = '', second = ''] = await Promise.all(names);
    await walkTo(stack, sendAt.subtract({ minutes: 2 }), { from: sendAt.subtract({ minutes: 4 }) });
    const before = lastCall(stack);
    await walkPastSend(stack, sendAt);
    for (const name of [first, second]) {
      const object = await said(name, 'SeenInCampaign');
      expect(delivered(object)).toMatchObject({ status: 'True', message: expect.stringContaining(sendAt.toString()) });
      expect(object.status).toMatchObject({ phase: 'Sent', lastSent: { reason: 'Sent', campaignId } });
    }
    expect(looks(campaignId, before)).toBe(1);
  });

  it('and where nobody was told, it says so a quarter of an hour later, and sends nothing again', async () => {
    const { campaignId, sendAt, item, name } = await armedSoon('7013');
    stack.braze.changeCampaign(campaignId, { users: [] });
    await walkPastSend(stack, sendAt);
    expect(delivered(await untilDealtWith(stack, name, 'Sent'))).toBeUndefined();
    await walkTo(stack, sendAt.add({ minutes: 16 }), { from: sendAt.add({ minutes: 14 }) });
    const object = await said(name, 'NotSeenInCampaign');
    expect(object.status).toMatchObject({ phase: 'Sent', lastSent: { reason: 'Sent' } });
    expect([stack.braze.schedules().filter(({ notification }) => notification === item).length, told(stack, item)]).toEqual([1, {}]);
  });

  it('by who takes over as well: it comes to the same', async () => {
    const { sendAt, name } = await armedSoon('7014');
    await walkTo(stack, sendAt.add({ seconds: 20 }), { from: sendAt.subtract({ seconds: 20 }) });
    await untilDealtWith(stack, name, 'Sent');
    const [leader] = stack.operators;
    const follower = await stack.startOperator({ name: 'follower' });
    await leader?.stop({ signal: 'SIGKILL' });
    await follower.leads();
    await walkTo(stack, sendAt.add({ minutes: 3 }));
    expect(delivered(await said(name, 'SeenInCampaign'))?.status).toBe('True');
  });
});
