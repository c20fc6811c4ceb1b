/** The generated definitions of our kinds (deploy/crds), on a cluster of any kind. */
import path from 'node:path';
import { BRAZE_WORKSPACES, crdName, FIXTURE_FEEDS, type KindDescriptor, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import type { Cluster } from '../control-plane/control-plane.ts';
import type { RunResult } from '../process/run-tied.ts';
import { until } from '../process/until.ts';

const DIRECTORY = path.join(import.meta.dirname, '../../deploy/crds');
const KINDS: readonly KindDescriptor[] = [MATCH_NOTIFICATIONS, FIXTURE_FEEDS, BRAZE_WORKSPACES];

/** What the stack needs of a cluster; whoever started it stops it. */
export type UsableCluster = Pick<Cluster, 'kubeconfigPath' | 'kubectl'> & Partial<Pick<Cluster, 'kubectlProgram'>>;

/** Applies them and resolves when the API server serves all three kinds. True when they were not there before. */
export async function applyDefinitions({ kubectl }: UsableCluster): Promise<boolean> {
  const { stdout: before } = await kubectl(['get', 'crd', '--ignore-not-found', '-o', 'name', ...KINDS.map(crdName)]);
  const applied = await kubectl(['apply', '--server-side', '--force-conflicts', '-f', DIRECTORY]);
  throwUnlessDone(applied, 'the definitions of deploy/crds were refused');
  const look = async (): Promise<true | undefined> => {
    for (const { group, version, plural } of KINDS) {
      const { code, stderr } = await kubectl(['get', '--raw', `/apis/${group}/${version}/${plural}?limit=1`]);
      if (code !== 0) throw new Error(stderr.trim());
    }
    return true;
  };
  await until(look, { what: 'the API server to serve the kinds of matchday', timeoutMs: 30_000, everyMs: 100 });
  return before.trim() === '';
}

/** Removes the definitions, and with them every object of the kinds in the whole cluster. */
export async function removeDefinitions({ kubectl }: UsableCluster): Promise<void> {
  throwUnlessDone(await kubectl(['delete', '--ignore-not-found', '--wait=false', 'crd', ...KINDS.map(crdName)]), 'the definitions stay');
}

export function throwUnlessDone({ code, stderr, stdout }: RunResult, what: string): void {
  if (code !== 0) throw new Error(`${what}: ${(stderr || stdout).trim()}`);
}
