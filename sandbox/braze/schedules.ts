/**
 * The schedules that Braze holds. Nothing here is idempotent and nothing is merged: each create is a schedule of its own, and both send
 * (contracts 1.2). A schedule is a set of parts, each a share of the users with a time: an update or delete close to the send reaches
 * only some users (contracts 1.3), the others keep what they had. Each user is rendered at most once per schedule.
 */
import { randomUUID } from 'node:crypto';
import type { Agenda } from './agenda.ts';
import type { Audience } from './audience.ts';
import type { Campaign } from './campaigns.ts';
import type { Json } from './json.ts';
import type { BrazeOptions } from './options.ts';
import { fireTimeOf, hasBegunSomewhere, type When } from './schedule-time.ts';

/** Users whose place in the line, from 0 to 1, lies in [from, to) are sent to at `when`. */
export interface Part {
  from: number;
  readonly to: number;
  readonly when: When;
  /** Times at which this part has something to do, and of these the ones that came. */
  readonly times: readonly number[];
  readonly begun: Set<number>;
  cancel: () => void;
}

export interface Schedule {
  readonly id: string;
  readonly dispatchId: string;
  readonly sendId: string;
  readonly campaign: Campaign;
  readonly audience: Audience;
  readonly properties: Json;
  readonly createdMs: number;
  /** What was last asked for, and the moments that it means. */
  when: When;
  times: readonly number[];
  parts: Part[];
  deletedMs: number | undefined;
  /** Users who were dealt with: a schedule reaches each once. */
  readonly reached: Set<string>;
}

export type NewSchedule = Pick<Schedule, 'campaign' | 'audience' | 'properties'> & { readonly sendId: string | undefined };

/** Called at each moment at which some users of a part are due. */
type Fire = (schedule: Schedule, part: Part, atMs: number) => void | Promise<void>;

export class Schedules {
  readonly all = new Map<string, Schedule>();
  readonly #agenda: Agenda;
  readonly #options: BrazeOptions;
  readonly #fire: Fire;

  constructor(wiring: { agenda: Agenda; options: BrazeOptions; fire: Fire }) {
    this.#agenda = wiring.agenda;
    this.#options = wiring.options;
    this.#fire = wiring.fire;
  }

  create(request: NewSchedule, when: When): Schedule {
    const schedule: Schedule = {
      campaign: request.campaign,
      audience: request.audience,
      properties: request.properties,
      id: randomUUID(),
      dispatchId: randomUUID().replaceAll('-', ''),
      sendId: request.sendId ?? randomUUID().replaceAll('-', '').slice(0, 24),
      createdMs: this.#agenda.nowMs(),
      when,
      times: [],
      parts: [],
      deletedMs: undefined,
      reached: new Set(),
    };
    this.all.set(schedule.id, schedule);
    this.#addPart(schedule, 0, 1, when);
    return schedule;
  }

  /** The schedule while an update or delete can still find it; undefined is the undocumented case of contracts 1.4. */
  find(id: string): Schedule | undefined {
    const schedule = this.all.get(id);
    if (schedule === undefined || schedule.deletedMs !== undefined) return undefined;
    const now = this.#agenda.nowMs();
    if (now < schedule.createdMs + this.#options.createVisibleAfterMs) return undefined;
    return now < this.#endMs(schedule) || schedule.parts.some(hasMoreToCome) ? schedule : undefined;
  }

  /** Gives the schedule a new time, as far as that still reaches; says which id it has from now on. */
  update(schedule: Schedule, when: When, updateId: BrazeOptions['updateId']): Schedule {
    if (schedule.parts.some((part) => hasBegunSomewhere(part.when, this.#agenda.nowMs()))) return schedule;
    if (updateId === 'same') {
      this.#withdraw(schedule, (from, to) => this.#addPart(schedule, from, to, when));
      return schedule;
    }
    const successor = this.create(schedule, when);
    if (updateId === 'new-keep-old') return successor;
    this.#cancelParts(successor);
    this.#withdraw(schedule, (from, to) => this.#addPart(successor, from, to, when));
    schedule.deletedMs = this.#agenda.nowMs();
    return successor;
  }

  /** Deletes the schedule, as far as that still reaches; the answer is "success" either way. */
  delete(schedule: Schedule): void {
    this.#withdraw(schedule, () => {});
    schedule.deletedMs = this.#agenda.nowMs();
  }

  clear(): void {
    for (const schedule of this.all.values()) this.#cancelParts(schedule);
    this.all.clear();
  }

  /** Takes users away from the parts that they are in: all of them, or near the send a share, and tells which. */
  #withdraw(schedule: Schedule, take: (from: number, to: number) => void): void {
    const now = this.#agenda.nowMs();
    for (const part of [...schedule.parts]) {
      const { from } = part;
      const isNear = now >= Math.min(...part.times) - this.#options.bestEffortWindowMs;
      const until = isNear ? from + (part.to - from) * this.#options.bestEffortShare : part.to;
      part.from = until;
      if (until >= part.to) this.#drop(schedule, part);
      if (until > from) take(from, until);
    }
  }

  #drop(schedule: Schedule, part: Part): void {
    part.cancel();
    schedule.parts = schedule.parts.filter((other) => other !== part);
  }

  #cancelParts(schedule: Schedule): void {
    for (const part of schedule.parts) part.cancel();
    schedule.parts = [];
  }

  #addPart(schedule: Schedule, from: number, to: number, when: When): void {
    const zones = schedule.campaign.users.map((user) => fireTimeOf(when, user));
    const times = when.kind === 'instant' ? [when.atMs] : [...new Set(zones)];
    const begun = new Set<number>();
    const part: Part = { from, to, when, times, begun, cancel: () => {} };
    Object.assign(schedule, { when, times });
    const undos = times.map((time) =>
      this.#agenda.at(time, (atMs) => {
        begun.add(time);
        return this.#fire(schedule, part, atMs);
      }),
    );
    part.cancel = () => undos.forEach((undo) => undo());
    schedule.parts.push(part);
  }

  #endMs(schedule: Schedule): number {
    return Math.max(0, ...schedule.parts.flatMap((part) => part.times)) + this.#options.sendDurationMs;
  }
}

const hasMoreToCome = (part: Part): boolean => part.begun.size < part.times.length;

/** Whether the user at this place in the line belongs to the part now; asked at the moment of rendering, not before. */
export const holds = (part: Part, place: number): boolean => place >= part.from && place < part.to;
