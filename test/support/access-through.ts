import type { TestCluster } from './cluster.ts';

/** A kubeconfig (JSON is YAML) that leads to the shared cluster through something in between, such as a fault proxy at `url`. */
export function accessThrough(url: string, { kubeConfig }: Pick<TestCluster, 'kubeConfig'>): string {
  const cluster = { server: url, 'insecure-skip-tls-verify': true };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxied', cluster }],
    users: [{ name: 'admin', user: { token: kubeConfig.getCurrentUser()?.token } }],
    contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'admin' } }],
    'current-context': 'proxied',
  });
}
