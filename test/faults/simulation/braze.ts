/**
 * Braze as the contract has it, as far as "who was told what, and how often" goes: schedules that fire, catalog items that their messages
 * read, users who are rendered one after another. What the contract leaves open is drawn by the seed. Synchronous; when a call takes
 * effect is decided by the wire (braze-wire.ts).
 */
import type { CatalogItem } from '../../../src/braze/types.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Rates, Swarm } from './swarm.ts';

export interface Planned {
  readonly id: string;
  readonly campaignId: string;
  /** The catalog item that its message reads: match and campaign. */
  readonly item: string;
  readonly token: string;
  firesAtMs: number;
  readonly madeAtMs: number;
  state: 'live' | 'deleted' | 'fired';
}

export interface Delivery {
  readonly scheduleId: string;
  readonly item: string;
  readonly token: string;
  readonly user: string;
  readonly firesAtMs: number;
  readonly atMs: number;
}

export const USERS = ['ann', 'bob', 'cem'] as const;

export interface BrazeOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly swarm: Swarm;
  readonly rates: () => Rates;
  readonly bufferMs: number;
  readonly note: (line: () => string) => void;
  readonly onDelivery: (delivery: Delivery) => void;
}

const INVISIBLE_MS = 240_000;

export class Braze {
  readonly planned = new Map<string, Planned>();
  readonly items = new Map<string, CatalogItem>();
  /** When an item last became another one. */
  readonly itemChangedMs = new Map<string, number>();
  readonly deliveries: Delivery[] = [];
  readonly #options: BrazeOptions;
  #ids = 0;
  /** Asynchronous writes that were accepted and are still on their way. */
  #travelling = 0;
  #lastAppliesMs = 0;

  constructor(options: BrazeOptions) {
    this.#options = options;
  }

  get travelling(): number {
    return this.#travelling;
  }

  /** Undefined: the time has passed, and this Braze refuses that. */
  create(made: Pick<Planned, 'campaignId' | 'item' | 'token' | 'firesAtMs'>): Planned | undefined {
    const { scheduler, swarm } = this.#options;
    if (made.firesAtMs <= scheduler.nowMs && swarm.pastTime === 'refuse') return undefined;
    this.#ids += 1;
    const planned: Planned = { ...made, id: `s${this.#ids}`, madeAtMs: scheduler.nowMs, state: 'live' };
    this.planned.set(planned.id, planned);
    this.#arm(planned);
    return planned;
  }

  /** The id that the answer names; undefined when the schedule is not known. */
  update(id: string, firesAtMs: number): string | undefined {
    const { random, rates } = this.#options;
    const known = this.planned.get(id);
    if (known === undefined || known.state !== 'live') return undefined;
    if (this.#isNear(known) && random.chance(rates().brazeBestEffort)) return id;
    if (random.chance(rates().brazeNewId)) {
      if (random.chance(0.5)) known.state = 'deleted';
      return this.create({ ...known, firesAtMs })?.id;
    }
    known.firesAtMs = firesAtMs;
    this.#arm(known);
    return id;
  }

  delete(id: string): 'done' | 'unknown' {
    const { random, rates, scheduler, swarm } = this.#options;
    const known = this.planned.get(id);
    if (known === undefined || known.state !== 'live') return 'unknown';
    // A Braze that both hides what is new and calls the delete of it a success can't be dealt with by any caller: not assumed.
    const mayHide = swarm.unknownSchedule !== 200 && scheduler.nowMs - known.madeAtMs < INVISIBLE_MS;
    if (mayHide && random.chance(rates().brazeInvisible)) return 'unknown';
    if (this.#isNear(known) && random.chance(rates().brazeBestEffort)) return 'done';
    known.state = 'deleted';
    return 'done';
  }

  /** When a user was last told something of this campaign. */
  lastSentMs(campaignId: string): number | undefined {
    return this.deliveries.findLast(({ scheduleId }) => this.planned.get(scheduleId)?.campaignId === campaignId)?.atMs;
  }

  store(item: CatalogItem): void {
    this.items.set(item.id, item);
    this.itemChangedMs.set(item.id, this.#options.scheduler.nowMs);
  }

  /** Accepted now, applied later: in order, or each in its own time. */
  storeLater(items: readonly CatalogItem[]): void {
    for (const item of items)
      this.#later(() => this.store(item), `item ${item.id} becomes ${String(item['state'])} "${String(item['token'])}"`);
  }

  removeLater(ids: readonly string[]): void {
    for (const id of ids) this.#later(() => this.items.delete(id), `item ${id} is deleted`);
  }

  #later(act: () => void, what: string): void {
    const { scheduler, random, rates, note } = this.#options;
    const inOrder = !random.chance(rates().brazeReorder);
    const drawn = scheduler.nowMs + random.between(100, inOrder ? 5_000 : 90_000);
    const atMs = inOrder ? Math.max(drawn, this.#lastAppliesMs) : drawn;
    if (inOrder) this.#lastAppliesMs = atMs;
    this.#travelling += 1;
    scheduler.at(atMs, () => {
      this.#travelling -= 1;
      act();
      note(() => `Braze, asynchronously: ${what}`);
    });
  }

  #isNear(planned: Planned): boolean {
    return planned.firesAtMs - this.#options.scheduler.nowMs < this.#options.bufferMs;
  }

  #arm(planned: Planned): void {
    const { firesAtMs } = planned;
    this.#options.scheduler.at(firesAtMs, () => {
      if (planned.state === 'live' && planned.firesAtMs === firesAtMs) this.#fire(planned);
    });
  }

  #fire(planned: Planned): void {
    const { scheduler, swarm, note } = this.#options;
    planned.state = 'fired';
    note(() => `Braze sends ${planned.id} (${planned.token}); its item says "${String(this.items.get(planned.item)?.['token'] ?? '')}"`);
    USERS.forEach((user, index) => {
      const ms = (swarm.sendDurationMs * index) / (USERS.length - 1);
      if (ms === 0) this.#render(planned, user);
      else scheduler.after(ms, () => this.#render(planned, user));
    });
  }

  /** The template of contracts 1.12; without a fence it asks nobody. */
  #render({ id, item, token, firesAtMs }: Planned, user: string): void {
    const admitted = String(this.items.get(item)?.['token'] ?? '');
    if (this.#options.swarm.fenced && (admitted === '' || admitted !== token)) return;
    const delivery: Delivery = { scheduleId: id, item, token, user, firesAtMs, atMs: this.#options.scheduler.nowMs };
    this.deliveries.push(delivery);
    this.#options.onDelivery(delivery);
  }
}
