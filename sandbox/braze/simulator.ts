/**
 * One simulated Braze workspace on two sockets: the API that clients call, and an admin port for tests and demos in other processes.
 * Nothing is kept on disk; a stopped simulator has forgotten everything.
 */
import type { Clock } from '../../src/base/clock.ts';
import { AdminServer } from './admin.ts';
import { Agenda } from './agenda.ts';
import { type Campaign, type CampaignChange, type CampaignSpec, campaignOf, changeCampaign } from './campaigns.ts';
import { type Catalog, Catalogs, type Field } from './catalogs.ts';
import { ConnectedContent } from './connected-content.ts';
import { type Delivery, Sender } from './delivery.ts';
import { type Fault, type FaultRule, Faults } from './faults.ts';
import type { Json } from './json.ts';
import { type ApiKey, ApiKeys } from './keys.ts';
import { type Bucket, RateLimits } from './limits.ts';
import { BrazeLiquid } from './liquid.ts';
import { RequestLog } from './log.ts';
import { applyOptions, type BrazeOptions, type BrazeOptionsPatch, defaultOptions } from './options.ts';
import type { DashboardBroadcast } from './read-calls.ts';
import { Schedules } from './schedules.ts';
import { SendIds } from './send-ids.ts';
import { BrazeServer } from './server.ts';
import { type DeliveryFilter, deliveriesWhere, type ScheduleView, tally, viewOf } from './views.ts';
import type { World } from './world.ts';

export interface BrazeSimulatorConfig {
  readonly clock: Clock;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly adminPort?: number;
  readonly options?: BrazeOptionsPatch;
  readonly campaigns?: readonly CampaignSpec[];
  /** Default: one key that may do everything, `DEFAULT_API_KEY`. */
  readonly apiKeys?: readonly ApiKey[];
}

/** The key of a simulator that was given none. */
export const DEFAULT_API_KEY = 'sandbox-braze-key';
const DEFAULT_KEYS: readonly ApiKey[] = [{ name: 'default', key: DEFAULT_API_KEY, permissions: '*' }];

export class BrazeSimulator {
  /** Origin of the API, and of the admin port. */
  readonly url: string;
  readonly adminUrl: string;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly options: BrazeOptions;
  readonly #world: World;
  readonly #stop: () => Promise<void>;

  constructor(parts: { url: string; adminUrl: string; log: RequestLog; faults: Faults; world: World; stop: () => Promise<void> }) {
    this.url = parts.url;
    this.adminUrl = parts.adminUrl;
    this.log = parts.log;
    this.faults = parts.faults;
    this.options = parts.world.options;
    this.#world = parts.world;
    this.#stop = parts.stop;
  }

  setOptions(patch: BrazeOptionsPatch): void {
    applyOptions(this.options, patch);
    this.#world.agenda.runDue();
  }

  /** Makes the next fitting call go wrong. */
  fault(rule: FaultRule): Fault {
    return this.faults.add(rule);
  }

  addCampaign(spec: CampaignSpec): void {
    this.#world.campaigns.set(spec.id, campaignOf(spec, this.#world.agenda.nowMs()));
  }

  changeCampaign(id: string, change: CampaignChange): void {
    changeCampaign(this.#campaign(id), change);
  }

  /** Stops a campaign: nothing of it is sent any more. */
  stopCampaign(id: string): void {
    changeCampaign(this.#campaign(id), { enabled: false });
  }

  campaigns(): readonly Readonly<Campaign>[] {
    return [...this.#world.campaigns.values()];
  }

  addKey(key: ApiKey): void {
    this.#world.keys.add(key);
  }

  removeKey(name: string): void {
    this.#world.keys.remove(name);
  }

  keys(): readonly Omit<ApiKey, 'key'>[] {
    return this.#world.keys.list();
  }

  /** Something that a person scheduled in the dashboard. */
  addDashboardBroadcast(broadcast: DashboardBroadcast): void {
    this.#world.dashboard.push(broadcast);
  }

  /** Every schedule ever made, with its state. */
  schedules(): readonly ScheduleView[] {
    this.#world.agenda.runDue();
    return [...this.#world.schedules.all.values()].map((schedule) => viewOf(this.#world, schedule));
  }

  /** The oracle: what became of each schedule for each user. Only `outcome: 'delivered'` was told to anybody. */
  deliveries(filter: DeliveryFilter = {}): readonly Delivery[] {
    this.#world.agenda.runDue();
    return deliveriesWhere(this.#world.sender.deliveries, { outcome: 'delivered', ...filter });
  }

  /** Everything that did not reach a user, with the reason. */
  aborts(filter: DeliveryFilter = {}): readonly Delivery[] {
    this.#world.agenda.runDue();
    return deliveriesWhere(this.#world.sender.deliveries, filter).filter((one) => one.outcome !== 'delivered');
  }

  /** How many times each user was told about one match: user id → count. */
  timesTold(notification: string): Readonly<Record<string, number>> {
    return tally(this.deliveries({ notification }));
  }

  /** Resolves when every send that is due has been rendered, Connected Content included. */
  async settled(): Promise<void> {
    await this.#world.agenda.settled();
  }

  createCatalog(name: string, fields: readonly Field[]): void {
    this.#world.catalogs.create({ name, description: '', fields });
  }

  /** Writes an item behind the API's back; undefined deletes it. */
  setItem(catalog: string, id: string, members: Json | undefined): void {
    this.#world.catalogs.write(this.#catalog(catalog), id, members);
  }

  item(catalog: string, id: string): Json | undefined {
    this.#world.agenda.runDue();
    return this.#world.catalogs.read(this.#catalog(catalog), id);
  }

  catalogs(): readonly { name: string; fields: readonly Field[]; items: Readonly<Record<string, Json>> }[] {
    this.#world.agenda.runDue();
    return [...this.#world.catalogs.all.values()].map((catalog) => ({
      name: catalog.name,
      fields: catalog.fields,
      items: Object.fromEntries(this.#world.catalogs.ids(catalog).map((id) => [id, this.#world.catalogs.read(catalog, id) ?? {}])),
    }));
  }

  /** Calls answered 429, in all and by bucket. */
  rateLimited(): { total: number; byBucket: Readonly<Partial<Record<Bucket, number>>> } {
    const byBucket = Object.fromEntries(this.#world.limits.refused);
    return { total: [...this.#world.limits.refused.values()].reduce((sum, count) => sum + count, 0), byBucket };
  }

  /** The most calls that any one window of a bucket granted. */
  mostInWindow(bucket: Bucket): number {
    return this.#world.limits.most(bucket);
  }

  contentCalls(): ConnectedContent['calls'] {
    return this.#world.content.calls;
  }

  /** Forgets everything but the keys, the campaigns and the options. */
  reset(): void {
    const { schedules, catalogs, sender, sendIds, limits, content, dashboard, agenda, campaigns } = this.#world;
    for (const part of [schedules, catalogs, sender, sendIds, limits, content, agenda, this.log, this.faults]) part.clear();
    dashboard.length = 0;
    for (const campaign of campaigns.values()) Object.assign(campaign, { firstSentMs: undefined, lastSentMs: undefined });
  }

  async stop(): Promise<void> {
    this.faults.clear();
    await this.#stop();
  }

  #campaign(id: string): Campaign {
    const campaign = this.#world.campaigns.get(id);
    if (campaign === undefined) throw new Error(`the Braze simulator has no campaign ${id}: add it first`);
    return campaign;
  }

  #catalog(name: string): Catalog {
    const catalog = this.#world.catalogs.all.get(name);
    if (catalog === undefined) throw new Error(`the Braze simulator has no catalog ${name}: create it first`);
    return catalog;
  }
}

function buildWorld(config: BrazeSimulatorConfig): World {
  const options = defaultOptions();
  applyOptions(options, config.options ?? {});
  const agenda = new Agenda(config.clock, () => options.clockSkewMs);
  const catalogs = new Catalogs({ agenda, options });
  const content = new ConnectedContent(options);
  const sender = new Sender({ agenda, options, catalogs, content, liquid: new BrazeLiquid() });
  const schedules = new Schedules({ agenda, options, fire: (schedule, part, atMs) => sender.fire(schedule, part, atMs) });
  const keys = new ApiKeys();
  for (const key of config.apiKeys ?? DEFAULT_KEYS) keys.add(key);
  const campaigns = new Map((config.campaigns ?? []).map((spec) => [spec.id, campaignOf(spec, agenda.nowMs())]));
  return {
    options,
    agenda,
    catalogs,
    content,
    sender,
    schedules,
    keys,
    campaigns,
    limits: new RateLimits(options),
    sendIds: new SendIds(),
    dashboard: [],
  };
}

/** Starts a workspace; stop it with `stop()`. */
export async function startBrazeSimulator(config: BrazeSimulatorConfig): Promise<BrazeSimulator> {
  const world = buildWorld(config);
  const log = new RequestLog();
  const faults = new Faults();
  const server = new BrazeServer({ world, log, faults });
  const admin = new AdminServer();
  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), admin.stop()]);
    await world.agenda.stop();
  };
  const url = await server.listen(config.port ?? 0);
  const adminUrl = await admin.listen(config.adminPort ?? 0);
  const simulator = new BrazeSimulator({ url, adminUrl, log, faults, world, stop });
  admin.serve(simulator);
  return simulator;
}
