/** What a request is about, read from its body before anything is carried out: for the log and the fault plan. */
import { type Incoming, parsed } from './handle.ts';
import { isObject, type Json, objectOf, textOf } from './json.ts';
import type { LogEntry } from './log.ts';
import { routeOf } from './routes.ts';
import type { World } from './world.ts';

type Subject = Pick<LogEntry, 'atMs' | 'endpoint' | 'method' | 'path' | 'query' | 'keyName' | 'body' | 'notifications' | 'token'> &
  Pick<LogEntry, 'campaignId' | 'scheduleId'>;

export function describe(world: World, incoming: Incoming): Subject {
  const found = routeOf(incoming.method, incoming.url.pathname);
  const key = world.keys.check(incoming.authorization);
  const body = parsed(incoming.text ?? '') ?? {};
  const scheduleId = textOf(body['schedule_id']);
  const properties = propertiesOf(world, body, scheduleId);
  return {
    atMs: world.agenda.nowMs(),
    endpoint: found?.route.endpoint ?? 'unknown',
    method: incoming.method,
    path: incoming.url.pathname,
    query: incoming.url.search,
    keyName: key.kind === 'known' ? key.name : undefined,
    body: incoming.text === '' ? undefined : (parsed(incoming.text ?? '') ?? incoming.text),
    notifications: [textOf(properties['notification']), ...itemIds(body, found?.path)].filter((id) => id !== undefined),
    token: textOf(properties['token']),
    campaignId: textOf(body['campaign_id']) ?? textOf(body['canvas_id']) ?? incoming.url.searchParams.get('campaign_id') ?? undefined,
    scheduleId,
  };
}

/** A create's own properties; for an update or delete, those of the schedule that it names. */
function propertiesOf(world: World, body: Json, scheduleId: string | undefined): Json {
  if (scheduleId !== undefined) return world.schedules.all.get(scheduleId)?.properties ?? {};
  return objectOf(body['trigger_properties']) ?? objectOf(body['context']) ?? objectOf(body['canvas_entry_properties']) ?? {};
}

function itemIds(body: Json, path: readonly string[] | undefined): readonly (string | undefined)[] {
  const items: readonly unknown[] = Array.isArray(body['items']) ? body['items'] : [];
  return [path?.[1], ...items.map((item) => (isObject(item) ? textOf(item['id']) : undefined))];
}
