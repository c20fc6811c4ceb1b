/**
 * Asks football-data.org. One GET a call, no retry and no state: who may call when is the caller's budget (one per token, contracts 2.7, 7).
 * Every method resolves; the HTTP library's own errors carry the token in their request headers and never leave this file.
 */
import axios, { type AxiosInstance } from 'axios';
import type { Clock } from '../base/clock.ts';
import { type AnswerContext, classify, failed, type RawAnswer } from './answers.ts';
import type { FixturesAnswer, FootballDataApi, MatchesWindow } from './types.ts';

/** A season of the largest league is under 1 MB; eight times that is not a season. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_URL = 'https://api.football-data.org';

export interface FootballDataClientOptions {
  readonly token: string;
  readonly clock: Clock;
  /** Origin without a path. */
  readonly baseUrl?: string;
  /** For the whole call, body included. */
  readonly timeoutMs?: number;
  /** Told of each call when it is over. */
  readonly observe?: (call: FootballDataCall) => void;
}

export interface FootballDataCall {
  /** What was asked for, without the ids and codes in it. */
  readonly endpoint: Endpoint;
  /** The status, or `error`: no answer was read. */
  readonly code: string;
  readonly seconds: number;
}

/** What is asked for, by name: the `endpoint` label of the metrics. */
export const ENDPOINTS = ['competition-matches', 'matches', 'match'] as const;
type Endpoint = (typeof ENDPOINTS)[number];

interface Asked extends Omit<AnswerContext, 'now'> {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
}

export class FootballDataClient implements FootballDataApi {
  readonly #http: AxiosInstance;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #token: string;
  readonly #observe: (call: FootballDataCall) => void;

  constructor(options: FootballDataClientOptions) {
    this.#clock = options.clock;
    this.#token = options.token;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#observe = options.observe ?? (() => {});
    this.#http = axios.create({
      baseURL: options.baseUrl ?? DEFAULT_URL,
      headers: { 'X-Auth-Token': options.token, Accept: 'application/json' },
      validateStatus: () => true,
      // A redirect would carry the token to another host; the environment's proxy would see it.
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MAX_BODY_BYTES,
      responseType: 'text',
      transformResponse: (body: unknown) => body,
    });
  }

  seasonMatches(request: { competition: string; season?: string }): Promise<FixturesAnswer> {
    const { competition, season } = request;
    const path = `/v4/competitions/${encodeURIComponent(competition)}/matches`;
    const what = season === undefined ? competition : `${competition} ${season}`;
    return this.#ask({
      endpoint: 'competition-matches',
      path,
      what,
      shape: 'list',
      ...(season === undefined ? {} : { params: { season } }),
    });
  }

  matchesByIds(ids: readonly string[]): Promise<FixturesAnswer> {
    // Without ids the service would answer with today's matches (contracts 2.3), which nobody asked for.
    if (ids.length === 0) return Promise.resolve(failed('No match ids were given, so football-data.org was not asked.'));
    const what = `${ids.length} matches by id`;
    return this.#ask({ endpoint: 'matches', path: '/v4/matches', what, shape: 'list', params: { ids: ids.join(',') } });
  }

  matchesBetween({ competitions, dateFrom, dateTo }: MatchesWindow): Promise<FixturesAnswer> {
    const what = `${competitions.join(', ')} from ${dateFrom} to before ${dateTo}`;
    const params = { competitions: competitions.join(','), dateFrom, dateTo };
    return this.#ask({ endpoint: 'matches', path: '/v4/matches', what, shape: 'list', params });
  }

  matchById(id: string): Promise<FixturesAnswer> {
    return this.#ask({ endpoint: 'match', path: `/v4/matches/${encodeURIComponent(id)}`, what: `match ${id}`, shape: 'match' });
  }

  /** An error text may quote what was sent. */
  #scrub(answer: FixturesAnswer): FixturesAnswer {
    if (answer.kind === 'matches' || this.#token === '') return answer;
    return { ...answer, message: answer.message.replaceAll(this.#token, '…') };
  }

  async #ask(asked: Asked): Promise<FixturesAnswer> {
    const startedMs = this.#clock.monotonicMs();
    const over = (code: string): void =>
      this.#observe({ endpoint: asked.endpoint, code, seconds: (this.#clock.monotonicMs() - startedMs) / 1000 });
    try {
      // `timeout` alone restarts with each byte of a slow body; the signal bounds the whole call.
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const answer = await this.#http.get<unknown>(asked.path, { params: asked.params, timeout: this.#timeoutMs, signal });
      over(String(answer.status));
      const body = typeof answer.data === 'string' ? answer.data : '';
      const raw: RawAnswer = { status: answer.status, headers: plainHeaders(answer.headers), body };
      return this.#scrub(classify(raw, { now: this.#clock.now(), what: asked.what, shape: asked.shape }));
    } catch (error) {
      over('error');
      return failed(`football-data.org could not be reached for ${asked.what}: ${transportFault(error)}.`);
    }
  }
}

function plainHeaders(headers: object): Record<string, string | undefined> {
  const plain: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) plain[name.toLowerCase()] = typeof value === 'string' ? value : undefined;
  return plain;
}

/** What went wrong, from the error's code alone: its message and its fields may hold the request. */
function transportFault(error: unknown): string {
  const code = axios.isAxiosError(error) ? error.code : undefined;
  switch (code) {
    case 'ECONNABORTED':
    case 'ETIMEDOUT':
    case 'ERR_CANCELED':
      return 'no complete answer in time';
    case 'ERR_BAD_RESPONSE':
      return `the answer was cut off or larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`;
    case undefined:
      return 'the call broke off';
    default:
      return code;
  }
}
