/**
 * Knowledge from what the objects say. The feed keeps its knowledge in memory; after a restart the objects are its memory, so that the
 * first stale answer undoes nothing. Pure.
 */
import { instant } from '../../base/instants.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../crds/match-notification.ts';
import { FIXTURE_UPDATED_AT } from '../../crds/words.ts';
import { type Knowledge, type PlayState, seed } from '../../football-data/knowledge.ts';
import type { Team } from '../../football-data/types.ts';

type HoldReason = NonNullable<MatchNotificationSpec['hold']>['reason'];

/** What the feed must have known when it wrote this hold. */
const STATE_OF_HOLD = {
  KickoffUnconfirmed: 'rough',
  TeamsUnknown: 'timed',
  Postponed: 'postponed',
  Cancelled: 'cancelled',
  SendAfterKickoff: 'timed',
  Unconfirmed: 'timed',
  DuplicateFixture: 'timed',
  FeedStale: 'timed',
} as const satisfies Record<HoldReason, PlayState>;

export function seedFrom(object: MatchNotification): Knowledge {
  const { match, kickoff, hold } = object.spec;
  const lastUpdated = stampOf(object);
  const known = seed({
    id: match.id,
    competition: match.competition,
    play: { state: hold === undefined ? 'timed' : STATE_OF_HOLD[hold.reason], kickoff: instant(kickoff) },
    home: teamOf(match.home),
    away: teamOf(match.away),
    ...(match.matchday === undefined ? {} : { matchday: match.matchday }),
    ...(lastUpdated === undefined ? {} : { lastUpdated }),
  });
  // It was seen once only when it was written; a restart is no second sighting.
  return hold?.reason === 'Unconfirmed' ? { ...known, sightings: 1 } : known;
}

function teamOf(team: MatchNotificationSpec['match']['home']): Team {
  return {
    ...(team?.id === undefined ? {} : { id: team.id }),
    ...(team?.name === undefined ? {} : { name: team.name }),
    ...(team?.tla === undefined ? {} : { tla: team.tla }),
  };
}

/** Anybody may edit an annotation: one that is no instant counts as absent. */
function stampOf(object: MatchNotification): Temporal.Instant | undefined {
  const text = object.metadata.annotations?.[FIXTURE_UPDATED_AT];
  if (text === undefined) return undefined;
  try {
    return instant(text);
  } catch {
    return undefined;
  }
}
