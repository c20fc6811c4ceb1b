/**
 * People and the feed: they move matches forth and back, rename teams, hold, suspend, delete and make again, change campaign and audience,
 * pull the kill switch, and look into Braze when they are asked to. Often just when it matters: before the buffer, before the margin,
 * around the send.
 */
import type { MatchNotification, MatchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { REQUESTED_AT, RESOLVE } from '../../../src/crds/words.ts';
import type { Braze } from './braze.ts';
import { type Cluster, keyText } from './cluster.ts';
import { BUFFER_MS, MARGIN_MS, otherCampaign, SLOT_CHOICES, slotMs, specOf, timesOf, workspaceOf } from './fixtures.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Swarm } from './swarm.ts';

export interface EditorOptions {
  readonly scheduler: Scheduler;
  readonly cluster: Cluster;
  readonly braze: Braze;
  readonly random: Random;
  readonly swarm: Swarm;
  readonly firstMs: number;
  readonly isActive: () => boolean;
  /** Nothing of it is on its way: what a restore from a backup may assume. */
  readonly isSettled: (object: MatchNotification) => boolean;
  readonly note: (line: () => string) => void;
}

export interface Planned {
  readonly namespace: string;
  readonly name: string;
  readonly match: number;
}

type Change = (spec: MatchNotificationSpec) => MatchNotificationSpec;
const ONCE = ['seconds', 'rename', 'hold', 'release', 'suspend', 'campaign', 'audience', 'properties'] as const;
/** Moves are what happens most. */
const KINDS = ['move', 'move', 'move', 'move', ...ONCE, 'release', 'requested'] as const;
type Kind = Exclude<(typeof KINDS)[number], 'requested'>;

export class Editor {
  readonly #options: EditorOptions;
  readonly #plans: readonly Planned[];
  #killed = false;

  constructor(options: EditorOptions, plans: readonly Planned[]) {
    this.#options = options;
    this.#plans = plans;
  }

  begin(): void {
    const { rates } = this.#options.swarm;
    for (const plan of this.#plans) this.#create(plan);
    this.#again(rates.edit, () => this.#edit());
    this.#again(rates.delete, () => this.#delete());
    this.#again(rates.restore, () => this.#restore());
    this.#again(rates.killSwitch, () => this.#killSwitch());
    this.#again(rates.resolve, () => this.#resolve());
  }

  /** In the end every match is there, and no switch is left on. */
  finish(): void {
    if (this.#killed) this.#killSwitch();
    for (const plan of this.#plans) this.#make(plan, 0);
  }

  /** Somebody who was asked to looks into Braze, and says what is true. */
  resolveAll(): void {
    for (const object of this.#options.cluster.all()) this.#resolveOne(object);
  }

  #again(perHour: number, act: () => void): void {
    const { scheduler, random, isActive } = this.#options;
    const ms = random.untilNext(perHour);
    if (!Number.isFinite(ms)) return;
    scheduler.after(ms, () => {
      if (!isActive()) return;
      act();
      this.#again(perHour, act);
    });
  }

  #create(plan: Planned): void {
    const { scheduler, random, firstMs } = this.#options;
    // Now and then somebody comes late: inside the buffer, or after the send.
    const late = random.chance(0.1) ? firstMs - scheduler.nowMs + random.between(-BUFFER_MS, 8 * 60_000) : random.between(0, 60_000);
    this.#make(plan, late);
  }

  #make(plan: Planned, afterMs: number): void {
    const { scheduler, cluster, firstMs, note, random } = this.#options;
    const slot = random.chance(0.8) ? 0 : (random.any(SLOT_CHOICES) ?? 0);
    const finalizers = random.chance(0.2) ? [] : undefined;
    const make = (): void => {
      if (cluster.get(keyText(plan)) !== undefined) return;
      note(() => `a person makes ${keyText(plan)}`);
      cluster.create(plan, specOf({ match: plan.match, firstMs, slot }), finalizers);
    };
    if (afterMs <= 0) make();
    else scheduler.after(afterMs, make);
  }

  /** Now, or a moment before or after something that happens to this object anyway. */
  #atItsTime(object: MatchNotification, act: () => void): void {
    const { scheduler, random, isActive } = this.#options;
    const sendMs = Date.parse(object.status?.schedule?.firesAt ?? object.spec.sendAt);
    const moments = [
      BUFFER_MS,
      BUFFER_MS - 30_000,
      2 * MARGIN_MS,
      MARGIN_MS + 45_000,
      MARGIN_MS + 15_000,
      MARGIN_MS,
      20_000,
      0,
      -20_000,
      -90_000,
    ];
    const ahead = moments.map((before) => sendMs - before - scheduler.nowMs).filter((ms) => ms > 0);
    const ms = random.chance(0.4) ? (random.any(ahead) ?? 0) + random.between(-12_000, 12_000) : 0;
    scheduler.after(ms, () => {
      if (isActive()) act();
    });
  }

  #any(): MatchNotification | undefined {
    return this.#options.random.any(this.#options.cluster.all());
  }

  #edit(): void {
    const object = this.#any();
    if (object === undefined) return;
    const { cluster, note } = this.#options;
    const [what, change] = this.#change();
    this.#atItsTime(object, () => {
      note(() => `a person changes ${keyText(object.metadata)}: ${what}`);
      cluster.edit(keyText(object.metadata), change);
    });
  }

  #change(): readonly [string, Change] {
    const { random, firstMs, scheduler } = this.#options;
    const slot = random.any(SLOT_CHOICES) ?? 0;
    const name = `Villa ${random.between(1, 3)}`;
    const lead = random.pick([60, 60, 20, 3]);
    const changes: Readonly<Record<Kind, Change>> = {
      move: (spec: MatchNotificationSpec) => ({ ...spec, ...timesOf(slotMs(firstMs, slot), lead) }),
      seconds: (spec: MatchNotificationSpec) => ({
        ...spec,
        ...timesOf(Math.floor(Date.parse(spec.sendAt) / 60_000) * 60_000 + random.between(0, 59) * 1_000, 60),
      }),
      rename: (spec: MatchNotificationSpec) => ({ ...spec, match: { ...spec.match, home: { id: '58', name } } }),
      hold: (spec: MatchNotificationSpec) => ({ ...spec, hold: { reason: random.pick(['Postponed', 'Cancelled']) } }),
      release: ({ hold: _hold, ...spec }: MatchNotificationSpec) => ({ ...spec, suspend: false }),
      suspend: (spec: MatchNotificationSpec) => ({ ...spec, suspend: true }),
      campaign: (spec: MatchNotificationSpec) => ({ ...spec, campaignId: otherCampaign(spec.campaignId) }),
      audience: (spec: MatchNotificationSpec) => ({
        ...spec,
        audience: spec.audience.broadcast ? { connected: { AND: [{ a: 1 }] } } : { broadcast: true },
      }),
      properties: (spec: MatchNotificationSpec) => ({ ...spec, triggerProperties: { channel: name } }),
    };
    const what = random.pick(KINDS);
    if (what !== 'requested') return [what === 'move' ? `move to slot ${slot}` : what, changes[what]];
    const object = this.#any();
    if (object !== undefined) this.#options.cluster.annotate(keyText(object.metadata), { [REQUESTED_AT]: String(scheduler.nowMs) });
    return ['nothing', (spec) => spec];
  }

  #delete(): void {
    const object = this.#any();
    if (object === undefined) return;
    const { cluster, random, scheduler, note } = this.#options;
    const plan = this.#plans.find((one) => keyText(one) === keyText(object.metadata));
    this.#atItsTime(object, () => {
      note(() => `a person deletes ${keyText(object.metadata)}`);
      cluster.delete(keyText(object.metadata));
      if (plan === undefined || !random.chance(0.8)) return;
      for (const ms of [1_000, 20_000, 120_000, 600_000]) scheduler.after(ms + random.between(0, 20_000), () => this.#make(plan, 0));
    });
  }

  #restore(): void {
    const object = this.#any();
    if (object === undefined || !this.#options.isSettled(object)) return;
    this.#options.note(() => `${keyText(object.metadata)} is restored from a backup without status`);
    this.#options.cluster.restore(keyText(object.metadata));
  }

  #killSwitch(): void {
    const { cluster, swarm, note } = this.#options;
    this.#killed = !this.#killed;
    note(() => `the kill switch is ${this.#killed ? 'on' : 'off'}`);
    for (const { metadata } of cluster.workspaces()) cluster.putWorkspace(workspaceOf(metadata.namespace, swarm, this.#killed));
  }

  #resolve(): void {
    const object = this.#any();
    if (object !== undefined) this.#resolveOne(object);
  }

  /** Only once the call can't be on its way any more, as the guide says. */
  #resolveOne({ metadata, status }: MatchNotification): void {
    const { cluster, braze, swarm, scheduler, note } = this.#options;
    const { operation } = status ?? {};
    if (swarm.fenced || operation === undefined || status?.phase !== 'Blocked') return;
    if (scheduler.nowMs - Date.parse(operation.startedAt) < 400_000) return;
    const found = [...braze.planned.values()].filter((one) => one.state !== 'deleted' && one.token === operation.token);
    const moved = found.find((one) => one.firesAtMs === Date.parse(operation.firesAt));
    const said = moved === undefined ? { result: 'not-created' } : { result: 'created', scheduleId: moved.id };
    note(() => `a person resolves ${keyText(metadata)}: ${JSON.stringify(said)}`);
    cluster.annotate(keyText(metadata), { [RESOLVE]: JSON.stringify({ operationId: operation.id, ...said }) });
  }
}
