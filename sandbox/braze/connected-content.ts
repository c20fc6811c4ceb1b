/**
 * Connected Content (contracts 1.10): a template asks a server at send time. Fails open unless `:retry` is given: no answer within two
 * seconds inserts nothing. Answers to GET are cached for at least five minutes of the simulator's clock, which is why it makes a poor fence.
 * A host that fails too often is not called for a minute and answers 598.
 */
import type { BrazeOptions } from './options.ts';

export interface ContentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Undefined: not cached. */
  readonly cacheSeconds: number | undefined;
  readonly retry: boolean;
}

export interface ContentAnswer {
  /** The server's status; 598: not called, unhealthy host; 599: no connection, or none in time. */
  readonly status: number;
  readonly text: string;
  readonly fromCache: boolean;
}

const MAX_TRIES = 5;
const MAX_CACHED_BYTES = 1024 * 1024;
const MINUTE_MS = 60_000;
const COUNTED_AS_FAILURE: readonly number[] = [408, 429, 502, 503, 504, 529, 599];

interface Health {
  readonly minute: number;
  calls: number;
  failures: number;
}

export class ConnectedContent {
  readonly #options: BrazeOptions;
  readonly #cache = new Map<string, { answer: ContentAnswer; untilMs: number }>();
  readonly #health = new Map<string, Health>();
  readonly #haltedUntilMs = new Map<string, number>();
  /** Every answer that a template got, in order. */
  readonly calls: { url: string; status: number; fromCache: boolean; atMs: number }[] = [];

  constructor(options: BrazeOptions) {
    this.#options = options;
  }

  /** The answer as of `atMs`; undefined when `:retry` was asked for and five tries failed: the message must then be aborted. */
  async get(request: ContentRequest, atMs: number): Promise<ContentAnswer | undefined> {
    const key = `${request.method} ${request.url} ${JSON.stringify(request.headers)}`;
    const cached = this.#cache.get(key);
    if (request.cacheSeconds !== undefined && cached !== undefined && cached.untilMs > atMs) {
      return this.#note(request, { ...cached.answer, fromCache: true }, atMs);
    }
    const answer = await this.#tries(request, atMs);
    if (answer === undefined || !isGood(answer)) return answer;
    if (request.cacheSeconds !== undefined && Buffer.byteLength(answer.text) <= MAX_CACHED_BYTES) {
      this.#cache.set(key, { answer, untilMs: atMs + request.cacheSeconds * 1000 });
    }
    return answer;
  }

  clear(): void {
    this.#cache.clear();
    this.#health.clear();
    this.#haltedUntilMs.clear();
    this.calls.length = 0;
  }

  async #tries(request: ContentRequest, atMs: number): Promise<ContentAnswer | undefined> {
    for (let attempt = 1; ; attempt++) {
      const answer = this.#note(request, await this.#once(request, atMs), atMs);
      if (isGood(answer) || !request.retry) return answer;
      if (attempt === MAX_TRIES) return undefined;
      await new Promise((resolve) => setTimeout(resolve, this.#options.connectedContentRetryMs * 2 ** (attempt - 1)));
    }
  }

  async #once(request: ContentRequest, atMs: number): Promise<ContentAnswer> {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    if (url === undefined || !this.#isAllowed(url)) return failed(599);
    if ((this.#haltedUntilMs.get(url.host) ?? 0) > atMs) return failed(598);
    const answer = await this.#fetch(request);
    this.#judge(url.host, answer.status, atMs);
    return answer;
  }

  /** Ports 80 and 443 only, unless a test says otherwise. */
  #isAllowed(url: URL): boolean {
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return this.#options.connectedContentPorts.includes(port);
  }

  async #fetch(request: ContentRequest): Promise<ContentAnswer> {
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#options.connectedContentTimeoutMs),
      });
      return { status: response.status, text: await response.text(), fromCache: false };
    } catch {
      return failed(599);
    }
  }

  /** More than 3,000 failures and more than 90 % in one minute halt the calls for a minute. */
  #judge(host: string, status: number, atMs: number): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    const known = this.#health.get(host);
    const health = known?.minute === minute ? known : { minute, calls: 0, failures: 0 };
    health.calls += 1;
    if (COUNTED_AS_FAILURE.includes(status)) health.failures += 1;
    this.#health.set(host, health);
    const isUnhealthy = health.failures > this.#options.unhealthyFailures && health.failures > 0.9 * health.calls;
    if (isUnhealthy) this.#haltedUntilMs.set(host, atMs + MINUTE_MS);
  }

  #note(request: ContentRequest, answer: ContentAnswer, atMs: number): ContentAnswer {
    this.calls.push({ url: request.url, status: answer.status, fromCache: answer.fromCache, atMs });
    return answer;
  }
}

const failed = (status: number): ContentAnswer => ({ status, text: '', fromCache: false });
export const isGood = (answer: ContentAnswer): boolean => answer.status >= 200 && answer.status < 300;
