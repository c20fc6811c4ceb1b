/** A namespace for a stack, and nothing left of it on a cluster that goes on without the stack. */
import { until } from '../process/until.ts';
import { throwUnlessDone, type UsableCluster } from './definitions.ts';

const KINDS = ['fixturefeeds', 'matchnotifications', 'brazeworkspaces'] as const;

/** Throws when it is there already: it may be somebody's. `default` is the API server's own to make, a moment after it is ready. */
export async function makeNamespace({ kubectl }: UsableCluster, namespace: string): Promise<void> {
  if (namespace !== 'default') {
    throwUnlessDone(await kubectl(['create', 'namespace', namespace]), `namespace ${namespace} could not be made`);
    return;
  }
  const look = async (): Promise<true | undefined> => ((await kubectl(['get', 'namespace', namespace])).code === 0 ? true : undefined);
  await until(look, { what: 'namespace default', timeoutMs: 30_000, everyMs: 100 });
}

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
