import { EventsV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type EventSink, Events } from '../../src/telemetry/events.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { recordingLog } from '../support/recording-log.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await clusterForTests();
});

/** The real API, as the composition root binds it, with a monotonic clock that the test moves. */
function setUp() {
  const api = cluster.kubeConfig.makeApiClient(EventsV1Api);
  const sink: EventSink = {
    create: (namespace, body) => api.createNamespacedEvent({ namespace, body: body as never }),
    patch: (namespace, name, body) =>
      api.patchNamespacedEvent({ namespace, name, body }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch)),
  };
  let ms = 0;
  const log = recordingLog();
  const clock = { ...systemClock, monotonicMs: () => ms };
  const events = new Events({ sink, clock, log, scrub: (text) => text, instance: 'pod-1' });
  const pass = (milliseconds: number) => {
    ms += milliseconds;
  };
  return { events, log, pass };
}

describe('events on a real API server', () => {
  it('are accepted, counted up, and shown by kubectl describe', async () => {
    const { events, log, pass } = setUp();
    const { kubectl, namespace } = cluster;
    await cluster.apply('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"pl-600123"}}');
    const { stdout: uid } = await kubectl(['get', 'configmap', 'pl-600123', '-o', 'jsonpath={.metadata.uid}']);
    const subject = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'pl-600123', uid };
    const words = { type: 'Warning', reason: 'FenceRewritten', note: `${'ü'.repeat(2_000)}` } as const;
    for (let times = 0; times < 3; times += 1) {
      events.record(subject, words);
      await events.drained();
      pass(60_000);
    }
    expect(log.lines).toEqual([]);
    const { stdout } = await kubectl(['get', 'events.events.k8s.io', '-o', 'json']);
    const { items }: { items: { reason: string; series?: { count: number } }[] } = JSON.parse(stdout);
    expect(items).toMatchObject([{ reason: 'FenceRewritten', series: { count: 3 } }]);
    const described = await kubectl(['describe', 'configmap', 'pl-600123']);
    expect(described.stdout).toMatch(/Warning +FenceRewritten +.*matchday\.dev\/operator +ü+/);
  });

  it('may first be written when they have happened more than once', async () => {
    const { events, log } = setUp();
    const subject = { apiVersion: 'v1', kind: 'ConfigMap', namespace: cluster.namespace, name: 'twice' };
    for (let times = 0; times < 2; times += 1) events.record(subject, { type: 'Normal', reason: 'Created', note: 'schedule s-1' });
    await events.drained();
    expect(log.lines).toEqual([]);
  });
});
