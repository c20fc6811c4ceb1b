/**
 * P1 and the half of P2 that somebody would notice at the send: each user is told at most once in an occasion, and an object that says
 * "Braze sends it" a moment before its send is not lying.
 */
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import { type Braze, type Delivery, USERS } from './braze.ts';
import type { Scheduler } from './scheduler.ts';
import type { Swarm } from './swarm.ts';

export const RESEND_AFTER_MS = 3_600_000;
/** A write that lands this shortly before the send can't be found by any read-back any more: the last is at three minutes. */
const LAST_LOOK_MS = 240_000;

export const uidOfToken = (token: string): string => token.split('.')[0] ?? '';
export const uidPart = (object: MatchNotification): string => object.metadata.uid.slice(0, 8);

export interface DeliveryOracleOptions {
  readonly scheduler: Scheduler;
  readonly swarm: Swarm;
  readonly braze: () => Braze;
  readonly current: (key: string) => MatchNotification | undefined;
  readonly violation: (rule: string, detail: string) => void;
  readonly lostToLateWrite: () => void;
  /** No write of the time of faults can land any more. */
  readonly isQuietSinceMs: () => number;
}

export class DeliveryOracle {
  readonly #options: DeliveryOracleOptions;
  /** The time that was wanted, of each create or update call: token and the time given to Braze. */
  readonly #wanted = new Map<string, number>();
  readonly #claims = new Set<string>();

  constructor(options: DeliveryOracleOptions) {
    this.#options = options;
  }

  intended(token: string, firesAt: string, sendAt: string): void {
    this.#wanted.set(`${token} ${Date.parse(firesAt)}`, Date.parse(sendAt));
  }

  delivered(delivery: Delivery): void {
    const earlier = this.#options.braze().deliveries.filter((other) => other !== delivery && other.user === delivery.user);
    const twice = earlier.find((other) => this.#isSameFixture(other, delivery) && this.#isSameOccasion(other, delivery));
    if (twice !== undefined) this.#options.violation('delivered twice', `${this.#say(twice)} and ${this.#say(delivery)}`);
  }

  /** Whether all users were told of it, in the occasion of a send at `sendAtMs`. */
  wereTold(object: MatchNotification, item: string, sendAtMs: number): boolean {
    const { deliveries } = this.#options.braze();
    const uid = uidPart(object);
    return USERS.every((user) =>
      deliveries.some(
        (one) =>
          one.user === user &&
          (one.item === item || uidOfToken(one.token) === uid) &&
          Math.abs(this.#wantedOf(one) - sendAtMs) < RESEND_AFTER_MS,
      ),
    );
  }

  /** A status was written: what it claims is looked at when its time comes. */
  heard(object: MatchNotification): void {
    const { scheduler } = this.#options;
    const { schedule } = object.status ?? {};
    const claim = `${object.metadata.uid} ${schedule?.id} ${schedule?.firesAt}`;
    if (schedule === undefined || this.#claims.has(claim)) return;
    this.#claims.add(claim);
    const firesAtMs = Date.parse(schedule.firesAt);
    scheduler.at(firesAtMs - 1, () => this.#hold(object, firesAtMs));
  }

  #hold(object: MatchNotification, firesAtMs: number): void {
    const { scheduler, swarm, current } = this.#options;
    const now = current(`${object.metadata.namespace}/${object.metadata.name}`);
    if (now === undefined || !claimsToSend(now, object)) return;
    const item = now.status?.fence?.item ?? this.#itemOf(object.status?.schedule?.id ?? '');
    scheduler.at(firesAtMs + swarm.sendDurationMs + 1_000, () => {
      if (this.wereTold(now, item, Date.parse(now.status?.schedule?.sendAt ?? ''))) return;
      if (this.#excused(item, firesAtMs)) return;
      this.#options.violation(
        'silent loss',
        `${now.metadata.name} said that Braze sends it at ${now.status?.schedule?.firesAt}, and nobody was told`,
      );
    });
  }

  /** "Sent" is only said of what went out. */
  sent(object: MatchNotification): void {
    const { scheduler, swarm } = this.#options;
    const { lastSent } = object.status ?? {};
    if (lastSent?.reason !== 'Sent') return;
    const firesAtMs = Date.parse(lastSent.firesAt);
    const item = object.status?.fence?.item ?? this.#itemOf(lastSent.scheduleId ?? '');
    scheduler.at(Math.max(scheduler.nowMs, firesAtMs + swarm.sendDurationMs + 1_000), () => {
      if (this.wereTold(object, item, Date.parse(lastSent.sendAt)) || this.#excused(item, firesAtMs)) return;
      this.#options.violation('recorded as sent, and was not', `${object.metadata.name} ${JSON.stringify(lastSent)}`);
    });
  }

  /** A write of the item that came so late that no read-back could find it. */
  #excused(item: string, firesAtMs: number): boolean {
    const changedMs = this.#options.braze().itemChangedMs.get(item) ?? 0;
    const inTheSend = changedMs >= firesAtMs && changedMs > this.#options.isQuietSinceMs();
    const late = this.#options.swarm.fenced && changedMs > firesAtMs - LAST_LOOK_MS && !inTheSend;
    if (late) this.#options.lostToLateWrite();
    return late;
  }

  #itemOf(scheduleId: string): string {
    return this.#options.braze().planned.get(scheduleId)?.item ?? '';
  }

  /** With a fence one item, whoever writes it; without, an object knows only of itself. */
  #isSameFixture(a: Delivery, b: Delivery): boolean {
    return uidOfToken(a.token) === uidOfToken(b.token) || (this.#options.swarm.fenced && a.item === b.item);
  }

  #isSameOccasion(a: Delivery, b: Delivery): boolean {
    return Math.abs(this.#wantedOf(a) - this.#wantedOf(b)) < RESEND_AFTER_MS;
  }

  #wantedOf({ token, firesAtMs }: Delivery): number {
    return this.#wanted.get(`${token} ${firesAtMs}`) ?? firesAtMs;
  }

  #say(delivery: Delivery): string {
    const at = new Date(delivery.firesAtMs).toISOString();
    return `${delivery.user} by ${delivery.scheduleId} (${delivery.token}) at ${at}`;
  }
}

/** What somebody would read from it: the newest spec is seen, and Braze sends it. */
function claimsToSend(now: MatchNotification, then: MatchNotification): boolean {
  const { status, metadata } = now;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return (
    metadata.uid === then.metadata.uid &&
    metadata.deletionTimestamp === undefined &&
    status?.observedGeneration === metadata.generation &&
    status?.schedule?.id === then.status?.schedule?.id &&
    status?.schedule?.firesAt === then.status?.schedule?.firesAt &&
    ready?.status === 'True' &&
    ready.reason === 'Scheduled'
  );
}
