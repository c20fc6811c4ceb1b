/** Waits until an object shows something: woken by a watch, judged by a fresh read. Holds nothing; safe to interrupt. */
import { setTimeout } from 'node:timers/promises';
import { ApiError } from '../controller/client-errors.ts';
import type { KubeObject } from '../controller/types.ts';
import { read } from './objects.ts';
import type { Ref } from './refs.ts';
import type { Session } from './session.ts';

/** The object once `done` says so; undefined when that took longer than `timeoutMs`. Throws what reading throws. */
export async function untilShows<T extends KubeObject>(
  session: Session,
  ref: Ref,
  { done, timeoutMs }: { readonly done: (object: T) => boolean; readonly timeoutMs: number },
): Promise<T | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    while (!signal.aborted) {
      const object = await read<T>(session, ref);
      if (done(object)) return object;
      await nextChange(session, ref, { after: object.metadata.resourceVersion, signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

/** Between two reads, whatever the watch says: an object that changes all the time is not read all the time. */
const PAUSE_MS = 200;
/** Who may read an object may not always watch it. */
const WITHOUT_WATCH_MS = 2_000;

/** Resolves some time after the first event after a version, or when the server ends or refuses the watch. */
async function nextChange(
  { kube }: Session,
  { kind, key }: Ref,
  { after, signal }: { readonly after: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const events = kube.watch(kind, {
    namespace: key.namespace,
    fieldSelector: `metadata.name=${key.name}`,
    ...(after === undefined ? {} : { resourceVersion: after }),
    timeoutSeconds: 60,
    idleMs: 90_000,
    startTimeoutMs: 10_000,
    signal,
  });
  try {
    for await (const event of events) if (event.type !== 'BOOKMARK') break;
    await setTimeout(PAUSE_MS, undefined, { signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    await setTimeout(WITHOUT_WATCH_MS, undefined, { signal });
  }
}
