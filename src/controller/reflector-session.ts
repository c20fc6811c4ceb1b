/**
 * One attempt of a reflector to hear from the server: a watch that brings the initial state first, a resumed watch, or a list in
 * pages. It changes the store as it goes and says how it ended; what comes next is the reflector's decision.
 */

import type { Connection } from './client.ts';
import { ApiError, ApiUnreachable } from './client-errors.ts';
import { isOlder } from './resource-version.ts';
import type { Snapshot, StoreFeed } from './store-feed.ts';
import { TimeSlice } from './time-slice.ts';
import type { KubeObject, Resource } from './types.ts';
import type { WatchEvent } from './watch-stream.ts';

export interface Selection {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface SessionTiming {
  /** Asked of the server; varied by a fifth so that reflectors do not come back together. */
  readonly watchTimeoutSeconds: number;
  /** Longest silence of a watch (bookmarks come about once a minute), in ms. */
  readonly idleMs: number;
  /** Longest silence while the initial state is coming, in ms. */
  readonly initialIdleMs: number;
  /** Longest wait for an answer to begin, in ms. */
  readonly startTimeoutMs: number;
  /** Objects per page where the initial state can't be streamed. */
  readonly pageSize: number;
}

export interface SessionContext<T extends KubeObject> {
  readonly connection: Connection;
  readonly selection: Selection;
  readonly feed: StoreFeed<T>;
  readonly timing: SessionTiming;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Each time the server said something. */
  readonly heard: (event: WatchEvent['type'] | 'LIST') => void;
  /** A complete state is in. */
  readonly complete: (objects: number) => void;
}

export type SessionEnd =
  /** The server ended the stream: resume. */
  | { readonly kind: 'ended' }
  /** A list in pages is in; the watch comes next. */
  | { readonly kind: 'listed' }
  /** The version to resume from is gone: take a complete state. */
  | { readonly kind: 'expired' }
  /** The initial state did not come as a stream: list in pages, from now on when the server refused it, else this once. */
  | { readonly kind: 'no-watch-list'; readonly forGood: boolean }
  /** The server speaks of a state older than ours: a lagging server, or a store that went back. */
  | { readonly kind: 'behind'; readonly version: string }
  | { readonly kind: 'failed'; readonly error: Error };

/** Takes a complete state as a stream and goes on watching. */
export async function streamState<T extends KubeObject>(context: SessionContext<T>): Promise<SessionEnd> {
  const snapshot = context.feed.snapshot();
  const events = watch(context, { sendInitialEvents: true, initialIdleMs: context.timing.initialIdleMs });
  let open: Snapshot<T> | undefined = snapshot;
  try {
    for await (const event of events) {
      context.heard(event.type);
      if (open === undefined) {
        const end = live(context, event);
        if (end !== undefined) return end;
      } else if (event.type === 'BOOKMARK' && event.initialEventsEnd) {
        if (!(await open.commit(event.resourceVersion))) return { kind: 'behind', version: event.resourceVersion };
        context.complete(open.size);
        open = undefined;
      } else {
        const end = initial(open, event);
        if (end !== undefined) return end;
      }
    }
  } catch (error) {
    if (isRefusal(error)) return { kind: 'no-watch-list', forGood: true };
    const silent = error instanceof ApiUnreachable && error.code === 'IDLE';
    return silent && open !== undefined ? { kind: 'no-watch-list', forGood: false } : failed(error);
  }
  // An old server ignores the parameter and sends no end mark; so may a proxy that cuts streams short.
  return open === undefined ? { kind: 'ended' } : { kind: 'no-watch-list', forGood: false };
}

/** Goes on watching from the store's high-water mark. */
export async function resumeWatch<T extends KubeObject>(context: SessionContext<T>): Promise<SessionEnd> {
  const { highWater } = context.feed;
  if (highWater === undefined) return { kind: 'expired' };
  try {
    for await (const event of watch(context, { resourceVersion: highWater })) {
      context.heard(event.type);
      const end = live(context, event);
      if (end !== undefined) return end;
    }
    return { kind: 'ended' };
  } catch (error) {
    return failed(error);
  }
}

/** Takes a complete state in pages, each a consistent continuation of the first. */
export async function listPages<T extends KubeObject>(context: SessionContext<T>): Promise<SessionEnd> {
  const { connection, selection, signal, timing } = context;
  const { resource, ...where } = selection;
  const snapshot = context.feed.snapshot();
  let next: string | undefined;
  try {
    do {
      const page = await connection.list(resource, {
        ...where,
        limit: timing.pageSize,
        signal,
        ...(next === undefined ? {} : { continue: next }),
      });
      context.heard('LIST');
      // The page was parsed in one go; taking it in is the other half.
      await takeIn(snapshot, page.items);
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
      const version = page.metadata.resourceVersion;
      if (next === undefined && !(await snapshot.commit(version))) return { kind: 'behind', version };
    } while (next !== undefined);
    context.complete(snapshot.size);
    return { kind: 'listed' };
  } catch (error) {
    return failed(error);
  }
}

async function takeIn<T extends KubeObject>(snapshot: Snapshot<T>, objects: readonly KubeObject[]): Promise<void> {
  const slice = new TimeSlice();
  await slice.next();
  for (const object of objects) {
    snapshot.object(object);
    if (slice.used) await slice.next();
  }
}

function watch<T extends KubeObject>(
  context: SessionContext<T>,
  options: { sendInitialEvents?: true; initialIdleMs?: number; resourceVersion?: string },
): AsyncGenerator<WatchEvent> {
  const { connection, selection, signal, timing, random } = context;
  const { resource, ...where } = selection;
  const timeoutSeconds = Math.max(1, Math.round(timing.watchTimeoutSeconds * (0.8 + 0.4 * random())));
  return connection.watch(resource, {
    ...where,
    ...options,
    timeoutSeconds,
    idleMs: timing.idleMs,
    startTimeoutMs: timing.startTimeoutMs,
    signal,
  });
}

/** One event after the complete state; undefined to go on. */
function live<T extends KubeObject>(context: SessionContext<T>, event: WatchEvent): SessionEnd | undefined {
  const { feed } = context;
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      feed.changed(event.object);
      return undefined;
    case 'DELETED':
      feed.deleted(event.object);
      return undefined;
    case 'BOOKMARK':
      if (feed.highWater !== undefined && isOlder(event.resourceVersion, feed.highWater))
        return { kind: 'behind', version: event.resourceVersion };
      feed.advance(event.resourceVersion);
      return undefined;
    case 'ERROR':
      return failed(event.error);
  }
}

function initial<T extends KubeObject>(snapshot: Snapshot<T>, event: WatchEvent): SessionEnd | undefined {
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      snapshot.object(event.object);
      return undefined;
    case 'DELETED':
      snapshot.deleted(event.object);
      return undefined;
    case 'BOOKMARK':
      return undefined;
    case 'ERROR':
      return failed(event.error);
  }
}

function failed(error: unknown): SessionEnd {
  if (error instanceof ApiError && error.isExpired) return { kind: 'expired' };
  return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
}

/** 400 and 422 are what servers without the feature answer. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.isInvalid);
}
