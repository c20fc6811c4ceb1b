import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHORT_LEASE, startStack } from '../../sandbox/stack/index.ts';
import { clusterForTests } from '../support/cluster.ts';
import { isRunning, untilGone } from '../support/processes.ts';

describe('the sandbox as one thing', () => {
  it('comes up with an operator that schedules and delivers, and goes down without residue', async () => {
    const cluster = await clusterForTests();
    const stack = await startStack({ cluster, operators: 1, operatorFlags: SHORT_LEASE });
    const [operator] = stack.operators;
    await operator!.leads();
    expect((await fetch(`${operator!.healthUrl}/readyz`)).status).toBe(200);
    expect(await operator!.metric('leader_election_master_status{name="matchday"}')).toBe(1);

    const campaignId = stack.campaign();
    await stack.workspace({ margin: '10s', requestTimeout: '1s' });
    const kickoff = stack.clock.now().add({ hours: 3 }).round({ smallestUnit: 'minute', roundingMode: 'ceil' });
    const name = await stack.notify({ match: '600123', campaignId, kickoff });
    const armed = await stack.notifications.waitFor(
      name,
      ({ status }) => status?.phase === 'Scheduled' && status.fence?.confirmed === true,
    );
    expect(stack.braze.schedules().map(({ id }) => id)).toEqual([armed.status?.schedule?.id]);

    stack.clock.set(kickoff.subtract({ hours: 1, seconds: 15 }));
    await stack.notifications.waitFor(name, ({ status }) => status?.phase === 'Sent', { timeoutMs: 90_000 });
    expect(stack.braze.timesTold(armed.status!.fence!.item)).toEqual({ 'fan-1': 1, 'fan-2': 1, 'fan-3': 1, 'fan-4': 1, 'fan-5': 1 });

    await stack.stop();
    expect(await isRunning(operator!.pid)).toBe(false);
    for (const url of [stack.braze.url, stack.braze.adminUrl, stack.footballData.url, stack.footballData.adminUrl, stack.clockUrl])
      await expect(fetch(url), url).rejects.toThrow();
    const left = await cluster.kubectl(['--namespace', stack.namespace, 'get', 'mn,bw,ff', '-o', 'name']);
    expect(left.stdout).toBe('');
    const crds = await cluster.kubectl(['get', 'crd', 'matchnotifications.matchday.dev', '-o', 'name']);
    expect(crds.stdout, 'the definitions of a shared cluster stay').toContain('matchnotifications');
  }, 180_000);

  it('waits for changes, and says what was seen when they do not come', async () => {
    await using stack = await startStack({ cluster: await clusterForTests() });
    const kickoff = stack.clock.now().add({ hours: 3 });
    const name = await stack.notify({ match: '600124', campaignId: stack.campaign(), kickoff });
    await expect(stack.notifications.waitFor(name, ({ status }) => status?.phase === 'Sent', { timeoutMs: 300 })).rejects.toThrow(
      /waited 0.3 s for pl-600124 to be as wanted; it says: \{[\s\S]*"600124"/,
    );
    const gone = stack.notifications.waitGone(name);
    await stack.kubectlOrThrow(['patch', 'mn', name, '--type', 'merge', '--patch', '{"metadata":{"finalizers":[]}}']);
    await stack.kubectlOrThrow(['delete', 'mn', name]);
    await gone;
  }, 120_000);

  it('takes down what was started when a part can not start', async () => {
    const cluster = await clusterForTests();
    const flags = ['--concurrency', '0'];
    await expect(startStack({ cluster, operators: 1, operatorFlags: flags, namespace: `${cluster.namespace}-x` })).rejects.toThrow(
      /--concurrency/,
    );
    const { stdout } = await cluster.kubectl(['get', 'namespace', `${cluster.namespace}-x`, '-o', 'jsonpath={.status.phase}']);
    expect(['Terminating', '']).toContain(stdout);
  }, 120_000);

  it('starts a control plane of its own unless told, in whose namespace default it works, and which ends with it', async () => {
    const stack = await startStack();
    expect(stack.namespace).toBe('default');
    const directory = path.dirname(stack.cluster.kubeconfigPath);
    await stack.stop();
    await untilGone({ paths: [directory] });
  }, 120_000);
});
