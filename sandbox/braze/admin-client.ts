/** Typed client of the admin port, for tests and demos in other processes. Each method throws an Error with the port's own sentence. */
import type { Campaign, CampaignChange, CampaignSpec } from './campaigns.ts';
import type { Field } from './catalogs.ts';
import type { Delivery } from './delivery.ts';
import type { FaultRule } from './faults.ts';
import type { Json } from './json.ts';
import type { ApiKey } from './keys.ts';
import type { LogEntry, LogFilter } from './log.ts';
import type { BrazeOptions, BrazeOptionsPatch } from './options.ts';
import type { DashboardBroadcast } from './read-calls.ts';
import type { DeliveryFilter, ScheduleView } from './views.ts';

export interface FaultView {
  readonly id: string;
  readonly rule: FaultRule;
  /** `seq` of the calls that it struck. */
  readonly hits: readonly number[];
}

export interface CatalogView {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly items: Readonly<Record<string, Json>>;
}

type Filter = Readonly<Record<string, string | number | undefined>>;

export class BrazeAdminClient {
  readonly #url: string;

  constructor(adminUrl: string) {
    this.#url = adminUrl;
  }

  schedules = (): Promise<readonly ScheduleView[]> => this.#call('GET', '/schedules');
  deliveries = (filter: Omit<DeliveryFilter, 'outcome'> = {}): Promise<readonly Delivery[]> =>
    this.#call('GET', `/deliveries${query({ ...filter })}`);
  aborts = (filter: Omit<DeliveryFilter, 'outcome'> = {}): Promise<readonly Delivery[]> =>
    this.#call('GET', `/aborts${query({ ...filter })}`);
  timesTold = (notification: string): Promise<Readonly<Record<string, number>>> =>
    this.#call('GET', `/told/${encodeURIComponent(notification)}`);
  catalogs = (): Promise<readonly CatalogView[]> => this.#call('GET', '/catalogs');
  createCatalog = (name: string, fields: readonly Field[]): Promise<void> => this.#call('POST', '/catalogs', { name, fields });
  /** Behind the API's back; null deletes. */
  setItem = (catalog: string, id: string, members: Json | null): Promise<void> =>
    this.#call('POST', `/catalogs/${encodeURIComponent(catalog)}/items/${encodeURIComponent(id)}`, { members });

  requests = (filter: LogFilter = {}): Promise<readonly LogEntry[]> => this.#call('GET', `/requests${query({ ...filter })}`);
  /** The first call that fits and has finished, in the past or within the time-out. */
  waitForRequest = (filter: LogFilter, timeoutMs = 10_000): Promise<LogEntry> =>
    this.#call('GET', `/requests/wait${query({ ...filter, timeoutMs })}`);
  counts = (): Promise<{
    calls: Readonly<Record<string, number>>;
    rateLimited: { total: number; byBucket: Readonly<Record<string, number>> };
  }> => this.#call('GET', '/counts');

  campaigns = (): Promise<readonly Campaign[]> => this.#call('GET', '/campaigns');
  addCampaign = (spec: CampaignSpec): Promise<void> => this.#call('POST', '/campaigns', spec);
  changeCampaign = (id: string, change: CampaignChange): Promise<void> =>
    this.#call('POST', `/campaigns/${encodeURIComponent(id)}`, change);
  addDashboardBroadcast = (broadcast: DashboardBroadcast): Promise<void> => this.#call('POST', '/dashboard', broadcast);

  faults = (): Promise<readonly FaultView[]> => this.#call('GET', '/faults');
  /** `match.where` does not travel; `times` has no Infinity here, give a large number. */
  addFault = (rule: FaultRule): Promise<FaultView> => this.#call('POST', '/faults', rule);
  releaseFault = (id: string): Promise<void> => this.#call('POST', `/faults/${id}/release`);
  removeFault = (id: string): Promise<void> => this.#call('DELETE', `/faults/${id}`);
  /** Resolves with the call once the fault has struck for the `count`-th time. */
  faultStruck = (id: string, count = 1, timeoutMs = 10_000): Promise<LogEntry> =>
    this.#call('GET', `/faults/${id}/struck${query({ count, timeoutMs })}`);

  options = (): Promise<BrazeOptions> => this.#call('GET', '/options');
  setOptions = (patch: BrazeOptionsPatch): Promise<void> => this.#call('POST', '/options', patch);
  keys = (): Promise<readonly Omit<ApiKey, 'key'>[]> => this.#call('GET', '/keys');
  addKey = (key: ApiKey): Promise<void> => this.#call('POST', '/keys', key);
  removeKey = (name: string): Promise<void> => this.#call('DELETE', `/keys/${encodeURIComponent(name)}`);
  settled = (): Promise<void> => this.#call('POST', '/settle');
  reset = (): Promise<void> => this.#call('POST', '/reset');

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}${path}`, init);
    // Both ends are this repository's own, of one version: the shape is the handler's return type.
    const result = (await response.json()) as T & { readonly error?: string };
    if (!response.ok) throw new Error(`Braze simulator: ${result.error ?? response.statusText}`);
    return result;
  }
}

function query(filter: Filter): string {
  const given = Object.entries(filter).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
