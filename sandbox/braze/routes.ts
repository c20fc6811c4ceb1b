/** Which calls exist, what each needs and which limits it counts in (contracts 1.1, 1.9, 1.12). */
import { isBroadcast } from './audience.ts';
import * as catalogs from './catalog-calls.ts';
import type { Endpoint } from './endpoints.ts';
import { canonical, type Json } from './json.ts';
import type { Charge } from './limits.ts';
import type { BrazeOptions } from './options.ts';
import * as reads from './read-calls.ts';
import type { Reply } from './reply.ts';
import * as schedules from './schedule-calls.ts';
import type { World } from './world.ts';

/** What a fault changes about how a call is carried out. */
export interface Tweaks {
  readonly updateId?: BrazeOptions['updateId'];
  readonly asyncLagMs?: number;
}

export interface Call {
  readonly body: Json;
  /** The variable segments of the path, in order. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly origin: string;
  readonly tweaks: Tweaks;
}

export interface Route {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly pattern: RegExp;
  readonly permission: string;
  readonly charges: (call: Call, options: BrazeOptions) => readonly Charge[];
  readonly handle: (world: World, call: Call) => Reply;
}

const hourly = (): readonly Charge[] => [{ bucket: 'hour' }];
const inBucket = (bucket: Charge['bucket']) => () => [{ bucket }];

/** Broadcast creates have two limits of their own; the unique audience is campaign + audience object (contracts 1.9). */
function createCharges(call: Call, options: BrazeOptions): readonly Charge[] {
  if (!isBroadcast(call.body, options)) return hourly();
  const id = call.body['campaign_id'] ?? call.body['canvas_id'];
  return [{ bucket: 'broadcast' }, { bucket: 'audience', key: canonical([id, call.body['audience'] ?? null]) }];
}

function scheduleRoutes(kind: 'campaign' | 'canvas'): readonly Route[] {
  const base = kind === 'campaign' ? 'campaigns' : 'canvas';
  const route = (verb: 'create' | 'update' | 'delete', charges: Route['charges'], handle: Route['handle']): Route => ({
    endpoint: `${kind}-${verb}`,
    method: 'POST',
    pattern: new RegExp(`^/${base}/trigger/schedule/${verb}$`),
    permission: `${base}.trigger.schedule.${verb}`,
    charges,
    handle,
  });
  return [
    route('create', createCharges, schedules.create(kind)),
    route('update', hourly, schedules.update(kind)),
    route('delete', hourly, schedules.remove(kind)),
  ];
}

type Row = readonly [
  endpoint: Endpoint,
  method: Route['method'],
  path: string,
  permission: string,
  bucket: Charge['bucket'],
  handle: Route['handle'],
];

const ROWS: readonly Row[] = [
  ['scheduled-broadcasts', 'GET', '/messages/scheduled_broadcasts', 'messages.schedule_broadcasts', 'hour', reads.scheduledBroadcasts],
  ['campaign-details', 'GET', '/campaigns/details', 'campaigns.details', 'hour', reads.campaignDetails],
  ['sends-create', 'POST', '/sends/id/create', 'sends.id.create', 'sendIdsPerDay', reads.createSendId],
  ['sends-data-series', 'GET', '/sends/data_series', 'sends.data_series', 'hour', reads.sendDataSeries],
  ['catalogs-list', 'GET', '/catalogs', 'catalogs.get', 'catalogs', catalogs.listCatalogs],
  ['catalogs-create', 'POST', '/catalogs', 'catalogs.create', 'catalogs', catalogs.createCatalog],
  ['catalogs-delete', 'DELETE', '/catalogs/*', 'catalogs.delete', 'catalogs', catalogs.deleteCatalog],
  ['fields-add', 'POST', '/catalogs/*/fields', 'catalogs.create_fields', 'catalogFields', catalogs.addFields],
  ['fields-delete', 'DELETE', '/catalogs/*/fields/*', 'catalogs.delete_fields', 'catalogFields', catalogs.deleteField],
  ['items-put', 'PUT', '/catalogs/*/items', 'catalogs.replace_items', 'catalogAsync', catalogs.bulkWrite('put')],
  ['items-patch', 'PATCH', '/catalogs/*/items', 'catalogs.update_items', 'catalogAsync', catalogs.bulkWrite('patch')],
  ['items-post', 'POST', '/catalogs/*/items', 'catalogs.add_items', 'catalogAsync', catalogs.bulkWrite('post')],
  ['items-delete', 'DELETE', '/catalogs/*/items', 'catalogs.delete_items', 'catalogAsync', catalogs.bulkWrite('delete')],
  ['items-list', 'GET', '/catalogs/*/items', 'catalogs.get_items', 'catalogSync', catalogs.listItems],
  ['item-get', 'GET', '/catalogs/*/items/*', 'catalogs.get_item', 'catalogSync', catalogs.getItem],
  ['item-put', 'PUT', '/catalogs/*/items/*', 'catalogs.replace_item', 'catalogSync', catalogs.oneWrite('put')],
  ['item-patch', 'PATCH', '/catalogs/*/items/*', 'catalogs.update_item', 'catalogSync', catalogs.oneWrite('patch')],
  ['item-post', 'POST', '/catalogs/*/items/*', 'catalogs.create_item', 'catalogSync', catalogs.oneWrite('post')],
  ['item-delete', 'DELETE', '/catalogs/*/items/*', 'catalogs.delete_item', 'catalogSync', catalogs.oneWrite('delete')],
];

const ROUTES: readonly Route[] = [
  ...scheduleRoutes('campaign'),
  ...scheduleRoutes('canvas'),
  ...ROWS.map(([endpoint, method, path, permission, bucket, handle]) => ({
    endpoint,
    method,
    pattern: new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`),
    permission,
    charges: inBucket(bucket),
    handle,
  })),
];

/** The route of a method and path, with the path's variable segments. */
export function routeOf(method: string, path: string): { route: Route; path: readonly string[] } | undefined {
  for (const route of ROUTES) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match !== null) return { route, path: match.slice(1).map((part) => safeDecode(part)) };
  }
  return undefined;
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
