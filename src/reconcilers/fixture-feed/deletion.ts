/**
 * What becomes of a feed's objects when the feed is deleted (`spec.deletionPolicy`). Retain: they stay and send as last known, until a feed
 * with the same workspace and campaign goes on with them. Cancel: they are deleted with it, and the feed is not gone before they are.
 *
 * The finalizer stands on a feed only while its policy is Cancel, so that one that retains goes at once, operator or not. A crash between
 * two deletes, or two of us: the rest is deleted by who comes next. What an object owns in Braze is its own finalizer's to clean.
 */
import { plusMs } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, Store } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { FEED_OBJECTS_FINALIZER } from '../../crds/words.ts';

/** Objects go when Braze is swept and the ledger holds them: seconds, or a limit of Braze. */
const LOOK_AGAIN_MS = 2_000;

export interface DeletionPorts {
  readonly kube: Pick<KubeClient, 'patch' | 'delete'>;
  readonly feeds: Store<FixtureFeed>;
}

const keeps = ({ metadata }: FixtureFeed): boolean => metadata.finalizers?.includes(FEED_OBJECTS_FINALIZER) ?? false;

/** The finalizer as the policy wants it, on a feed that is not being deleted. Throws `ApiError`, a conflict included: the next pass tries again. */
export async function keepByPolicy(feed: FixtureFeed, ports: DeletionPorts, signal: AbortSignal): Promise<void> {
  const wanted = feed.spec.deletionPolicy === 'Cancel';
  if (wanted !== keeps(feed)) await setFinalizer(feed, wanted, { ...ports, signal });
}

export interface Going {
  readonly feed: FixtureFeed;
  /** All objects with the feed's label, those that lost to an older one included. */
  readonly objects: readonly MatchNotification[];
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
}

/** One pass over a feed that is being deleted: when to look again; undefined: it may go. */
export async function letGo({ feed, objects, now, signal }: Going, ports: DeletionPorts): Promise<Temporal.Instant | undefined> {
  if (!keeps(feed)) return undefined;
  const waitsFor = feed.spec.deletionPolicy === 'Cancel' ? objects : [];
  for (const { metadata } of waitsFor) if (metadata.deletionTimestamp === undefined) await deleteOne(metadata, { ...ports, signal });
  if (waitsFor.length > 0) return plusMs(now, LOOK_AGAIN_MS);
  await setFinalizer(feed, false, { ...ports, signal });
  return undefined;
}

type Effects = DeletionPorts & { readonly signal: AbortSignal };

async function deleteOne({ namespace, name, uid }: MatchNotification['metadata'], { kube, signal }: Effects): Promise<void> {
  try {
    await kube.delete(MATCH_NOTIFICATIONS, { namespace, name }, { uid, signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !(error.isNotFound || error.isConflict)) throw error;
  }
}

async function setFinalizer({ metadata }: FixtureFeed, wanted: boolean, { kube, feeds, signal }: Effects): Promise<void> {
  const { namespace, name, resourceVersion, finalizers = [] } = metadata;
  const others = finalizers.filter((finalizer) => finalizer !== FEED_OBJECTS_FINALIZER);
  const body = { metadata: { resourceVersion, finalizers: wanted ? [...others, FEED_OBJECTS_FINALIZER] : others } };
  try {
    feeds.written(await kube.patch<FixtureFeed>(FIXTURE_FEEDS, { namespace, name }, { type: 'merge', body }, { signal }));
  } catch (error) {
    // Without its last finalizer it is gone at once, or was let go by another of us.
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
}
