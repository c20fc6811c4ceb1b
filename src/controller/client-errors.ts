/**
 * The two ways a request to the API server fails: it answered no, or no answer was read. They are told apart because of what may
 * have happened: after `ApiUnreachable` a write may have taken effect. Neither carries a header or an HTTP library's error object:
 * those hold the bearer token.
 */

/** What the request was about, for messages: `PUT matchnotifications/status default/pl-1`. */
export type RequestName = string;

/** The parts of a `Status` object (the API server's error body) that are used. */
export interface StatusBody {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

/** The API server answered outside 2xx (or sent an ERROR event inside a watch). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; for an ERROR event the code inside it. */
  readonly status: number;
  /** The server's machine-readable reason such as `Conflict`; '' when the body held none. */
  readonly reason: string;
  /** How long the server asks us to wait, from `Retry-After` or the body. */
  readonly retryAfterSeconds: number | undefined;
  /** Reasons of `details.causes`, such as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[];

  constructor(request: RequestName, status: number, body: StatusBody, retryAfterSeconds?: number) {
    const reason = body.reason ?? '';
    const said = body.message === undefined || body.message === '' ? 'no message' : shorten(body.message);
    super(`${request}: ${status}${reason === '' ? '' : ` ${reason}`}: ${said}`);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds ?? body.details?.retryAfterSeconds;
    this.causes = (body.details?.causes ?? []).flatMap((cause) => (cause.reason === undefined ? [] : [cause.reason]));
  }

  /** A write was refused because the object changed since it was read. */
  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }
  get isAlreadyExists(): boolean {
    return this.status === 409 && this.reason === 'AlreadyExists';
  }
  get isNotFound(): boolean {
    return this.status === 404;
  }
  /** The resourceVersion or continue token asked for is compacted away: list anew. */
  get isExpired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }
  get isUnauthorized(): boolean {
    return this.status === 401;
  }
  get isForbidden(): boolean {
    return this.status === 403;
  }
  /** The object sent can't be accepted as it is (schema, CEL, immutable field). */
  get isInvalid(): boolean {
    return this.status === 422 || this.reason === 'Invalid';
  }
  get isTooManyRequests(): boolean {
    return this.status === 429;
  }
  /** The resourceVersion asked for lies beyond what the server has: a lagging server, or a store that went back. */
  get isVersionTooLarge(): boolean {
    return this.causes.includes('ResourceVersionTooLarge') || this.message.includes('Too large resource version');
  }
  /** A 5xx to a write: the API server may have committed it before it failed. */
  get isOutcomeUnknown(): boolean {
    return this.status >= 500;
  }
}

/** No (whole) answer was read: the outcome of a write is unknown, unless `sent` is false. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  /** False when no connection came about, so that the server can't have seen the request. */
  readonly sent: boolean;
  /** Node's or undici's short code (`ECONNREFUSED`, `UND_ERR_SOCKET`), `TIMEOUT`, `ABORTED`, `TOO_LARGE` or `UNREADABLE`. */
  readonly code: string;

  constructor(request: RequestName, options: { code: string; message: string; sent: boolean }) {
    super(`${request}: no answer read (${options.code}): ${shorten(options.message)}`);
    this.code = options.code;
    this.sent = options.sent;
  }
}

/** True when a write that threw `error` may have taken effect all the same. */
export function mayHaveTakenEffect(error: unknown): boolean {
  if (error instanceof ApiUnreachable) return error.sent;
  return error instanceof ApiError && error.isOutcomeUnknown;
}

/** Codes of failures before any byte of a request left. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CREDENTIALS',
]);

/** An `ApiUnreachable` that says what `error` said, without keeping it. */
export function unreachable(request: RequestName, error: unknown): ApiUnreachable {
  if (error instanceof ApiUnreachable) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return new ApiUnreachable(request, { code, message, sent: !NOT_SENT.has(code) && !isTlsRefusal(code) });
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'UNKNOWN';
}

function isTlsRefusal(code: string): boolean {
  return (
    code.startsWith('ERR_TLS_') ||
    code.startsWith('CERT_') ||
    code.endsWith('_CERT') ||
    code.startsWith('UNABLE_TO_') ||
    code.includes('SELF_SIGNED')
  );
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
