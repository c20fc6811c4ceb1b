/**
 * Names from a translator that is asked over HTTP: a cache in front, a queue behind, and a budget between. Nobody waits for it: a question
 * that the cache can't answer is queued and answered `unknown`, and `onNews` says when it is worth asking again.
 *
 * In memory of one process. A crash loses the cache and the queue: the questions come again with the next poll, and until then each object
 * keeps the name it shows. Two processes ask twice. A server that does not answer is left alone for a while, whoever asks, so that an
 * outage costs a call now and then and not one per team.
 */
import type { Clock } from '../base/clock.ts';
import { localeFallbacks } from '../base/locales.ts';
import type { Translates, TranslationAnswer } from './libre-translate.ts';
import { NameCache } from './name-cache.ts';
import { type NameAnswer, type NameSource, NONE, type Question, UNKNOWN } from './names.ts';

export interface RemoteSettings {
  /** Language of the names as they come, such as `en`. */
  readonly source: string;
  readonly apiKey: string | undefined;
  readonly requestsPerMinute: number;
  /** For one call. */
  readonly timeoutMs: number;
}

export interface RemoteNamesOptions {
  readonly service: Translates;
  readonly clock: Clock;
  /** Something new can be read. */
  readonly onNews: () => void;
  /** Of each call, for metrics. */
  readonly onCall?: (code: TranslationAnswer['kind'], seconds: number) => void;
}

/** A thousand teams in twenty locales, the most that a feed asks for: fewer, and what was forgotten would be asked for again and again. */
const CACHED = 20_000;
const QUEUED = 2_000;
/** A server that takes 15 s per name still gets through a league and two locales in three minutes. */
const AT_ONCE = 4;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What it refused, such as a language that it lacks, it will refuse tomorrow. */
const REFUSED_MS = DAY_MS;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 10 * MINUTE_MS;
/** While names keep coming, whoever waits for them hears of them this often. */
const NEWS_EVERY_MS = 30_000;
/** A key that was refused is tried again after this long, or when it changes. */
const UNAUTHORIZED_MS = 10 * MINUTE_MS;

interface Job {
  readonly text: string;
  readonly locale: string;
}

export class RemoteNames implements NameSource {
  readonly #options: RemoteNamesOptions;
  readonly #cache = new NameCache(CACHED);
  readonly #queue = new Map<string, Job>();
  readonly #inFlight = new Set<string>();
  readonly #stop = new AbortController();
  #settings: RemoteSettings;
  #sentMs: number[] = [];
  #pausedUntilMs = 0;
  #failures = 0;
  #toldMs = 0;
  #problem: { readonly kind: 'unauthorized' | 'unavailable'; readonly message: string } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: RemoteSettings, options: RemoteNamesOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** What stands against the server now. */
  get problem(): { readonly kind: 'unauthorized' | 'unavailable'; readonly message: string } | undefined {
    return this.#problem;
  }

  /** Questions that wait for an answer. */
  get waiting(): number {
    return this.#queue.size + this.#inFlight.size;
  }

  /** From the next call on. A new key is tried at once. */
  configure(settings: RemoteSettings): void {
    if (settings.apiKey !== this.#settings.apiKey) this.retry();
    this.#settings = settings;
  }

  /** A person asks: what failed or was refused before is asked again. */
  retry(): void {
    this.#pausedUntilMs = 0;
    this.#failures = 0;
    this.#cache.forgive();
  }

  nameOf({ name, locale }: Question): NameAnswer {
    for (const each of localeFallbacks(locale)) {
      const key = `${each}/${name}`;
      const known = this.#cache.get(key);
      if (known?.kind === 'name') return known;
      if (known !== undefined && known.untilMs > this.#nowMs()) continue;
      this.#enqueue(key, { text: name, locale: each });
      return UNKNOWN;
    }
    return NONE;
  }

  /** Ends calls in flight; nothing is asked any more. */
  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#queue.clear();
  }

  #nowMs(): number {
    return this.#options.clock.now().epochMilliseconds;
  }

  #enqueue(key: string, job: Job): void {
    if (this.#stop.signal.aborted || this.#inFlight.has(key) || this.#queue.size >= QUEUED) return;
    if (this.waiting === 0) this.#toldMs = this.#options.clock.monotonicMs();
    this.#queue.set(key, job);
    this.#pump();
  }

  /** Sends what may be sent now, and comes back when more may. */
  #pump(): void {
    while (this.#queue.size > 0 && this.#inFlight.size < AT_ONCE && !this.#stop.signal.aborted) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) this.#later(waitMs);
      const [first] = this.#queue;
      if (waitMs > 0 || first === undefined) return;
      const [key, job] = first;
      this.#queue.delete(key);
      this.#inFlight.add(key);
      void this.#ask(key, job);
    }
  }

  #waitMs(): number {
    const now = this.#nowMs();
    if (this.#pausedUntilMs > now) return this.#pausedUntilMs - now;
    // One call finds out whether the server is back; the others wait for what it says.
    if (this.#problem !== undefined && this.#inFlight.size > 0) return FIRST_PAUSE_MS;
    this.#sentMs = this.#sentMs.filter((ms) => ms > now - MINUTE_MS && ms <= now);
    const [oldest] = this.#sentMs;
    return oldest === undefined || this.#sentMs.length < this.#settings.requestsPerMinute ? 0 : oldest + MINUTE_MS - now;
  }

  #later(waitMs: number): void {
    const { clock } = this.#options;
    if (this.#timer !== undefined) return;
    // A clock that stands still never gets there; the next question looks again.
    const delayMs = Math.min(clock.delayMs(clock.now().add({ milliseconds: Math.ceil(waitMs) })), LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, delayMs);
    this.#timer.unref();
  }

  async #ask(key: string, job: Job): Promise<void> {
    const { service, clock, onCall } = this.#options;
    const { source, apiKey, timeoutMs } = this.#settings;
    this.#sentMs.push(this.#nowMs());
    const begunMs = clock.monotonicMs();
    const answer = await service.translate({ text: job.text, source, target: job.locale, apiKey, timeoutMs }, this.#stop.signal);
    this.#inFlight.delete(key);
    if (this.#stop.signal.aborted) return;
    onCall?.(answer.kind, (clock.monotonicMs() - begunMs) / 1_000);
    this.#learn(key, answer);
    this.#pump();
    this.#tellNews();
  }

  /** When nothing more is on its way for now; else only now and then, or each name would be a write of its own. */
  #tellNews(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#inFlight.size > 0 && nowMs - this.#toldMs < NEWS_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#options.onNews();
  }

  #learn(key: string, answer: TranslationAnswer): void {
    if (answer.kind === 'done') this.#cache.set(key, { kind: 'name', name: answer.name });
    else if (answer.kind === 'refused') this.#cache.set(key, { kind: 'no', untilMs: this.#nowMs() + REFUSED_MS });
    else {
      this.#pause(answer);
      return;
    }
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** Something is wrong with the server, not with what was asked: nobody's question is sent for a while. */
  #pause(answer: Extract<TranslationAnswer, { kind: 'unauthorized' | 'busy' | 'failed' }>): void {
    const nowMs = this.#nowMs();
    // Those that were in flight together failed for one reason.
    if (this.#pausedUntilMs <= nowMs) this.#failures += 1;
    this.#problem = { kind: answer.kind === 'unauthorized' ? 'unauthorized' : 'unavailable', message: answer.message };
    const backOffMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    const askedMs = answer.kind === 'busy' ? answer.waitMs : undefined;
    const pauseMs = answer.kind === 'unauthorized' ? UNAUTHORIZED_MS : Math.min(askedMs ?? backOffMs, DAY_MS);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs);
  }
}
