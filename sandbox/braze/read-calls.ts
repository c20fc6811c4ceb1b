/** Send ids, their series, campaign details and the listing (contracts 1.6, 1.7): weak evidence, all of it. */
import { randomUUID } from 'node:crypto';
import type { Campaign } from './campaigns.ts';
import type { Delivery } from './delivery.ts';
import { type Json, textOf } from './json.ts';
import { answer, badRequest, type Reply, refuse } from './reply.ts';
import type { Call } from './routes.ts';
import type { Schedule } from './schedules.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Series are kept 14 days after the send. */
const KEPT_MS = 14 * DAY_MS;

function campaignOf(world: World, id: string | null | undefined): Campaign {
  const campaign = world.campaigns.get(id ?? '');
  if (campaign === undefined || campaign.kind !== 'campaign') throw refuse(400, 'Invalid Campaign ID');
  return campaign;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function campaignDetails(world: World, call: Call): Reply {
  const campaign = campaignOf(world, call.query.get('campaign_id'));
  const messages = campaign.messages.map(({ id, channel, variant, fields }) => [id, { channel, name: variant, ...fields }]);
  return answer(200, {
    created_at: iso(campaign.createdMs),
    updated_at: iso(campaign.createdMs),
    name: campaign.name,
    description: '',
    enabled: campaign.enabled,
    draft: campaign.draft,
    archived: campaign.archived,
    schedule_type: campaign.type === 'scheduled' ? 'time_based' : 'api_triggered',
    channels: [...new Set(campaign.messages.map((message) => message.channel))],
    ...(campaign.firstSentMs === undefined ? {} : { first_sent: iso(campaign.firstSentMs) }),
    ...lastSent(world, campaign),
    tags: campaign.tags,
    teams: [],
    messages: Object.fromEntries(messages),
    conversion_behaviors: [],
    message: 'success',
  });
}

function lastSent(world: World, campaign: Campaign): { readonly last_sent?: string } {
  const { lastSentTo, lastSentLagMs } = world.options;
  const ms = lastSentLagMs === 0 ? campaign.lastSentMs : lastDelivered(world, campaign, world.agenda.nowMs() - lastSentLagMs);
  if (ms === undefined) return {};
  return { last_sent: iso(lastSentTo === 'hour' ? ms - (ms % HOUR_MS) : ms) };
}

const lastDelivered = (world: World, { id }: Campaign, untilMs: number): number | undefined =>
  world.sender.deliveries.findLast((one) => one.campaignId === id && one.outcome === 'delivered' && one.renderedMs <= untilMs)?.renderedMs;

export function createSendId(world: World, call: Call): Reply {
  const campaign = campaignOf(world, textOf(call.body['campaign_id']));
  const given = call.body['send_id'];
  const sendId = given === undefined ? randomUUID().replaceAll('-', '') : textOf(given);
  if (sendId === undefined || !/^[\x20-\x7e]{1,64}$/.test(sendId)) throw badRequest('send_id must be ASCII, at most 64 characters');
  world.sendIds.add(sendId, campaign.id);
  return answer(world.options.successStatus, { message: 'success', send_id: sendId });
}

export function sendDataSeries(world: World, call: Call): Reply {
  const campaign = campaignOf(world, call.query.get('campaign_id'));
  const sendId = call.query.get('send_id');
  const length = Number(call.query.get('length'));
  if (sendId === null || !Number.isInteger(length) || length < 1 || length > 100)
    throw badRequest('send_id and length (1 to 100) are required');
  const endingAt = call.query.get('ending_at');
  const end = endingAt === null ? world.agenda.nowMs() : Date.parse(endingAt);
  if (Number.isNaN(end)) throw badRequest('ending_at is not a time of ISO 8601');
  const oldest = world.agenda.nowMs() - KEPT_MS;
  const mine = world.sender.deliveries.filter((one) => one.campaignId === campaign.id && one.sendId === sendId && one.renderedMs >= oldest);
  const days = Array.from({ length }, (_, index) => dayOf(end - (length - 1 - index) * DAY_MS));
  return answer(200, {
    message: 'success',
    data: days.map((day) =>
      seriesOf(
        day,
        mine.filter((one) => dayOf(one.renderedMs) === day),
      ),
    ),
  });
}

const dayOf = (ms: number): string => iso(ms).slice(0, 10);

function seriesOf(time: string, deliveries: readonly Delivery[]): Json {
  const sent = deliveries.flatMap((one) => one.messages.filter((message) => message.outcome === 'delivered'));
  const channels = [...new Set(sent.map((message) => message.channel))].map((channel) => {
    const ofChannel = sent.filter((message) => message.channel === channel);
    const variants = [...new Set(ofChannel.map((message) => message.variant))];
    const rows = variants.map((variant) => {
      const count = ofChannel.filter((message) => message.variant === variant).length;
      return { variation_name: variant, sent: count, delivered: count, undelivered: 0, delivery_failed: 0, direct_opens: 0, bounces: 0 };
    });
    return [channel, rows];
  });
  const reached = deliveries.filter((one) => one.outcome === 'delivered').map((one) => one.user);
  return { time, messages: Object.fromEntries(channels), conversions: 0, revenue: 0, unique_recipients: new Set(reached).size };
}

/** A campaign or canvas that a person scheduled in the dashboard: what the listing is for. */
export interface DashboardBroadcast {
  readonly name: string;
  readonly id: string;
  readonly type: 'Campaign' | 'Canvas';
  readonly tags: readonly string[];
  readonly nextSendTime: string;
}

/** `end_time` is taken as midnight UTC of its day; schedules made over the API are shown only as an option, and late. */
export function scheduledBroadcasts(world: World, call: Call): Reply {
  const end = Date.parse(call.query.get('end_time') ?? '');
  if (Number.isNaN(end)) throw badRequest('end_time is required, as ISO 8601');
  const midnight = Date.parse(`${iso(end).slice(0, 10)}T00:00:00Z`);
  const rows = [...world.dashboard.map(dashboardRow), ...apiRows(world)];
  const now = world.agenda.nowMs();
  const shown = rows.filter((row) => Date.parse(row.next_send_time) >= now && Date.parse(row.next_send_time) < midnight);
  return answer(200, { scheduled_broadcasts: shown.map((row) => decorate(world, row)), message: 'success' });
}

interface ListRow extends Json {
  readonly next_send_time: string;
}

const dashboardRow = (one: DashboardBroadcast): ListRow => ({
  name: one.name,
  id: one.id,
  type: one.type,
  tags: one.tags,
  next_send_time: one.nextSendTime,
  schedule_type: 'UTC',
});

function apiRows(world: World): readonly ListRow[] {
  if (!world.options.listApiSchedules) return [];
  const seenAt = world.agenda.nowMs() - world.options.listLagMs;
  const isShown = (one: Schedule): boolean => one.createdMs <= seenAt && (one.deletedMs === undefined || one.deletedMs > seenAt);
  return [...world.schedules.all.values()].filter(isShown).flatMap((schedule) => rowOf(world, schedule));
}

function rowOf(world: World, schedule: Schedule): readonly ListRow[] {
  const when = schedule.when;
  const now = world.agenda.nowMs();
  const next = Math.min(...schedule.times.filter((time) => time >= now));
  if (!Number.isFinite(next)) return [];
  const local = when.kind === 'local' ? 'local_time_zones' : 'intelligent_delivery';
  return [
    {
      name: schedule.campaign.name,
      id: schedule.campaign.id,
      type: schedule.campaign.kind === 'campaign' ? 'Campaign' : 'Canvas',
      tags: schedule.campaign.tags,
      next_send_time: iso(next),
      schedule_type: when.kind === 'instant' ? world.options.companyTimeZone : local,
    },
  ];
}

const decorate = (world: World, row: Json): Json =>
  world.options.listExtraFields ? { ...row, recurring: false, x_beta: { rank: 1 } } : row;
