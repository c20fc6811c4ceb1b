/**
 * Which object stands for which match. A feed's objects are those with its label, one for each match: the oldest, as their own reconciler
 * sees it too (design §3). Objects of a feed that is gone are adopted by the feed that would otherwise make a second one for the same
 * workspace, campaign and match. Pure.
 */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FEED_LABEL } from '../../crds/words.ts';
import { objectName, PROVIDER } from './identity.ts';

/** One object for each match, of those with the label of a feed. */
export function byMatch(labelled: readonly MatchNotification[]): ReadonlyMap<string, MatchNotification> {
  const first = new Map<string, MatchNotification>();
  for (const object of labelled) {
    const { provider, id } = object.spec.match;
    const other = first.get(id);
    if (provider === PROVIDER && (other === undefined || isOlder(object, other))) first.set(id, object);
  }
  return first;
}

export interface OrphanSearch {
  readonly feed: FixtureFeed;
  /** All objects of the namespace. */
  readonly objects: readonly MatchNotification[];
  /** Whether the namespace has a feed of that name. */
  readonly isFeed: (name: string) => boolean;
}

/** Objects whose feed is gone, and which this one goes on with. */
export function orphansFor({ feed, objects, isFeed }: OrphanSearch): readonly MatchNotification[] {
  const { source, template } = feed.spec;
  const wouldBeTwin = ({ spec }: MatchNotification): boolean =>
    spec.match.competition === source.competition &&
    spec.workspaceRef.name === template.spec.workspaceRef.name &&
    spec.campaignId === template.spec.campaignId;
  return objects.filter((object) => {
    const { labels, deletionTimestamp } = object.metadata;
    const made = labels?.[FEED_LABEL];
    return made !== undefined && deletionTimestamp === undefined && wouldBeTwin(object) && !isFeed(made);
  });
}

/** Objects that a feed made beside an older one which it goes on with now: they send nothing, and own nothing any more. */
export function surplusOf(
  feed: FixtureFeed,
  labelled: readonly MatchNotification[],
  own: readonly MatchNotification[],
): readonly MatchNotification[] {
  const kept = new Set(own.map(({ metadata }) => metadata.uid));
  return labelled.filter((object) => {
    const { metadata, spec } = object;
    const isMade = spec.match.provider === PROVIDER && metadata.name === objectName(feed, spec.match.id);
    return isMade && !kept.has(metadata.uid) && metadata.deletionTimestamp === undefined && isIdleDuplicate(object);
  });
}

function isIdleDuplicate({ status }: MatchNotification): boolean {
  const { schedule, operation, obsolete = [], conditions = [] } = status ?? {};
  const isDuplicate = conditions.some(({ type, reason }) => type === 'Stalled' && reason === 'DuplicateMatch');
  return isDuplicate && schedule === undefined && operation === undefined && obsolete.length === 0;
}

/** Older, then the smaller uid: the order in which two objects of one match are told apart. */
function isOlder({ metadata: a }: MatchNotification, { metadata: b }: MatchNotification): boolean {
  const [ageA, ageB] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  return ageA === ageB ? a.uid < b.uid : ageA < ageB;
}
