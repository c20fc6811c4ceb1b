/**
 * One watch: events in the order the server sent them, until it ends the stream, sends an ERROR, or falls silent.
 *
 * A half-open connection looks like a quiet resource; bookmarks (about one a minute) tell them apart, so a stream without a byte
 * for `idleMs` is given up with `ApiUnreachable`. Leaving the loop closes the connection, also when the server keeps it open.
 */

import type { Clock } from '../base/clock.ts';
import { ApiError, ApiUnreachable, type RequestName, unreachable } from './client-errors.ts';
import { openStream, parseJson, type RequestContext, statusBody } from './request.ts';
import type { KubeObject } from './types.ts';
import { readLines } from './watch-lines.ts';

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** Everything up to `resourceVersion` was sent; with `initialEventsEnd` the initial state is complete. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  /** The server gave up inside the stream; the last event. */
  | { readonly type: 'ERROR'; readonly error: ApiError };

export interface StreamOptions {
  readonly path: string;
  readonly name: RequestName;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Until the server's headers are there. */
  readonly startTimeoutMs: number;
  /** Longest silence. */
  readonly idleMs: number;
  /** The same until the end mark of the initial state. */
  readonly initialIdleMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** Opens the watch and yields its events. Throws `ApiError` when it is refused, `ApiUnreachable` when it breaks or falls silent. */
export async function* watchEvents(context: RequestContext, options: StreamOptions): AsyncGenerator<WatchEvent> {
  const silence = new Silence(options);
  try {
    const body = await openStream(context, {
      method: 'GET',
      path: options.path,
      name: options.name,
      signal: silence.signal,
      timeoutMs: options.startTimeoutMs,
    });
    silence.limit(options.path.includes('sendInitialEvents=true') ? options.initialIdleMs : options.idleMs);
    for await (const line of readLines(body, lineOptions(options, silence))) {
      const event = parseEvent(line, options.name);
      if (event.type === 'BOOKMARK' && event.initialEventsEnd) silence.limit(options.idleMs);
      yield event;
      if (event.type === 'ERROR') return;
    }
  } catch (error) {
    throw silence.explain(error);
  } finally {
    // Also reached when the consumer leaves its loop: the abort closes the connection.
    silence.end();
  }
}

function lineOptions(options: StreamOptions, silence: Silence) {
  return {
    maxLineBytes: MAX_EVENT_BYTES,
    monotonicMs: () => options.clock.monotonicMs(),
    onProgress: () => silence.heard(),
  };
}

function parseEvent(line: string, name: RequestName): WatchEvent {
  const value: unknown = parseLine(line, name);
  if (!isEnvelope(value)) throw broken(name, 'an event has no type or object');
  const { type, object } = value;
  if (type === 'ERROR') return { type, error: inStreamError(name, object) };
  if (!isKubeObject(object)) throw broken(name, `a ${type} event has no metadata`);
  if (type === 'BOOKMARK') return bookmark(object, name);
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object };
  throw broken(name, `an event of the unknown type ${type.slice(0, 40)}`);
}

function parseLine(line: string, name: RequestName): unknown {
  const parsed = parseJson(line);
  if (!parsed.ok) throw broken(name, 'an event is not JSON');
  return parsed.value;
}

function isEnvelope(value: unknown): value is { type: string; object: unknown } {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'object' in value;
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    typeof value === 'object' && value !== null && 'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null
  );
}

function bookmark(object: KubeObject, name: RequestName): WatchEvent {
  const { resourceVersion } = object.metadata;
  if (resourceVersion === undefined) throw broken(name, 'a bookmark has no resourceVersion');
  const annotations: unknown = Reflect.get(object.metadata, 'annotations');
  const initialEventsEnd =
    typeof annotations === 'object' && annotations !== null && Reflect.get(annotations, 'k8s.io/initial-events-end') === 'true';
  return { type: 'BOOKMARK', resourceVersion, initialEventsEnd };
}

function inStreamError(name: RequestName, object: unknown): ApiError {
  const status = statusBody(object);
  return new ApiError(name, status.code ?? 500, status);
}

function broken(name: RequestName, message: string): ApiUnreachable {
  return new ApiUnreachable(name, { code: 'UNREADABLE', message, sent: true });
}

/** Watches over the bytes: aborts the request when none came for too long, or when the caller says so. */
class Silence {
  readonly #options: StreamOptions;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;
  #fellAfterMs: number | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    if (options.signal.aborted) this.#controller.abort();
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#fellAfterMs = ms;
      this.#controller.abort();
    }, ms);
  }
  heard(): void {
    this.#timer?.refresh();
  }
  end(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#controller.abort();
  }
  explain(error: unknown): Error {
    const { name, signal } = this.#options;
    if (this.#fellAfterMs !== undefined)
      return new ApiUnreachable(name, { code: 'IDLE', message: `not a byte for ${this.#fellAfterMs} ms`, sent: true });
    if (signal.aborted) return new ApiUnreachable(name, { code: 'ABORTED', message: 'ended by the caller', sent: true });
    return error instanceof ApiError ? error : unreachable(name, error);
  }
}
