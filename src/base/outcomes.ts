/**
 * What became of a call to a remote API: three outcomes, never two. Folding `unknown` into "failed" is how a retry sends twice.
 */
export type Outcome<T> =
  /** The remote side did it and said so. */
  | { readonly kind: 'done'; readonly value: T }
  /** The remote side said, in words that its contract gives a meaning, that it changed nothing. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It may or may not have taken effect: time-out, reset, 5xx, unreadable body. */
  | { readonly kind: 'unknown'; readonly message: string };

/** Why a call was refused, classified once at the client's edge (contracts 1.8). */
export type RefusalReason =
  /** 429: wait until `retryAt`; never terminal. */
  | 'rate-limited'
  /** 401: the key is wrong for this host; no call of the workspace can work. */
  | 'unauthorized'
  /** 403: the key lacks this permission; no call of this endpoint can work. */
  | 'forbidden'
  /** 400 `Invalid Campaign ID`. */
  | 'campaign-not-found'
  /** The schedule id (or the catalog item) is not known: never there, deleted, or already sent. */
  | 'unknown-id'
  /** 404 `Invalid URL` and the like: wrong endpoint, or a bug. */
  | 'invalid-url'
  /** Any other 4xx: what we sent can't be accepted as it is. */
  | 'invalid-request'
  /** No call was made: locally forbidden (stopped workspace, lease about to end, endpoint not allowed). */
  | 'not-sent';

export interface Refusal {
  readonly reason: RefusalReason;
  /** HTTP status; 0 when no call was made. */
  readonly status: number;
  /** One sentence for people, free of secrets. */
  readonly message: string;
  /** When asking again makes sense, where the answer says so. */
  readonly retryAt?: Temporal.Instant;
}

export const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });
export const refused = (refusal: Refusal): Outcome<never> => ({ kind: 'refused', refusal });
export const unknown = (message: string): Outcome<never> => ({ kind: 'unknown', message });
