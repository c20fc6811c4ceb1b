/** Finished objects are removed `ttlAfterSent` after their end (design §3). Never one that may still have something ahead. */
import { parseDuration } from '../../base/durations.ts';
import { hasPassed, instant, latest, plusMs } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import type { Log } from '../../telemetry/log.ts';

/** A season that ends its time at once is spread over some polls. */
const AT_MOST = 50;
/** Held is no end: a postponed match may come back months later. Blocked waits for a person. */
const FINISHED: readonly (string | undefined)[] = ['Sent', 'Cancelled', 'Missed'];

/** The objects whose time is over, oldest kickoff first. Pure. */
export function expired(feed: FixtureFeed, own: readonly MatchNotification[], now: Temporal.Instant): readonly MatchNotification[] {
  const ttlMs = parseDuration(feed.spec.ttlAfterSent);
  return own
    .filter((object) => object.metadata.deletionTimestamp === undefined && FINISHED.includes(object.status?.phase) && !isOpen(object))
    .filter((object) => hasPassed(plusMs(endOf(object), ttlMs), now))
    .sort((a, b) => (a.spec.kickoff < b.spec.kickoff ? -1 : 1))
    .slice(0, AT_MOST);
}

/** Something of it may still be in Braze, or waits for an answer or a person: it stays until that is settled. */
function isOpen({ status }: MatchNotification): boolean {
  const { operation, obsolete = [], conditions = [] } = status ?? {};
  const isStalled = conditions.some(({ type, status: is, reason }) => type === 'Stalled' && is === 'True' && reason !== 'Missed');
  return operation !== undefined || obsolete.length > 0 || isStalled;
}

/** The kickoff counts too: an object that was sent and got a new kickoff may have a new occasion ahead. */
function endOf({ spec, status }: MatchNotification): Temporal.Instant {
  const kickoff = instant(spec.kickoff);
  return status?.lastSent === undefined ? kickoff : latest(kickoff, instant(status.lastSent.at));
}

/** Deletes them as they were seen: one that changed meanwhile stays. Its own reconciler still cleans up behind it, by the finalizer. */
export async function removeExpired(
  objects: readonly MatchNotification[],
  to: { readonly kube: Pick<KubeClient, 'delete'>; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  for (const { metadata } of objects) {
    const { namespace, name, uid, resourceVersion } = metadata;
    try {
      await to.kube.delete(MATCH_NOTIFICATIONS, { namespace, name }, { uid, resourceVersion, signal: to.signal });
      to.log.info('finished long ago: removed', { object: `${namespace}/${name}` });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.isConflict && !error.isNotFound)
        to.log.warn('a finished object could not be removed', { object: `${namespace}/${name}`, error });
    }
  }
}
