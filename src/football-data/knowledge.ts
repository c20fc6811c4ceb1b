/**
 * What is known of one match, as a pure fold over rows of which most are stale or odd (contracts 2.9): knowledge only grows (design §3).
 * Known teams do not become unknown, finished does not become timed, an unknown status (a date in the field, say) says nothing; a change must
 * be seen in two polls, a hold inside the last two hours before the send in three. Which row counts as evidence against which: `facet.ts`.
 *
 * Kept in memory by the feed. After a restart `seed` takes what the objects already say, so nothing is undone by the first stale answer.
 */
import { asksAgain, type Facet, facet, NO_STAMP, type Rules, type Stamp, sight, stampOf } from './facet.ts';
import type { Fixture, MatchStatus, Team } from './types.ts';

const HOUR_MS = 3_600_000;
/** Inside this time before the send a hold needs one sighting more: a feed flapped for two polls 45 minutes before a kick-off. */
const NEAR_SEND_MS = 2 * HOUR_MS;
/** A match may be marked as started a little before its minute; a row that is "played" longer before its own kick-off is nonsense. */
const EARLY_START_MS = 15 * 60_000;
const SAME_KICKOFF_MS = 60_000;

/** What a status means to a notifier (contracts 2.5). `rough`: SCHEDULED, a guessed time. `unknown`: no meaningful status seen yet. */
export type PlayState = 'unknown' | 'rough' | 'timed' | 'postponed' | 'suspended' | 'cancelled' | 'live' | 'finished';

const STATE_OF = {
  SCHEDULED: 'rough',
  TIMED: 'timed',
  POSTPONED: 'postponed',
  SUSPENDED: 'suspended',
  CANCELLED: 'cancelled',
  AWARDED: 'cancelled',
  IN_PLAY: 'live',
  PAUSED: 'live',
  EXTRA_TIME: 'live',
  PENALTY_SHOOTOUT: 'live',
  LIVE: 'live',
  FINISHED: 'finished',
} as const satisfies Record<MatchStatus, PlayState>;

/** Whether and when a match is played: one value, because status and time change together. */
export interface Play {
  readonly state: PlayState;
  readonly kickoff: Temporal.Instant;
}

export interface Knowledge {
  readonly id: string;
  readonly competition: string | undefined;
  readonly play: Facet<Play>;
  readonly home: Facet<Team>;
  readonly away: Facet<Team>;
  readonly matchday: Facet<number | undefined>;
  /** Rows that said what `play` says, counted to 2. */
  readonly sightings: number;
  /** Poll again at once, seconds later: an answer more could settle something. */
  readonly wantsConfirmation: boolean;
}

export interface ObserveOptions {
  readonly now: Temporal.Instant;
  readonly leadTimeMs: number;
}

/** A team that can be named in a message: the id is the key, the name is what people read. */
export const isKnown = (team: Team): boolean => team.id !== undefined && team.name !== undefined;

/** What is known after one more row. `known` undefined: the first row of this match. Rows of one answer count as one poll. */
export function observe(known: Knowledge | undefined, row: Fixture, options: ObserveOptions): Knowledge {
  const stamp = stampOf(row.lastUpdated, options.now);
  return known === undefined ? first(row, stamp, options) : next(known, row, stamp, options);
}

/** What the applied objects say, for the time after a restart. Give `stamp` the `lastUpdated` it was learnt from, where that was kept. */
export function seed(applied: {
  readonly id: string;
  readonly competition: string | undefined;
  readonly play: Play;
  readonly home: Team;
  readonly away: Team;
  readonly matchday?: number;
  readonly lastUpdated?: Temporal.Instant;
}): Knowledge {
  const at = applied.lastUpdated?.epochMilliseconds;
  const stamp: Stamp = at === undefined ? NO_STAMP : { loMs: at, hiMs: at };
  return {
    id: applied.id,
    competition: applied.competition,
    play: facet(applied.play, stamp),
    home: facet(applied.home, stamp),
    away: facet(applied.away, stamp),
    matchday: facet(applied.matchday, stamp),
    sightings: 2,
    wantsConfirmation: false,
  };
}

/** The latest `lastUpdated` under which the play was seen, to be kept beside the object and given back to `seed`. */
export function learntFrom(known: Knowledge): Temporal.Instant | undefined {
  const { loMs } = known.play.stamp;
  return Number.isFinite(loMs) ? Temporal.Instant.fromEpochMilliseconds(loMs) : undefined;
}

function first(row: Fixture, stamp: Stamp, options: ObserveOptions): Knowledge {
  const play: Play = { state: claimedState(row, options.now) ?? 'unknown', kickoff: row.kickoff };
  return {
    id: row.id,
    competition: row.competition,
    play: facet(play, stamp),
    home: facet(row.home, stamp),
    away: facet(row.away, stamp),
    matchday: facet(row.matchday, stamp),
    sightings: 1,
    wantsConfirmation: isNear(play, options),
  };
}

function next(known: Knowledge, row: Fixture, stamp: Stamp, options: ObserveOptions): Knowledge {
  const play = nextPlay(known.play, row, stamp, options);
  const home = nextTeam(known.home, row.home, stamp);
  const away = nextTeam(known.away, row.away, stamp);
  const matchday = nextMatchday(known.matchday, row.matchday, stamp);
  const agrees = play.against === 0 && claimedState(row, options.now) !== undefined;
  const sightings = agrees ? Math.min(2, known.sightings + 1) : known.sightings;
  const open = [play, home, away, matchday].some(asksAgain);
  return {
    id: known.id,
    competition: known.competition ?? row.competition,
    play,
    home,
    away,
    matchday,
    sightings,
    wantsConfirmation: open || (sightings < 2 && isNear(play.value, options)),
  };
}

/** The state a row claims; undefined when it says nothing, or contradicts itself (played, but long before its own kick-off). */
function claimedState(row: Fixture, now: Temporal.Instant): PlayState | undefined {
  if (row.status === 'unknown') return undefined;
  const state = STATE_OF[row.status];
  const early = row.kickoff.epochMilliseconds - now.epochMilliseconds > EARLY_START_MS;
  return hasStarted(state) && early ? undefined : state;
}

const hasStarted = (state: PlayState): boolean => state === 'live' || state === 'finished';
const isNear = (play: Play, { now, leadTimeMs }: ObserveOptions): boolean =>
  now.epochMilliseconds >= play.kickoff.epochMilliseconds - leadTimeMs - NEAR_SEND_MS;

function nextPlay(known: Facet<Play>, row: Fixture, stamp: Stamp, options: ObserveOptions): Facet<Play> {
  const state = claimedState(row, options.now);
  if (state === undefined) return known;
  const claim = claimOf(known.value, state, row.kickoff);
  if (grows(known.value, claim, options.now)) return facet(claim, stamp);
  if (!isPossible(known.value, claim, options.now)) return { ...known, against: known.against + 1 };
  return sight(known, { value: claim, stamp }, playRules(known.value, options));
}

/** What is not to be played keeps the kick-off we know (the row has the old day at 00:00Z); what has started is not moved any more. */
function claimOf(known: Play, state: PlayState, kickoff: Temporal.Instant): Play {
  const keeps = state === 'postponed' || state === 'suspended' || state === 'cancelled' || hasStarted(state);
  return { state, kickoff: keeps ? known.kickoff : kickoff };
}

/** What needs no second sighting because it takes nothing back: a first status, or a match that starts when it should have. */
function grows(known: Play, claim: Play, now: Temporal.Instant): boolean {
  if (known.state === claim.state || known.state === 'finished') return false;
  if (known.state === 'unknown') return true;
  const due = Temporal.Instant.compare(known.kickoff, now) <= 0;
  return due && hasStarted(claim.state) && (known.state === 'timed' || known.state === 'live' || known.state === 'rough');
}

/** Finished stays finished; a match that runs is timed again only as a replay, at another time to come. */
function isPossible(known: Play, claim: Play, now: Temporal.Instant): boolean {
  if (known.state === 'finished') return claim.state === 'finished';
  if (known.state !== 'live' || (claim.state !== 'timed' && claim.state !== 'rough')) return true;
  return Temporal.Instant.compare(claim.kickoff, now) > 0 && !sameKickoff(claim.kickoff, known.kickoff);
}

function playRules(known: Play, options: ObserveOptions): Rules<Play> {
  const holdNeeds = isNear(known, options) && Temporal.Instant.compare(options.now, known.kickoff) < 0 ? 3 : 2;
  return {
    same: (a, b) => a.state === b.state && sameKickoff(a.kickoff, b.kickoff),
    needed: (claim) => (claim.state === 'timed' ? 2 : holdNeeds),
  };
}

/** Schedules have minutes: a difference of seconds, which may also fall on the other side of a minute's edge, is no move. */
const sameKickoff = (a: Temporal.Instant, b: Temporal.Instant): boolean =>
  Math.abs(a.epochMilliseconds - b.epochMilliseconds) < SAME_KICKOFF_MS;

const sameTeam = (a: Team, b: Team): boolean => a.id === b.id && a.name === b.name && a.tla === b.tla && a.shortName === b.shortName;

/** A side only gains: a row without it says nothing, the first row with it is taken; another team or spelling needs two polls. */
function nextTeam(known: Facet<Team>, seen: Team, stamp: Stamp): Facet<Team> {
  if (seen.id === undefined) return known;
  if (!isKnown(known.value)) return isKnown(seen) || known.value.id === undefined ? facet(seen, stamp) : known;
  const value = seen.id === known.value.id ? { ...known.value, ...seen } : seen;
  if (!isKnown(value)) return known;
  return sight(known, { value, stamp }, { same: sameTeam, needed: () => 2 });
}

function nextMatchday(known: Facet<number | undefined>, seen: number | undefined, stamp: Stamp): Facet<number | undefined> {
  if (seen === undefined) return known;
  if (known.value === undefined) return facet<number | undefined>(seen, stamp);
  return sight(known, { value: seen, stamp }, { same: (a, b) => a === b, needed: () => 2 });
}
