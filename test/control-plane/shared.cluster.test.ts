import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { clusterForTests } from '../support/cluster.ts';

describe('the shared control plane', () => {
  it('gives each caller a fresh namespace that kubectl and client-node both work in', async () => {
    const [one, two] = await Promise.all([clusterForTests(), clusterForTests()]);
    expect(one.namespace).not.toBe(two.namespace);
    await one.apply('{ apiVersion: v1, kind: ConfigMap, metadata: { name: greeting }, data: { text: hello } }');
    const api = one.kubeConfig.makeApiClient(CoreV1Api);
    const { data } = await api.readNamespacedConfigMap({ name: 'greeting', namespace: one.namespace });
    expect(data).toEqual({ text: 'hello' });
    expect((await two.kubectl(['get', 'configmap', 'greeting'])).stderr).toContain('not found');
  });

  it('says what the API server found wrong with a manifest', async () => {
    const { apply } = await clusterForTests();
    await expect(apply('{ apiVersion: v1, kind: ConfigMap, metadata: { name: Not_A_Name } }')).rejects.toThrow('Not_A_Name');
  });
});
