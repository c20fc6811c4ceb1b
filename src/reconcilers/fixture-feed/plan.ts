/**
 * Knowledge + feed + objects → what to apply, nearest kickoff first. Pure, and total: nothing here deletes or cancels, whatever is missing.
 */
import { parseDuration } from '../../base/durations.ts';
import { isBefore, msBetween, plusMs } from '../../base/instants.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Hold } from '../../football-data/desired.ts';
import type { Knowledge } from '../../football-data/knowledge.ts';
import type { NameSource } from '../../translation/names.ts';
import { differences } from './differs.ts';
import type { Known } from './learn.ts';
import { bodyHash, type Wish, wishFor } from './wish.ts';

/**
 * What the last apply of an object came to. The same wish for the same version of the object can gain nothing by being sent again; who
 * owns a field is part of the version, not of the generation, and a status write costs one refused apply more at most.
 */
export interface Settled {
  readonly hash: string;
  readonly resourceVersion: string | undefined;
  /** Paths that somebody else owns and that were left out. */
  readonly left: readonly string[];
}

export interface PlanInput {
  readonly feed: FixtureFeed;
  readonly known: Known;
  /** The feed's object for the match of that id, if there is one. */
  readonly shown: (matchId: string) => MatchNotification | undefined;
  readonly settled: ReadonlyMap<string, Settled>;
  readonly now: Temporal.Instant;
  /** Why a match is held that would be sent as far as the match itself goes. */
  readonly doubt?: (known: Knowledge) => Hold | undefined;
  /** Where translated names come from; absent: they stay as the objects show them. */
  readonly names?: NameSource | undefined;
}

export interface PlannedApply {
  readonly known: Knowledge;
  readonly doubt: Hold | undefined;
  readonly names: NameSource | undefined;
  readonly wish: Wish;
  readonly hash: string;
  readonly shown: MatchNotification | undefined;
  /** Why: `new`, or the paths that would change; empty too when the same was tried before and gained nothing. */
  readonly changes: readonly string[];
  /** The paths at which the object says something else than wished, whoever owns them. */
  readonly differs: readonly string[];
}

export interface Plan {
  readonly applies: readonly PlannedApply[];
  /** Objects of this feed after the applies, and those of them that it holds. */
  readonly objects: number;
  readonly held: number;
  /** Objects that are not as wished: by name, the paths. */
  readonly differing: ReadonlyMap<string, readonly string[]>;
  /** The nearest send that is still ahead. */
  readonly nextSendAt: Temporal.Instant | undefined;
}

export function plan(input: PlanInput): Plan {
  const followed = [...input.known.values()].map((known) => follow(known, input)).filter((entry) => entry !== undefined);
  const applies = followed.filter((entry) => entry.changes.length > 0);
  applies.sort((a, b) => msBetween(b.wish.kickoff, a.wish.kickoff));
  const sends = followed.map((entry) => entry.wish.sendAt).filter((at) => isBefore(input.now, at));
  sends.sort(Temporal.Instant.compare);
  return {
    applies,
    objects: followed.length,
    held: followed.filter((entry) => entry.wish.held).length,
    differing: new Map(
      followed.map(({ wish, differs }) => [wish.body.metadata.name, differs] as const).filter(([, paths]) => paths.length > 0),
    ),
    nextSendAt: sends[0],
  };
}

/** A match that has an object, or gets one; `changes` is empty when the object is as wished. */
function follow(known: Knowledge, input: PlanInput): PlannedApply | undefined {
  const { feed, now, names } = input;
  const shown = input.shown(known.id);
  // An apply with the finalizer would be refused, one without it would take the finalizer away before Braze is swept.
  if (shown?.metadata.deletionTimestamp !== undefined) return undefined;
  if (shown === undefined && !isWanted(known, feed, now)) return undefined;
  const doubt = input.doubt?.(known);
  const wish = wishFor({ feed, known, now, shown, doubt, names });
  if (wish === undefined) return undefined;
  const differs = shown === undefined ? [] : differences(shown, wish.body);
  const changes = shown === undefined ? ['new'] : differs;
  // Of most matches there is nothing to say, and a hash of each would be most of a poll's work.
  const hash = changes.length === 0 ? '' : bodyHash(wish.body);
  const settled = shown !== undefined && isSettled(input.settled.get(shown.metadata.name), { hash, shown });
  return { known, doubt, names, wish, hash, shown, differs, changes: settled ? [] : changes };
}

/** Whether a match gets an object: of a team that is asked for, and from now to the end of the window. */
function isWanted(known: Knowledge, feed: FixtureFeed, now: Temporal.Instant): boolean {
  const { kickoff } = known.play.value;
  const end = plusMs(now, parseDuration(feed.spec.window));
  return isBefore(now, kickoff) && !isBefore(end, kickoff) && isOfTeam(known, feed.spec.teams ?? []);
}

function isOfTeam(known: Knowledge, teams: readonly string[]): boolean {
  if (teams.length === 0) return true;
  return [known.home.value, known.away.value].some(({ id, tla }) => teams.some((team) => team === id || team === tla));
}

/** What somebody else owns, and has otherwise than the feed would: by object, the paths. The same value is no conflict, whoever set it. */
export function conflictsIn({ differing }: Plan, settled: ReadonlyMap<string, Settled>): readonly (readonly string[])[] {
  return [...differing]
    .map(([name, paths]) => paths.filter((path) => settled.get(name)?.left.includes(path)))
    .filter((paths) => paths.length > 0);
}

function isSettled(settled: Settled | undefined, wished: { hash: string; shown: MatchNotification }): boolean {
  return settled?.hash === wished.hash && settled.resourceVersion === wished.shown.metadata.resourceVersion;
}
