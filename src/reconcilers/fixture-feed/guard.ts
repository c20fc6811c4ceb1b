/**
 * Too many changes at once are more likely a mistake of the provider than the truth, and each would move or stop a send that is set. Then
 * nothing is applied before a person has looked (design §3). Pure.
 *
 * What counts is a send that is set and would move or be held. A round whose times get confirmed, a renamed club or a new season's matches
 * take nothing back and may be as many as they like; so may the changes that a person makes by changing the feed.
 */
import { hashOf } from '../../base/hash.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { APPROVE } from '../../crds/words.ts';
import type { PlannedApply } from './plan.ts';
import type { Verdict } from './verdict.ts';

/** So many may always change: a postponed matchday of a small league, a storm. */
const ALWAYS = 5;
const DECISIVE: readonly string[] = ['.spec.kickoff', '.spec.sendAt', '.spec.hold'];

export interface GuardInput {
  readonly feed: FixtureFeed;
  readonly applies: readonly PlannedApply[];
  /** Objects that the share is of. */
  readonly objects: number;
}

/** Why nothing may be applied; undefined when all is well, or a person approved exactly these changes. */
export function guard({ feed, applies, objects }: GuardInput): Verdict | undefined {
  const risky = applies.filter(takesBack);
  const share = Number.parseInt(feed.spec.maxChangesPerPoll, 10) / 100;
  if (risky.length <= ALWAYS || risky.length <= objects * share) return undefined;
  const hash = approvalHash(risky);
  if (feed.metadata.annotations?.[APPROVE] === hash) return undefined;
  const { name, namespace } = feed.metadata;
  return {
    reason: 'TooManyChanges',
    message:
      `The provider would have ${risky.length} of ${objects} sends moved or held at once, more than spec.maxChangesPerPoll (${feed.spec.maxChangesPerPoll}); ` +
      `the first: ${exampleOf(risky)}. Nothing is applied. Look at it with matchday plan ${name} -n ${namespace}; if it is right: ` +
      `matchday approve ${name} ${hash} -n ${namespace}. Without the CLI: kubectl annotate ff ${name} -n ${namespace} --overwrite ${APPROVE}=${hash}`,
  };
}

const takesBack = ({ shown, changes }: PlannedApply): boolean =>
  shown !== undefined && shown.spec.hold === undefined && changes.some((path) => DECISIVE.includes(path));

/** Of exactly these changes; the letter keeps it from being taken for a number. */
const approvalHash = (risky: readonly PlannedApply[]): string =>
  `h${hashOf(risky.map(({ wish, hash }) => `${wish.matchId} ${hash}`).sort()).slice(0, 12)}`;

function exampleOf([first]: readonly PlannedApply[]): string {
  if (first?.shown === undefined) return 'none';
  const { wish, shown } = first;
  const what = wish.body.spec.hold === undefined ? `${shown.spec.kickoff} → ${wish.body.spec.kickoff}` : wish.body.spec.hold.reason;
  return `${shown.metadata.name} ${what}`;
}
