/**
 * One request from its text to its answer, without a gap: what it changes is changed when this returns. The order of the checks: is there
 * such a call, who asks, may they, is it readable, is there budget, and only then is it right. A refused call has spent its budget.
 */
import { isObject, type Json } from './json.ts';
import { rateHeaders, type Standing } from './limits.ts';
import { answer, malformed, Refused, type Reply, refusal, refuse } from './reply.ts';
import { type Route, routeOf, type Tweaks } from './routes.ts';
import type { World } from './world.ts';

export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** Undefined when it was larger than the limit. */
  readonly text: string | undefined;
}

const PARSE_ERROR = 'Error while parsing request body. Please check your syntax.';

export function handle(world: World, incoming: Incoming, tweaks: Tweaks): Reply {
  world.agenda.runDue();
  let standings: readonly Standing[] = [world.limits.standing({ bucket: 'hour' }, world.agenda.nowMs())];
  try {
    const { route, path } = findRoute(world, incoming);
    authorise(world, incoming, route);
    const body = readBody(world, incoming);
    const call = { body, path, query: incoming.url.searchParams, origin: incoming.url.origin, tweaks };
    const spent = world.limits.take(route.charges(call, world.options), world.agenda.nowMs());
    standings = spent.standings;
    if (!spent.granted) throw new Refused(rateLimited(world));
    return withHeaders(world, route.handle(world, call), standings);
  } catch (error) {
    if (error instanceof Refused) return withHeaders(world, error.reply, standings);
    throw error;
  }
}

function findRoute(world: World, incoming: Incoming): { route: Route; path: readonly string[] } {
  const { pathname } = incoming.url;
  if (pathname.length > 1 && pathname.endsWith('/')) {
    throw world.options.trailingSlash === 403 ? refuse(403, 'Forbidden') : refuse(404, 'Invalid URL');
  }
  const found = routeOf(incoming.method, pathname);
  if (found === undefined) throw refuse(404, 'Invalid URL');
  return found;
}

function authorise(world: World, incoming: Incoming, route: Route): void {
  const key = world.keys.check(incoming.authorization);
  if (key.kind === 'unknown') throw refuse(401, world.options.unauthorizedMessage);
  if (world.options.accountForbidden) throw refuse(403, 'Forbidden');
  if (key.may(route.permission)) return;
  throw world.options.missingPermission === 403 ? refuse(403, 'Access Denied') : refuse(401, world.options.unauthorizedMessage);
}

function readBody(world: World, incoming: Incoming): Json {
  if (incoming.text === undefined) throw malformed(world.options.tooLarge, 'Request body is too large.');
  if (incoming.method === 'GET' || (incoming.method === 'DELETE' && incoming.text === '')) return {};
  const type = incoming.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw malformed(415, 'Content-Type must be application/json.');
  const body = parsed(incoming.text);
  if (body === undefined) throw malformed(400, PARSE_ERROR);
  return body;
}

/** The body as an object, or undefined when it is not one. */
export function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function rateLimited(world: World): Reply {
  const kind = world.options.rateLimitedBody;
  if (kind === 'html') return answer(429, '<html><body><h1>429 Too Many Requests</h1></body></html>');
  return kind === 'empty' ? { status: 429 } : refusal(429, 'Rate Limited');
}

const withHeaders = (world: World, reply: Reply, standings: readonly Standing[]): Reply => ({
  ...reply,
  headers: { ...rateHeaders(standings, world.options.broadcastHeaders), ...reply.headers },
});
