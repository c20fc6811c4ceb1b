/**
 * What an operator does to the world, in order: each write of the object under test to the API server and each call to Braze about it.
 * The numbers are the crash points: an undisturbed run says how many there are, a disturbed one stops the world at one of them.
 */
import type { LogEntry } from '../../sandbox/braze/index.ts';

/** On which side of the effect the operator is struck. */
export const MOMENTS = ['before', 'after', 'answered'] as const;
export type Moment = (typeof MOMENTS)[number];

export const MOMENT_WORDS = {
  before: 'before it was sent',
  after: 'after it took effect, before the answer',
  answered: 'after the answer, before anything else',
} as const satisfies Record<Moment, string>;

export interface Effect {
  /** From 1, in the order of arrival. */
  readonly number: number;
  readonly to: 'API server' | 'Braze' | 'Postgres';
  readonly what: string;
  readonly by: string;
  /** The sandbox's clock. */
  readonly at: string;
  struck?: Moment;
  /** After the strike it goes on all the same. */
  goesOn?: boolean;
}

/** Where the operator is struck, and what is done to it then. */
export interface Strike {
  readonly number: number;
  readonly moment: Moment;
  /** Resolves when it is done; the request waits for it. */
  readonly act: (effect: Effect) => Promise<void>;
  /** Whether the request, or its answer, goes on then all the same. */
  readonly goesOn?: boolean;
}

/** What the effects of one cell are about. */
export interface Subject {
  readonly concernsPath: (path: string) => boolean;
  readonly concernsCall: (entry: LogEntry) => boolean;
}

export class Effects {
  readonly list: Effect[] = [];
  readonly #subject: Subject;
  readonly #now: () => string;
  #strike: Strike | undefined;
  #counting = false;

  constructor(subject: Subject, now: () => string) {
    this.#subject = subject;
    this.#now = now;
  }

  /** Effects count from here on. */
  count(strike?: Strike): void {
    this.#counting = true;
    this.#strike = strike;
  }

  /** Notes a write; undefined when it is none of the subject's. */
  write(by: string, request: { method: string; path: string; body: string }): Effect | undefined {
    if (!this.#counting || !this.#subject.concernsPath(request.path)) return undefined;
    return this.#note({ to: 'API server', what: writeWords(request), by });
  }

  call(by: string, entry: LogEntry): Effect | undefined {
    if (!this.#counting || !this.#subject.concernsCall(entry)) return undefined;
    return this.#note({ to: 'Braze', what: callWords(entry), by });
  }

  /** A statement of the ledger's. */
  statement(by: string, text: string): void {
    if (this.#counting) this.#note({ to: 'Postgres', what: statementWords(text), by });
  }

  /** What is to be done at this effect and moment. */
  struck(effect: Effect | undefined, moment: Moment): (() => Promise<void>) | undefined {
    const strike = this.#strike;
    if (effect === undefined || strike === undefined || strike.number !== effect.number || strike.moment !== moment) return undefined;
    effect.struck = moment;
    effect.goesOn = strike.goesOn === true;
    return () => strike.act(effect);
  }

  #note(what: Pick<Effect, 'to' | 'what' | 'by'>): Effect {
    const effect: Effect = { number: this.list.length + 1, at: this.#now(), ...what };
    this.list.push(effect);
    return effect;
  }
}

interface Body {
  readonly metadata?: { readonly finalizers?: unknown };
  readonly status?: {
    readonly phase?: string;
    readonly operation?: unknown;
    readonly schedule?: unknown;
    readonly obsolete?: readonly unknown[];
    readonly fence?: { readonly state?: string; readonly confirmed?: boolean };
    readonly conditions?: readonly { readonly type: string; readonly reason: string }[];
  };
}

/** `PUT status: Scheduled/Opening, schedule, item open announced` */
function writeWords({ method, path, body }: { method: string; path: string; body: string }): string {
  const kind = path.includes('/brazeworkspaces/') ? ' workspace' : '';
  if (!path.endsWith('/status')) return `${method}${kind} metadata`;
  const status = bodyOf(body).status ?? {};
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.reason;
  const fence = status.fence === undefined ? undefined : `item ${status.fence.state} ${status.fence.confirmed ? 'confirmed' : 'announced'}`;
  const parts = [
    status.phase === undefined ? ready : `${status.phase}/${ready}`,
    status.operation === undefined ? undefined : 'operation',
    status.schedule === undefined ? undefined : 'schedule',
    status.obsolete === undefined ? undefined : `${status.obsolete.length} obsolete`,
    fence,
  ];
  return `${method}${kind} status: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

function bodyOf(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

function callWords({ endpoint, method, body }: LogEntry): string {
  const items = typeof body === 'object' ? body['items'] : undefined;
  const item: unknown = method === 'PUT' && Array.isArray(items) ? items[0] : undefined;
  const state = typeof item === 'object' && item !== null && 'state' in item ? ` ${String(item.state)}` : '';
  return `${endpoint}${state}`;
}

/** The names of prepared statements are in their bytes. */
function statementWords(text: string): string {
  if (text.includes('ledger-insert')) return 'insert rows';
  return text.includes('ledger-held') ? 'read what is held' : 'look at the schema';
}

/** For people: one line an effect, the struck one marked. */
export function story(effects: readonly Effect[]): string {
  return effects
    .map(({ number, to, what, by, at, struck }) => {
      const mark = struck === undefined ? '' : `   <== struck ${MOMENT_WORDS[struck]}`;
      return `  ${String(number).padStart(3)}  ${at}  ${by.padEnd(6)} ${to.padEnd(10)}  ${what}${mark}`;
    })
    .join('\n');
}
