/**
 * The provider without sockets, for runs of months: the same service that answers on a port, and the same reading of its answers. What a
 * socket adds is tested with one.
 */
import type { FootballDataService } from '../../sandbox/football-data/service.ts';
import type { Clock } from '../../src/base/clock.ts';
import { classify, failed } from '../../src/football-data/answers.ts';
import type { FixturesAnswer, FootballDataApi, MatchesWindow } from '../../src/football-data/types.ts';

export interface InProcessOptions {
  readonly service: FootballDataService;
  readonly clock: Clock;
  readonly token: string;
  /** What becomes of each body on its way. */
  readonly mangle?: (body: string) => string;
  /** Told of each call. */
  readonly told?: (call: { readonly path: string; readonly status: number }) => void;
}

export function inProcess({ service, clock, token, mangle = (body) => body, told }: InProcessOptions): FootballDataApi {
  const ask = async (path: string, params: Readonly<Record<string, string>>, shape: 'list' | 'match' = 'list'): Promise<FixturesAnswer> => {
    const url = new URL(path, 'http://provider');
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    const { reply, fault } = service.serve(url, token);
    told?.({ path: url.pathname, status: reply.status });
    if (fault?.kind === 'drop' || fault?.kind === 'cut') return failed('football-data.org could not be reached: ECONNRESET.');
    const headers = Object.fromEntries(Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    const body = fault?.kind === 'truncated' ? reply.body.slice(0, reply.body.length / 2) : reply.body;
    return classify({ status: reply.status, headers, body: mangle(body) }, { now: clock.now(), what: path, shape });
  };
  return {
    seasonMatches: ({ competition, season }) => ask(`/v4/competitions/${competition}/matches`, season === undefined ? {} : { season }),
    matchesByIds: (ids) => ask('/v4/matches', { ids: ids.join(',') }),
    matchesBetween: ({ competitions, dateFrom, dateTo }: MatchesWindow) =>
      ask('/v4/matches', { competitions: competitions.join(','), dateFrom, dateTo }),
    matchById: (id) => ask(`/v4/matches/${id}`, {}, 'match'),
  };
}
