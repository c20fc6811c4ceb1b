/** What only an API server of one's own can show: it restarts, it vanishes, its store goes back in time. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { type Connection, connect } from '../../src/controller/client.ts';
import { ApiUnreachable } from '../../src/controller/client-errors.ts';
import { Reflector } from '../../src/controller/reflector.ts';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { kubeconfigFor, NOTES, NOTES_DEFINITION, type Note, QUICK, rig, until, versions } from './harness.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition' };

let plane: ControlPlane;
let direct: Connection;

beforeAll(async () => {
  plane = await startControlPlane();
  direct = await servingNotes(plane);
});
afterAll(async () => {
  await direct?.close();
  await plane?.stop();
});

async function servingNotes({ kubeconfigPath }: ControlPlane): Promise<Connection> {
  const connection = connect({ kubeconfig: kubeconfigPath });
  await connection.create(DEFINITIONS, '', NOTES_DEFINITION);
  await until(
    'the kind is served',
    () =>
      connection.list(NOTES, { limit: 1 }).then(
        () => true,
        () => false,
      ),
    30_000,
  );
  return connection;
}

const write = (connection: Connection, name: string, text: string) =>
  connection.patch<Note>(
    NOTES,
    { namespace: 'default', name },
    { type: 'apply', fieldManager: 'test', body: { apiVersion: 'test.matchday.dev/v1', kind: 'Note', metadata: { name }, spec: { text } } },
  );

describe('when the API server restarts on the same data', () => {
  it('the reflector reconnects over TLS, misses nothing and relists only if the server forgot', async () => {
    await write(direct, 'a', 'one');
    const connection = connect({ kubeconfig: plane.kubeconfigPath });
    const store = new ObjectStore<Note>({ transform: keepWhole(), onHandlerFailure: () => {} });
    const pauses: number[] = [];
    const reflector = new Reflector<Note>({
      connection,
      store,
      resource: NOTES,
      timing: { ...QUICK, backoffCapMs: 1_500 },
      report: (note) => note.type === 'failed' && pauses.push(note.retryInMs),
      onStoreWentBack: () => expect.unreachable('nothing went back'),
    });
    reflector.start();
    try {
      await reflector.whenSynced;
      await plane.stopApiServer({ signal: 'SIGKILL' });
      await until('the loss was noticed', () => pauses.length > 2);
      await expect(write(connection, 'lost', 'x')).rejects.toSatisfy((error) => error instanceof ApiUnreachable && !error.sent);
      expect(store.list()).toHaveLength(1);
      await plane.startApiServer();
      await until('writes work again', () =>
        write(direct, 'b', 'two').then(
          () => true,
          () => false,
        ),
      );
      await direct.delete(NOTES, { namespace: 'default', name: 'a' });
      const truth = versions((await direct.list<Note>(NOTES)).items).join();
      await until('the cache is right', () => versions(store.list()).join() === truth);
    } finally {
      await reflector.stop();
      await connection.close();
    }
  });
});

describe('a connection', () => {
  it('trusts a CA of its own file beside the configuration, and without it refuses the server unsent', async () => {
    const access = kubeconfigFor(plane.server, { token: plane.adminToken });
    writeFileSync(
      access.kubeconfig,
      readFileSync(access.kubeconfig, 'utf8').replace('insecure-skip-tls-verify: true', 'insecure-skip-tls-verify: false'),
    );
    const caFile = path.join(access.directory, 'ca.pem');
    writeFileSync(caFile, Buffer.from(plane.caData, 'base64'));
    const [distrusting, trusting] = [connect({ kubeconfig: access.kubeconfig }), connect({ kubeconfig: access.kubeconfig, caFile })];
    await expect(distrusting.raw({ method: 'GET', path: '/version' })).rejects.toMatchObject({ name: 'ApiUnreachable', sent: false });
    expect(await trusting.raw({ method: 'GET', path: '/version' })).toMatchObject({ major: '1' });
    await Promise.all([distrusting.close(), trusting.close()]);
    access.remove();
  });
});

describe('when the store went back in time', () => {
  it('the reflector keeps what it has, and says so once a quorum has stayed behind long enough', async () => {
    await using younger = await startControlPlane();
    const restored = await servingNotes(younger);
    const proxy = await startFaultProxy({ server: plane.server, token: plane.adminToken });
    await using made = rig({ server: proxy.url, timing: { idleMs: 2_000 } });
    try {
      await made.reflector.whenSynced;
      const behind = Number((await restored.list(NOTES)).metadata.resourceVersion);
      // The first server is years ahead of the second in a second.
      for (let version = 0; version < behind + 500; )
        version = Number((await write(direct, 'busy', String(version))).metadata.resourceVersion);
      const known = versions((await direct.list<Note>(NOTES)).items);
      await until('the newest is known', () => versions(made.store.list()).join() === known.join());
      proxy.retarget({ server: younger.server, token: younger.adminToken });
      proxy.cutWatches('reset');
      await until('the process was told', () => made.wentBack.length > 0, 10_000);
      expect(made.wentBack).toHaveLength(1);
      expect(Number(made.wentBack[0]!.version)).toBeLessThan(Number(made.wentBack[0]!.highWater));
      expect(versions(made.store.list())).toEqual(known);
    } finally {
      await restored.close();
      await made.reflector.stop();
      await proxy.close();
    }
  });
});
