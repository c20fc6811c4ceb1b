/**
 * A server with the interface of LibreTranslate, for the sandbox and the tests: `POST /translate {q, source, target, format, api_key?}` →
 * `{translatedText}`, errors as `{error}` with 400, 403 or 429, as the original answers. It translates what it was taught, and a text that
 * it was not taught into itself, as a machine does with a name. It can be slow, and it can fail.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen, originOf } from '../football-data/listening.ts';

/** `refuse` answers 400, `busy` 429, `break` 500, `hang` never, `cut` half an answer. */
export type Mood = 'well' | 'refuse' | 'busy' | 'break' | 'hang' | 'cut';

export interface AskedTranslation {
  readonly q: string;
  readonly source: string;
  readonly target: string;
  readonly format: string;
  readonly apiKey: string | undefined;
}

export interface TranslatorOptions {
  /** By target and text: `{ ar: { 'Arsenal FC': 'أرسنال' } }`. */
  readonly words?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Languages that it has; any unless told. */
  readonly targets?: readonly string[];
  /** Absent: it wants none. */
  readonly apiKey?: string;
}

const MAX_BODY_BYTES = 16_384;

export class SandboxTranslator {
  /** Real milliseconds before each answer; `hurry()` ends the waiting of those that are asked. */
  latencyMs = 0;
  mood: Mood = 'well';
  /** Whole body of each answer that is not in a mood, for answers that no translator should give. */
  body: string | undefined;
  /** Seconds in Retry-After of a 429. */
  retryAfter: number | undefined;
  readonly asked: AskedTranslation[] = [];
  /** Calls that wait for their answer. */
  pending = 0;
  answered = 0;
  readonly #options: TranslatorOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #stopped = new AbortController();
  #patience = new AbortController();
  #onAsked: () => void = () => {};

  constructor(options: TranslatorOptions = {}) {
    this.#options = options;
  }

  static async start(options: TranslatorOptions = {}): Promise<SandboxTranslator> {
    const translator = new SandboxTranslator(options);
    await listen(translator.#server, 0);
    return translator;
  }

  get url(): string {
    return originOf(this.#server);
  }

  /** Resolves once it was asked so many times, those before included. */
  async askedTimes(times: number): Promise<void> {
    while (this.asked.length < times) {
      await new Promise<void>((resolve) => {
        this.#onAsked = resolve;
      });
    }
  }

  /** Answers now whoever waits. */
  hurry(): void {
    this.#patience.abort();
    this.#patience = new AbortController();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await close(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.pending += 1;
    try {
      const asked = await readAsked(request);
      if (asked !== undefined) this.asked.push(asked);
      this.#onAsked();
      await this.#wait();
      this.answered += 1;
      this.#answer(asked, response);
    } catch {
      response.destroy();
    } finally {
      this.pending -= 1;
    }
  }

  async #wait(): Promise<void> {
    if (this.latencyMs === 0) return;
    const signal = AbortSignal.any([this.#stopped.signal, this.#patience.signal]);
    await sleep(this.latencyMs, undefined, { signal }).catch(() => {});
    this.#stopped.signal.throwIfAborted();
  }

  #answer(asked: AskedTranslation | undefined, response: ServerResponse): void {
    if (this.mood === 'hang') return;
    if (this.mood === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{"translat');
      setImmediate(() => response.destroy());
      return;
    }
    const [status, body] = this.#reply(asked);
    const retry = status === 429 && this.retryAfter !== undefined ? { 'retry-after': String(this.retryAfter) } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...retry }).end(body);
  }

  #reply(asked: AskedTranslation | undefined): readonly [number, string] {
    const { apiKey, targets, words = {} } = this.#options;
    const error = (status: number, text: string) => [status, JSON.stringify({ error: text })] as const;
    if (this.mood === 'busy') return error(429, 'Slowdown: too many requests');
    if (this.mood === 'break') return [500, '<html>Internal Server Error</html>'];
    if (asked === undefined) return error(400, 'Invalid request: missing q, source or target parameter');
    if (apiKey !== undefined && asked.apiKey === undefined) return error(400, 'Visit https://portal.example to get an API key');
    if (apiKey !== undefined && asked.apiKey !== apiKey) return error(403, `Invalid API key ${asked.apiKey ?? ''}`);
    if (this.mood === 'refuse') return error(400, 'Invalid request: request (1) exceeds text limit (0)');
    if (targets !== undefined && !targets.includes(asked.target)) return error(400, `${asked.target} is not supported`);
    return [200, this.body ?? JSON.stringify({ translatedText: words[asked.target]?.[asked.q] ?? asked.q })];
  }
}

async function readAsked(request: IncomingMessage): Promise<AskedTranslation | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  if (request.method !== 'POST' || request.url?.endsWith('/translate') !== true) return undefined;
  const { q, source, target, format = 'text', api_key } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  if (typeof q !== 'string' || typeof source !== 'string' || typeof target !== 'string') return undefined;
  return { q, source, target, format: String(format), apiKey: typeof api_key === 'string' ? api_key : undefined };
}
