/** Command lines of the servers of the control plane. */
import path from 'node:path';
import type { ServerProcessOptions } from '../process/server-process.ts';
import type { Binaries } from './binaries.ts';
import type { Component } from './components.ts';
import type { Credentials } from './credentials.ts';

/** What every server needs to know. */
export interface Site {
  readonly binaries: Binaries;
  readonly directory: string;
  readonly lease: ServerProcessOptions['lease'];
}

export function etcd(site: Site, ports: { readonly client: number; readonly peer: number }): ServerProcessOptions {
  const client = `http://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return server(site, 'etcd', [
    ...['--name', 'sandbox', '--data-dir', path.join(site.directory, 'etcd')],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `sandbox=${peer}`],
    // The data lives as long as the process: a crash of the machine loses nothing that is wanted.
    ...['--unsafe-no-fsync', '--quota-backend-bytes', String(8 * 1024 ** 3), '--log-level', 'warn'],
  ]);
}

export interface ApiServerOptions {
  readonly port: number;
  readonly etcdPort: number;
  readonly certificateDirectory: string;
  readonly credentials: Credentials;
  readonly flags: readonly string[];
}

export function apiServer(site: Site, options: ApiServerOptions): ServerProcessOptions {
  const { tokenFile, serviceAccountKeyFile: key } = options.credentials;
  return server(site, 'kube-apiserver', [
    ...['--etcd-servers', `http://127.0.0.1:${options.etcdPort}`],
    ...['--bind-address', '127.0.0.1', '--secure-port', String(options.port), '--cert-dir', options.certificateDirectory],
    ...['--token-auth-file', tokenFile, '--authorization-mode', 'RBAC'],
    ...[
      '--service-account-issuer',
      'https://sandbox.invalid',
      '--service-account-key-file',
      key,
      '--service-account-signing-key-file',
      key,
    ],
    // Its admission would wait for a controller manager to make the default account of each namespace.
    ...['--disable-admission-plugins', 'ServiceAccount', '--service-cluster-ip-range', '10.0.0.0/24', '--allow-privileged'],
    ...options.flags,
  ]);
}

export interface ControllerManagerOptions {
  readonly kubeconfigPath: string;
  readonly credentials: Credentials;
}

export function controllerManager(site: Site, options: ControllerManagerOptions): ServerProcessOptions {
  return server(site, 'kube-controller-manager', [
    ...['--kubeconfig', options.kubeconfigPath, '--leader-elect=false', '--secure-port', '0'],
    ...['--service-account-private-key-file', options.credentials.serviceAccountKeyFile, '--use-service-account-credentials=false'],
  ]);
}

function server({ binaries, lease }: Site, component: Component, args: readonly string[]): ServerProcessOptions {
  const program = binaries.get(component);
  if (program === undefined) throw new Error(`the program ${component} was not looked for`);
  return { name: component, program, args, lease };
}
