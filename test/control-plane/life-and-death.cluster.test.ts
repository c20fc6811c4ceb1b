import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { AuthenticationV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinaries } from '../../sandbox/control-plane/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { writeCredentials } from '../../sandbox/control-plane/credentials.ts';
import { connectToCluster, openCluster } from '../../sandbox/control-plane/existing-cluster.ts';
import { apiServer, etcd } from '../../sandbox/control-plane/servers.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { PortTaken, ServerProcess } from '../../sandbox/process/server-process.ts';
import { makeTiedDirectory } from '../../sandbox/process/tied-directory.ts';
import { isRunning, startParent, untilGone } from '../support/processes.ts';

function clientOf(plane: ControlPlane): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfigPath);
  return config;
}

describe('two control planes at once', () => {
  let one: ControlPlane;
  let two: ControlPlane;
  beforeAll(async () => {
    [one, two] = await Promise.all([startControlPlane({ apiServerFlags: ['--min-request-timeout=7'] }), startControlPlane()]);
  });
  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()]);
  });

  it('answer kubectl, with the namespaces that every cluster has', async () => {
    const { code, stdout } = await one.kubectl(['get', 'namespaces', '-o', 'name']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['namespace/default', 'namespace/kube-system']));
    expect((await one.kubectl(['version', '-o', 'json'])).stdout).toContain('"gitVersion": "v1.37.2"');
  });

  it('hold data, tokens and certificates of their own', async () => {
    expect(one.server).not.toBe(two.server);
    expect(one.adminToken).not.toBe(two.adminToken);
    await one.kubectl(['create', 'configmap', 'only-here']);
    expect((await two.kubectl(['get', 'configmap', 'only-here'])).stderr).toContain('not found');
    const mixed = await one.kubectl(['get', 'namespaces', '--server', two.server]);
    expect(mixed.stderr).toContain('certificate signed by unknown authority');
  });

  it('write a kubeconfig for this user alone that checks the server and holds for client-node', async () => {
    expect((await stat(one.kubeconfigPath)).mode & 0o777).toBe(0o600);
    const text = await readFile(one.kubeconfigPath, 'utf8');
    expect(text).toContain(one.caData);
    expect(text).not.toContain('insecure');
    const { items } = await clientOf(one).makeApiClient(CoreV1Api).listNamespace();
    expect(items.length).toBeGreaterThan(0);
  });

  it('take further flags of the API server', async () => {
    const { stdout } = await runTied({ command: 'ps', args: ['-ww', '-o', 'args=', '-p', String(one.apiServerPid)] });
    expect(stdout).toContain('--min-request-timeout=7');
  });

  it('give service accounts tokens that are known and allowed nothing by themselves', async () => {
    const core = clientOf(one).makeApiClient(CoreV1Api);
    await core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: { name: 'operator' } } });
    const { stdout: token } = await one.kubectl(['create', 'token', 'operator']);
    const review = await clientOf(one)
      .makeApiClient(AuthenticationV1Api)
      .createTokenReview({ body: { spec: { token } } });
    expect(review.status?.user?.username).toBe('system:serviceaccount:default:operator');
    const asOperator = new KubeConfig();
    asOperator.loadFromOptions({
      clusters: [{ name: 'c', server: one.server, caData: one.caData }],
      users: [{ name: 'u', token }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    await expect(asOperator.makeApiClient(CoreV1Api).listNamespacedSecret({ namespace: 'default' })).rejects.toMatchObject({ code: 403 });
  });

  it('keep address, certificate and data when the API server restarts, politely or killed from outside', async () => {
    const { server, caData, apiServerPid } = two;
    await two.kubectl(['create', 'configmap', 'kept']);
    await two.restartApiServer();
    expect({ server: two.server, caData: two.caData }).toEqual({ server, caData });
    expect(two.apiServerPid).not.toBe(apiServerPid);
    process.kill(two.apiServerPid, 'SIGKILL');
    await untilGone({ pids: [two.apiServerPid] });
    expect((await two.kubectl(['get', 'configmap', 'kept'])).code).toBe(1);
    await two.startApiServer();
    expect((await two.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).stdout).toBe('configmap/kept');
  });

  it('refuse to start an API server that runs', async () => {
    await expect(one.startApiServer()).rejects.toThrow('running already');
  });

  it('can be used as an existing cluster, which is left alone afterwards', async () => {
    const cluster = await openCluster({ existing: { kubeconfig: one.kubeconfigPath, context: 'sandbox' } });
    expect(cluster.kubeconfigPath).not.toBe(one.kubeconfigPath);
    expect((await cluster.kubectl(['get', 'namespace', 'default', '-o', 'name'])).stdout).toBe('namespace/default');
    await cluster.stop();
    expect(existsSync(cluster.kubeconfigPath)).toBe(false);
    expect(await isRunning(one.apiServerPid)).toBe(true);
    await expect(connectToCluster({ kubeconfig: one.kubeconfigPath, context: 'elsewhere' })).rejects.toThrow('elsewhere');
  });
});

describe('a control plane', () => {
  it('leaves nothing behind when it is stopped, even while its API server is frozen', async () => {
    const plane = await startControlPlane();
    const pids = [plane.apiServerPid, plane.etcdPid];
    process.kill(plane.apiServerPid, 'SIGSTOP');
    await plane.stop();
    expect(existsSync(plane.directory)).toBe(false);
    await untilGone({ pids });
    await plane.stop();
  });

  it('passes on what the API server says when it does not start', async () => {
    const start = startControlPlane({ apiServerFlags: ['--no-such-flag'] });
    await expect(start).rejects.toThrow(/kube-apiserver ended \(exit code \d+\)[\s\S]*unknown flag: --no-such-flag/);
  });

  it('knows a taken port from other troubles, so that it can choose another one', async () => {
    await using directory = await makeTiedDirectory({ prefix: 'matchday-test-' });
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const site = { binaries: await findBinaries(), directory: directory.path, lease: directory.lease };
    const credentials = await writeCredentials(directory.path);
    const servers = [
      etcd(site, { client: port, peer: port }),
      apiServer(site, { port, etcdPort: port, certificateDirectory: path.join(directory.path, 'certificates'), credentials, flags: [] }),
    ].map((options) => new ServerProcess(options));
    try {
      for (const server of servers) {
        await server.start();
        await expect(server.failed()).rejects.toBeInstanceOf(PortTaken);
      }
    } finally {
      for (const server of servers) await server.stop({ graceMs: 0 });
      holder.close();
    }
  });
});

describe('when the process that started a control plane is gone, so are its servers and its data:', () => {
  const SCRIPT = path.join(import.meta.dirname, 'plane-parent.ts');
  interface Said {
    readonly pids: readonly number[];
    readonly path: string;
  }

  it.each([
    ['SIGKILL', 'SIGKILL'],
    ['Ctrl-C', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
  ] as const)('after %s', async (_what, signal) => {
    const parent = await startParent<Said>(SCRIPT);
    for (const pid of parent.said.pids) expect(await isRunning(pid)).toBe(true);
    expect(existsSync(parent.said.path)).toBe(true);
    parent.signalGroup(signal);
    await parent.exited();
    await untilGone({ pids: parent.said.pids, paths: [parent.said.path] });
  });

  it('after an error that nobody caught', async () => {
    const parent = await startParent<Said>(SCRIPT, 'throw');
    await parent.exited();
    await untilGone({ pids: parent.said.pids, paths: [parent.said.path] });
  });
});
