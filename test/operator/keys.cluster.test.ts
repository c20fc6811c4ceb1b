/** Keys that lead elsewhere, are wrong, or are gone, while sends are armed: nothing of somebody else is touched, nothing of ours is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrazeSimulator, DEFAULT_API_KEY, fencedTemplate, startBrazeSimulator } from '../../sandbox/braze/index.ts';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import {
  armed,
  BRISK_LEASE,
  dealtWith,
  inHours,
  itemOf,
  lastCall,
  onceAt,
  stage,
  story,
  told,
  untilDealtWith,
  walkPastSend,
  walkTo,
} from './support.ts';
import { type Switchboard, switchboard } from './switchboard.ts';

const OTHER_KEY = 'key-of-another-workspace';
const WRONG_KEY = 'key-of-nobody';

let stack: Stack;
let other: BrazeSimulator;
let board: Switchboard;
let campaignId: string;
beforeAll(async () => {
  board = await switchboard((key) => (key === OTHER_KEY ? other.url : stack.braze.url));
  stack = await stage({ workspace: false, operatorFlags: [...BRISK_LEASE, '--allow-endpoint', board.url] });
  other = await startBrazeSimulator({ clock: stack.clock, apiKeys: [{ name: 'other', key: OTHER_KEY, permissions: '*' }] });
  await stack.workspace({ endpoint: board.url, margin: '10s', requestTimeout: '1s' });
  campaignId = stack.campaign();
  other.addCampaign({ id: campaignId, template: fencedTemplate('matchday') });
});
afterAll(async () => {
  await stack?.stop();
  await other?.stop();
  await board?.[Symbol.asyncDispose]();
});

const pass = (seconds: number): Promise<void> => walkTo(stack, stack.clock.now().add({ seconds }));
const paste = (key: string): Promise<void> =>
  stack.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'braze' }, stringData: { apiKey: key } });
/** The Secret is looked at once a minute. */
async function pasted(key: string, reason: string): Promise<BrazeWorkspace> {
  await paste(key);
  await pass(65);
  return await stack.workspaces.waitFor('main', (object) => isReady(object, reason), { what: `the workspace to be ${reason}` });
}
const hold = (match: string, kickoff: Temporal.Instant): Promise<string> =>
  stack.notify({ match, campaignId, kickoff, spec: { hold: { reason: 'Postponed' } } });
const stateOf = (id: string | undefined) => stack.braze.schedules().find((schedule) => schedule.id === id)?.state;

describe('a key that leads to another Braze workspace', () => {
  it('is noticed: nobody is called until the right one is back, and all that was wanted meanwhile is done then', async () => {
    const kickoff = inHours(stack, 6);
    const sendAt = kickoff.subtract({ hours: 1 });
    const kept = await armed(stack, { match: '6001', campaignId, kickoff });
    const held = await armed(stack, { match: '6002', campaignId, kickoff });
    const workspace = await pasted(OTHER_KEY, 'WorkspaceChanged');
    expect(workspace.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('Put the right key into the Secret');
    const since = lastCall(stack);
    await untilDealtWith(stack, kept.metadata.name, 'WorkspaceChanged');
    await hold('6002', kickoff);
    const fresh = await stack.notify({ match: '6003', campaignId, kickoff });
    expect((await untilDealtWith(stack, fresh, 'WorkspaceChanged')).status?.phase).toBe('Blocked');
    expect((await untilDealtWith(stack, held.metadata.name, 'WorkspaceChanged')).status?.schedule).toEqual(held.status?.schedule);
    await pass(180);
    expect(stack.braze.log.where({ afterSeq: since })).toEqual([]);
    expect(new Set(other.log.entries.map(({ endpoint }) => endpoint))).toEqual(new Set(['catalogs-list']));
    expect(other.catalogs()).toEqual([]);

    await pasted(DEFAULT_API_KEY, 'Ready');
    await untilDealtWith(stack, held.metadata.name, 'Held');
    await untilDealtWith(stack, kept.metadata.name, 'Scheduled');
    await untilDealtWith(stack, fresh, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(kept))).toEqual(onceAt(sendAt));
    expect(told(stack, itemOf(held))).toEqual({});
    expect(told(stack, itemOf(await stack.notification(fresh)))).toEqual(onceAt(sendAt));
    expect(other.schedules()).toEqual([]);
  });
});

describe('a wrong key that is pasted over a working one', () => {
  it('is named, and the last working key goes on: what is held is closed and deleted, what is armed is sent once', async () => {
    const kickoff = inHours(stack, 6);
    const sendAt = kickoff.subtract({ hours: 1 });
    const kept = await armed(stack, { match: '6010', campaignId, kickoff });
    const held = await armed(stack, { match: '6011', campaignId, kickoff });
    await pasted(WRONG_KEY, 'Unauthorized');
    const since = lastCall(stack);
    await hold('6011', kickoff);
    await untilDealtWith(stack, held.metadata.name, 'Held');
    expect(
      story(stack, itemOf(held), since)
        .filter((word) => word !== 'read')
        .toSorted(),
    ).toEqual(['close', 'delete']);
    expect(stateOf(held.status?.schedule?.id)).toBe('deleted');
    await untilDealtWith(stack, kept.metadata.name, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(kept))).toEqual(onceAt(sendAt));
    expect(told(stack, itemOf(held))).toEqual({});
    await pasted(DEFAULT_API_KEY, 'Ready');
  });
});

describe('a Secret that is deleted while sends are armed', () => {
  it('leaves the last key for cleaning up, for nothing new, and lets the workspace go when nothing is owned any more', async () => {
    const kickoff = inHours(stack, 6);
    const object = await armed(stack, { match: '6020', campaignId, kickoff });
    const { name } = object.metadata;
    await stack.kubectlOrThrow(['delete', 'secret', 'braze']);
    await pass(65);
    await stack.workspaces.waitFor('main', (workspace) => isReady(workspace, 'SecretNotFound'));
    const fresh = await stack.notify({ match: '6021', campaignId, kickoff });
    const blocked = await stack.notifications.waitFor(
      fresh,
      (one) => dealtWith(one) || dealtWith(one, 'FenceMissing') || dealtWith(one, 'SecretNotFound'),
    );
    expect(blocked.status?.phase).toBe('Blocked');
    await stack.kubectlOrThrow(['delete', 'bw', 'main', '--wait=false']);
    await stack.kubectlOrThrow(['delete', 'mn', fresh, name, '--wait=false']);
    await stack.notifications.waitGone(name);
    await stack.notifications.waitGone(fresh);
    await stack.workspaces.waitGone('main', { timeoutMs: 15_000 });
    expect(stateOf(object.status?.schedule?.id)).toBe('deleted');
    await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
    expect(told(stack, itemOf(object))).toEqual({});
  });
});
