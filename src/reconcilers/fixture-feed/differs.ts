/** What an apply would change in an object. Pure. */
import { sameJson } from '../../base/hash.ts';
import { FEED_FIELDS } from '../../crds/feed-fields.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { SCHEDULE_FINALIZER } from '../../crds/words.ts';
import type { ApplyBody } from './wish.ts';

/** The paths at which `body` says something else than `shown`. A field that the body leaves out and the object has counts: an apply removes what we own. */
export function differences(shown: MatchNotification, body: ApplyBody): readonly string[] {
  const spec = FEED_FIELDS.filter((field) => !sameJson(body.spec[field], shown.spec[field])).map((field) => `.spec.${field}`);
  const labels = Object.entries(body.metadata.labels)
    .filter(([label, value]) => shown.metadata.labels?.[label] !== value)
    .map(([label]) => `.metadata.labels.${label}`);
  const finalizer = shown.metadata.finalizers?.includes(SCHEDULE_FINALIZER) ? [] : ['.metadata.finalizers'];
  return [...spec, ...labels, ...finalizer];
}
