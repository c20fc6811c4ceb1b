/** All that is watched in one world, in one place; each part judges in its own words. */
import type { Exchange } from '../../../src/braze/outcomes.ts';
import type { WireRequest } from '../../../src/braze/transport.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import type { Delivery } from './braze.ts';
import { type Caller, CallOracle } from './oracle-calls.ts';
import { DeliveryOracle } from './oracle-deliveries.ts';
import { EndOracle } from './oracle-end.ts';
import { StatusOracle } from './oracle-statuses.ts';
import type { World } from './world.ts';

/** The latest that a call may take effect after it was sent, and an asynchronous write after that. */
const LATEST_MS = 420_000;

export class Oracle {
  readonly statuses: StatusOracle;
  readonly deliveries: DeliveryOracle;
  readonly calls: CallOracle;
  readonly end: EndOracle;
  readonly #world: World;
  compensations = 0;

  constructor(world: World) {
    this.#world = world;
    const { scheduler, swarm, violation } = world;
    const braze = () => world.braze;
    this.statuses = new StatusOracle({ swarm, braze, violation });
    this.deliveries = new DeliveryOracle({
      scheduler,
      swarm,
      braze,
      violation,
      current: (key) => world.cluster.get(key),
      lostToLateWrite: () => world.count('lost to a late write'),
      isQuietSinceMs: () => world.calmSinceMs + LATEST_MS,
    });
    this.calls = new CallOracle({
      scheduler,
      swarm,
      braze,
      violation,
      statuses: this.statuses,
      objects: () => world.cluster.all(),
      others: (caller) => world.lives.filter((life) => life !== caller),
    });
    this.end = new EndOracle(world, this.deliveries);
  }

  committed(before: MatchNotification | undefined, after: MatchNotification, by: string | undefined): void {
    const { operation, lastSent } = after.status ?? {};
    this.#world.note(() => `  ${after.metadata.name} is ${summary(after)}`);
    if (by === undefined) return;
    this.statuses.committed(before, after, by);
    if (operation !== undefined && operation.id !== before?.status?.operation?.id)
      this.deliveries.intended(operation.token, operation.firesAt, operation.sendAt);
    this.deliveries.heard(after);
    if (lastSent !== undefined && lastSent.firesAt !== before?.status?.lastSent?.firesAt) this.deliveries.sent(after);
  }

  removed(last: MatchNotification, by: string | undefined): void {
    if (by !== undefined) this.statuses.removed(last, by);
  }

  delivered(delivery: Delivery): void {
    this.deliveries.delivered(delivery);
  }

  compensated(): void {
    this.compensations += 1;
  }

  asked(caller: Caller, request: WireRequest): void {
    this.calls.asked(caller, request);
  }

  told(caller: Caller, call: { request: WireRequest; exchange: Exchange }): void {
    this.calls.told(caller, call);
  }

  announcedPut(caller: Caller, item: { readonly token: string; readonly state?: string }): void {
    this.calls.opening(caller, item);
  }
}

/** A status in one line. */
function summary({ metadata, status = {} }: MatchNotification): string {
  const { phase, schedule, operation, obsolete = [], fence, occasion, lastSent, conditions = [] } = status;
  const parts = [
    `${metadata.resourceVersion}/${metadata.generation}${metadata.deletionTimestamp === undefined ? '' : ' deleting'}`,
    `${phase} ${conditions.find(({ type }) => type === 'Ready')?.reason}`,
    schedule && `schedule ${schedule.id} ${schedule.firesAt.slice(11, 16)}`,
    operation && `operation ${operation.kind} ${operation.token} ${operation.firesAt.slice(11, 16)}`,
    obsolete.length > 0 && `obsolete ${obsolete.map(({ id }) => id).join(' ')}`,
    fence &&
      `fence ${fence.state} "${fence.token}" ${fence.confirmed ? 'confirmed' : ''} ${fence.announcedAt.slice(14)} unsettled ${fence.unsettled?.length ?? 0}`,
    occasion && `announced ${occasion.announced?.join(' ') ?? '-'}${occasion.locked ? ' locked' : ''}`,
    lastSent && `last ${lastSent.reason} ${lastSent.firesAt.slice(11, 16)}`,
  ];
  return parts.filter((part) => part !== undefined && part !== false).join(', ');
}
