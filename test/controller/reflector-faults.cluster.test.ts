/** The reflector against a real API server behind a proxy that breaks things: one test per row of the fault table. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../src/controller/client.ts';
import { ApiError } from '../../src/controller/client-errors.ts';
import type { ObjectKey } from '../../src/controller/types.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { type FaultProxy, isList, isWatch, startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultAction } from '../support/proxy-faults.ts';
import { kubeconfigFor, NOTES, NOTES_DEFINITION, type Note, type Rig, rig, until, versions } from './harness.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition' };
const SERVICE_ACCOUNTS = { group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount' };
const EXPIRED = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`;

let cluster: TestCluster;
let direct: Connection;
let proxy: FaultProxy;
let admin: { token: string; server: string };

beforeAll(async () => {
  cluster = await clusterForTests();
  direct = connect({ kubeconfig: cluster.kubeconfigPath });
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfigPath);
  admin = { token: config.getCurrentUser()?.token ?? '', server: direct.server };
  await direct.create(DEFINITIONS, '', NOTES_DEFINITION).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
  });
  // The server starts its cache of a new kind in the background and answers 404 and 429 until then.
  await until(
    'the kind is served',
    () =>
      direct.list(NOTES, { limit: 1 }).then(
        () => true,
        () => false,
      ),
    30_000,
  );
});
afterAll(() => direct.close());

beforeEach(async () => {
  const all = await direct.list<Note>(NOTES, { namespace: cluster.namespace });
  await Promise.all(all.items.map((note) => direct.delete(NOTES, key(note.metadata.name))));
});

const key = (name: string): ObjectKey => ({ namespace: cluster.namespace, name });
const write = (name: string, text: string) =>
  direct.patch<Note>(NOTES, key(name), {
    type: 'apply',
    fieldManager: 'test',
    force: true,
    body: { apiVersion: 'test.matchday.dev/v1', kind: 'Note', metadata: { name }, spec: { text } },
  });

/** A reflector behind a fresh proxy, on this file's namespace. */
async function behindProxy(
  options: Partial<Parameters<typeof rig>[0]> = {},
  prepare: (proxy: FaultProxy) => void = () => {},
): Promise<Rig> {
  proxy = await startFaultProxy({ server: admin.server });
  prepare(proxy);
  const made = rig({
    server: proxy.url,
    user: { token: admin.token },
    ...options,
    reflector: { namespace: cluster.namespace, ...options.reflector },
  });
  return {
    ...made,
    [Symbol.asyncDispose]: async () => {
      await made[Symbol.asyncDispose]();
      await proxy.close();
    },
  };
}

/** The acceptance of each row: the cache equals a quorum list within 5 s of healing. */
async function equalsQuorumList({ store }: Rig): Promise<void> {
  const truth = versions((await direct.list<Note>(NOTES, { namespace: cluster.namespace })).items);
  await until(
    `the cache equals ${truth.join(' ')}, is ${versions(store.list()).join(' ')}`,
    () => versions(store.list()).join() === truth.join(),
  );
}

const ANSWERS: readonly [string, FaultAction][] = [
  ['503', { kind: 'answer', status: 503 }],
  ['429', { kind: 'answer', status: 429 }],
  ['a TCP reset', { kind: 'reset' }],
];

describe('a reflector whose watch meets', () => {
  it.each(ANSWERS)('%s once recovers and misses nothing', async (_, action) => {
    await write('before', 'one');
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    const fault = proxy.fault(isWatch, action, 1);
    proxy.cutWatches('reset');
    await write('during', 'two');
    await equalsQuorumList(made);
    expect(fault.hits).toBe(1);
    expect(made.reflector.synced).toBe(true);
  });

  it.each(ANSWERS)('%s for as long as an outage lasts pauses longer each time and recovers soon after', async (_, action) => {
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    const fault = proxy.fault(isWatch, action);
    proxy.cutWatches('reset');
    await until('the pause reached its cap', () => pauses(made).some((ms) => ms >= 250));
    await write('during', 'two');
    fault.remove();
    await equalsQuorumList(made);
    const [first = 0, second = 0, third = 0, fourth = 0] = pauses(made);
    expect(first).toBeLessThan(fourth);
    expect(Math.max(...pauses(made))).toBeLessThanOrEqual(375);
    expect([first, second, third, fourth]).toEqual([first, second, third, fourth].toSorted((a, b) => a - b));
  });
});

const pauses = ({ notes }: Rig): number[] => notes.flatMap((note) => (note.type === 'failed' ? [note.retryInMs] : []));

describe('a reflector', () => {
  it('whose first state and every list are answered 500 syncs when that ends', async () => {
    await write('a', 'one');
    await using made = await behindProxy({}, (fresh) => {
      fresh.fault(isWatch, { kind: 'answer', status: 500 }, 2);
      fresh.fault(isWatch, { kind: 'answer', status: 422 }, 1);
      fresh.fault(isList, { kind: 'answer', status: 500 }, 3);
    });
    await equalsQuorumList(made);
    expect(pauses(made).length).toBeGreaterThanOrEqual(5);
  });

  it('whose relist after a 410 is answered 500 keeps its cache meanwhile and is right in the end', async () => {
    await write('a', 'one');
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    proxy.fault((request) => isWatch(request) && request.url.searchParams.has('resourceVersion'), { kind: 'answer', status: 410 }, 1);
    const broken = proxy.fault(
      (request) => isWatch(request) && request.url.searchParams.has('sendInitialEvents'),
      { kind: 'answer', status: 500 },
      3,
    );
    proxy.cutWatches('end');
    await until('the relist was refused', () => broken.hits > 0);
    expect(made.store.get(key('a'))?.spec?.text).toBe('one');
    await direct.delete(NOTES, key('a'));
    await write('b', 'two');
    await equalsQuorumList(made);
    expect(made.changes).toContain('deleted a one');
  });

  it('on a half-open connection gives it up after the idle limit and resumes where it was', async () => {
    await using made = await behindProxy({ timing: { idleMs: 300 } });
    await made.reflector.whenSynced;
    proxy.silenceWatches();
    await write('unheard', 'two');
    await equalsQuorumList(made);
    expect(made.notes.some((note) => note.type === 'failed' && note.error.message.includes('IDLE'))).toBe(true);
  });

  it('resumes at once after an ERROR event inside the stream', async () => {
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    proxy.inject(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcdserver: mvcc: something' } })}\n`);
    await write('after', 'two');
    await equalsQuorumList(made);
  });

  it('relists after a 410 inside a stream that the server leaves open', async () => {
    await write('a', 'one');
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    proxy.silenceWatches();
    await direct.delete(NOTES, key('a'));
    await write('b', 'two');
    proxy.inject(EXPIRED);
    await equalsQuorumList(made);
    expect(made.notes.filter((note) => note.type === 'complete')).toHaveLength(2);
    await until('the old stream is closed', () => proxy.openWatches === 1);
  });

  it('resumes at once, without a relist, when the stream just ends', async () => {
    await using made = await behindProxy({ timing: { shortStreamMs: 0 } });
    await made.reflector.whenSynced;
    proxy.cutWatches('end');
    await write('after', 'two');
    await equalsQuorumList(made);
    expect(made.notes.map((note) => note.type)).toEqual(['complete', 'resumed']);
  });

  it('with a handler that throws on every event reports it, tells it again, and loses nothing for the others', async () => {
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    let broken = true;
    const heard: string[] = [];
    made.store.subscribe((type, old, current) => {
      if (broken) throw new Error('no');
      heard.push(`${type} ${(current ?? old)?.metadata.name}`);
    });
    await write('a', 'one');
    await write('b', 'one');
    await direct.delete(NOTES, key('b'));
    await until('the others heard all', () => made.changes.length === 3);
    expect(made.failures.map(({ key: { name } }) => name)).toEqual(expect.arrayContaining(['a', 'b']));
    broken = false;
    await until('the handler was told again', () => heard.includes('added a') && heard.includes('deleted b'));
    await equalsQuorumList(made);
  });

  it('shows a deletion and re-creation in a gap as delete and add, and of several updates the last', async () => {
    await write('same-name', 'first life');
    await write('busy', 'one');
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    const gap = proxy.fault(isWatch, { kind: 'reset' });
    proxy.cutWatches('reset');
    await direct.delete(NOTES, key('same-name'));
    await write('same-name', 'second life');
    for (const text of ['two', 'three', 'four']) await write('busy', text);
    made.changes.length = 0;
    // A relist, which sees states only and no deletions, must come to the same end as a resumed watch.
    gap.remove();
    proxy.fault((request) => isWatch(request) && request.url.searchParams.has('resourceVersion'), { kind: 'answer', status: 410 }, 1);
    await equalsQuorumList(made);
    expect(made.changes.toSorted()).toEqual(
      ['added same-name second life', 'deleted same-name first life', 'updated busy four'].toSorted(),
    );
    expect(made.changes.indexOf('deleted same-name first life')).toBeLessThan(made.changes.indexOf('added same-name second life'));
  });

  it('never goes back when a watch and a relist answer older states', async () => {
    const old = await write('a', 'one');
    await using made = await behindProxy();
    await made.reflector.whenSynced;
    await write('a', 'two');
    await equalsQuorumList(made);
    proxy.inject(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`);
    await write('b', 'after the old event');
    await until('the stream went on', () => made.store.get(key('b')) !== undefined);
    expect(made.store.get(key('a'))?.spec?.text).toBe('two');
    const end = {
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: old.metadata.resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } } },
    };
    const stale = proxy.fault(
      (request) => isWatch(request) && request.url.searchParams.has('sendInitialEvents'),
      { kind: 'script', bytes: `${JSON.stringify({ type: 'ADDED', object: old })}\n${JSON.stringify(end)}\n`, leaveOpen: true },
      1,
    );
    proxy.inject(EXPIRED);
    await until('the old state was answered', () => stale.hits === 1);
    await write('c', 'after the old list');
    await equalsQuorumList(made);
    expect(made.changes.filter((change) => change.includes(' a '))).toEqual(['added a one', 'updated a two']);
    expect(made.changes).not.toContain('deleted b after the old event');
  });

  it('on a quiet kind resumes from the last bookmark, again and again, without a relist', async () => {
    await using made = await behindProxy({ timing: { watchTimeoutSeconds: 1, shortStreamMs: 0 } });
    await made.reflector.whenSynced;
    await until('the watch timed out thrice', () => made.notes.filter((note) => note.type === 'resumed').length >= 3, 10_000);
    await write('after', 'two');
    await equalsQuorumList(made);
    expect(made.notes.filter((note) => note.type === 'complete')).toHaveLength(1);
    expect(proxy.requests.filter(isList)).toHaveLength(0);
  });

  it('takes a refused streamed state in pages, and is right', async () => {
    for (let i = 0; i < 7; i++) await write(`n${i}`, 'x');
    await using made = await behindProxy({ timing: { pageSize: 3 } }, (fresh) => {
      fresh.fault((request) => request.url.searchParams.has('sendInitialEvents'), {
        kind: 'answer',
        status: 422,
        body: { kind: 'Status', code: 422, reason: 'Invalid' },
      });
    });
    await equalsQuorumList(made);
    expect(proxy.requests.filter(isList)).toHaveLength(3);
    await write('after', 'two');
    await equalsQuorumList(made);
  });
});

describe('credentials', () => {
  it('that are read from a token file are read again when the server refuses them', async () => {
    await direct.create(SERVICE_ACCOUNTS, cluster.namespace, { metadata: { name: 'reader' } });
    const token = async (): Promise<string> => {
      const answer = await direct.raw({
        method: 'POST',
        path: `/api/v1/namespaces/${cluster.namespace}/serviceaccounts/reader/token`,
        body: { spec: {} },
      });
      return (answer as { status: { token: string } }).status.token;
    };
    await cluster.kubectl(['create', 'role', 'reader', '--verb=get,list,watch,create', '--resource=notes.test.matchday.dev']);
    await cluster.kubectl(['create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${cluster.namespace}:reader`]);
    const files = kubeconfigFor('http://unused.invalid', {});
    const tokenFile = path.join(files.directory, 'token');
    const first = await token();
    writeFileSync(tokenFile, `${first}\n`);
    try {
      await using made = await behindProxy({ user: { tokenFile }, connect: { minRefreshMs: 20, maxAgeMs: 3_600_000 } });
      await made.reflector.whenSynced;
      const refused = proxy.fault(({ authorization }) => authorization === `Bearer ${first}`, { kind: 'answer', status: 401 });
      writeFileSync(tokenFile, `${await token()}\n`);
      proxy.cutWatches('end');
      await write('after', 'two');
      await equalsQuorumList(made);
      expect(refused.hits).toBe(1);
      expect(made.notes.some((note) => note.type === 'failed' && note.error.message.includes('401'))).toBe(false);
    } finally {
      files.remove();
    }
  });

  it('that are wrong are an error that says so and shows no token, and good ones later sync', async () => {
    const files = kubeconfigFor('http://unused.invalid', {});
    const tokenFile = path.join(files.directory, 'token');
    writeFileSync(tokenFile, 'expired-and-secret');
    try {
      await using made = await behindProxy({ user: { tokenFile }, connect: { minRefreshMs: 20 } });
      await until('refused', () => made.notes.some((note) => note.type === 'failed' && note.error.message.includes('401')));
      expect(
        JSON.stringify(made.notes.map((note) => (note.type === 'failed' ? [note.error.message, note.error.stack] : []))),
      ).not.toContain('expired-and-secret');
      writeFileSync(tokenFile, admin.token);
      await equalsQuorumList(made);
    } finally {
      files.remove();
    }
  });
});
