/** A cluster that somebody else runs, used in place of a control plane of our own. It is never started, stopped or restarted here. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTied, runTiedOrThrow } from '../process/run-tied.ts';
import { makeTiedDirectory } from '../process/tied-directory.ts';
import { type FindOptions, findBinaries } from './binaries.ts';
import { type Cluster, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { makeKubectl } from './kubectl.ts';

export interface ExistingClusterOptions extends Omit<FindOptions, 'components'> {
  /** The environment's KUBECONFIG or ~/.kube/config unless told. */
  readonly kubeconfig?: string;
  /** The kubeconfig's current context unless told. */
  readonly context?: string;
}

export interface OpenOptions extends ControlPlaneOptions {
  /** Given: use that cluster. Absent: start one. Asked for explicitly, so that nobody's cluster is touched because a variable was set. */
  readonly existing?: { readonly kubeconfig?: string; readonly context?: string };
}

/** The cluster that was asked for, or a control plane of our own. Throws as `connectToCluster` and `startControlPlane` do. */
export function openCluster({ existing, ...options }: OpenOptions): Promise<Cluster> {
  return existing === undefined ? startControlPlane(options) : connectToCluster({ ...options, ...existing });
}

/**
 * Connects to a cluster that runs already. The chosen context is copied into a kubeconfig of its own, so that whoever gets the path
 * can't be led elsewhere by a later `kubectl config use-context`. Throws with kubectl's words when the context or the cluster is not there.
 */
export async function connectToCluster(options: ExistingClusterOptions): Promise<Cluster> {
  const { env = process.env, kubeconfig, context } = options;
  const program = await findKubectl(options);
  const select = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
  ];
  const view = await runTiedOrThrow({ command: program, args: ['config', 'view', '--raw', '--minify', '--flatten', ...select], env });
  const directory = await makeTiedDirectory({ prefix: 'matchday-cluster-' });
  const kubeconfigPath = path.join(directory.path, 'kubeconfig');
  await writeFile(kubeconfigPath, view, { mode: 0o600 });
  const kubectl = makeKubectl({
    program,
    kubeconfigPath,
    cacheDirectory: path.join(directory.path, 'kubectl-cache'),
    lease: directory.lease,
  });
  const { code, stderr } = await kubectl(['get', '--raw', '/readyz', '--request-timeout', '15s']);
  if (code !== 0) {
    await directory.remove();
    throw new Error(`the cluster of ${context ?? 'the current context'} does not answer: ${stderr}`);
  }
  return { kubeconfigPath, kubectl, kubectlProgram: program, stop: directory.remove, [Symbol.asyncDispose]: directory.remove };
}

/** The user's own, which fits the cluster's version and log-in; else ours. */
async function findKubectl({ env = process.env, ...options }: FindOptions): Promise<string> {
  const { code } = await runTied({ command: 'kubectl', args: ['version', '--client'], env });
  if (code === 0) return 'kubectl';
  const found = await findBinaries({ ...options, env, components: ['kubectl'] });
  return found.get('kubectl') ?? 'kubectl';
}
