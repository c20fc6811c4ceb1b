/** What a fault proxy can do to a request, and how it is told which. */
export interface ProxiedRequest {
  readonly method: string;
  readonly url: URL;
  readonly isWatch: boolean;
  readonly authorization: string | undefined;
  /** What was answered; undefined while there is no answer, and for a reset. */
  status: number | undefined;
}

export type Matcher = (request: ProxiedRequest) => boolean;

export type FaultAction =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Record<string, string>; readonly body?: object | string }
  /** Closes the connection without an answer. */
  | { readonly kind: 'reset' }
  /** Forwards the request and closes the connection without the answer: the write took effect. */
  | { readonly kind: 'drop-answer' }
  /** Keeps the connection and says nothing. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The watch is answered with these bytes, then left open or ended. */
  | { readonly kind: 'script'; readonly bytes: string; readonly leaveOpen: boolean }
  /**
   * Lists and watches are answered as by a server that lags at this `resourceVersion`; what was watched there goes on when `live` resolves.
   * For requests of one resource that start from nothing.
   */
  | { readonly kind: 'past'; readonly version: string; readonly live: Promise<unknown> }
  /** Changes what the client says and what it hears; no watches. */
  | { readonly kind: 'rewrite'; readonly request: (body: string) => string; readonly answer: (body: string) => string }
  /** Asks before and after the server has the request whether it goes on; no to either closes the connection without an answer. */
  | ({ readonly kind: 'stage' } & Stage);

/** For requests with a whole answer, no watches. Each part may take its time. */
export interface Stage {
  /** The server has seen nothing yet. */
  before(request: ProxiedRequest, body: string): Promise<boolean>;
  /** It took effect, and the client knows nothing yet. */
  after(request: ProxiedRequest, body: string): Promise<boolean>;
  /** The answer was handed to the client's connection. */
  answered(request: ProxiedRequest): void;
}
