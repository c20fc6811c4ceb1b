/**
 * What a feed wants of one match: from what is known of it and the feed's settings to kickoff, send time and hold, by the status table
 * of contracts 2.5. Pure; the words of the reasons are those of MatchNotification's `spec.hold.reason`.
 */
import { assertNever } from '../base/assert-never.ts';
import { isKnown, type Knowledge, type PlayState } from './knowledge.ts';
import type { Team } from './types.ts';

const MINUTE_MS = 60_000;
const SUSPICION_MS = 2 * 60 * MINUTE_MS;

export type HoldReason =
  | 'KickoffUnconfirmed'
  | 'TeamsUnknown'
  | 'Postponed'
  | 'Cancelled'
  | 'SendAfterKickoff'
  | 'Unconfirmed'
  | 'DuplicateFixture'
  | 'FeedStale';
export interface Hold {
  readonly reason: HoldReason;
  readonly message: string;
}

export interface DesiredSettings {
  readonly leadTimeMs: number;
  readonly unconfirmedKickoff: 'Hold' | 'Schedule';
}

export interface Desired {
  readonly kickoff: Temporal.Instant;
  /** kickoff − leadTime, floored to the minute once, here at the edge. */
  readonly sendAt: Temporal.Instant;
  readonly hold: Hold | undefined;
  /** Being played or played, and the send time is past: nothing is left to say, an existing object is left as it is. */
  readonly over: boolean;
}

/** Floors to the whole minute: Braze schedules by the minute, and a second's difference must not become a call. */
export function floorToMinute(at: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at.epochMilliseconds / MINUTE_MS) * MINUTE_MS);
}

export const sendTime = (kickoff: Temporal.Instant, leadTimeMs: number): Temporal.Instant =>
  floorToMinute(kickoff.subtract({ milliseconds: leadTimeMs }));

/** What the feed wants of this match at `now`. `sendAtOverride`: a send time that a person owns and the feed can't move. */
export function desiredFor(
  known: Knowledge,
  settings: DesiredSettings,
  at: { readonly now: Temporal.Instant; readonly sendAtOverride?: Temporal.Instant },
): Desired {
  const { kickoff, state } = known.play.value;
  const sendAt = at.sendAtOverride ?? sendTime(kickoff, settings.leadTimeMs);
  const started = state === 'live' || state === 'finished';
  const past = Temporal.Instant.compare(sendAt, at.now) <= 0;
  if (started && past) return { kickoff, sendAt, hold: undefined, over: true };
  return { kickoff, sendAt, hold: holdOf({ known, settings, sendAt, now: at.now }), over: false };
}

interface HoldFacts {
  readonly known: Knowledge;
  readonly settings: DesiredSettings;
  readonly sendAt: Temporal.Instant;
  readonly now: Temporal.Instant;
}

/** First hit wins: what will not be played, then what can't be announced, then what we are not sure of. */
function holdOf(facts: HoldFacts): Hold | undefined {
  return stateHold(facts) ?? teamsHold(facts) ?? lateHold(facts) ?? doubtHold(facts);
}

function stateHold({ known, settings }: HoldFacts): Hold | undefined {
  const state: PlayState = known.play.value.state;
  switch (state) {
    case 'timed':
      return undefined;
    case 'rough':
      if (settings.unconfirmedKickoff === 'Schedule') return undefined;
      return { reason: 'KickoffUnconfirmed', message: 'The kick-off time is not confirmed yet (status SCHEDULED); sent when it is TIMED.' };
    case 'unknown':
      return {
        reason: 'KickoffUnconfirmed',
        message: 'No known status was seen for this match yet, so its kick-off time is not confirmed.',
      };
    case 'postponed':
      return { reason: 'Postponed', message: 'The match is postponed; sent when a new kick-off time is set.' };
    case 'suspended':
      return { reason: 'Postponed', message: 'The match is suspended; sent when a new kick-off time is set.' };
    case 'cancelled':
      return { reason: 'Cancelled', message: 'The match is cancelled or was awarded without play.' };
    case 'live':
    case 'finished':
      return { reason: 'SendAfterKickoff', message: 'The match has already started, before the send time.' };
    default:
      return assertNever(state);
  }
}

function teamsHold({ known }: HoldFacts): Hold | undefined {
  const missing = sideName(known.home.value, 'home') ?? sideName(known.away.value, 'away');
  if (missing === undefined) return undefined;
  return { reason: 'TeamsUnknown', message: `The ${missing} team is not known yet; sent when both are.` };
}

const sideName = (team: Team, side: string): string | undefined => (isKnown(team) ? undefined : side);

function lateHold({ known, sendAt }: HoldFacts): Hold | undefined {
  const { kickoff } = known.play.value;
  if (Temporal.Instant.compare(sendAt, kickoff) < 0) return undefined;
  return {
    reason: 'SendAfterKickoff',
    message: `The send time ${sendAt} is not before the kick-off ${kickoff}; set an earlier send time.`,
  };
}

/** A first sighting may come from a server that is weeks behind: close to its send, a match must be seen twice before it is trusted. */
function doubtHold({ known, sendAt, now }: HoldFacts): Hold | undefined {
  if (known.sightings >= 2 || sendAt.epochMilliseconds - now.epochMilliseconds > SUSPICION_MS) return undefined;
  return { reason: 'Unconfirmed', message: 'The match was seen in one answer only, close to its send; sent when a second answer agrees.' };
}
