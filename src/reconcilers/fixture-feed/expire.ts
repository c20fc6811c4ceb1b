/**
 * Finished objects are removed `ttlAfterSent` after their end (design §3); held ones too, once the provider lists a later season without
 * their match. Never one that may still have something ahead, or of which the ledger does not hold everything yet.
 */
import { parseDuration } from '../../base/durations.ts';
import { hasPassed, instant, isBefore, latest, plusMs } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import type { Log } from '../../telemetry/log.ts';
import type { ListedSeason } from './memory.ts';

/** A season that ends its time at once is spread over some polls. */
const AT_MOST = 50;
/** Blocked waits for a person. */
const FINISHED: readonly (string | undefined)[] = ['Sent', 'Cancelled', 'Missed'];

export interface ExpiryInput {
  readonly feed: FixtureFeed;
  readonly own: readonly MatchNotification[];
  readonly season: ListedSeason | undefined;
  readonly now: Temporal.Instant;
  /** Whether the ledger, where one is kept, holds all that happened to the object. */
  readonly recorded: (object: MatchNotification) => boolean;
}

/** The objects whose time is over, oldest kickoff first. Pure. */
export function expired({ feed, own, season, now, recorded }: ExpiryInput): readonly MatchNotification[] {
  const ttlMs = parseDuration(feed.spec.ttlAfterSent);
  return own
    .filter((object) => object.metadata.deletionTimestamp === undefined && isFinished(object, season) && !isOpen(object))
    .filter((object) => hasPassed(plusMs(endOf(object), ttlMs), now) && recorded(object))
    .sort((a, b) => (a.spec.kickoff < b.spec.kickoff ? -1 : 1))
    .slice(0, AT_MOST);
}

function isFinished(object: MatchNotification, season: ListedSeason | undefined): boolean {
  const phase = object.status?.phase;
  return FINISHED.includes(phase) || (phase === 'Held' && isOfPastSeason(object, season) && object.status?.schedule === undefined);
}

/** Held is no end by itself: a postponed match may come back months later, but not after its season. */
function isOfPastSeason({ spec }: MatchNotification, season: ListedSeason | undefined): boolean {
  return season !== undefined && isBefore(instant(spec.kickoff), season.from) && !season.ids.has(spec.match.id);
}

/** Something of it may still be in Braze, or waits for an answer or a person: it stays until that is settled. */
function isOpen({ status }: MatchNotification): boolean {
  const { operation, obsolete = [], conditions = [], fence } = status ?? {};
  const isStalled = conditions.some(({ type, status: is, reason }) => type === 'Stalled' && is === 'True' && reason !== 'Missed');
  return operation !== undefined || obsolete.length > 0 || (fence?.unsettled?.length ?? 0) > 0 || isStalled;
}

/** The kickoff counts too: an object that was sent and got a new kickoff may have a new occasion ahead. */
function endOf({ spec, status }: MatchNotification): Temporal.Instant {
  const kickoff = instant(spec.kickoff);
  return status?.lastSent === undefined ? kickoff : latest(kickoff, instant(status.lastSent.at));
}

/** Deletes them as they were seen: one that changed meanwhile stays. Its own reconciler still cleans up behind it, by the finalizer. */
export async function remove(
  objects: readonly MatchNotification[],
  to: { readonly kube: Pick<KubeClient, 'delete'>; readonly log: Log; readonly signal: AbortSignal; readonly why: string },
): Promise<void> {
  for (const { metadata } of objects) {
    const { namespace, name, uid, resourceVersion } = metadata;
    try {
      await to.kube.delete(MATCH_NOTIFICATIONS, { namespace, name }, { uid, resourceVersion, signal: to.signal });
      to.log.info(`removed: ${to.why}`, { object: `${namespace}/${name}` });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.isConflict && !error.isNotFound)
        to.log.warn('an object could not be removed', { why: to.why, object: `${namespace}/${name}`, error });
    }
  }
}
