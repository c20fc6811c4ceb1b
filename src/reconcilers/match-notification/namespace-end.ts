/**
 * Whether an object's namespace is being removed, and since when. Asked of the API server only for an object that is being deleted and
 * whose key is gone: rare, then every ten minutes, so nothing is watched for it. Needs `get` on the namespace; without that right, or
 * an answer, it counts as living, and the object waits.
 */
import { instant } from '../../base/instants.ts';
import { ApiError, ApiUnreachable } from '../../controller/client-errors.ts';
import type { KubeObject, Resource } from '../../controller/types.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Ports } from './ports.ts';

const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };

interface Namespace extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly deletionTimestamp?: string };
}

export async function namespaceEndsSince(
  { metadata, spec }: MatchNotification,
  ports: Pick<Ports, 'client' | 'workspace' | 'log'>,
): Promise<Temporal.Instant | undefined> {
  const { namespace, name, deletionTimestamp } = metadata;
  if (deletionTimestamp === undefined) return undefined;
  const workspace = ports.workspace(namespace, spec.workspaceRef.name);
  if (workspace.kind === 'usable' || workspace.keyGone !== true) return undefined;
  try {
    const found = await ports.client.get<Namespace>(NAMESPACES, { namespace: '', name: namespace });
    return found.metadata.deletionTimestamp === undefined ? undefined : instant(found.metadata.deletionTimestamp);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ApiUnreachable)) throw error;
    ports.log.warn(
      'whether the namespace is being removed is not known: an object that is being deleted, and whose key to Braze is gone, waits. Allow "get" on the namespace.',
      { namespace, name, error },
    );
    return undefined;
  }
}
