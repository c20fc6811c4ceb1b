/** What moved when, so that "why did this send at 11:30?" has an answer. Pure; it never is the reason of a write. */
import { toText } from '../../base/instants.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';
import { KICKOFFS_MAX } from '../../crds/match-notification-status.ts';

type Kickoffs = NonNullable<MatchNotificationStatus['kickoffs']>;

/** The kickoffs after a look at `object`; the first is kept, because it says what was announced at the start. */
export function kickoffsAfter(object: MatchNotification, now: Temporal.Instant): Kickoffs | undefined {
  const { spec, status, metadata } = object;
  const known = status?.kickoffs ?? [];
  // Only a changed spec has anything to tell, and that is written anyway.
  if (metadata.generation !== undefined && status?.observedGeneration === metadata.generation) return status.kickoffs;
  const { kickoff, sendAt } = spec;
  const last = known.at(-1);
  if (last?.kickoff === kickoff && last.sendAt === sendAt) return known;
  const all = [...known, { kickoff, sendAt, at: toText(now) }];
  return all.length <= KICKOFFS_MAX ? all : [...all.slice(0, 1), ...all.slice(1 - KICKOFFS_MAX)];
}
