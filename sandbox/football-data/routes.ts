/** The routes (contracts 2.2–2.4): what an account is told, from one server's view of the seasons. Pure. */
import { type Account, mayRead, mayReadSeason, planOf } from './accounts.ts';
import { competitionWindow, inWindow, listOf, matchesWindow, type Parsed, select, selectOfCompetition } from './queries.ts';
import { badArgument, badCompetition, notFound, ok, type Reply, restricted } from './replies.ts';
import { type CompetitionRow, dayOf, type MatchRow } from './rows.ts';
import type { SeasonView } from './world.ts';

export interface RouteOptions {
  /** Whether a competition's list also refuses more than ten days; not known (contracts 2.3). */
  readonly tenDayRuleOnCompetitions: boolean;
  /** The echo's type varies (contracts 2.2). */
  readonly seasonEcho: 'string' | 'number';
}

export interface RouteFacts {
  /** Undefined: anonymous. */
  readonly account: Account | undefined;
  /** Oldest first. */
  readonly seasons: readonly SeasonView[];
  readonly nowMs: number;
  readonly options: RouteOptions;
}

/** The answer to `GET url`, and how many matches it holds. */
export function route(url: URL, facts: RouteFacts): { readonly reply: Reply; readonly matches: number } {
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const [version, collection, id, rest, tooMuch] = parts;
  if (version !== 'v4' || tooMuch !== undefined) return none(notFound());
  if (collection === 'competitions' && id === undefined) return none(competitions(facts));
  const { account } = facts;
  if (account === undefined) return none(restricted());
  const signed = { ...facts, account };
  if (collection === 'competitions' && id !== undefined && rest === 'matches') return competitionMatches(id, url.searchParams, signed);
  if (collection === 'matches' && id === undefined) return matches(url.searchParams, signed);
  if (collection === 'matches' && id !== undefined && rest === undefined) return oneMatch(id, signed);
  return none(notFound());
}

type Signed = RouteFacts & { readonly account: Account };
type Answer = ReturnType<typeof route>;
const none = (reply: Reply): Answer => ({ reply, matches: 0 });

function competitions({ seasons, account }: RouteFacts): Reply {
  const latest = new Map(seasons.map((season) => [season.competition.code, season]));
  const list = [...latest.values()]
    .filter(({ competition }) => mayRead(account ?? { token: '', name: '', plan: 'TIER_ONE', requestsPerMinute: 0 }, competition.code))
    .map((season) => ({
      ...season.competition,
      area: season.matches[0]?.area ?? null,
      plan: planOf(season.competition.code),
      currentSeason: season.matches[0]?.season ?? null,
      numberOfAvailableSeasons: seasons.filter((other) => other.competition.code === season.competition.code).length,
    }));
  return ok({ count: list.length, filters: {}, competitions: list });
}

function competitionMatches(key: string, query: URLSearchParams, facts: Signed): Answer {
  const competition = findCompetition(key, facts);
  if ('status' in competition) return none(competition);
  if (!mayRead(facts.account, competition.code)) return none(restricted());
  const season = findSeason(competition, query.get('season'), facts);
  if ('status' in season) return none(season);
  const window = competitionWindow(query, facts.options.tenDayRuleOnCompetitions);
  if ('reply' in window) return none(window.reply);
  const selected = selectOfCompetition(
    season.matches.slice(0, season.listed).filter((row) => inWindow(row, window.value)),
    query,
  );
  if ('reply' in selected) return none(selected.reply);
  const rows = selected.value.map((row) => planned(row, facts.account));
  const unfiltered = [...query.keys()].every((name) => name === 'season');
  const count = unfiltered ? (season.announced ?? rows.length) : rows.length;
  const filters = echo(query, season, facts.options);
  return { reply: ok({ filters, resultSet: { ...resultSet(rows), count }, competition, matches: rows }), matches: rows.length };
}

/** A known code or id; a code that is none is a bad argument, an id that is none is not there. */
function findCompetition(key: string, { seasons }: RouteFacts): CompetitionRow | Reply {
  const found = seasons.find(({ competition }) => competition.code === key.toUpperCase() || String(competition.id) === key);
  if (found !== undefined) return found.competition;
  if (planOf(key.toUpperCase()) !== 'TIER_FOUR') return restricted();
  return /^\d+$/.test(key) ? notFound() : badCompetition();
}

/** Without a year: the season that starts last, as soon as it is published (contracts 2.7, 1). */
function findSeason(competition: CompetitionRow, year: string | null, { seasons, account }: Signed): SeasonView | Reply {
  if (year !== null && !/^\d{4}$/.test(year)) return badArgument('season', 'an integer in a specified range');
  if (year !== null && !mayReadSeason(account, year)) return restricted();
  const own = seasons.filter((season) => season.competition.code === competition.code);
  return own.findLast((season) => year === null || season.year === year) ?? notFound();
}

function echo(query: URLSearchParams, season: SeasonView, options: RouteOptions): Record<string, unknown> {
  const year = options.seasonEcho === 'string' ? season.year : Number(season.year);
  if (query.has('dateFrom') || query.has('dateTo')) return { season: year };
  const status = listOf(query, 'status');
  const matchday = query.get('matchday');
  return { season: year, ...(matchday === null ? {} : { matchday }), ...(status === undefined ? {} : { status }) };
}

function matches(query: URLSearchParams, facts: Signed): Answer {
  const window = matchesWindow(query, facts.nowMs);
  if ('reply' in window) return none(window.reply);
  const scope = scoped(query, facts);
  if ('reply' in scope) return none(scope.reply);
  const ids = listOf(query, 'ids');
  const { value: period } = window;
  const within = scope.value.filter((row) => period === undefined || inWindow(row, period));
  const selected = select(
    within.filter((row) => ids === undefined || ids.includes(String(row.id))),
    query,
  );
  if ('reply' in selected) return none(selected.reply);
  const rows = selected.value.map((row) => planned(row, facts.account));
  const codes = [...new Set(rows.map((row) => row.competition.code))].join(',');
  const filters = { ...Object.fromEntries(query), permission: facts.account.plan };
  return { reply: ok({ filters, resultSet: { ...resultSet(rows), competitions: codes }, matches: rows }), matches: rows.length };
}

/** The matches of the competitions asked for, or of all that the account has. */
function scoped(query: URLSearchParams, facts: Signed): Parsed<MatchRow[]> {
  const codes: string[] = [];
  for (const key of listOf(query, 'competitions') ?? []) {
    const competition = findCompetition(key, facts);
    if ('status' in competition) return { reply: competition };
    if (!mayRead(facts.account, competition.code)) return { reply: restricted() };
    codes.push(competition.code);
  }
  const mine = facts.seasons.filter(
    ({ competition, year }) => mayRead(facts.account, competition.code) && mayReadSeason(facts.account, year),
  );
  return {
    value: mine.filter(({ competition }) => codes.length === 0 || codes.includes(competition.code)).flatMap((season) => season.matches),
  };
}

function oneMatch(id: string, facts: Signed): Answer {
  const found = facts.seasons.flatMap((season) => season.matches).find((row) => String(row.id) === id);
  if (found === undefined) return none(notFound());
  if (!mayRead(facts.account, found.competition.code)) return none(restricted());
  const more = facts.account.plan === 'TIER_ONE' ? {} : { minute: null, injuryTime: null, attendance: null };
  const deep = facts.account.plan === 'TIER_ONE' ? {} : { goals: [], bookings: [], substitutions: [] };
  return { reply: ok({ ...planned(found, facts.account), ...more, ...deep }), matches: 1 };
}

/** Rows of the free plan have no `venue` key at all (contracts 2.4). */
function planned(row: MatchRow, account: Account): MatchRow {
  if (account.plan !== 'TIER_ONE') return row;
  const { venue: _, ...rest } = row;
  return rest;
}

function resultSet(rows: readonly MatchRow[]): Record<string, unknown> {
  const days = rows.map((row) => dayOf(row.utcDate)).sort();
  const played = rows.filter((row) => row.status === 'FINISHED' || row.status === 'AWARDED').length;
  return { count: rows.length, first: days[0] ?? null, last: days.at(-1) ?? null, played };
}
