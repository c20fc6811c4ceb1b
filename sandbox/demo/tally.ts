/**
 * The closing table: what the objects promise against what people were really told. The deliveries are the simulator's own record, so
 * the operator can't flatter itself. Pure.
 */

import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Delivery } from '../braze/index.ts';

export interface TallyInput {
  readonly notifications: readonly MatchNotification[];
  /** Only those of outcome `delivered`. */
  readonly deliveries: readonly Delivery[];
  /** Everybody whom the campaign reaches. */
  readonly users: readonly string[];
  readonly now: Temporal.Instant;
}

export interface Tally {
  readonly fixtures: number;
  /** With a schedule in Braze whose time is still ahead. */
  readonly scheduled: number;
  /** Each user was told once, at the time that the object names. */
  readonly once: readonly string[];
  /** Some user was told more than once. */
  readonly twice: readonly string[];
  /** The time has passed, nobody held it back, and some user was not told; or told at another time. */
  readonly lost: readonly string[];
}

/** A send is not missed before this has passed. */
const GRACE_MS = 2_000;

export function tally({ notifications, deliveries, users, now }: TallyInput): Tally {
  const verdicts = notifications.map((object) => ({ name: object.metadata.name, verdict: verdictOn(object, { deliveries, users, now }) }));
  const names = (wanted: Verdict): string[] => verdicts.filter(({ verdict }) => verdict === wanted).map(({ name }) => name);
  const scheduled = notifications.filter(({ status }) => status?.phase === 'Scheduled' && status.schedule !== undefined).length;
  return { fixtures: notifications.length, scheduled, once: names('once'), twice: names('twice'), lost: names('lost') };
}

type Verdict = 'once' | 'twice' | 'lost' | 'ahead';

function verdictOn(object: MatchNotification, { deliveries, users, now }: Omit<TallyInput, 'notifications'>): Verdict {
  const item = itemOf(object);
  const mine = deliveries.filter(({ notification }) => notification === item);
  const counts = users.map((user) => mine.filter((one) => one.user === user).length);
  if (counts.some((count) => count > 1)) return 'twice';
  const sendAtMs = Temporal.Instant.from(object.spec.sendAt).epochMilliseconds;
  const told = counts.filter((count) => count === 1).length;
  if (told > 0) return told === users.length && mine.every(({ firedMs }) => firedMs === sendAtMs) ? 'once' : 'lost';
  const held = object.spec.hold !== undefined || object.spec.suspend;
  return !held && now.epochMilliseconds > sendAtMs + GRACE_MS ? 'lost' : 'ahead';
}

/** The catalog item, from the object's wish alone (design §4). */
export function itemOf({ spec }: MatchNotification): string {
  return `${spec.match.provider}-${spec.match.id}-${spec.campaignId.slice(0, 8)}`;
}
