/** Reads objects with the user's own rights, managedFields included. */
import { ApiError } from '../controller/client-errors.ts';
import type { KubeObject } from '../controller/types.ts';
import type { KindDescriptor } from '../crds/resources.ts';
import { CliError } from './errors.ts';
import { type Ref, titled } from './refs.ts';
import type { Session } from './session.ts';

const PAGE = 500;

/** Throws `CliError` when there is none of that name. */
export async function read<T extends KubeObject>({ kube }: Session, ref: Ref): Promise<T> {
  try {
    return await kube.get<T>(ref.kind, ref.key);
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isNotFound || error.message.includes('page not found')) throw error;
    const { plural } = ref.kind;
    const message = `There is no ${titled(ref)}. Those that are there: kubectl get ${plural} -n ${ref.key.namespace}; elsewhere: -A.`;
    throw new CliError(message, { cause: error });
  }
}

/** All of a kind, page by page; each is handed to `keep`, so that what is not needed is not held. */
export async function readAll<T extends KubeObject, Kept>(
  { kube, listed }: Session,
  kind: KindDescriptor,
  keep: (object: T) => Kept,
): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  let next: string | undefined;
  do {
    const page = await kube.list<T>(kind, {
      limit: PAGE,
      ...(listed === undefined ? {} : { namespace: listed }),
      ...(next === undefined ? {} : { continue: next }),
    });
    for (const item of page.items) kept.push(keep(item));
    next = page.metadata.continue;
  } while (next !== undefined && next !== '');
  return kept;
}
