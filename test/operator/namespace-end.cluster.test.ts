/**
 * A namespace that is deleted with armed sends in it, while operators die. There is no controller manager here, so the test removes what
 * is in the namespace, in the orders in which it may; the API server refuses everything new in it, as anywhere.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator, Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, inHours, itemOf, onceAt, stage, told, walkPastSend, walkTo } from './support.ts';

let stack: Stack;
let sendAt: Temporal.Instant;
const objects = new Map<string, MatchNotification>();
beforeAll(async () => {
  stack = await stage();
  const campaignId = stack.campaign();
  const kickoff = inHours(stack, 4);
  sendAt = kickoff.subtract({ hours: 1 });
  for (const match of ['8001', '8002', '8003']) objects.set(match, await armed(stack, { match, campaignId, kickoff }));
  await stack.kubectlOrThrow(['delete', 'namespace', stack.namespace, '--wait=false']);
});
afterAll(() => stack?.stop());

const objectOf = (match: string): MatchNotification => objects.get(match) ?? expect.fail(`${match} was not armed`);
const remove = (match: string): Promise<string> => stack.kubectlOrThrow(['delete', 'mn', `pl-${match}`, '--wait=false']);
const stateOf = (match: string) => stack.braze.schedules().find(({ id }) => id === objectOf(match).status?.schedule?.id)?.state;
const isOpen = (match: string): boolean => stack.braze.item('matchday', itemOf(objectOf(match)))?.['token'] !== '';

/** Kills whoever leads; resolves when the next does, started before so that it only waits for the lease. */
async function killLeader(next: Operator): Promise<void> {
  for (const operator of stack.operators) {
    if (operator === next || operator.exit() !== undefined) continue;
    operator.kill('SIGKILL');
    await operator.exited;
  }
  await next.leads();
}

async function abandonedEvents(): Promise<readonly string[]> {
  const { stdout } = await stack.cluster.kubectl(['--namespace', 'default', 'get', 'events.events.k8s.io', '-o', 'json']);
  const { items } = JSON.parse(stdout) as { items: { regarding: { kind: string; name: string }; reason: string; note: string }[] };
  const ours = items.filter(({ regarding, reason }) => regarding.name === stack.namespace && reason === 'Abandoned');
  return ours.map(({ regarding, note }) => `${regarding.kind}: ${note}`);
}

describe('a namespace that is deleted', () => {
  it('while the leader is killed with a delete in flight: another ends it clean', async () => {
    const next = await stack.startOperator({ name: 'second' });
    const hold = stack.braze.fault({ match: { endpoint: 'campaign-delete' }, action: { kind: 'hold', when: 'before' } });
    await remove('8001');
    await hold.struck();
    await killLeader(next);
    await stack.notifications.waitGone('pl-8001');
    // The dead one's call arrives last of all.
    hold.release();
    expect(stateOf('8001')).toBe('deleted');
    expect(isOpen('8001')).toBe(false);
  });

  it('with its Secret first: the key that worked is kept for cleaning up', async () => {
    await stack.kubectlOrThrow(['delete', 'secret', 'braze']);
    await walkTo(stack, stack.clock.now().add({ seconds: 65 }));
    await stack.workspaces.waitFor('main', ({ status }) => status?.conditions?.some(({ reason }) => reason === 'SecretNotFound') === true);
    await remove('8002');
    await stack.notifications.waitGone('pl-8002');
    expect(stateOf('8002')).toBe('deleted');
    expect(isOpen('8002')).toBe(false);
  });

  it('with its Secret first, and the leader after it: what stays armed is said ten minutes later, and the namespace can end', async () => {
    await killLeader(await stack.startOperator({ name: 'third' }));
    await remove('8003');
    const waiting = await stack.notifications.waitFor(
      'pl-8003',
      ({ status }) => status?.conditions?.some(({ message }) => message?.includes('The namespace is being removed') === true) === true,
    );
    expect(waiting.status).toMatchObject({ phase: 'Scheduled', schedule: objectOf('8003').status?.schedule });
    expect(await abandonedEvents()).toEqual([]);
    stack.clock.advance(10 * 60_000);
    await stack.notifications.waitGone('pl-8003');
    const { id = '?', firesAt = '?' } = objectOf('8003').status?.schedule ?? {};
    const said = await expect.poll(abandonedEvents, { timeout: 10_000 }).toHaveLength(1).then(abandonedEvents);
    expect(said[0]).toMatch(/^Namespace: MatchNotification pl-8003, Aston Villa FC v Arsenal FC: /);
    expect(said[0]).toContain(`${id} (${firesAt.slice(0, 10)} ${firesAt.slice(11, 16)}Z)`);
    await stack.kubectlOrThrow(['delete', 'bw', 'main', '--wait=false']);
    await stack.workspaces.waitGone('main');
  });

  it('tells nobody of what was cleaned up, and once of what had to be left', async () => {
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(objectOf('8001')))).toEqual({});
    expect(told(stack, itemOf(objectOf('8002')))).toEqual({});
    expect(told(stack, itemOf(objectOf('8003')))).toEqual(onceAt(sendAt));
  });
});
