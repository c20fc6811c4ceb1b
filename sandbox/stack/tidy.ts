/** Leaves nothing of a stack on a cluster that goes on without it. */
import type { UsableCluster } from './definitions.ts';

const KINDS = ['fixturefeeds', 'matchnotifications', 'brazeworkspaces'] as const;

/**
 * Removes the namespace with all that is in it. Finalizers are dropped: what they guard is in simulators that end with the stack, and
 * the operators are gone by now. Never throws; what can't be removed is named on standard error.
 */
export async function emptyNamespace({ kubectl }: UsableCluster, namespace: string): Promise<void> {
  for (const kind of KINDS) {
    const { stdout } = await kubectl(['--namespace', namespace, 'get', `${kind}.matchday.dev`, '-o', 'name', '--ignore-not-found']);
    const names = stdout.split('\n').filter((name) => name !== '');
    if (names.length === 0) continue;
    const drop = ['--type', 'merge', '--patch', '{"metadata":{"finalizers":[]}}'];
    await kubectl(['--namespace', namespace, 'patch', ...names, ...drop]);
    await kubectl(['--namespace', namespace, 'delete', '--wait=false', '--ignore-not-found', ...names]);
  }
  const { code, stderr } = await kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
  if (code !== 0) process.stderr.write(`sandbox: namespace ${namespace} is left behind: ${stderr.trim()}\n`);
}
