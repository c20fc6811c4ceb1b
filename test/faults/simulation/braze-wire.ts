/**
 * One life's way to Braze: a call takes effect some time after it was sent, or much later, or never; and its answer comes, or is lost, or
 * is spoilt on the way. What the operator sees are exchanges as its transport would give them: everything from the client on is real.
 */
import type { Clock } from '../../../src/base/clock.ts';
import type { DateSample } from '../../../src/braze/clock.ts';
import type { Exchange } from '../../../src/braze/outcomes.ts';
import type { WireRequest } from '../../../src/braze/transport.ts';
import type { Braze } from './braze.ts';
import { answerOf, endpointOf, type Reply } from './braze-routes.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Rates, Swarm } from './swarm.ts';

export interface WireOptions {
  readonly scheduler: Scheduler;
  readonly braze: Braze;
  readonly swarm: Swarm;
  readonly random: Random;
  readonly rates: () => Rates;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly isCut: () => boolean;
  /** Braze refuses the key now. */
  readonly isKeyRefused: () => boolean;
  readonly onDate: (sample: DateSample) => void;
  readonly ears: WireEars;
  readonly note: (line: () => string) => void;
}

/** What the oracle hears of. */
export interface WireEars {
  /** A call leaves the operator. */
  asked(request: WireRequest): void;
  /** The operator was told. */
  told(request: WireRequest, exchange: Exchange): void;
}

type Ending = 'answered' | 'lost' | 'reset' | 'never' | 'late' | 'gateway' | 'gateway-done' | 'garbled' | 'limited' | 'refused';
/** Those in which the call takes effect. */
const DONE: ReadonlySet<Ending> = new Set(['answered', 'lost', 'reset', 'late', 'gateway-done', 'garbled']);

export class BrazeWire {
  readonly #options: WireOptions;
  /** Calls whose end the operator still waits for. */
  inFlight = 0;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  exchange(request: WireRequest): Promise<Exchange> {
    const { scheduler, random, isCut, ears, clock, actor } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    const ending: Ending = isCut() ? random.pick(['never', 'lost', 'reset']) : this.#ending(endpointOf(request));
    const sent = { sentMs: clock.now().epochMilliseconds, sentMonotonicMs: clock.monotonicMs() };
    ears.asked(request);
    this.inFlight += 1;
    const arrivesMs = this.#arrivesAfter(ending, request.timeoutMs);
    let reply: Reply | undefined;
    if (DONE.has(ending)) scheduler.after(arrivesMs, () => (reply = this.#take(request, ending)));
    const [endsMs, exchangeOf] = this.#endOf(ending, { arrivesMs, timeoutMs: request.timeoutMs, sent, reply: () => reply });
    scheduler.after(
      endsMs,
      () => {
        this.inFlight -= 1;
        const exchange = exchangeOf();
        ears.told(request, exchange);
        resolve(exchange);
      },
      actor,
    );
    return promise;
  }

  #take(request: WireRequest, ending: Ending): Reply {
    const { braze, swarm, isKeyRefused, note, actor } = this.#options;
    const reply: Reply = isKeyRefused() ? { status: 401, body: { message: 'Invalid API Key' } } : answerOf(braze, swarm, request);
    note(() => `Braze ${actor.name} ${describe(request)} → ${reply.status}${ending === 'answered' ? '' : ` (${ending})`}`);
    return reply;
  }

  #arrivesAfter(ending: Ending, timeoutMs: number): number {
    const { random } = this.#options;
    if (ending === 'late') return timeoutMs + (random.chance(0.7) ? random.between(1, 30_000) : random.between(1, 300_000));
    return random.chance(0.1) ? random.between(30, timeoutMs - 2_000) : random.between(2, 60);
  }

  #endOf(
    ending: Ending,
    call: { arrivesMs: number; timeoutMs: number; sent: Pick<DateSample, 'sentMs' | 'sentMonotonicMs'>; reply: () => Reply | undefined },
  ): readonly [number, () => Exchange] {
    const { random } = this.#options;
    const answersMs = call.arrivesMs + random.between(2, 60);
    const failed = (message: string): Exchange => ({ kind: 'failed', delivered: 'maybe', message });
    const answered = (reply: Reply | undefined, text?: string): Exchange => this.#answered(call.sent, reply, text);
    if (ending === 'answered') return [answersMs, () => answered(call.reply())];
    if (ending === 'garbled') return [answersMs, () => answered({ status: 200, body: {} }, '<html>oops')];
    if (ending === 'gateway' || ending === 'gateway-done')
      return [answersMs, () => answered({ status: 502, body: {} }, '<html>Bad Gateway</html>')];
    if (ending === 'limited') return [answersMs, () => answered({ status: 429, body: { message: 'Rate Limited' } })];
    if (ending === 'refused') return [answersMs, () => answered({ status: 404, body: { message: 'Invalid URL' } })];
    if (ending === 'reset') return [answersMs, () => failed('the connection failed before a whole answer was read (ECONNRESET)')];
    return [call.timeoutMs, () => failed(`no answer within ${call.timeoutMs} ms`)];
  }

  #answered(sent: Pick<DateSample, 'sentMs' | 'sentMonotonicMs'>, reply: Reply | undefined, text?: string): Exchange {
    const { clock, onDate, scheduler } = this.#options;
    const date = new Date(scheduler.nowMs).toUTCString();
    onDate({ ...sent, date, receivedMs: clock.now().epochMilliseconds, receivedMonotonicMs: clock.monotonicMs() });
    const { status = 500, body = {} } = reply ?? {};
    const limit = status === 429 ? { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetOf(scheduler.nowMs)) } : {};
    return { kind: 'answered', status, headers: { date, ...limit }, text: text ?? JSON.stringify(body) };
  }

  #ending(endpoint: string): Ending {
    const { random } = this.#options;
    const rates = this.#options.rates();
    if (random.chance(rates.brazeLost)) return random.pick(['lost', 'reset']);
    if (random.chance(rates.brazeNever)) return 'never';
    if (random.chance(rates.brazeLate)) return 'late';
    if (random.chance(rates.brazeGateway)) return random.pick(['gateway', 'gateway-done']);
    if (random.chance(rates.brazeGarbled)) return 'garbled';
    if (random.chance(rates.brazeLimited)) return 'limited';
    return random.chance(rates.brazeRefused) && endpoint.startsWith('schedule.') ? 'refused' : 'answered';
  }
}

/** The end of the minute, in epoch seconds: when the window of a 429 resets. */
const resetOf = (nowMs: number): number => (Math.floor(nowMs / 60_000) + 1) * 60;

function describe(request: WireRequest): string {
  const body = request.body as { schedule_id?: string; schedule?: { time: string }; trigger_properties?: { token: string } } | undefined;
  const items = (request.body as { items?: readonly { token?: string; state?: string }[] } | undefined)?.items;
  const about = [
    body?.schedule_id,
    body?.trigger_properties?.token,
    body?.schedule?.time,
    ...(items ?? []).map((item) => `${item.state} "${item.token}"`),
  ];
  return `${endpointOf(request)} ${about.filter((part) => part !== undefined).join(' ')}`;
}
