/**
 * Writes with the user's own rights. Each is one merge patch under the resourceVersion of the object that was looked at, so that nothing
 * is written about a state that nobody saw: when it changed meanwhile it is read and judged again. Interrupted anywhere, either all of it
 * is written or nothing.
 */
import { ApiError } from '../controller/client-errors.ts';
import { objectPath } from '../controller/request-path.ts';
import type { KubeObject } from '../controller/types.ts';
import type { AnnotationName } from '../crds/words.ts';
import { read } from './objects.ts';
import type { Ref } from './refs.ts';
import { CLI_FIELD_MANAGER, type Session } from './session.ts';

const TRIES = 3;

/** Calls `judge` with the object as it is; its patch is written unless the object has changed by then. `judge` refuses by throwing. */
export async function writeUnderVersion<T extends KubeObject, Judged extends { readonly patch: object }>(
  session: Session,
  ref: Ref,
  judge: (object: T) => Judged,
): Promise<Judged> {
  for (let tried = 1; ; tried += 1) {
    const object = await read<T>(session, ref);
    const judged = judge(object);
    try {
      await patchOnce(session, ref, withVersion(judged.patch, object));
      return judged;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isConflict || tried === TRIES) throw error;
    }
  }
}

/** A patch that sets one annotation. */
export const annotating = (name: AnnotationName, value: string): object => ({ metadata: { annotations: { [name]: value } } });

/** `(dry run)` and the like, behind a sentence that says what was done. */
export const dryRunNote = ({ dryRun }: Session): string => (dryRun === 'none' ? '' : ` (${dryRun} dry run)`);

function withVersion(patch: object, { metadata }: KubeObject): object {
  const said = 'metadata' in patch && typeof patch.metadata === 'object' ? patch.metadata : {};
  return { ...patch, metadata: { ...said, uid: metadata.uid, resourceVersion: metadata.resourceVersion } };
}

async function patchOnce({ kube, dryRun }: Session, { kind, key }: Ref, body: object): Promise<void> {
  if (dryRun === 'client') return;
  await kube.raw({
    method: 'PATCH',
    path: objectPath(kind, key),
    query: { fieldManager: CLI_FIELD_MANAGER, dryRun: dryRun === 'server' ? 'All' : undefined },
    contentType: 'application/merge-patch+json',
    body,
  });
}
