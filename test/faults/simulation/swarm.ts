/**
 * What a seed draws: which faults there are in its world, and how often. Some bugs show only where one fault is frequent and another
 * never happens, so that each world favours others (swarm testing).
 */
import { Random } from './random.ts';

/** Chances by call, and events by hour; 0 is "never". Shrinking sets them to 0 one by one. */
export const FAULTS = {
  /** Braze: the answer never comes, though the call took effect. */
  brazeLost: 'call',
  /** The call never arrives. */
  brazeNever: 'call',
  /** The call takes effect after its caller gave up: seconds or minutes later. */
  brazeLate: 'call',
  /** 502, 503 or 504, committed or not. */
  brazeGateway: 'call',
  /** 200 with what cannot be read; committed. */
  brazeGarbled: 'call',
  brazeLimited: 'call',
  /** A 400 that changed nothing. */
  brazeRefused: 'call',
  /** An update is answered with another id: the old one is gone, or stays beside it. */
  brazeNewId: 'call',
  /** A delete inside the buffer says "success" and does nothing. */
  brazeBestEffort: 'call',
  /** A schedule just made is unknown to a delete for a while. */
  brazeInvisible: 'call',
  /** Asynchronous writes take up to a minute and a half, each its own time. */
  brazeReorder: 'call',
  apiLost: 'call',
  apiNever: 'call',
  apiLate: 'call',
  apiFailing: 'call',
  crash: 'hour',
  stop: 'hour',
  apiCut: 'hour',
  brazeCut: 'hour',
  watchStall: 'hour',
  unauthorized: 'hour',
  leaseTrouble: 'hour',
  clockStep: 'hour',
  /** What people and the feed do. */
  edit: 'hour',
  delete: 'hour',
  restore: 'hour',
  killSwitch: 'hour',
  resolve: 'hour',
} as const satisfies Record<string, 'call' | 'hour'>;
export type Fault = keyof typeof FAULTS;
export type Rates = Readonly<Record<Fault, number>>;

export interface Swarm {
  readonly seed: number;
  readonly fenced: boolean;
  /** Unfenced only. */
  readonly unresolved: 'Block' | 'Abandon';
  readonly objects: number;
  /** A second object for the first one's match. */
  readonly twin: boolean;
  /**
   * A second namespace with an object for the first one's match and campaign, as a second cluster would have. Only on demand: two that
   * both saw the item closed are not kept from sending one after the other, which these worlds find in minutes.
   */
  readonly rival: boolean;
  /** `both`: nothing excludes the two operators. `elected`: the real election, the real order of start and stop. */
  readonly leaders: 'both' | 'elected';
  /** The faults end long before the first send: each wanted one must then go out, once. */
  readonly calmBeforeSend: boolean;
  /** No synchronous write of items is left over: all go the asynchronous way. */
  readonly asyncOnly: boolean;
  /** One create a minute and audience. */
  readonly tightBudget: boolean;
  /** A new process begins with a list from the past. */
  readonly staleStart: boolean;
  readonly clocksApartMs: number;
  readonly sendDurationMs: number;
  readonly unknownSchedule: 200 | 400 | 404;
  readonly pastTime: 'refuse' | 'send-now';
  readonly rendersKickoff: 'True' | 'False' | 'Unknown';
  readonly rates: Rates;
}

const CALL_RATES = [0.01, 0.03, 0.1, 0.3] as const;
const HOUR_RATES = [1, 3, 8, 20] as const;
/** Worlds without it are the quiet background before which the others stand out. */
const OFF = 0.5;
const OFTEN: Partial<Record<Fault, number>> = { edit: 0.15, crash: 0.4, stop: 0.4 };
const SELDOM: Partial<Record<Fault, number>> = { unauthorized: 0.85, restore: 0.85, killSwitch: 0.8, clockStep: 0.8, brazeNever: 0.6 };

export function drawSwarm(seed: number, fixed: { readonly fenced?: boolean; readonly rivals?: boolean } = {}): Swarm {
  const random = new Random(seed).fork('swarm');
  const rates = Object.fromEntries(Object.entries(FAULTS).map(([name, kind]) => [name, drawRate(random, name as Fault, kind)])) as Rates;
  const drawnFenced = random.chance(0.7);
  const fenced = fixed.fenced ?? drawnFenced;
  return {
    seed,
    fenced,
    unresolved: random.chance(0.8) ? 'Block' : 'Abandon',
    objects: random.pick([1, 1, 2, 3]),
    twin: random.chance(0.15) && fenced,
    rival: random.chance(0.15) && fenced && fixed.rivals === true,
    leaders: random.chance(0.65) ? 'both' : 'elected',
    calmBeforeSend: random.chance(0.4),
    asyncOnly: random.chance(0.2),
    tightBudget: random.chance(0.15),
    staleStart: random.chance(0.3),
    clocksApartMs: random.pick([0, 0, 3_000, 15_000]),
    sendDurationMs: random.pick([0, 0, 5_000, 120_000]),
    unknownSchedule: random.pick([200, 400, 404]),
    pastTime: random.pick(['refuse', 'send-now']),
    rendersKickoff: random.pick(['True', 'False', 'False', 'Unknown']),
    rates: fenced ? rates : { ...rates, restore: 0 },
  };
}

function drawRate(random: Random, name: Fault, kind: 'call' | 'hour'): number {
  const off = random.chance(OFTEN[name] ?? SELDOM[name] ?? OFF);
  const rate = random.pick(kind === 'call' ? CALL_RATES : HOUR_RATES);
  return off ? 0 : rate;
}

/** The same world with fewer faults, most telling first: what a failing seed is shrunk by. */
export function simpler(swarm: Swarm): readonly Swarm[] {
  const without = Object.keys(FAULTS)
    .filter((name) => swarm.rates[name as Fault] > 0)
    .map((name): Swarm => ({ ...swarm, rates: { ...swarm.rates, [name]: 0 } }));
  const plain: readonly Partial<Swarm>[] = [
    { objects: 1 },
    { twin: false },
    { rival: false },
    { asyncOnly: false },
    { tightBudget: false },
    { staleStart: false },
    { clocksApartMs: 0 },
    { sendDurationMs: 0 },
  ];
  const differs = (change: Partial<Swarm>): boolean => Object.entries(change).some(([key, value]) => swarm[key as keyof Swarm] !== value);
  return [...without, ...plain.filter(differs).map((change) => ({ ...swarm, ...change }))];
}

/** One line: only what is not as usual. */
export function describeSwarm({ rates, ...rest }: Swarm): string {
  const plain = Object.entries(rest)
    .filter(([, value]) => value !== false && value !== 0)
    .map(([name, value]) => `${name}=${value}`);
  const faults = Object.entries(rates)
    .filter(([, rate]) => rate > 0)
    .map(([name, rate]) => `${name} ${rate}${FAULTS[name as Fault] === 'hour' ? '/h' : ''}`);
  return `${plain.join(' ')}; ${faults.join(', ') || 'no faults'}`;
}
