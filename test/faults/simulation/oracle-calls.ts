/** What a life may ask of Braze: only what it intended, only of ids that are on record, nothing twice, and nothing sooner than it was told. */
import type { Endpoint } from '../../../src/braze/endpoints.ts';
import type { Exchange } from '../../../src/braze/outcomes.ts';
import type { WireRequest } from '../../../src/braze/transport.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import type { Braze } from './braze.ts';
import { bodyOf, endpointOf } from './braze-routes.ts';
import type { StatusOracle } from './oracle-statuses.ts';
import type { Scheduler } from './scheduler.ts';
import type { Swarm } from './swarm.ts';

export interface Caller {
  readonly name: string;
  readonly leads: boolean;
  readonly isElected: boolean;
}

export interface CallOracleOptions {
  readonly scheduler: Scheduler;
  readonly swarm: Swarm;
  readonly braze: () => Braze;
  readonly statuses: StatusOracle;
  readonly objects: () => readonly MatchNotification[];
  readonly others: (caller: Caller) => readonly Caller[];
  readonly violation: (rule: string, detail: string) => void;
}

/** Braze's clock as read off a header: as good as the exchange was quick (one of five seconds still counts), and stale after a step of ours. */
const CLOCK_SLACK_MS = 12_000;
/** What had its budget and its intent before somebody else was told. */
const BEGUN_MS = 25_000;

export class CallOracle {
  readonly #options: CallOracleOptions;
  readonly #created = new Set<string>();
  /** Ids that a life was told as the answer to its own call. */
  readonly #made = new Set<string>();
  /** 429s: when each was told, and until when it holds. */
  readonly #limited = new Map<string, { toldMs: number; untilMs: number }>();
  /** Calls that could change something. */
  mutating = 0;

  constructor(options: CallOracleOptions) {
    this.#options = options;
  }

  asked(caller: Caller, request: WireRequest): void {
    const endpoint = endpointOf(request);
    if (request.method === 'GET') return;
    this.mutating += 1;
    const isOwn = endpoint === 'schedule.delete' && this.#isUnrecorded(caller, bodyOf(request).schedule_id);
    if (!isOwn) this.#mayCall(caller, endpoint);
    if (endpoint === 'schedule.create') this.#create(caller, request);
    if (endpoint === 'schedule.delete') this.#delete(caller, bodyOf(request).schedule_id);
    if (endpoint === 'schedule.update') this.#update(caller, request);
    if (endpoint === 'items.put' || endpoint === 'items.put-many') this.#put(caller, request);
  }

  told(caller: Caller, { request, exchange }: { request: WireRequest; exchange: Exchange }): void {
    if (exchange.kind !== 'answered') return;
    if (exchange.status === 429)
      this.#limited.set(`${caller.name} ${endpointOf(request)}`, {
        toldMs: this.#options.scheduler.nowMs,
        untilMs: Number(exchange.headers['x-ratelimit-reset']) * 1_000,
      });
    const id = exchange.status < 300 ? /"schedule_id":"([^"]+)"/.exec(exchange.text)?.[1] : undefined;
    if (id !== undefined) this.#made.add(`${caller.name} ${id}`);
  }

  /** `fence.put`, before it travels: each announcement is good for one. */
  opening(caller: Caller, item: { readonly token: string; readonly state?: string }): void {
    if (item.token === '' || item.state !== 'open') return;
    const key = `${caller.name} ${item.token}`;
    const left = this.#options.statuses.announced.get(key) ?? 0;
    if (left <= 0) this.#options.violation('opened without announcement', `${item.token}, by ${caller.name}`);
    // Two that lead at once may announce the same in one instant, of which only one is seen here.
    if (caller.isElected) this.#options.statuses.announced.set(key, left - 1);
  }

  #mayCall(caller: Caller, endpoint: Endpoint): void {
    const { scheduler, others, violation, swarm } = this.#options;
    const { toldMs, untilMs } = this.#limited.get(`${caller.name} ${endpoint}`) ?? { toldMs: 0, untilMs: 0 };
    // Two workspaces each keep their own budgets of the one Braze.
    const isTooSoon = !swarm.rival && scheduler.nowMs > toldMs + BEGUN_MS && scheduler.nowMs < untilMs - CLOCK_SLACK_MS;
    if (isTooSoon) violation('asked again before a limit was reset', `${endpoint}, by ${caller.name}`);
    if (!caller.isElected) return;
    if (!caller.leads) violation('called Braze without the lease', `${endpoint}, by ${caller.name}`);
    const other = others(caller).find(({ leads }) => leads);
    if (other !== undefined) violation('two lead at once', `${caller.name} and ${other.name}`);
  }

  #create(caller: Caller, request: WireRequest): void {
    const { statuses, violation, braze, swarm } = this.#options;
    const { trigger_properties, schedule } = bodyOf(request);
    const { token = '', notification = '' } = trigger_properties;
    if (statuses.intended.get(token) !== caller.name) violation('a create was not intended', `${token}, by ${caller.name}`);
    if (this.#created.has(token)) violation('a token was used for two creates', `${token}, by ${caller.name}`);
    this.#created.add(token);
    if (Date.parse(schedule.time) % 60_000 !== 0) violation('a send time with seconds', schedule.time);
    const admitted = braze().items.get(notification)?.['token'];
    const open = [...braze().planned.values()].find(
      (one) => one.state === 'live' && one.item === notification && one.token === admitted && this.#isOfSameObject(one.token, token),
    );
    if (swarm.fenced && open !== undefined)
      violation('created beside one that is still open', `${token} beside ${open.id} (${open.token})`);
  }

  #isOfSameObject(a: string, b: string): boolean {
    return a.split('.')[0] === b.split('.')[0];
  }

  #isUnrecorded(caller: Caller, id: string): boolean {
    return !this.#options.statuses.held.has(id) && this.#made.has(`${caller.name} ${id}`);
  }

  #delete(caller: Caller, id: string): void {
    const { statuses, violation, objects, braze } = this.#options;
    if (!statuses.held.has(id) && !this.#made.has(`${caller.name} ${id}`))
      violation('deleted an id that is on no record', `${id}, by ${caller.name}`);
    if (!braze().planned.has(id)) violation('named an id that Braze never gave', `${id}, by ${caller.name}`);
    const wanted = objects().find(({ status }) => status?.schedule?.id === id);
    if (wanted !== undefined) violation('deleted the schedule that is wanted', `${id} of ${wanted.metadata.name}, by ${caller.name}`);
  }

  #update(caller: Caller, request: WireRequest): void {
    const { statuses, violation, braze, swarm } = this.#options;
    const { schedule_id: id, schedule } = bodyOf(request);
    const firesAt = Temporal.Instant.from(schedule.time).toString({ smallestUnit: 'second' });
    if (swarm.fenced) violation('updated in a fenced workspace', `${id}, by ${caller.name}`);
    if (!statuses.updating.has(`${caller.name} ${id} ${firesAt}`)) violation('an update was not intended', `${id}, by ${caller.name}`);
    if (!braze().planned.has(id)) violation('named an id that Braze never gave', `${id}, by ${caller.name}`);
    if (Date.parse(schedule.time) % 60_000 !== 0) violation('a send time with seconds', schedule.time);
  }

  #put(caller: Caller, request: WireRequest): void {
    for (const item of bodyOf(request).items) {
      const token = String(item['token'] ?? '');
      if (item['state'] === 'open' && token !== '' && !this.#options.statuses.recorded.has(token))
        this.#options.violation('opened before its id was recorded', `${token}, by ${caller.name}`);
    }
  }
}
