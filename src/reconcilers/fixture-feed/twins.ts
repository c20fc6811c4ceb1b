/**
 * One fixture under two ids: a match that was called off comes back as another id, and sometimes under the old one as well (contracts 2.9).
 * Two notifications would tell fans twice, so one of the two is held. Pure.
 */
import { msBetween } from '../../base/instants.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Hold } from '../../football-data/desired.ts';
import type { Knowledge } from '../../football-data/knowledge.ts';
import type { Known } from './learn.ts';

/** The same two teams at the same ground within so long: no competition plays that twice. A second leg and a replay change the ground. */
const SAME_FIXTURE_MS = 36 * 3_600_000;
/** One that the provider no longer knows, while the same two teams meet under another id: it was replaced, and may have been moved with it. */
const REPLACED_MS = 30 * 86_400_000;

export interface TwinFacts {
  readonly shown: (id: string) => MatchNotification | undefined;
  /** Followed, in no list any more, and not found by id. */
  readonly missing: ReadonlySet<string>;
}

/** For each match that is held for it, the id of the one that is sent. */
export function twinsOf(known: Known, facts: TwinFacts): ReadonlyMap<string, string> {
  const pairings = Map.groupBy([...known.values()].filter(isToBePlayed), pairingOf);
  const twins = new Map<string, string>();
  for (const [pairing, matches] of pairings) {
    if (pairing === undefined || matches.length < 2) continue;
    const [kept, ...others] = matches.sort((a, b) => rank(a, facts) - rank(b, facts) || compareIds(a.id, b.id));
    if (kept === undefined) continue;
    for (const other of others) if (isSameFixture(kept, other, facts)) twins.set(other.id, kept.id);
  }
  return twins;
}

export const twinHold = (id: string): Hold => ({
  reason: 'DuplicateFixture',
  message: `The provider has this fixture under another id too; match ${id} is the one that is sent.`,
});

const isToBePlayed = ({ play }: Knowledge): boolean => play.value.state === 'timed' || play.value.state === 'rough';

const pairingOf = ({ home, away }: Knowledge): string | undefined =>
  home.value.id === undefined || away.value.id === undefined ? undefined : `${home.value.id} ${away.value.id}`;

function isSameFixture(kept: Knowledge, other: Knowledge, { missing }: TwinFacts): boolean {
  const apartMs = Math.abs(msBetween(kept.play.value.kickoff, other.play.value.kickoff));
  return apartMs <= (missing.has(other.id) && !missing.has(kept.id) ? REPLACED_MS : SAME_FIXTURE_MS);
}

/** What is set in Braze already stays: changing over would be a move for nothing. */
function rank({ id, play }: Knowledge, { shown, missing }: TwinFacts): number {
  if (missing.has(id)) return 4;
  const object = shown(id);
  if (object !== undefined && object.spec.hold === undefined) return 0;
  if (play.value.state === 'timed') return object === undefined ? 2 : 1;
  return 3;
}

const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
