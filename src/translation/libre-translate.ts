/**
 * Asks one server with the interface of LibreTranslate: `POST /translate {q, source, target, format, api_key?}` → `{translatedText}`,
 * errors as `{error}`. One call, no retry, no state; every method resolves. The HTTP library's errors carry the key in their request and
 * do not leave this file.
 */
import https from 'node:https';
import axios, { type AxiosInstance, isAxiosError } from 'axios';
import { usableName } from './usable-name.ts';

export interface Translation {
  readonly text: string;
  readonly source: string;
  readonly target: string;
  readonly apiKey: string | undefined;
  /** For the whole call, body included. */
  readonly timeoutMs: number;
}

/**
 * `refused`: this text in this language will not be translated. `unauthorized`, `busy`, `failed` are about the server, not the text;
 * `busy` says how long to wait where the server said it.
 */
export type TranslationAnswer =
  | { readonly kind: 'done'; readonly name: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unauthorized'; readonly message: string }
  | { readonly kind: 'busy'; readonly message: string; readonly waitMs: number | undefined }
  | { readonly kind: 'failed'; readonly message: string };

export interface Translates {
  translate(wanted: Translation, signal: AbortSignal): Promise<TranslationAnswer>;
}

/** A name and a few words around it. */
const MAX_BODY_BYTES = 64 * 1024;
const QUOTED = 120;

export class LibreTranslate implements Translates {
  readonly #http: AxiosInstance;
  readonly #agent: https.Agent;

  /** `base` as `allowedUrl` gives it; `ca` PEM of the authorities to trust; undefined: the built-in ones. */
  constructor({ base, ca }: { readonly base: string; readonly ca: readonly string[] | undefined }) {
    this.#agent = new https.Agent(ca === undefined ? {} : { ca: [...ca] });
    this.#http = axios.create({
      adapter: 'http',
      baseURL: base,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      httpsAgent: this.#agent,
      // A redirect would carry the key to another host; the environment's proxy would see it.
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MAX_BODY_BYTES,
      validateStatus: () => true,
      responseType: 'text',
      transformResponse: (body: unknown) => body,
    });
  }

  async translate({ text, source, target, apiKey, timeoutMs }: Translation, signal: AbortSignal): Promise<TranslationAnswer> {
    const body = { q: text, source, target, format: 'text', ...(apiKey === undefined ? {} : { api_key: apiKey }) };
    try {
      const answer = await this.#http.post<unknown>('/translate', JSON.stringify(body), {
        timeout: timeoutMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const said = typeof answer.data === 'string' ? answer.data : '';
      return scrubbed(classify(answer.status, said, waitOf(answer.headers['retry-after'])), apiKey);
    } catch (error) {
      return { kind: 'failed', message: `it could not be reached: ${faultOf(error)}` };
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function classify(status: number, body: string, waitMs: number | undefined): TranslationAnswer {
  const said = fieldsOf(body);
  const quote = typeof said['error'] === 'string' ? `: "${said['error'].slice(0, QUOTED)}"` : '';
  const message = `it answered ${status}${quote}`;
  if (status === 200) return nameIn(said['translatedText']);
  // The public server asks for a key with a 400: "Visit https://portal.libretranslate.com to get an API key".
  const wantsKey = status === 400 && /api key/i.test(quote);
  if (status === 401 || status === 403 || wantsKey) return { kind: 'unauthorized', message };
  if (status === 429) return { kind: 'busy', message, waitMs };
  // Its own words for "this language is not there" or "too long"; a server that is not one of these answers 404 or 405.
  if (status === 400 && quote !== '') return { kind: 'refused', message };
  return { kind: 'failed', message };
}

function nameIn(translated: unknown): TranslationAnswer {
  if (typeof translated !== 'string') return { kind: 'failed', message: 'its answer has no translatedText' };
  const checked = usableName(translated);
  return 'name' in checked
    ? { kind: 'done', name: checked.name }
    : { kind: 'refused', message: `its answer is no name, ${checked.unusable}` };
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** Seconds only: the form with a date is not sent by servers of this kind. */
const waitOf = (header: unknown): number | undefined =>
  typeof header === 'string' && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;

/** An error text may quote what was sent. */
function scrubbed(answer: TranslationAnswer, apiKey: string | undefined): TranslationAnswer {
  if (answer.kind === 'done' || apiKey === undefined || apiKey === '') return answer;
  return { ...answer, message: answer.message.replaceAll(apiKey, '…') };
}

/** From the error's code alone: its message and its fields may hold the request. */
function faultOf(error: unknown): string {
  if (axios.isCancel(error)) return 'no complete answer in time';
  const code = isAxiosError(error) ? error.code : undefined;
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return 'no complete answer in time';
  if (code === 'ERR_BAD_RESPONSE') return `the answer was cut off or larger than ${MAX_BODY_BYTES / 1024} kB`;
  return code ?? 'the call broke off';
}
