/**
 * One exchange with the API server: credentials, deadline, size limit, errors of our own, one note for the metrics.
 *
 * What is tried twice: a GET whose credentials were refused (401), once other credentials are at hand; and a GET on a kept-alive
 * connection that the server had closed in the meantime. A write is never repeated here: only its caller knows what an unknown
 * outcome means.
 */

import type { Dispatcher } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ApiError, ApiUnreachable, type RequestName, type StatusBody, unreachable } from './client-errors.ts';
import type { Transport } from './client-transport.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  readonly method: Method;
  /** Path and query below the server's own prefix. */
  readonly path: string;
  readonly name: RequestName;
  readonly body?: object;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** For the whole exchange; a watch: until its headers are there. */
  readonly timeoutMs: number;
}

/** For `rest_client_requests_total{code,method,host}` and its latency. `code` is the HTTP status, or `<error>` when none was read. */
export interface RequestNote {
  readonly name: RequestName;
  readonly method: Method;
  readonly host: string;
  readonly code: string;
  readonly seconds: number;
}

export interface RequestContext {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly userAgent: string;
  /** Largest answer that is read, in bytes. */
  readonly maxResponseBytes: number;
  readonly observe: (note: RequestNote) => void;
}

/** An answer whose headers were read; the body is still to come. */
interface Opened {
  readonly response: Dispatcher.ResponseData;
  readonly dispatcher: Dispatcher;
}

/** Sends and reads one request; the parsed body, `undefined` for an empty one. Throws `ApiError`, `ApiUnreachable`. */
export async function exchange(context: RequestContext, request: ApiRequest): Promise<unknown> {
  const deadline = new Deadline(request);
  try {
    const { response, dispatcher } = await open(context, request, { kind: 'request', deadline });
    const body = await readBody(response, context.maxResponseBytes).catch((error: unknown) => {
      if (deadline.timedOut) context.transport.distrust(dispatcher);
      throw failure(request, error, deadline);
    });
    return parseAnswer(request.name, response, body);
  } finally {
    deadline.done();
  }
}

/** Sends a watch and returns its body once the server agreed; `signal` of the request ends it. Throws as `exchange`. */
export async function openStream(context: RequestContext, request: ApiRequest): Promise<Dispatcher.ResponseData['body']> {
  const deadline = new Deadline(request);
  const { response } = await open(context, request, { kind: 'watch', deadline }).catch((error: unknown) => {
    deadline.done();
    throw error;
  });
  if (response.statusCode === 200) {
    deadline.pause();
    return response.body;
  }
  try {
    const body = await readBody(response, context.maxResponseBytes).catch((error: unknown) => {
      throw failure(request, error, deadline);
    });
    parseAnswer(request.name, response, body);
    throw new ApiUnreachable(request.name, { code: 'UNREADABLE', message: `a watch was answered with ${response.statusCode}`, sent: true });
  } finally {
    deadline.done();
  }
}

interface Way {
  readonly kind: 'request' | 'watch';
  readonly deadline: Deadline;
}

async function open(context: RequestContext, request: ApiRequest, way: Way): Promise<Opened> {
  const credentials = await proof(context, request);
  const first = await sendOnce(context, request, { ...way, credentials }).catch(async (error: unknown) => {
    if (!isClosedConnection(error) || request.method !== 'GET' || way.deadline.signal.aborted) throw failure(request, error, way.deadline);
    return await sendOnce(context, request, { ...way, credentials }).catch((again: unknown) => {
      throw failure(request, again, way.deadline);
    });
  });
  if (first.response.statusCode !== 401) return first;
  const renewed = await context.credentials.refused(credentials).catch(() => false);
  if (!renewed || request.method !== 'GET') return first;
  await first.response.body.dump().catch(() => undefined);
  return await sendOnce(context, request, { ...way, credentials: await proof(context, request) }).catch((error: unknown) => {
    throw failure(request, error, way.deadline);
  });
}

async function proof(context: RequestContext, request: ApiRequest): Promise<Credentials> {
  return await context.credentials.get().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : 'unreadable';
    throw new ApiUnreachable(request.name, { code: 'CREDENTIALS', message, sent: false });
  });
}

async function sendOnce(context: RequestContext, request: ApiRequest, way: Way & { credentials: Credentials }): Promise<Opened> {
  const startedAt = context.clock.monotonicMs();
  const server = new URL(context.credentials.server);
  const note = (code: string): void => {
    context.observe({
      name: request.name,
      method: request.method,
      host: server.host,
      code,
      seconds: (context.clock.monotonicMs() - startedAt) / 1000,
    });
  };
  const dispatcher = context.transport.dispatcher(way.kind, way.credentials);
  try {
    const response = await dispatcher.request({
      origin: server.origin,
      path: `${server.pathname === '/' ? '' : server.pathname}${request.path}`,
      method: request.method,
      headers: headersOf(context, request, way.credentials),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: way.deadline.signal,
    });
    note(String(response.statusCode));
    return { response, dispatcher };
  } catch (error) {
    note('<error>');
    if (way.deadline.timedOut) context.transport.distrust(dispatcher);
    throw error;
  }
}

function headersOf(context: RequestContext, request: ApiRequest, credentials: Credentials): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': context.userAgent, ...credentials.headers };
  if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
  return headers;
}

function isClosedConnection(error: unknown): boolean {
  const { code } = unreachable('', error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function failure(request: ApiRequest, error: unknown, deadline: Deadline): Error {
  if (deadline.timedOut) {
    return new ApiUnreachable(request.name, { code: 'TIMEOUT', message: `nothing for ${request.timeoutMs} ms`, sent: true });
  }
  if (request.signal?.aborted === true)
    return new ApiUnreachable(request.name, { code: 'ABORTED', message: 'ended by the caller', sent: true });
  return error instanceof ApiError ? error : unreachable(request.name, error);
}

class TooLarge extends Error {
  readonly code = 'TOO_LARGE';
}

async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > maxBytes) throw new TooLarge(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function parseAnswer(name: RequestName, response: Dispatcher.ResponseData, body: string): unknown {
  const ok = response.statusCode >= 200 && response.statusCode < 300;
  const parsed = parseJson(body);
  if (!ok) throw new ApiError(name, response.statusCode, statusBody(parsed.value, body), retryAfter(response));
  if (body === '') return undefined;
  if (!parsed.ok)
    throw new ApiUnreachable(name, { code: 'UNREADABLE', message: `${response.statusCode} with a body that is not JSON`, sent: true });
  return parsed.value;
}

/** The parser's own error is dropped: it quotes the text, which may be a Secret's. */
export function parseJson(text: string): { ok: boolean; value: unknown } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, value: undefined };
  }
}

/** The `Status` in an error body; a load balancer's HTML page becomes its first words. */
export function statusBody(value: unknown, raw = ''): StatusBody {
  if (isStatus(value)) return value;
  return {
    message: raw
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 120),
  };
}

function isStatus(value: unknown): value is StatusBody {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

function retryAfter(response: Dispatcher.ResponseData): number | undefined {
  const value = response.headers['retry-after'];
  return typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : undefined;
}

/** One timer and the caller's signal behind one signal. `AbortSignal.any` on a signal that lives as long as the process would pile up. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort();
  timedOut = false;

  constructor(options: { timeoutMs: number; signal?: AbortSignal }) {
    this.#outer = options.signal;
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, options.timeoutMs);
    if (this.#outer?.aborted === true) this.#controller.abort();
    this.#outer?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  /** Stops the timer and keeps listening to the caller: a watch has begun. */
  pause(): void {
    clearTimeout(this.#timer);
  }
  done(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}
