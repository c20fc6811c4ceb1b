/** Leader election on the real API server: its rules for writes of a Lease, and what becomes of two candidates under faults. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type Connection, connect } from '../../src/controller/client.ts';
import { LeaderElection } from '../../src/controller/election.ts';
import { WatchedLease } from '../../src/controller/election-feed.ts';
import { freshLease, isReleased, LEASES, type Lease, released, renewed, taken } from '../../src/controller/election-lease.ts';
import { leaseTimings } from '../../src/controller/election-timings.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { kubeconfigFor, until } from './harness.ts';

/** The production proportions at a fifth of the length. */
const QUICK = leaseTimings({ leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 400 });

let cluster: TestCluster;
let direct: Connection;
let name: string;
let count = 0;

beforeAll(async () => {
  cluster = await clusterForTests();
  direct = connect({ kubeconfig: cluster.kubeconfigPath });
});
afterAll(async () => await direct?.close());

const key = () => ({ namespace: cluster.namespace, name });
const read = (): Promise<Lease> => direct.get<Lease>(LEASES, key());
const writer = (identity = 'somebody') => ({ identity, leaseDurationMs: 3_000, now: Temporal.Now.instant() });
const fresh = (): Promise<Lease> => direct.create<Lease>(LEASES, cluster.namespace, freshLease(name));

describe('the API server', () => {
  beforeEach(() => {
    name = `rules-${++count}`;
  });

  it('takes every form that the election writes, and the released one reads as released', async () => {
    const first = await fresh();
    expect(isReleased(first)).toBe(true);
    const held = await direct.replace(LEASES, taken(first, writer()));
    const kept = await direct.replace(LEASES, renewed(held, writer()));
    expect(kept.spec).toMatchObject({ holderIdentity: 'somebody', leaseTransitions: 1, leaseDurationSeconds: 3 });
    const free = await direct.replace(LEASES, released(kept, writer()));
    expect(isReleased(free)).toBe(true);
  });

  it('refuses a write of an old version, and a second create', async () => {
    const first = await fresh();
    await direct.replace(LEASES, taken(first, writer('a')));
    await expect(direct.replace(LEASES, taken(first, writer('b')))).rejects.toMatchObject({ status: 409, isConflict: true });
    await expect(fresh()).rejects.toMatchObject({ status: 409, isAlreadyExists: true });
  });

  it('would create a deleted Lease again by a PUT, unless the PUT carries its uid', async () => {
    const first = await fresh();
    await direct.delete(LEASES, key());
    await expect(direct.replace(LEASES, renewed(first, writer('a')))).rejects.toMatchObject({ status: 409 });
    const { uid: _, ...metadata } = first.metadata;
    await expect(direct.replace(LEASES, { ...renewed(first, writer('a')), metadata })).resolves.toMatchObject({
      spec: { holderIdentity: 'a' },
    });
  });

  it('refuses the version of a Lease that was deleted and created anew', async () => {
    const first = await fresh();
    await direct.delete(LEASES, key());
    await fresh();
    await expect(direct.replace(LEASES, renewed(first, writer('a')))).rejects.toMatchObject({ status: 409 });
  });

  it('gives no new version to a PUT that changes nothing, which is why a renewal never repeats a renewTime', async () => {
    const held = await direct.replace(LEASES, taken(await fresh(), writer()));
    const same = await direct.replace(LEASES, held);
    expect(same.metadata.resourceVersion).toBe(held.metadata.resourceVersion);
    const now = Temporal.Instant.from(held.spec!.renewTime!);
    const next = await direct.replace(LEASES, renewed(held, { ...writer(), now }));
    expect(next.metadata.resourceVersion).not.toBe(held.metadata.resourceVersion);
  });
});

describe('two candidates', () => {
  let elections: LeaderElection[];
  let connections: Connection[];
  let proxy: FaultProxy;
  let removeAccess: () => void;
  let proxied: string;
  let overlap: number;
  let sampling: NodeJS.Timeout;

  beforeEach(async () => {
    name = `election-${++count}`;
    elections = [];
    connections = [];
    overlap = 0;
    const { server, caData } = cluster.kubeConfig.getCurrentCluster() as { server: string; caData?: string };
    proxy = await startFaultProxy(caData === undefined ? { server } : { server, ca: Buffer.from(caData, 'base64').toString() });
    const access = kubeconfigFor(proxy.url, { token: cluster.kubeConfig.getCurrentUser()?.token });
    proxied = access.kubeconfig;
    removeAccess = () => access.remove();
    sampling = setInterval(() => {
      if (elections.filter((election) => election.mayStart(0)).length > 1) overlap += 1;
    }, 2);
  });
  afterEach(async () => {
    clearInterval(sampling);
    await Promise.all(elections.map((election) => election.stop({ release: false })));
    await Promise.all(connections.map((connection) => connection.close()));
    await proxy[Symbol.asyncDispose]();
    removeAccess();
  });

  function candidate({ kubeconfig = cluster.kubeconfigPath, watches = true } = {}): LeaderElection {
    const client = connect({ kubeconfig });
    connections.push(client);
    const { namespace } = cluster;
    const feed = new WatchedLease({ connection: client, namespace, name, onStoreWentBack: () => {} });
    const options = { client, clock: systemClock, namespace, name, timings: QUICK, log: silentLog };
    const election = new LeaderElection({ ...options, ...(watches ? { feed } : {}) });
    elections.push(election);
    election.start();
    return election;
  }

  const leads = (election: LeaderElection) => until('it leads', () => election.mayStart(QUICK.longestCallMs), 15_000);
  const renewal = async (): Promise<void> => {
    const { renewTime } = (await read()).spec ?? {};
    await until('the next renewal', async () => (await read()).spec?.renewTime !== renewTime, 10_000);
  };

  it('the standby leads as soon as its watch shows the release', async () => {
    await fresh();
    const first = candidate();
    await leads(first);
    const second = candidate();
    await renewal();
    expect(await first.stop({ release: true })).toBe(true);
    await leads(second);
    expect((await read()).spec).toMatchObject({ holderIdentity: second.identity, leaseTransitions: 2 });
    expect(overlap).toBe(0);
  });

  it('the standby takes over from a leader that vanished, watching or polling', async () => {
    await fresh();
    const first = candidate();
    await leads(first);
    const second = candidate({ watches: count % 2 === 0 });
    await renewal();
    await first.stop({ release: false });
    await leads(second);
    expect(overlap).toBe(0);
  });

  it('an absent lease is led by one of two that start together', async () => {
    const pair = [candidate(), candidate()];
    await until('one of them leads', () => pair.some((election) => election.mayStart(QUICK.longestCallMs)), 20_000);
    await renewal();
    expect(pair.filter(({ leading }) => leading)).toHaveLength(1);
    expect(overlap).toBe(0);
  });

  it('a deleted lease is put back by its leader', async () => {
    await fresh();
    const first = candidate();
    await leads(first);
    candidate();
    await renewal();
    await direct.delete(LEASES, key());
    await until(
      'the lease is back',
      () =>
        read().then(
          ({ spec }) => spec?.acquireTime !== undefined,
          () => false,
        ),
      10_000,
    );
    await renewal();
    expect(first.leading).toBe(true);
    expect((await read()).spec?.holderIdentity).toBe(first.identity);
    expect(overlap).toBe(0);
  });

  it('a leader survives renewals whose answers are lost', async () => {
    await fresh();
    const first = candidate({ kubeconfig: proxied });
    await leads(first);
    const lost = proxy.fault(({ method }) => method === 'PUT', { kind: 'drop-answer' }, 1);
    await until('an answer was lost', () => lost.hits === 1, 10_000);
    await renewal();
    await leads(first);
  });

  it('a leader whose renewals are answered too late stops believing before the standby starts', async () => {
    await fresh();
    const first = candidate({ kubeconfig: proxied });
    await leads(first);
    const second = candidate();
    await renewal();
    proxy.fault(({ method }) => method !== 'GET', { kind: 'delay', ms: 2_500 });
    await until('the first gave up', () => first.lost.aborted, 20_000);
    await leads(second);
    expect(first.mayStart(0)).toBe(false);
    expect(overlap).toBe(0);
  });

  it('a leader cut off from the API server stops believing before the standby starts', async () => {
    await fresh();
    const first = candidate({ kubeconfig: proxied });
    await leads(first);
    const second = candidate();
    await renewal();
    proxy.fault(() => true, { kind: 'hold' });
    await leads(second);
    expect(first.lost.aborted).toBe(true);
    expect(overlap).toBe(0);
  });

  it('the standby hears of the lease by its watch alone', async () => {
    await fresh();
    await leads(candidate());
    candidate({ kubeconfig: proxied });
    await until('the standby watches', () => proxy.openWatches === 1, 10_000);
    await renewal();
    const asked = proxy.requests.filter(({ isWatch }) => !isWatch).length;
    await renewal();
    await renewal();
    expect(proxy.requests.filter(({ isWatch }) => !isWatch)).toHaveLength(asked);
  });
});
