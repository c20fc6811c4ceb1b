/** The simulator's state as tests and the admin port see it: plain data. */
import type { Delivery } from './delivery.ts';
import type { Json } from './json.ts';
import type { Schedule } from './schedules.ts';
import type { World } from './world.ts';

export interface ScheduleView {
  readonly id: string;
  readonly dispatchId: string;
  readonly campaignId: string;
  readonly notification: string | undefined;
  readonly token: string | undefined;
  readonly properties: Json;
  /** The time last asked for; of a local time, the earliest. ISO 8601. */
  readonly time: string;
  readonly createdAt: string;
  /** `scheduled`: will still send to somebody. `deleted` may have survivors near the send (best effort): see `survivors`. */
  readonly state: 'scheduled' | 'sent' | 'deleted';
  /** A deleted schedule that still reaches, or reached, a share of the users. */
  readonly survivors: boolean;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const iso = (ms: number): string => new Date(ms).toISOString();

export function viewOf(world: World, schedule: Schedule): ScheduleView {
  const begun = schedule.parts.every((part) => part.begun.size === part.times.length);
  const first = Math.min(...schedule.times);
  return {
    id: schedule.id,
    dispatchId: schedule.dispatchId,
    campaignId: schedule.campaign.id,
    notification: text(schedule.properties['notification']),
    token: text(schedule.properties['token']),
    properties: schedule.properties,
    time: iso(Number.isFinite(first) ? first : world.agenda.nowMs()),
    createdAt: iso(schedule.createdMs),
    state: schedule.deletedMs !== undefined ? 'deleted' : begun ? 'sent' : 'scheduled',
    survivors: schedule.deletedMs !== undefined && schedule.parts.length > 0,
  };
}

export interface DeliveryFilter {
  readonly notification?: string;
  readonly scheduleId?: string;
  readonly campaignId?: string;
  readonly user?: string;
  readonly token?: string;
  readonly outcome?: Delivery['outcome'];
}

export function deliveriesWhere(deliveries: readonly Delivery[], filter: DeliveryFilter): readonly Delivery[] {
  return deliveries.filter((one) => {
    const values: Readonly<Record<string, unknown>> = { ...one };
    return Object.entries(filter).every(([name, value]) => value === undefined || values[name] === value);
  });
}

/** Counts by user. */
export function tally(deliveries: readonly Delivery[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { user } of deliveries) counts[user] = (counts[user] ?? 0) + 1;
  return counts;
}
