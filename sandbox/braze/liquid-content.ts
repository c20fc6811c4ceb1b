/** `{% connected_content URL :save x :retry :cache_max_age N|:no_cache :method … :headers {…} :body … :basic_auth … %}` (contracts 1.10). */
import { type Context, type Emitter, type Liquid, Tag, type TagToken, type Template, type TopLevelToken } from 'liquidjs';
import { type ContentAnswer, type ContentRequest, isGood } from './connected-content.ts';
import { isObject } from './json.ts';
import { MessageAborted, worldOf } from './liquid-world.ts';

const MIN_CACHE_S = 300;
const MAX_CACHE_S = 4 * 3600;

export class ConnectedContentTag extends Tag {
  readonly #args: Template[];

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    this.#args = liquid.parse(token.args);
  }

  override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const args = String(yield this.liquid.renderer.renderTemplates(this.#args, context));
    const { request, save } = readTag(args);
    const answers: (ContentAnswer | undefined)[] = [];
    yield worldOf(context)
      .content(request)
      .then((answer) => answers.push(answer));
    const answer = answers[0];
    if (answer === undefined) throw new MessageAborted('connected content failed five times');
    if (save === undefined) emitter.write(isGood(answer) ? answer.text : '');
    else context.bottom()[save] = savedValue(answer);
  }
}

/** A 404 is an empty string, another failure JSON null; a good answer its JSON, or its text. */
function savedValue(answer: ContentAnswer): unknown {
  if (answer.status === 404) return '';
  if (!isGood(answer)) return null;
  try {
    const value: unknown = JSON.parse(answer.text);
    return isObject(value) ? { ...value, __http_status_code__: answer.status } : value;
  } catch {
    return answer.text;
  }
}

function readTag(args: string): { request: ContentRequest; save: string | undefined } {
  const url = /^\s*(\S+)/.exec(args)?.[1] ?? '';
  const option = (name: string): string | undefined => new RegExp(`\\s:${name}\\s+(\\S+)`).exec(args)?.[1];
  const has = (name: string): boolean => new RegExp(`\\s:${name}(\\s|$)`).test(args);
  const method = (option('method') ?? 'get').toUpperCase();
  const body = /\s:body\s+(.+?)(?=\s:[a-z_]+(\s|$)|\s*$)/s.exec(args)?.[1];
  const cached = method === 'GET' && !has('no_cache');
  const age = Math.min(MAX_CACHE_S, Math.max(MIN_CACHE_S, Number(option('cache_max_age') ?? MIN_CACHE_S)));
  const request = { url, method, headers: headersOf(args), body, cacheSeconds: cached ? age : undefined, retry: has('retry') };
  return { request, save: option('save') };
}

function headersOf(args: string): Record<string, string> {
  const given = /\s:headers\s+(\{[^}]*\})/s.exec(args)?.[1];
  const type = /\s:content_type\s+(\S+)/.exec(args)?.[1];
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  if (given === undefined) return headers;
  const parsed: unknown = JSON.parse(given);
  for (const [name, value] of Object.entries(isObject(parsed) ? parsed : {})) headers[name] = String(value);
  return headers;
}
