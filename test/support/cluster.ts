/** The shared control plane as a test file sees it. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { inject } from 'vitest';
import { type RunResult, runTied } from '../../sandbox/process/run-tied.ts';

export interface TestCluster {
  readonly kubeconfigPath: string;
  /** client-node, loaded with the shared cluster as current context and admin rights. */
  readonly kubeConfig: KubeConfig;
  /** Fresh, of this call alone. It is not removed: without a controller manager a namespace never ends, and the cluster ends with the run. */
  readonly namespace: string;
  /** kubectl in `namespace`, with admin rights; resolves whatever the exit code is. */
  kubectl(args: readonly string[], options?: { readonly input?: string }): Promise<RunResult>;
  /** Applies manifests (YAML or JSON text) and throws with kubectl's words when they are refused. */
  apply(manifests: string): Promise<void>;
}

/**
 * The shared control plane and a fresh namespace in it. Call it in a `beforeAll` or in a test of a *.cluster.test.ts file. Custom
 * resource definitions are shared by all files: apply the generated ones, change none. A test that must break the server starts its own
 * with `startControlPlane`.
 */
export async function clusterForTests(): Promise<TestCluster> {
  const kubeconfigPath = inject('sharedKubeconfig');
  const program = inject('sharedKubectl');
  if (!kubeconfigPath)
    throw new Error('there is no shared control plane here: name the file *.cluster.test.ts, so that it runs in the project "cluster"');
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfigPath);
  const namespace = `test-${randomBytes(4).toString('hex')}`;
  await kubeConfig.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  // Beside the kubeconfig, in the directory that the control plane removes at its end.
  const cache = path.join(path.dirname(kubeconfigPath), `kubectl-cache-${namespace}`);
  const bound = ['--kubeconfig', kubeconfigPath, '--cache-dir', cache, '--namespace', namespace];
  const kubectl: TestCluster['kubectl'] = (args, options) => runTied({ command: program, args: [...bound, ...args], ...options });
  const apply = async (manifests: string): Promise<void> => {
    const { code, stderr } = await kubectl(['apply', '-f', '-'], { input: manifests });
    if (code !== 0) throw new Error(`kubectl apply was refused: ${stderr}`);
  };
  return { kubeconfigPath, kubeConfig, namespace, kubectl, apply };
}
