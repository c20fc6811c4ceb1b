/** Alerts about the process: nobody leads, two lead, nobody is there; a pass that hangs, a watch that hears nothing. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest, Stack } from '../../sandbox/stack/index.ts';
import type { ObjectKey, Resource } from '../../src/controller/types.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { inHours, untilDealtWith } from '../operator/support.ts';
import { accessThrough } from '../support/access-through.ts';
import { clusterForTests } from '../support/cluster.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type Play, QUICK, type Scene, scene } from './scene.ts';

const lease = (spec: object): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'matchday' },
  spec: { ...spec, leaseTransitions: 0 },
});

/**
 * A lease whose holder is not there; two releases that do not know of each other; no operator at all. A send comes meanwhile, and the
 * operator that is started in the end says so in its first words.
 */
export const leases = (): Promise<Scene> =>
  scene({ name: 'leases' }, async ({ stack, recorder, cause }) => {
    await stack.apply(lease({ holderIdentity: 'somebody', leaseDurationSeconds: 3_600 }));
    const first = await stack.startOperator({ name: 'one' });
    cause('MatchdayNoLeader');
    await recorder.pass(3);
    const free = { spec: { holderIdentity: null, acquireTime: null, leaseDurationSeconds: 1 } };
    await stack.kubectlOrThrow(['patch', 'lease', 'matchday', '--type', 'merge', '--patch', JSON.stringify(free)]);
    await first.leads();
    await stack.workspace(QUICK);
    const elsewhere = `${stack.namespace}-elsewhere`;
    await stack.kubectlOrThrow(['create', 'namespace', elsewhere]);
    const second = await stack.startOperator({ name: 'two', flags: ['--lease-namespace', elsewhere] });
    await second.leads();
    cause('MatchdayTwoLeaders');
    await recorder.pass(3);
    await Promise.all([first.stop(), second.stop()]);
    cause('MatchdayOperatorDown');
    await recorder.pass(1);
    const name = await missedBy(stack);
    await recorder.pass(7);
    const third = await stack.startOperator({ name: 'three' });
    await third.leads();
    await untilDealtWith(stack, name, 'Missed');
    cause('MatchdaySendWindowMissed');
    await recorder.pass(2);
  });

/** A send of three minutes from now that is never made late. */
async function missedBy(stack: Stack): Promise<string> {
  const sendAt = stack.clock.now().add({ minutes: 3 }).round({ smallestUnit: 'minute', roundingMode: 'floor' });
  const spec = { startingDeadline: '0s' };
  return await stack.notify({ match: '7001', campaignId: stack.campaign(), kickoff: sendAt.add({ hours: 1 }), sendAt, spec });
}

/** The operator's own seconds (it measures silence and patience by them) pass as fast as the sandbox's clock is walked. */
const HASTE = 60;
const LONG_LEASE = ['--lease-duration', '3600s', '--renew-deadline', '2400s', '--retry-period', '300s'];

/** The API server answers no write of a pass, later no watch and no list either; the lease goes on. */
export const silence = (): Promise<Scene> =>
  scene({ name: 'silence' }, async (play) => {
    const { stack, recorder, cause } = play;
    await using api = await hasty(play);
    await stack.workspace(QUICK);
    await stack.feed({ campaignId: stack.campaign(), spec: { suspend: true } });
    await stack.notify({ match: '7101', campaignId: stack.campaign(), kickoff: inHours(stack, 48) });
    const stop = lively(stack);
    await recorder.pass(6);
    api.fault(({ method, url }) => method !== 'GET' && url.pathname.includes('/matchnotifications'), { kind: 'hold' });
    await stack.notify({ match: '7102', campaignId: stack.campaign(), kickoff: inHours(stack, 48) });
    cause('MatchdayReconcileStuck');
    await recorder.pass(8);
    api.fault(({ url }) => url.pathname.includes('/matchday.dev/'), { kind: 'hold' });
    api.silenceWatches();
    stop();
    cause('MatchdayWatchStale');
    await recorder.pass(13);
  });

/** An operator behind a proxy, whose own clock runs fast. */
async function hasty({ stack }: Play): Promise<FaultProxy> {
  const cluster = await clusterForTests();
  const api = await startFaultProxy({ server: cluster.kubeConfig.getCurrentCluster()?.server ?? '' });
  const file = path.join(path.dirname(cluster.kubeconfigPath), `kubeconfig-${stack.namespace}`);
  await writeFile(file, accessThrough(api.url, cluster), { mode: 0o600 });
  // Free: to wait out a lease of an hour is too long.
  await stack.apply(lease({ leaseDurationSeconds: 1 }));
  const operator = await stack.startOperator({
    name: 'hasty',
    flags: ['--kubeconfig', file, ...LONG_LEASE],
    env: { SANDBOX_MONOTONIC_RATE: String(HASTE) },
  });
  await operator.leads();
  return api;
}

/** Each kind has news every second, a minute of the operator's: the bookmarks of the API server come once in a real minute only. Returns the end. */
function lively({ connection, namespace }: Stack): () => void {
  const kinds: readonly [Resource, string][] = [
    [MATCH_NOTIFICATIONS, 'pl-7101'],
    [FIXTURE_FEEDS, 'pl'],
    [BRAZE_WORKSPACES, 'main'],
  ];
  let news = 0;
  const touch = ([resource, name]: readonly [Resource, string]): Promise<unknown> => {
    const key: ObjectKey = { namespace, name };
    return connection.patch(resource, key, { type: 'merge', body: { metadata: { labels: { news: String(news) } } } });
  };
  const timer = setInterval(() => {
    news += 1;
    // One that fails shows as a watch that fell silent.
    for (const kind of kinds) void touch(kind).catch(() => {});
  }, 1_000);
  return () => clearInterval(timer);
}
