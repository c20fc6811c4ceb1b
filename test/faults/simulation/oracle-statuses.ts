/** What a status may become: written before the call that it intends, never back, and nothing let go that is still owned. */
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import { ABANDON } from '../../../src/crds/words.ts';
import type { Braze } from './braze.ts';
import { uidOfToken, uidPart } from './oracle-deliveries.ts';
import type { Swarm } from './swarm.ts';

type Violation = (rule: string, detail: string) => void;

export class StatusOracle {
  /** Every schedule id that stood in a status. */
  readonly held = new Set<string>();
  /** Every token whose schedule's id stood in a status. */
  readonly recorded = new Set<string>();
  /** Tokens of create intents, and the life that wrote each. */
  readonly intended = new Map<string, string>();
  readonly updating = new Set<string>();
  /** How many openings each life announced and has not written yet, by life and token. */
  readonly announced = new Map<string, number>();
  readonly #retired = new Set<string>();
  readonly #swarm: Swarm;
  readonly #braze: () => Braze;
  readonly #violation: Violation;

  constructor(options: { swarm: Swarm; braze: () => Braze; violation: Violation }) {
    this.#swarm = options.swarm;
    this.#braze = options.braze;
    this.#violation = options.violation;
  }

  /** One commit of an operator. */
  committed(before: MatchNotification | undefined, after: MatchNotification, by: string): void {
    const old = before?.metadata.uid === after.metadata.uid ? (before.status ?? {}) : {};
    const status = after.status ?? {};
    for (const [rule, broken] of Object.entries(BACKWARDS))
      if (broken(old, status)) this.#violation(rule, `${after.metadata.name}, by ${by}: ${JSON.stringify({ old, status })}`);
    this.#learn(old, status, by);
    this.#intent(old, after, by);
  }

  /** An operator took the finalizer away. */
  removed(last: MatchNotification, by: string): void {
    const { status = {}, metadata, spec } = last;
    if (spec.deletionPolicy === 'Retain' || metadata.annotations?.[ABANDON] === 'true') return;
    const owned = [status.schedule?.id, ...(status.obsolete ?? []).map(({ id }) => id)].filter((id) => id !== undefined);
    if (owned.length > 0) this.#violation('let go of while it owned schedules', `${metadata.name}, by ${by}: ${owned.join(' ')}`);
    const live = [...this.#braze().planned.values()].filter((one) => one.state === 'live' && uidOfToken(one.token) === uidPart(last));
    // What counts as sent could not be stopped any more: by the operator's clock its time may have come a moment before it does.
    const counted = Date.parse(status.lastSent?.firesAt ?? '');
    const open = live.filter((one) => one.firesAtMs !== counted && this.#mayGoOut(one));
    if (open.length > 0) this.#violation('let go of while a schedule of its own may go out', `${metadata.name}, by ${by}: ${open[0]?.id}`);
  }

  #mayGoOut({ id, item, token }: { id: string; item: string; token: string }): boolean {
    return this.#swarm.fenced ? this.#braze().items.get(item)?.['token'] === token : this.held.has(id);
  }

  #learn(old: MatchNotificationStatus, status: MatchNotificationStatus, by: string): void {
    const { schedule, obsolete = [], fence } = status;
    if (schedule !== undefined) {
      if (this.#retired.has(schedule.id)) this.#violation('a retired id is wanted again', schedule.id);
      this.held.add(schedule.id);
      this.recorded.add(schedule.token);
    }
    for (const { id, token } of obsolete) {
      this.#retired.add(id);
      this.held.add(id);
      if (token !== undefined) this.recorded.add(token);
    }
    if (fence === undefined || fence.state !== 'open' || fence.token === '' || !this.#isAnnouncement(old.fence, fence)) return;
    const key = `${by} ${fence.token}`;
    this.announced.set(key, (this.announced.get(key) ?? 0) + 1);
  }

  /** Of two that lead at once, both may announce the same in one instant. */
  #isAnnouncement(
    old: MatchNotificationStatus['fence'],
    { confirmed, announcedAt }: NonNullable<MatchNotificationStatus['fence']>,
  ): boolean {
    return !confirmed && (this.#swarm.leaders === 'both' || announcedAt !== old?.announcedAt);
  }

  #intent(old: MatchNotificationStatus, { status = {}, metadata }: MatchNotification, by: string): void {
    const { operation, schedule, obsolete = [], occasion } = status;
    if (operation === undefined || operation.id === old.operation?.id) return;
    if (operation.kind === 'Update') {
      this.updating.add(`${by} ${operation.scheduleId} ${operation.firesAt}`);
      return;
    }
    if (this.intended.has(operation.token)) this.#violation('a token was used for two creates', operation.token);
    this.intended.set(operation.token, by);
    const left = [schedule?.id, ...obsolete.map(({ id }) => id), ...(occasion?.announced ?? [])].filter((one) => one !== undefined);
    if (left.length > 0)
      this.#violation('a create was intended before the earlier was gone', `${metadata.name}, by ${by}: ${left.join(' ')}`);
  }
}

type Broken = (old: MatchNotificationStatus, status: MatchNotificationStatus) => boolean;

const BACKWARDS: Readonly<Record<string, Broken>> = {
  'attempt went back': (old, status) => (status.attempt ?? 0) < (old.attempt ?? 0),
  'lastSent was lost': (old, status) => old.lastSent !== undefined && status.lastSent === undefined,
  'lastSent went back': (old, status) =>
    old.lastSent !== undefined && status.lastSent !== undefined && Date.parse(status.lastSent.firesAt) < Date.parse(old.lastSent.firesAt),
  'the occasion went back': (old, status) => (status.occasion?.number ?? 1) < (old.occasion?.number ?? 1),
  'observedGeneration went back': (old, status) => (status.observedGeneration ?? 0) < (old.observedGeneration ?? 0),
  'history went back': (old, status) => lastOf(status.history) < lastOf(old.history),
  'an id was lost': (old, status) => old.schedule !== undefined && isForgotten(old.schedule, status),
  'an operation was begun in another': (old, status) =>
    old.operation !== undefined && status.operation !== undefined && old.operation.id !== status.operation.id,
};

const lastOf = (history: object | undefined): string =>
  Object.keys(history ?? {})
    .sort()
    .at(-1) ?? '';

/** A schedule that is owned leaves the status by way of `obsolete`, or because it was sent. */
function isForgotten(
  { id, firesAt }: { id: string; firesAt: string },
  { schedule, obsolete = [], lastSent }: MatchNotificationStatus,
): boolean {
  if (schedule?.id === id || obsolete.some((entry) => entry.id === id)) return false;
  return lastSent?.scheduleId !== id && lastSent?.firesAt !== firesAt;
}
