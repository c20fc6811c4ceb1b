/**
 * A cell: one object that lives through one workload, in a lane, undisturbed or disturbed at one point. Time passes only as fast as the
 * cell's own clock is let; while a disturbance is under way it runs at real speed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '../../sandbox/braze/index.ts';
import { DEFAULT_API_KEY, fencedTemplate, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { NotInTime } from '../../sandbox/process/until.ts';
import { isReady } from '../../sandbox/stack/index.ts';
import { notification } from '../../sandbox/stack/manifests.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { BRAZE_WORKSPACES, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { ADOPT, REQUESTED_AT } from '../../src/crds/words.ts';
import type { Subject } from './effects.ts';
import type { Lane } from './lane.ts';

export type Seen = MatchNotification | undefined;
/** Fast enough to wait for, slow enough that a call of milliseconds stays one of a second. */
const WALK = 20;
/** While nobody is ready the clock is helped on: at first not at all, a back-off of five minutes in the end. */
const RAMP = [
  { afterMs: 1_500, rate: WALK },
  { afterMs: 4_000, rate: 60 },
  { afterMs: 8_000, rate: 200 },
] as const;
const NEAR_RATE = 3;
const LOOK_MS = 20;
const GIVE_UP_MS = 45_000;
const MINUTE_MS = 60_000;

export class Cell implements Subject {
  readonly lane: Lane;
  readonly match: string;
  readonly name: string;
  readonly campaignId: string;
  readonly workspace: string;
  readonly catalog: string;
  /** A whole minute of the sandbox's clock, up to a minute ahead: the times of the cell are told from here. */
  readonly base: Temporal.Instant;
  sendAt: Temporal.Instant;
  kickoff: Temporal.Instant;
  /** Of the object when it is made. */
  annotations: Readonly<Record<string, string>> = {};
  /** Near the send the clock is helped on only a little: a take-over takes four real seconds. */
  isNear = false;
  #disturbance: Promise<void> = Promise.resolve();
  #disturbed = false;

  readonly #unfenced: boolean;

  constructor(
    lane: Lane,
    { ownWorkspace = false, unfenced = false }: { readonly ownWorkspace?: boolean; readonly unfenced?: boolean } = {},
  ) {
    const number = lane.nextCell();
    this.lane = lane;
    this.match = `${lane.number * 100_000 + number}`;
    this.name = `cell-${number}`;
    this.workspace = ownWorkspace ? `workspace-${number}` : 'main';
    this.catalog = ownWorkspace && !unfenced ? `matchday-${number}` : 'matchday';
    this.#unfenced = unfenced;
    const template = unfenced ? UNFENCED_TEMPLATE : fencedTemplate(this.catalog);
    this.campaignId = ownWorkspace ? lane.stack.campaign({ template }) : lane.campaignId;
    this.base = Temporal.Instant.fromEpochMilliseconds(Math.ceil(this.now.epochMilliseconds / MINUTE_MS) * MINUTE_MS);
    this.sendAt = this.base.add({ hours: 3 });
    this.kickoff = this.sendAt.add({ hours: 1 });
  }

  get now(): Temporal.Instant {
    return this.lane.stack.clock.now();
  }

  get item(): string {
    return `football-data-${this.match}-${this.campaignId.slice(0, 8)}`;
  }

  get seen(): Seen {
    return this.lane.stack.notifications.get(this.name);
  }

  concernsPath(path: string): boolean {
    const parts = path.split('/');
    const at = parts.findIndex((part) => part === 'matchnotifications' || part === 'brazeworkspaces');
    const wanted = parts[at] === 'matchnotifications' ? this.name : this.workspace === 'main' ? undefined : this.workspace;
    return wanted !== undefined && parts[at + 1] === wanted;
  }

  concernsCall(entry: LogEntry): boolean {
    if (entry.notifications.includes(this.item)) return true;
    if (this.workspace === 'main') return false;
    return entry.endpoint.startsWith('catalogs-') || entry.path.split('/').includes(this.catalog) || entry.campaignId === this.campaignId;
  }

  /** While it lasts the clock runs at real speed and no step is made. */
  disturb(work: () => Promise<void>): Promise<void> {
    this.#disturbed = true;
    this.lane.stack.clock.setRate(1);
    this.#disturbance = work().finally(() => {
      this.#disturbed = false;
    });
    // Whoever is walking next hears of its failure.
    this.#disturbance.catch(() => {});
    return this.#disturbance;
  }

  async create(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { match, name, workspace, campaignId, kickoff, sendAt } = this;
    const { connection, namespace } = this.lane.stack;
    const { metadata, ...rest } = notification({ match, name, workspace, campaignId, kickoff, sendAt, spec });
    await connection.create(MATCH_NOTIFICATIONS, namespace, { ...rest, metadata: { ...metadata, annotations: this.annotations } });
  }

  /** A schedule for the same send that another system made, without a fence; returns what makes an object take it over (contracts 1.2). */
  async madeElsewhere(): Promise<Readonly<Record<string, string>>> {
    const { stack } = this.lane;
    const campaignId = stack.campaign({ template: UNFENCED_TEMPLATE });
    const sendAt = this.sendAt.toString();
    const answer = await fetch(`${stack.braze.url}/campaigns/trigger/schedule/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        campaign_id: campaignId,
        broadcast: true,
        trigger_properties: { notification: this.item },
        schedule: { time: sendAt },
      }),
    });
    const { schedule_id: id }: { schedule_id?: unknown } = Object(await answer.json());
    if (typeof id !== 'string') throw new Error(`Braze made no schedule: ${answer.status}`);
    return { [ADOPT]: JSON.stringify({ id, campaignId, sendAt }) };
  }

  async createWorkspace(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { connection, namespace, braze } = this.lane.stack;
    const main = this.lane.stack.workspaces.get('main');
    if (main === undefined) throw new Error(`lane ${this.lane.number} lost its workspace`);
    const { fence, ...plain } = main.spec;
    const mode = this.#unfenced ? {} : { fence: { ...fence, catalog: this.catalog } };
    const spec = { ...plain, endpoint: braze.url, ...mode, ...changes };
    const body = { apiVersion: main.apiVersion, kind: main.kind, metadata: { name: this.workspace }, spec };
    await connection.create(BRAZE_WORKSPACES, namespace, body);
  }

  async change(spec: Readonly<Record<string, unknown>>): Promise<void> {
    const { connection, namespace } = this.lane.stack;
    const patch = { type: 'merge', body: { spec } } as const;
    const { metadata } = await connection.patch<MatchNotification>(MATCH_NOTIFICATIONS, { namespace, name: this.name }, patch);
    // What was at rest before must not be taken for what is at rest after it.
    const hasArrived = (object: Seen): boolean => object === undefined || (object.metadata.generation ?? 0) >= (metadata.generation ?? 0);
    while (!hasArrived(this.seen)) await sleep(1);
  }

  /** A new time of the send, with the kickoff an hour after it. */
  async moveTo(sendAt: Temporal.Instant, spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.sendAt = sendAt;
    this.kickoff = sendAt.add({ hours: 1 });
    await this.change({ ...spec, sendAt: sendAt.toString(), kickoff: this.kickoff.toString() });
  }

  /** A person asks for a read-back. */
  async lookNow(): Promise<void> {
    const { connection, namespace } = this.lane.stack;
    const body = { metadata: { annotations: { [REQUESTED_AT]: this.now.toString() } } };
    await connection.patch(MATCH_NOTIFICATIONS, { namespace, name: this.name }, { type: 'merge', body });
  }

  async delete(): Promise<void> {
    const { connection, namespace } = this.lane.stack;
    await connection.delete(MATCH_NOTIFICATIONS, { namespace, name: this.name });
  }

  /** Waits for the object to be so, and helps the clock on, up to a minute before the send. Throws `NotInTime`. */
  async until(what: string, fits: (object: Seen) => boolean, { beyond = false, giveUpMs = GIVE_UP_MS } = {}): Promise<void> {
    let since = performance.now();
    try {
      for (;;) {
        if (this.#disturbed) {
          await this.#disturbance;
          since = performance.now();
        }
        if (fits(this.seen)) return;
        const waited = performance.now() - since;
        if (waited > giveUpMs) throw new NotInTime(`${this.name} was not ${what} after ${giveUpMs / 1000} s`);
        if (this.isNear) this.#rate(waited < 1_000 ? 1 : NEAR_RATE);
        else this.#rate(beyond || this.#isBefore(this.sendAt.subtract({ minutes: 1 })) ? rampAt(waited) : 1);
        await sleep(LOOK_MS);
      }
    } finally {
      this.#rate(1);
    }
  }

  /** Lets time pass step by step; nothing is jumped over. */
  async walkTo(to: Temporal.Instant): Promise<void> {
    while (this.#isBefore(to)) {
      if (this.#disturbed) await this.#disturbance;
      this.#rate(WALK);
      await sleep(Math.max(1, Math.min(LOOK_MS, this.lane.stack.clock.delayMs(to))));
    }
    this.#rate(1);
  }

  /** At once, if it is ahead; only while nobody has anything to do. */
  async jumpTo(to: Temporal.Instant): Promise<void> {
    await this.#disturbance;
    if (this.#isBefore(to)) this.lane.stack.clock.set(to);
  }

  async disturbanceOver(): Promise<void> {
    await this.#disturbance;
  }

  /** The clock past a send, with its look a minute later; every send that was due is rendered. */
  async passSend(firesAt: Temporal.Instant): Promise<void> {
    // The last read-back before a send is three minutes before it (design §4); the earlier ones are jumped over.
    await this.jumpTo(firesAt.subtract({ seconds: 181 }));
    if (this.#isBefore(firesAt.subtract({ seconds: 160 }))) await this.walkTo(firesAt.subtract({ seconds: 160 }));
    await this.jumpTo(firesAt.subtract({ seconds: 13 }));
    await this.walkTo(firesAt.add({ seconds: 4 }));
    await this.jumpTo(firesAt.add({ seconds: 58 }));
    await this.walkTo(firesAt.add({ seconds: 66 }));
    await this.lane.stack.braze.settled();
  }

  /** Armed, and long enough ago that Braze surely sees its own schedule (contracts 1.9). */
  async armed(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.create(spec);
    await this.until('armed', dealtWith('Scheduled'));
    await this.jumpTo(this.now.add({ minutes: 10 }));
  }

  #rate(rate: number): void {
    const { clock } = this.lane.stack;
    const allowed = this.#disturbed ? 1 : rate;
    if (clock.state.rate !== allowed) clock.setRate(allowed);
  }

  #isBefore(at: Temporal.Instant): boolean {
    return Temporal.Instant.compare(this.now, at) < 0;
  }
}

function rampAt(waitedMs: number): number {
  return RAMP.findLast(({ afterMs }) => waitedMs >= afterMs)?.rate ?? 1;
}

/** The object says that its present spec is dealt with, for this reason. */
export function dealtWith(reason: string): (object: Seen) => boolean {
  return (object) => object !== undefined && object.status?.observedGeneration === object.metadata.generation && isReady(object, reason);
}
