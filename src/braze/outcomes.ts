/**
 * What an exchange with Braze means: the only place that reads a status code. Three outcomes, never two (design §4, "Outcomes").
 *
 * `refused` is said only where the contract says that nothing changed: the 4xx of contracts 1.8 ("no messages will be sent"), and
 * a connection that never came about. Everything else that is not a readable success is `unknown`: a 5xx can follow a commit.
 */
import { done, type Outcome, type Refusal, type RefusalReason, refused, unknown } from '../base/outcomes.ts';
import type { Endpoint } from './endpoints.ts';

/** What came back of one request, before anybody judges it. */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }
  /** No whole answer was read. `delivered: 'no'` only when no byte of the request can have left. */
  | { readonly kind: 'failed'; readonly delivered: 'no' | 'maybe'; readonly message: string };
export type Answered = Extract<Exchange, { kind: 'answered' }>;

export interface Judgement<T> {
  readonly endpoint: Endpoint;
  /** The value of a success, from its JSON body; undefined when the body lacks it, which makes the outcome unknown. */
  readonly read: (body: Readonly<Record<string, unknown>>, answer: Answered) => { readonly value: T } | undefined;
  /** The answer names no message where it is a success (contracts 1.6). */
  readonly wordless?: boolean;
  /** What a 404 `item-not-found` means, where the caller asked for an item (contracts 1.12). */
  readonly absent?: { readonly value: T };
  /** When a 429 may be followed by another try. */
  readonly retryAt: (answer: Answered) => Temporal.Instant;
  /** Takes secrets out of a text that Braze wrote. */
  readonly redact: (text: string) => string;
}

/** Judges one exchange. Never throws: a `read` that throws makes the outcome unknown. */
export function judge<T>(exchange: Exchange, judgement: Judgement<T>): Outcome<T> {
  const { endpoint } = judgement;
  if (exchange.kind === 'failed') {
    const message = judgement.redact(`${endpoint}: ${exchange.message}`);
    return exchange.delivered === 'no' ? refused({ reason: 'not-sent', status: 0, message }) : unknown(message);
  }
  const body = parse(exchange.text);
  if (exchange.status >= 200 && exchange.status < 300) return success(exchange, body, judgement);
  if (judgement.absent !== undefined && exchange.status === 404 && errorIds(body).includes('item-not-found'))
    return done(judgement.absent.value);
  const reason = refusalReason(endpoint, exchange.status, body);
  const said = judgement.redact(describe(exchange, body));
  if (reason === undefined) return unknown(`${endpoint}: Braze answered ${said}; it may have taken effect`);
  const refusal: Refusal = { reason, status: exchange.status, message: `${endpoint}: Braze answered ${said}. ${ADVICE[reason]}` };
  return refused(reason === 'rate-limited' ? { ...refusal, retryAt: judgement.retryAt(exchange) } : refusal);
}

/** The page names no code and no fixed 2xx: any 2xx counts when its body says `success` (contracts 1.1). */
function success<T>(answer: Answered, body: Body, judgement: Judgement<T>): Outcome<T> {
  const said = judgement.redact(describe(answer, body));
  if (body === undefined) return unknown(`${judgement.endpoint}: Braze answered ${said}, which cannot be read; it may have taken effect`);
  const isWordless = judgement.wordless === true && body['message'] === undefined;
  if (body['message'] !== 'success' && !isWordless)
    return unknown(`${judgement.endpoint}: Braze answered ${said} instead of success; it may have taken effect`);
  const value = attempt(() => judgement.read(body, answer));
  if (value !== undefined) return done(value.value);
  return unknown(`${judgement.endpoint}: Braze answered ${answer.status} success without what it should hold; it may have taken effect`);
}

/**
 * The row of contracts 1.8 that an answer outside 2xx belongs to; undefined: no row, so what happened is unknown.
 * A 404 `catalog-not-found` is no `unknown-id`: the caller would take it for "no such item".
 * 408 and 499 are gateways' words for a time-out, and a redirect is no answer of Braze: all three may follow a commit.
 */
function refusalReason(endpoint: Endpoint, status: number, body: Body): RefusalReason | undefined {
  if (status < 400 || status > 499 || status === 408 || status === 499) return undefined;
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 429) return 'rate-limited';
  if (status === 400 && body?.['message'] === 'Invalid Campaign ID') return 'campaign-not-found';
  if (status === 404 && (body === undefined || body['message'] === 'Invalid URL')) return 'invalid-url';
  if (ABOUT_ONE_SCHEDULE.has(endpoint) && isUnknownSchedule(status, body)) return 'unknown-id';
  return 'invalid-request';
}

const ABOUT_ONE_SCHEDULE: ReadonlySet<Endpoint> = new Set(['schedule.update', 'schedule.delete']);

/** Words that Braze has for a request that is wrong in itself (contracts 1.8), which say nothing of the schedule. */
const REQUEST_ERRORS = [
  /^error while parsing/i,
  /^no recipients$/i,
  /^the max number of /i,
  /^no message to send$/i,
  /^(message variant unspecified|invalid message variant|mismatched message type)$/i,
];

/**
 * How Braze answers an update or a delete of a schedule that it does not know is undocumented (contracts 1.4): a 404, or a 400 that is neither
 * `Invalid Campaign ID` nor an error of the request. A body that is no JSON object comes from something in between and proves nothing.
 */
function isUnknownSchedule(status: number, body: Body): boolean {
  if (body === undefined || typeof body['error'] === 'string') return false;
  const message = body['message'];
  if (typeof message !== 'string') return false;
  return (status === 400 || status === 404) && !REQUEST_ERRORS.some((words) => words.test(message));
}

const ADVICE = {
  'rate-limited': 'Waiting for the limit to reset',
  unauthorized:
    'Check that the API key in the Secret is whole, belongs to this endpoint and has all permissions; nothing is called until it changes or a probe succeeds',
  forbidden: 'Give the API key the permission for this endpoint (a key cannot be edited: make a new one and put it into the Secret)',
  'campaign-not-found': 'Check the campaign id: it must be an API-triggered campaign of this Braze workspace',
  'unknown-id': 'Braze does not know this id: it was deleted, already sent, or never existed',
  'invalid-url': 'Check spec.endpoint of the BrazeWorkspace',
  'invalid-request': 'What was sent cannot be accepted as it is',
  'not-sent': 'No call was made',
} as const satisfies Record<RefusalReason, string>;

type Body = Readonly<Record<string, unknown>> | undefined;

function parse(text: string): Body {
  const value = attempt((): unknown => JSON.parse(text));
  return isRecord(value) ? value : undefined;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `errors[].id` of the catalog calls; plain strings count as themselves (contracts 1.8: both forms occur). */
function errorIds(body: Body): readonly string[] {
  const errors = body?.['errors'];
  if (!Array.isArray(errors)) return [];
  return errors
    .map((error: unknown) => (isRecord(error) ? String(error['id'] ?? error['type'] ?? '') : String(error)))
    .filter((id) => id !== '');
}

/** Status and words of an answer, bounded: bodies may be a gateway's whole HTML page. */
function describe(answer: Answered, body: Body): string {
  const head = body?.['message'] ?? body?.['error'];
  const words =
    typeof head === 'string'
      ? [head, ...errorIds(body)].join('; ')
      : answer.text.trim() === ''
        ? 'an empty body'
        : 'a body that is not the expected JSON';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must not reach a status or a log line
  return `${answer.status} (${words.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200)})`;
}
