import { describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject, Store } from '../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { dryWorkspaces } from '../../src/process/dry-run.ts';
import { DryRunReconciler } from '../../src/reconcilers/match-notification/dry-run.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { notification } from './objects.ts';
import { armed } from './situations.ts';

const KEY = { namespace: 'default', name: 'pl-600123' };
const WORKSPACE = {
  apiVersion: 'matchday.dev/v1alpha1',
  kind: 'BrazeWorkspace' as const,
  metadata: { name: 'main', namespace: 'default', uid: 'w', resourceVersion: '1' },
  spec: {
    endpoint: 'https://rest.iad-01.braze.com',
    apiKeySecretRef: { name: 'braze', key: 'apiKey' },
    fence: { catalog: 'matchday', margin: '60s' },
    unresolved: 'Block' as const,
    updateBuffer: '20m',
    horizon: '30d',
    requestTimeout: '10s',
    suspend: false,
  },
};

function storeWith<T extends KubeObject>(object: T, onWritten: (object: KubeObject) => void = () => {}): Store<T> {
  return { get: () => object, list: () => [object], byIndex: () => [object], written: onWritten, synced: true };
}

async function dryRun(object: MatchNotification): Promise<{ written: MatchNotification[]; calls: string[] }> {
  const written: MatchNotification[] = [];
  const calls: string[] = [];
  // Whatever else is asked of the API server is noted, and fails the test.
  const client = new Proxy({} as KubeClient, {
    get: (_target, name) => (name === 'replace' ? replace : () => calls.push(String(name))),
  });
  const replace = (_resource: unknown, body: MatchNotification, options: unknown): Promise<MatchNotification> => {
    expect(options).toEqual({ subresource: 'status' });
    written.push(body);
    return Promise.resolve(body);
  };
  const clock = new FakeClock('2026-12-06T09:00:00Z');
  const reconciler = new DryRunReconciler({
    client,
    notifications: storeWith(object),
    workspace: dryWorkspaces({ workspaces: storeWith<BrazeWorkspace>(WORKSPACE), clock, longestCallMs: 9_100 }),
    clock,
    leadership: { mayStart: () => true, identity: 'me', lost: new AbortController().signal },
    log: silentLog,
    ownerId: 'cluster-a',
  });
  await reconciler.reconcile(KEY);
  return { written, calls };
}

describe('a dry run', () => {
  it('says what would be done, and changes nothing of the status but its own condition', async () => {
    const held = { ...notification({ spec: { hold: { reason: 'Postponed' } } }) };
    const object = { ...held, status: armed(held) };
    const { written, calls } = await dryRun(object);
    expect(calls).toEqual([]);
    expect(written).toHaveLength(1);
    const { conditions, ...rest } = written[0]?.status ?? {};
    expect(rest).toEqual(object.status);
    expect(conditions).toMatchObject([
      { type: 'DryRun', status: 'True', message: expect.stringContaining('Would write the catalog item (Postponed)') },
    ]);
  });

  it('writes nothing when it said so before', async () => {
    const object = notification();
    const [first] = (await dryRun(object)).written;
    if (first?.status === undefined) throw new Error('nothing was said');
    expect(first.status.conditions?.[0]?.message).toContain('Would read the catalog item');
    expect((await dryRun({ ...object, status: first.status })).written).toEqual([]);
  });
});
