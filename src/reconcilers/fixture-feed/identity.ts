/** How matches, feeds and objects are named after each other. */

import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FEED_LABEL } from '../../crds/words.ts';

/** The only provider there is, as `spec.match.provider` names it. */
export const PROVIDER = 'football-data';

/** Name of the index of the MatchNotification store that `feedIndex` fills. */
export const FEED_INDEX = 'feed';

/** `<namespace>/<feed>` of the feed that made the object: the index function for the store of MatchNotifications. */
export function feedIndex(object: MatchNotification): readonly string[] {
  const feed = object.metadata.labels?.[FEED_LABEL];
  return feed === undefined ? [] : [`${object.metadata.namespace}/${feed}`];
}

export const indexKey = (feed: FixtureFeed): string => `${feed.metadata.namespace}/${feed.metadata.name}`;

/** Ids become parts of object names; one that can't be is not a match id of this provider. */
export const isUsableId = (id: string): boolean => /^[a-z0-9][a-z0-9-]{0,59}$/.test(id);

/** The name of an object that a feed makes; one that it adopted keeps its own. */
export const objectName = (feed: FixtureFeed, matchId: string): string => `${feed.metadata.name}-${matchId}`;
