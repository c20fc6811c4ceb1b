/**
 * A row of an answer → `Fixture`. Reads only the fields in use and lets the rest pass: enums grow, `odds` and `score` change shape by plan
 * (contracts 2.4, 2.7 10–11). A row without an id or a readable `utcDate` is unusable; anything else that is odd becomes "not known".
 */
import { z } from 'zod';
import { type Fixture, MATCH_STATUSES, type MatchStatus, type Team } from './types.ts';

const text = z.string().min(1).optional().catch(undefined);
const idText = z.union([z.int(), z.string().min(1)]).transform(String);
const optionalId = idText.optional().catch(undefined);
const team = z
  .object({ id: optionalId, name: text, shortName: text, tla: text })
  .catch({ id: undefined, name: undefined, shortName: undefined, tla: undefined });

const row = z.object({
  id: idText,
  utcDate: z.string(),
  status: z.unknown().optional(),
  matchday: z.int().optional().catch(undefined),
  lastUpdated: text,
  homeTeam: team,
  awayTeam: team,
  competition: z.object({ id: optionalId, code: text }).catch({ id: undefined, code: undefined }),
});

/** The fixture that `raw` describes, or undefined when the row can't be used. Never throws. */
export function toFixture(raw: unknown): Fixture | undefined {
  const parsed = row.safeParse(raw);
  if (!parsed.success) return undefined;
  const { id, utcDate, status, matchday, lastUpdated, homeTeam, awayTeam, competition } = parsed.data;
  const kickoff = toInstant(utcDate);
  if (kickoff === undefined) return undefined;
  return {
    id,
    competition: competition.code ?? competition.id,
    matchday,
    kickoff,
    status: toStatus(status),
    home: toTeam(homeTeam),
    away: toTeam(awayTeam),
    lastUpdated: lastUpdated === undefined ? undefined : toInstant(lastUpdated),
  };
}

const isStatus = (value: unknown): value is MatchStatus => MATCH_STATUSES.some((known) => known === value);
const toStatus = (value: unknown): MatchStatus | 'unknown' => (isStatus(value) ? value : 'unknown');

function toInstant(value: string): Temporal.Instant | undefined {
  try {
    return Temporal.Instant.from(value);
  } catch {
    return undefined;
  }
}

function toTeam(parsed: z.output<typeof team>): Team {
  const { id, name, shortName, tla } = parsed;
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(shortName === undefined ? {} : { shortName }),
    ...(tla === undefined ? {} : { tla }),
  };
}
