/**
 * One request to Braze over HTTP: bounded in time, size and sockets, never redirected, never through a proxy that the
 * environment names. It returns an `Exchange` for every end that a request can have and never throws; the HTTP library's error
 * object carries the API key in its request headers and does not leave this file.
 */
import http from 'node:http';
import https from 'node:https';
import axios, { type AxiosInstance, isAxiosError } from 'axios';
import type { Clock } from '../base/clock.ts';
import type { DateSample } from './clock.ts';
import type { Exchange } from './outcomes.ts';

export interface TransportOptions {
  readonly origin: string;
  readonly clock: Clock;
  /** Parallel connections; calls beyond it wait, within their own deadline. */
  readonly maxSockets?: number;
  /** PEM of authorities to trust instead of the system's, for an endpoint behind a private one. */
  readonly ca?: string;
  readonly onDate?: (sample: DateSample) => void;
}

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the origin, with its query. */
  readonly path: string;
  readonly body?: object;
  readonly apiKey: string;
  /** The whole exchange, waiting for a socket included, ends within this; what has arrived by then is read. */
  readonly timeoutMs: number;
}

/** Answers are small: the largest is a page of 50 items of 5,000 characters, or the details of a campaign. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
/** Braze takes 4 MB (contracts 1.1). */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
/** A connection that idled longer may be closed by the far side just as a create leaves on it, which would be a lost answer. */
const IDLE_SOCKET_MS = 4_000;

export class Transport {
  readonly #http: AxiosInstance;
  readonly #agents: readonly [http.Agent, https.Agent];
  readonly #clock: Clock;
  readonly #onDate: (sample: DateSample) => void;

  constructor(options: TransportOptions) {
    const sockets = { keepAlive: true, maxSockets: options.maxSockets ?? 32, maxFreeSockets: 8, timeout: IDLE_SOCKET_MS };
    this.#agents = [new http.Agent(sockets), new https.Agent({ ...sockets, ...(options.ca === undefined ? {} : { ca: options.ca }) })];
    this.#clock = options.clock;
    this.#onDate = options.onDate ?? (() => {});
    this.#http = axios.create({
      adapter: 'http',
      baseURL: options.origin,
      allowAbsoluteUrls: false,
      httpAgent: this.#agents[0],
      httpsAgent: this.#agents[1],
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
      responseType: 'text',
      transformResponse: [(data: unknown) => data],
      maxContentLength: MAX_RESPONSE_BYTES,
      maxBodyLength: MAX_REQUEST_BYTES,
    });
  }

  /** Sends one request and waits for its end, at most `timeoutMs`. */
  async exchange(request: WireRequest): Promise<Exchange> {
    const sentMs = this.#clock.now().epochMilliseconds;
    const sentMonotonicMs = this.#clock.monotonicMs();
    using deadline = deadlineIn(request.timeoutMs);
    try {
      const response = await this.#http.request<unknown>({
        method: request.method,
        url: request.path,
        headers: {
          Authorization: `Bearer ${request.apiKey}`,
          Accept: 'application/json',
          ...(request.body && { 'Content-Type': 'application/json' }),
        },
        ...(request.body && { data: JSON.stringify(request.body) }),
        signal: deadline.signal,
      });
      const headers = plainHeaders(response.headers);
      const receivedMs = this.#clock.now().epochMilliseconds;
      if (headers['date'] !== undefined) {
        this.#onDate({ date: headers['date'], sentMs, receivedMs, sentMonotonicMs, receivedMonotonicMs: this.#clock.monotonicMs() });
      }
      return { kind: 'answered', status: response.status, headers, text: typeof response.data === 'string' ? response.data : '' };
    } catch (error) {
      return failure(error, request.timeoutMs);
    }
  }

  /** Closes idle connections. Calls in flight end by themselves. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}

/**
 * A process that stood still finds its timers due before it has looked at its sockets, and an answer may be waiting there: an outcome that is
 * known. So the time-out comes after the event loop has read what there is.
 */
function deadlineIn(ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const afterSockets = (then: () => void): void => void setImmediate(() => setImmediate(then));
  const timer = setTimeout(() => afterSockets(() => controller.abort()), ms);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

function plainHeaders(headers: object): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') plain[name.toLowerCase()] = value;
  return plain;
}

/**
 * Only what failed before a connection stood can be called undelivered: the name did not resolve, or `connect` itself was refused.
 * The same codes on a read or a write of a standing connection say nothing of what arrived. A certificate that is not accepted is
 * left as "maybe": node checks it after the handshake, and what was queued may have left by then.
 */
function failure(error: unknown, timeoutMs: number): Exchange {
  if (axios.isCancel(error)) return { kind: 'failed', delivered: 'maybe', message: `no answer within ${timeoutMs} ms` };
  if (!isAxiosError(error)) return { kind: 'failed', delivered: 'maybe', message: 'the request failed before an answer was read' };
  const code = error.code ?? 'no code';
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return { kind: 'failed', delivered: 'maybe', message: `no answer within ${timeoutMs} ms (${code})` };
  if (neverConnected(error.cause))
    return { kind: 'failed', delivered: 'no', message: `the connection could not be made (${code}); Braze was not reached` };
  return { kind: 'failed', delivered: 'maybe', message: `the connection failed before a whole answer was read (${code})` };
}

const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

function neverConnected(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverConnected);
  if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) return false;
  const connecting = cause.syscall === 'connect' || cause.syscall === 'getaddrinfo';
  return connecting && NOT_REACHED.includes(String(cause.code));
}
