/** Braze's REST calls on the simulated Braze: which status and words each is answered with (contracts 1.2–1.8, 1.12). */

import type { Endpoint } from '../../../src/braze/endpoints.ts';
import { fenceSnippet } from '../../../src/braze/fence-template.ts';
import type { WireRequest } from '../../../src/braze/transport.ts';
import type { CatalogItem } from '../../../src/braze/types.ts';
import type { Braze } from './braze.ts';
import type { Swarm } from './swarm.ts';

export interface Reply {
  readonly status: number;
  readonly body: object;
}

export const CATALOG = 'matchday';

export function endpointOf({ method, path }: Pick<WireRequest, 'method' | 'path'>): Endpoint {
  const schedule = /^\/campaigns\/trigger\/schedule\/(create|update|delete)$/.exec(path)?.[1];
  if (schedule !== undefined) return `schedule.${schedule}` as Endpoint;
  if (path.startsWith('/campaigns/details')) return 'campaigns.details';
  const single = /^\/catalogs\/[^/]+\/items\/./.test(path);
  if (method === 'GET') return single ? 'items.get' : 'items.list';
  if (method === 'DELETE') return 'items.delete-many';
  return single ? 'items.put' : 'items.put-many';
}

interface ScheduleBody {
  readonly campaign_id: string;
  readonly schedule_id: string;
  readonly trigger_properties: Readonly<Record<string, string>>;
  readonly schedule: { readonly time: string };
}

/** What a call is about, as the caller sent it. */
export function bodyOf(request: WireRequest): ScheduleBody & { readonly items: readonly CatalogItem[] } {
  return request.body as ScheduleBody & { readonly items: readonly CatalogItem[] };
}

const itemIdOf = (path: string): string => decodeURIComponent(/\/items\/(.+)$/.exec(path)?.[1] ?? '');

const SUCCESS = { status: 201, body: { message: 'success' } } as const;

export function answerOf(braze: Braze, swarm: Swarm, request: WireRequest): Reply {
  const body = bodyOf(request);
  const unknown: Reply =
    swarm.unknownSchedule === 200 ? SUCCESS : { status: swarm.unknownSchedule, body: { message: 'Schedule not found' } };
  switch (endpointOf(request)) {
    case 'schedule.create': {
      const { token = '', notification = '' } = body.trigger_properties;
      const made = braze.create({ campaignId: body.campaign_id, item: notification, token, firesAtMs: Date.parse(body.schedule.time) });
      if (made === undefined) return { status: 400, body: { message: 'Bad Request', errors: ['time is in the past'] } };
      return { status: 201, body: { message: 'success', schedule_id: made.id, dispatch_id: `d-${made.id}` } };
    }
    case 'schedule.update': {
      const id = braze.update(body.schedule_id, Date.parse(body.schedule.time));
      return id === undefined
        ? { ...unknown, status: Math.max(400, unknown.status) }
        : { status: 200, body: { message: 'success', schedule_id: id } };
    }
    case 'schedule.delete':
      return braze.delete(body.schedule_id) === 'done' ? SUCCESS : unknown;
    case 'items.put':
      braze.store({ ...body.items[0], id: itemIdOf(request.path) });
      return SUCCESS;
    case 'items.put-many':
      braze.storeLater(body.items);
      return { status: 202, body: { message: 'success' } };
    case 'items.delete-many':
      braze.removeLater(body.items.map(({ id }) => id));
      return { status: 202, body: { message: 'success' } };
    case 'items.get':
      return itemReply(braze.items.get(itemIdOf(request.path)));
    case 'items.list':
      return { status: 200, body: { message: 'success', items: [...braze.items.values()] } };
    default:
      return campaign(swarm, braze.lastSentMs(new URL(request.path, 'https://braze.invalid').searchParams.get('campaign_id') ?? ''));
  }
}

function itemReply(item: CatalogItem | undefined): Reply {
  if (item !== undefined) return { status: 200, body: { message: 'success', items: [item] } };
  return { status: 404, body: { message: 'Invalid Request', errors: [{ id: 'item-not-found', message: 'Could not find item' }] } };
}

function campaign({ fenced, rendersKickoff }: Swarm, lastSentMs: number | undefined): Reply {
  const kickoff = { True: '{{api_trigger_properties.${kickoff}}}', False: 'soon', Unknown: '{{content_blocks.${kickoff}}}' }[
    rendersKickoff
  ];
  const text = fenced ? `${fenceSnippet(CATALOG)} {{ items[0].home }}` : `{{api_trigger_properties.\${home}}} ${kickoff}`;
  const messages = { m1: { channel: 'ios_push', name: 'one', alert: text } };
  const sent = lastSentMs === undefined ? {} : { last_sent: new Date(lastSentMs).toISOString() };
  return { status: 200, body: { message: 'success', enabled: true, draft: false, archived: false, messages, ...sent } };
}
