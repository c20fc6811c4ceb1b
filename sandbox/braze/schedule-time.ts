/** The schedule object of a request (contracts 1.2): an instant, a local time, or a day on which each user has a best hour. */
import type { User } from './campaigns.ts';
import { type Json, objectOf, textOf } from './json.ts';
import type { BrazeOptions } from './options.ts';
import { badRequest } from './reply.ts';

export type When =
  | { readonly kind: 'instant'; readonly atMs: number }
  /** Each user at this time of their own wall clock. */
  | { readonly kind: 'local'; readonly at: Temporal.PlainDateTime }
  /** Each user at their own best hour of this day; the clock part is ignored. */
  | { readonly kind: 'optimal'; readonly day: Temporal.PlainDate };

/** The zone that reaches a time of day last: when it has passed there, it has passed everywhere. */
const LAST_ZONE = '-12:00';
const FIRST_ZONE = '+14:00';
const DAY_MS = 86_400_000;

export function fireTimeOf(when: When, user: User): number {
  if (when.kind === 'instant') return when.atMs;
  const local = when.kind === 'local' ? when.at : when.day.toPlainDateTime({ hour: user.optimalHour });
  return local.toZonedDateTime(user.timeZone).epochMilliseconds;
}

/** Whether a local time has passed in any zone: then an update of it does nothing (contracts 1.3). */
export function hasBegunSomewhere(when: When, nowMs: number): boolean {
  if (when.kind === 'instant') return false;
  const start = when.kind === 'local' ? when.at : when.day.toPlainDateTime();
  return start.toZonedDateTime(FIRST_ZONE).epochMilliseconds <= nowMs;
}

/** Reads `schedule` of a body, or refuses with the contract's 400. */
export function readWhen(body: Json, options: BrazeOptions, nowMs: number): When {
  const schedule = objectOf(body['schedule']);
  const time = textOf(schedule?.['time']);
  if (schedule === undefined || time === undefined) throw badRequest('schedule.time is required');
  const isLocal = schedule['in_local_time'] === true;
  const isOptimal = schedule['at_optimal_time'] === true;
  const when = isLocal || isOptimal ? localTime(time, isOptimal) : instant(time, options, nowMs);
  checkReach(when, options, nowMs);
  return when;
}

function instant(time: string, options: BrazeOptions, nowMs: number): When {
  const atMs = parseInstant(time);
  if (atMs >= nowMs) return { kind: 'instant', atMs };
  if (options.pastTime === 'send-now') return { kind: 'instant', atMs: nowMs };
  throw badRequest('schedule.time is in the past');
}

function localTime(time: string, isOptimal: boolean): When {
  if (hasZone(time)) throw badRequest('schedule.time must have no zone designator with in_local_time or at_optimal_time');
  const at = parsePlain(time);
  return isOptimal ? { kind: 'optimal', day: at.toPlainDate() } : { kind: 'local', at };
}

function checkReach(when: When, options: BrazeOptions, nowMs: number): void {
  const zone = options.localTimePassed === 'company' ? options.companyTimeZone : LAST_ZONE;
  if (when.kind === 'local' && when.at.toZonedDateTime(zone).epochMilliseconds < nowMs) throw badRequest('the local time has passed');
  if (when.kind === 'optimal' && when.day.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds < nowMs) {
    throw badRequest('the day has passed');
  }
  if (startMs(when) > nowMs + options.maxAheadDays * DAY_MS) {
    throw badRequest(`schedule.time is more than ${options.maxAheadDays} days ahead`);
  }
}

const startMs = (when: When): number => {
  if (when.kind === 'instant') return when.atMs;
  return (when.kind === 'local' ? when.at : when.day.toPlainDateTime()).toZonedDateTime('UTC').epochMilliseconds;
};

const hasZone = (time: string): boolean => /(z|[+-]\d\d:?\d\d)$/i.test(time);

function parseInstant(time: string): number {
  if (!hasZone(time) || !time.includes(':')) return parsePlain(time).toZonedDateTime('UTC').epochMilliseconds;
  return parsed(() => Temporal.Instant.from(time)).epochMilliseconds;
}

const parsePlain = (time: string): Temporal.PlainDateTime => parsed(() => Temporal.PlainDateTime.from(time));

function parsed<T>(parse: () => T): T {
  const result = attempt(parse);
  if (result === undefined) throw badRequest('schedule.time is not a time of ISO 8601');
  return result;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
