/** Create, update and delete of API-triggered schedules, for campaigns and canvases (contracts 1.2–1.5). */
import { propertiesOf, readAudience } from './audience.ts';
import { type Campaign, isLive } from './campaigns.ts';
import { type Json, textOf } from './json.ts';
import { answer, badRequest, type Refused, type Reply, refusal, refuse } from './reply.ts';
import type { Call } from './routes.ts';
import { readWhen } from './schedule-time.ts';
import type { Schedule } from './schedules.ts';
import type { World } from './world.ts';

type Kind = Campaign['kind'];

/** A canvas calls its properties `context`, formerly `canvas_entry_properties` (contracts 1.5). */
const PROPERTY_KEYS: Record<Kind, readonly string[]> = {
  campaign: ['trigger_properties'],
  canvas: ['context', 'canvas_entry_properties'],
};

const invalidCampaign = (kind: Kind): Refused => refuse(400, kind === 'campaign' ? 'Invalid Campaign ID' : 'Invalid Canvas ID');

function campaignOf(world: World, kind: Kind, body: Json): Campaign {
  const campaign = world.campaigns.get(textOf(body[`${kind}_id`]) ?? '');
  if (campaign === undefined || campaign.kind !== kind || campaign.type !== 'api-triggered') throw invalidCampaign(kind);
  return campaign;
}

export const create =
  (kind: Kind) =>
  (world: World, call: Call): Reply => {
    const campaign = campaignOf(world, kind, call.body);
    const properties = propertiesOf(call.body, PROPERTY_KEYS[kind]);
    const audience = readAudience(call.body, world.options, PROPERTY_KEYS[kind]);
    for (const given of [properties, ...(audience.recipients ?? []).map((recipient) => recipient.properties)]) checkSize(world, given);
    const when = readWhen(call.body, world.options, world.agenda.nowMs());
    const sendId = sendIdOf(world, campaign, call.body);
    if (!isLive(campaign) && world.options.stoppedCampaign === '400') throw badRequest('the campaign is not active');
    const schedule = world.schedules.create({ campaign, audience, properties, sendId }, when);
    const tracked = sendId === undefined ? {} : { send_id: sendId };
    return answer(world.options.successStatus, {
      dispatch_id: schedule.dispatchId,
      schedule_id: schedule.id,
      ...tracked,
      message: 'success',
    });
  };

function checkSize(world: World, properties: Json): void {
  const limit = world.options.triggerPropertiesLimitBytes;
  if (Buffer.byteLength(JSON.stringify(properties)) > limit) throw badRequest(`trigger_properties exceed ${limit} bytes`);
}

/** A send id must have been made beforehand, for this campaign (contracts 1.7). */
function sendIdOf(world: World, campaign: Campaign, body: Json): string | undefined {
  if (body['send_id'] === undefined) return undefined;
  const sendId = textOf(body['send_id']);
  if (sendId === undefined || !world.sendIds.has(sendId, campaign.id)) throw badRequest('send_id is not known');
  return sendId;
}

/** The schedule that a body means; undefined where it is gone or was never there. */
function scheduleOf(world: World, kind: Kind, body: Json): Schedule | undefined {
  const campaign = campaignOf(world, kind, body);
  const id = textOf(body['schedule_id']);
  if (id === undefined || id === '') throw badRequest('schedule_id is required');
  const schedule = world.schedules.find(id);
  if (schedule !== undefined && schedule.campaign !== campaign) throw badRequest('schedule_id belongs to another campaign');
  return schedule;
}

export const update =
  (kind: Kind) =>
  (world: World, call: Call): Reply => {
    const schedule = scheduleOf(world, kind, call.body);
    const when = readWhen(call.body, world.options, world.agenda.nowMs());
    if (schedule === undefined) return unknownSchedule(world);
    const now = world.schedules.update(schedule, when, call.tweaks.updateId ?? world.options.updateId);
    const changed = now === schedule ? {} : { schedule_id: now.id };
    return answer(world.options.successStatus, { ...changed, message: 'success' });
  };

export const remove =
  (kind: Kind) =>
  (world: World, call: Call): Reply => {
    const schedule = scheduleOf(world, kind, call.body);
    if (schedule === undefined) return unknownSchedule(world);
    world.schedules.delete(schedule);
    return answer(world.options.successStatus, { message: 'success' });
  };

/** Undocumented: contracts 1.4 gives three answers, each of which means "gone" and none "cancelled before it was sent". */
function unknownSchedule(world: World): Reply {
  const status = world.options.unknownSchedule;
  return status === 200 ? answer(200, { message: 'success' }) : refusal(status, world.options.unknownScheduleMessage);
}
