/**
 * Kubernetes events, told beside the work and never in its way: `record` only queues and returns; one writer works the queue off in
 * order; a failure is logged and forgotten. An event that is lost in a crash is lost: history and ledger hold what must not be.
 *
 * The same words about the same object within ten minutes are one event with a count (a `series`), and the count is written at most
 * once a minute: a retry loop must not become a write loop.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { type EventSubject, type EventWords, eventBody, eventNamespace, seriesPatch } from './event-body.ts';
import type { Log } from './log.ts';

/** Where events go: `events.k8s.io/v1` events of a namespace. Both throw when the API server refuses or does not answer. */
export interface EventSink {
  create(namespace: string, body: object): Promise<unknown>;
  /** A merge patch. */
  patch(namespace: string, name: string, body: object): Promise<unknown>;
}

export interface EventRecorder {
  /** Never throws, never waits. */
  record(subject: EventSubject, words: EventWords): void;
}

export interface EventsOptions {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes secrets out of notes: pass `secrets.scrub`. */
  readonly scrub: (text: string) => string;
  /** This process' identity. */
  readonly instance: string;
  /** Events that may wait to be written; what comes on top is dropped and counted in the log. */
  readonly queueLimit?: number;
}

const SERIES_MS = 10 * 60_000;
const PATCH_EVERY_MS = 60_000;
/** As many running series as are remembered; beyond, the oldest starts anew. */
const SERIES_LIMIT = 4_096;
const QUEUE_LIMIT = 1_000;
const CONTROLLER = 'matchday.dev/operator';

interface Series {
  readonly key: string;
  readonly name: string;
  readonly subject: EventSubject;
  readonly words: EventWords;
  readonly firstAt: Temporal.Instant;
  lastAt: Temporal.Instant;
  lastSeenMs: number;
  lastWrittenMs: number;
  count: number;
  /** The API server has it. */
  created: boolean;
  queued: boolean;
}

export class Events implements EventRecorder {
  readonly #options: EventsOptions;
  /** In order of the last sighting, the oldest first. */
  readonly #series = new Map<string, Series>();
  readonly #queue: Series[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  record(subject: EventSubject, words: EventWords): void {
    const { clock, scrub } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#forgetOld(nowMs);
    const clean = { ...words, note: scrub(words.note) };
    const key = JSON.stringify([subject.kind, subject.namespace, subject.name, subject.uid, words.type, words.reason, clean.note]);
    const known = this.#series.get(key);
    const series = known ?? newSeries({ key, subject, words: clean, at: clock.now(), nowMs });
    if (known) {
      known.count += 1;
      known.lastAt = clock.now();
      known.lastSeenMs = nowMs;
    }
    this.#series.delete(key);
    if (this.#enqueue(series, nowMs)) this.#series.set(key, series);
  }

  /** Resolves when everything queued so far is written or given up. For an orderly stop; bound it with a deadline. */
  async drained(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** False when the API server does not have the event and will not get it. */
  #enqueue(series: Series, nowMs: number): boolean {
    if (series.queued || (series.created && nowMs - series.lastWrittenMs < PATCH_EVERY_MS)) return true;
    if (this.#queue.length >= (this.#options.queueLimit ?? QUEUE_LIMIT)) {
      this.#dropped += 1;
      return series.created;
    }
    series.queued = true;
    this.#queue.push(series);
    this.#writing ??= this.#work();
    return true;
  }

  async #work(): Promise<void> {
    // Yields first, so that `record` has returned to its caller before anything is written.
    await Promise.resolve();
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) await this.#write(series);
    if (this.#dropped > 0) this.#options.log.warn('events were dropped: more came than the API server took', { dropped: this.#dropped });
    this.#dropped = 0;
    this.#writing = undefined;
  }

  async #write(series: Series): Promise<void> {
    const { sink, clock, log } = this.#options;
    const { subject, words, name, count, lastAt } = series;
    const { created } = series;
    series.queued = false;
    series.created = true;
    series.lastWrittenMs = clock.monotonicMs();
    try {
      if (created) await sink.patch(eventNamespace(subject), name, seriesPatch(count, lastAt));
      else await sink.create(eventNamespace(subject), this.#body(series));
    } catch (error) {
      // It never arrived, or is gone: the next sighting makes a new event.
      if (this.#series.get(series.key) === series) this.#series.delete(series.key);
      log.warn('an event could not be written', { reason: words.reason, object: `${subject.namespace}/${subject.name}`, error });
    }
  }

  #body({ name, subject, words, firstAt, lastAt, count }: Series): object {
    const body = eventBody({ name, subject, words, at: firstAt, reporter: { controller: CONTROLLER, instance: this.#options.instance } });
    return count > 1 ? { ...body, ...seriesPatch(count, lastAt) } : body;
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { lastSeenMs }] of this.#series) {
      if (nowMs - lastSeenMs < SERIES_MS && this.#series.size < SERIES_LIMIT) return;
      this.#series.delete(key);
    }
  }
}

function newSeries(start: { key: string; subject: EventSubject; words: EventWords; at: Temporal.Instant; nowMs: number }): Series {
  const { key, subject, words, at, nowMs } = start;
  // The API server allows 253 characters for the name of an event.
  const name = `${subject.name.slice(0, 200)}.${randomUUID().slice(0, 13)}`;
  return {
    key,
    name,
    subject,
    words,
    firstAt: at,
    lastAt: at,
    lastSeenMs: nowMs,
    lastWrittenMs: nowMs,
    count: 1,
    created: false,
    queued: false,
  };
}
