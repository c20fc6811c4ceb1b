/** Braze as the contract has it, as far as "how often was it delivered" goes. */
import type { FenceItem } from '../../../src/braze/types.ts';

export interface SimSchedule {
  readonly id: string;
  readonly token: string;
  readonly item: string;
  readonly firesAt: Temporal.Instant;
  state: 'live' | 'deleted' | 'fired';
}

export interface Delivery {
  readonly scheduleId: string;
  readonly token: string;
  readonly at: Temporal.Instant;
}

export class SimBraze {
  readonly schedules: SimSchedule[] = [];
  readonly items = new Map<string, FenceItem>();
  readonly deliveries: Delivery[] = [];
  readonly now: () => Temporal.Instant;

  constructor(now: () => Temporal.Instant) {
    this.now = now;
  }

  /** Never dedups; a time that has passed fires at once or never: refused here (contracts 1.2, pastTime 400). */
  create(token: string, item: string, firesAt: Temporal.Instant): string | undefined {
    if (Temporal.Instant.compare(firesAt, this.now()) <= 0) return undefined;
    const id = `s${this.schedules.length + 1}`;
    this.schedules.push({ id, token, item, firesAt, state: 'live' });
    return id;
  }

  /** `bestEffort`: answered with success and yet not done. */
  delete(id: string, bestEffort: boolean): 'done' | 'unknown-id' {
    const schedule = this.schedules.find((entry) => entry.id === id);
    if (schedule === undefined || schedule.state !== 'live') return 'unknown-id';
    if (!bestEffort) schedule.state = 'deleted';
    return 'done';
  }

  /** Fires everything that is due, in order, reading the item as it is now. */
  fire(until: Temporal.Instant): void {
    const due = this.schedules.filter((entry) => entry.state === 'live' && Temporal.Instant.compare(entry.firesAt, until) <= 0);
    for (const schedule of due.sort((a, b) => Temporal.Instant.compare(a.firesAt, b.firesAt))) {
      schedule.state = 'fired';
      const item = this.items.get(schedule.item);
      if (item !== undefined && item.token !== '' && item.token === schedule.token) {
        this.deliveries.push({ scheduleId: schedule.id, token: schedule.token, at: schedule.firesAt });
      }
    }
  }
}
