/**
 * One server-side apply, without force. Idempotent: sent twice, or by two processes, it comes to the same. A field that somebody else
 * owns is left to them and the rest is applied.
 */
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, Store } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { FEED_FIELD_MANAGER } from '../../crds/words.ts';
import type { PlannedApply } from './plan.ts';
import { wishFor } from './wish.ts';

/** Each refusal names every conflicting field, so one retry is enough but for an owner that appears meanwhile. */
const ATTEMPTS = 3;

export interface Applier {
  readonly kube: Pick<KubeClient, 'patch'>;
  readonly notifications: Store<MatchNotification>;
  readonly feed: FixtureFeed;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
}

export interface Applied {
  /** The object that the API server answered with; undefined when, without the fields of others, nothing was left to say. */
  readonly object: MatchNotification | undefined;
  readonly left: readonly string[];
}

/** Throws `ApiError` and `ApiUnreachable`. */
export async function applyOne(planned: PlannedApply, applier: Applier): Promise<Applied> {
  const { kube, notifications, feed, now, signal } = applier;
  const { known, shown, doubt, names } = planned;
  const left = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    const wish = attempt === 1 ? planned.wish : wishFor({ feed, known, now, shown, doubt, names, left });
    if (wish === undefined) return { object: undefined, left: [...left] };
    const key = { namespace: feed.metadata.namespace, name: wish.body.metadata.name };
    try {
      const patch = { type: 'apply', body: wish.body, fieldManager: FEED_FIELD_MANAGER } as const;
      const object = await kube.patch<MatchNotification>(MATCH_NOTIFICATIONS, key, patch, { signal });
      notifications.written(object);
      return { object, left: [...left] };
    } catch (error) {
      const owned = conflictsOf(error).filter((path) => !left.has(path));
      if (owned.length === 0 || attempt === ATTEMPTS) throw error;
      for (const path of owned) left.add(path);
    }
  }
}

/** The paths that a refused apply names, such as `.spec.sendAt`; the server spells a path inside an atomic map as the map's own. */
export function conflictsOf(error: unknown): readonly string[] {
  if (!(error instanceof ApiError) || !error.isConflict) return [];
  return [...error.message.matchAll(/(?<=[\s"])\.(?:spec\.[A-Za-z]+|metadata\.labels\.[^\s,]+)/g)].map(([path]) => path);
}
