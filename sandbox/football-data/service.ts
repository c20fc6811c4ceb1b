/**
 * football-data.org without the socket: token, counter, fault, server, route, in that order. Everything that another process may change
 * goes through `FootballDataAdmin`, which the admin port offers too.
 */
import type { Clock } from '../../src/base/clock.ts';
import { type Account, type CounterHeaders, Counters, counterHeaders, SANDBOX_ACCOUNT } from './accounts.ts';
import { type Backend, Backends, ONE_FRESH_BACKEND, seededRandom, speaksOddly, type Turn } from './backends.ts';
import type { Edit } from './edits.ts';
import { type Fault, Faults } from './faults.ts';
import { Oddities, type Oddity, oddly } from './oddities.ts';
import { htmlPage, invalidToken, type Reply, serverError, tooManyRequests } from './replies.ts';
import { type RouteOptions, route } from './routes.ts';
import type { MatchRow, Season } from './rows.ts';
import { type LoadOptions, loadSeasons, replayHistory } from './seasons.ts';
import { type PlayOptions, type SeasonView, World } from './world.ts';

export interface ServiceOptions extends Partial<RouteOptions> {
  readonly clock: Clock;
  /** Default: the newest of all eight leagues. */
  readonly seasons?: readonly Season[];
  readonly edits?: readonly Edit[];
  readonly accounts?: readonly Account[];
  readonly backends?: readonly Backend[];
  readonly turn?: Turn;
  readonly counterHeaders?: CounterHeaders;
  /** Matches start and end by the clock; absent: only edits change a status. */
  readonly play?: PlayOptions;
  /** For oddities with a chance. */
  readonly seed?: number;
}

/** One call as it was answered. The token is not kept. */
export interface LoggedRequest {
  readonly at: string;
  readonly path: string;
  /** Name of the account; `anonymous`, or `invalid` for a wrong token. */
  readonly account: string;
  readonly backend: string;
  /** 0: no answer was sent. */
  readonly status: number;
  readonly matches: number;
  readonly fault: Fault['kind'] | undefined;
}

/** What a test, the demo or another process may do to the simulator while it runs. */
export interface FootballDataAdmin {
  edit(edits: readonly Edit[]): Promise<void>;
  /** Starts anew with these seasons as they were known on the revision's day. */
  load(options: LoadOptions): Promise<void>;
  /** Starts anew with what was known on 2026-01-08; the rest of the history follows by the clock. Answers with the number of changes. */
  replay(options: Omit<LoadOptions, 'revision'>): Promise<number>;
  setBackends(backends: readonly Backend[], turn: Turn): Promise<void>;
  setOddities(oddities: readonly Oddity[]): Promise<void>;
  setAccounts(accounts: readonly Account[]): Promise<void>;
  addFaults(faults: readonly Fault[]): Promise<void>;
  clearFaults(): Promise<void>;
  /** What is true now of one match. */
  match(id: number): Promise<MatchRow>;
  /** What is true now of a competition's latest season. */
  matches(competition: string): Promise<readonly MatchRow[]>;
  /** The calls, oldest first; the last 10,000 are kept. */
  requests(): Promise<readonly LoggedRequest[]>;
  clearRequests(): Promise<void>;
}

/** A reply, and what the fault does to it on its way. */
export interface Served {
  readonly reply: Reply;
  readonly fault: Fault | undefined;
}

const MAX_LOG = 10_000;

export class FootballDataService implements FootballDataAdmin {
  readonly #clock: Clock;
  readonly #options: RouteOptions;
  readonly #spelling: CounterHeaders;
  readonly #world: World;
  readonly #backends: Backends;
  readonly #oddities = new Oddities();
  readonly #faults = new Faults();
  readonly #counters = new Counters();
  readonly #random: () => number;
  #accounts: readonly Account[];
  #log: LoggedRequest[] = [];

  constructor(options: ServiceOptions) {
    this.#clock = options.clock;
    this.#options = {
      tenDayRuleOnCompetitions: options.tenDayRuleOnCompetitions ?? false,
      seasonEcho: options.seasonEcho ?? 'string',
    };
    this.#spelling = options.counterHeaders ?? 'sent';
    this.#world = new World({ clock: options.clock, seasons: options.seasons ?? loadSeasons(), play: options.play });
    for (const edit of options.edits ?? []) this.#world.edit(edit);
    this.#backends = new Backends(options.backends ?? ONE_FRESH_BACKEND, options.turn ?? 'in-turn');
    this.#random = seededRandom(options.seed ?? 1);
    this.#accounts = options.accounts ?? [SANDBOX_ACCOUNT];
  }

  /** Answers one GET. `token` is what `X-Auth-Token` held, undefined when there was none. */
  serve(url: URL, token: string | undefined): Served {
    const account = this.#accounts.find((entry) => entry.token === token);
    const path = url.pathname + url.search;
    if (token !== undefined && account === undefined) {
      return this.#logged(
        { path, account: 'invalid' },
        { reply: withHeaders(invalidToken(), { 'X-API-Version': 'v4' }), fault: undefined },
      );
    }
    const count = this.#counters.count(account, this.#now());
    const headers = counterHeaders(account, count, this.#spelling);
    const facts = { path, account: account?.name ?? 'anonymous' };
    if (!count.admitted) return this.#logged(facts, { reply: withHeaders(tooManyRequests(count.resetSeconds), headers), fault: undefined });
    const fault = this.#faults.next(path);
    const faulty = faultReply(fault);
    if (faulty !== undefined) return this.#logged(facts, { reply: withHeaders(faulty, headers), fault });
    const { backend, answer } = this.#answer(url, account, fault);
    const served = { reply: withHeaders(answer.reply, headers), fault };
    return this.#logged({ ...facts, backend: backend.name, matches: answer.matches }, served);
  }

  #answer(url: URL, account: Account | undefined, fault: Fault | undefined): { backend: Backend; answer: ReturnType<typeof route> } {
    const backend = fault?.kind === 'stale' ? { name: 'stale', lagMs: fault.lagMs } : this.#backends.next();
    const seasons = this.#said(this.#world.asOf(this.#now() - backend.lagMs), backend);
    return { backend, answer: route(url, { account, seasons, nowMs: this.#now(), options: this.#options }) };
  }

  /** What the backend says: its view, with the oddities in force. */
  #said(seasons: readonly SeasonView[], backend: Backend): readonly SeasonView[] {
    const nowMs = this.#now();
    const oddities = this.#oddities.take(nowMs, (oddity) => speaksOddly(oddity, backend));
    if (oddities.length === 0) return seasons;
    const facts = { nowMs, random: this.#random };
    const say = (row: MatchRow): MatchRow => oddities.reduce((said, oddity) => oddly(said, oddity, facts), row);
    return seasons.map((season) => ({ ...season, matches: season.matches.map(say) }));
  }

  #logged(facts: { path: string; account: string; backend?: string; matches?: number }, served: Served): Served {
    const silent = served.fault?.kind === 'drop';
    this.#log.push({
      at: this.#clock.now().toString(),
      path: facts.path,
      account: facts.account,
      backend: facts.backend ?? '',
      status: silent ? 0 : served.reply.status,
      matches: facts.matches ?? 0,
      fault: served.fault?.kind,
    });
    if (this.#log.length > MAX_LOG) this.#log = this.#log.slice(-MAX_LOG / 2);
    return served;
  }

  #now(): number {
    return this.#clock.now().epochMilliseconds;
  }

  async edit(edits: readonly Edit[]): Promise<void> {
    for (const edit of edits) this.#world.edit(edit);
  }

  async load(options: LoadOptions): Promise<void> {
    this.#world.load(loadSeasons(options));
  }

  async replay(options: Omit<LoadOptions, 'revision'>): Promise<number> {
    const { seasons, edits } = replayHistory(options);
    this.#world.load(seasons);
    for (const edit of edits) this.#world.edit(edit);
    return edits.length;
  }

  async setBackends(backends: readonly Backend[], turn: Turn): Promise<void> {
    this.#backends.set(backends, turn);
  }

  async setOddities(oddities: readonly Oddity[]): Promise<void> {
    this.#oddities.set(oddities);
  }

  async setAccounts(accounts: readonly Account[]): Promise<void> {
    this.#accounts = accounts;
  }

  async addFaults(faults: readonly Fault[]): Promise<void> {
    this.#faults.add(faults);
  }

  async clearFaults(): Promise<void> {
    this.#faults.clear();
  }

  async match(id: number): Promise<MatchRow> {
    return this.#world.match(id);
  }

  async matches(competition: string): Promise<readonly MatchRow[]> {
    const seasons = this.#world.asOf(this.#now()).filter((season) => season.competition.code === competition);
    return seasons.at(-1)?.matches ?? [];
  }

  async requests(): Promise<readonly LoggedRequest[]> {
    return [...this.#log];
  }

  async clearRequests(): Promise<void> {
    this.#log = [];
  }
}

const withHeaders = (reply: Reply, headers: Readonly<Record<string, string>>): Reply => ({
  ...reply,
  headers: { ...headers, ...reply.headers },
});

/** A fault that answers in the service's place; the others change the real answer on its way. */
function faultReply(fault: Fault | undefined): Reply | undefined {
  switch (fault?.kind) {
    case 'status':
      return serverError(fault.status);
    case 'html':
      return htmlPage(fault.status ?? 200);
    case 'rate-limit':
      return withHeaders(tooManyRequests(fault.waitSeconds), { 'X-RequestCounter-Reset': String(fault.waitSeconds) });
    case 'body':
      return { status: fault.status ?? 200, headers: { 'content-type': 'application/json' }, body: fault.body };
    case 'redirect':
      return { status: 302, headers: { location: fault.location }, body: '' };
    default:
      return undefined;
  }
}
