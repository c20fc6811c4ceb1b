import {
  type BrazeOptionsPatch,
  type BrazeSimulator,
  type BrazeSimulatorConfig,
  type CampaignSpec,
  DEFAULT_API_KEY,
  FENCED_TEMPLATE,
  startBrazeSimulator,
} from '../../sandbox/braze/index.ts';
import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: Temporal.Instant;
  readonly #listeners = new Set<() => void>();

  constructor(start: string) {
    this.#now = Temporal.Instant.from(start);
  }

  now(): Temporal.Instant {
    return this.#now;
  }

  monotonicMs(): number {
    return performance.now();
  }

  delayMs(at: Temporal.Instant): number {
    return Temporal.Instant.compare(at, this.#now) <= 0 ? 0 : Number.POSITIVE_INFINITY;
  }

  onMoved(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(at: string): void {
    this.#now = Temporal.Instant.from(at);
    for (const listener of this.#listeners) listener();
  }

  advance(duration: Temporal.DurationLike): void {
    this.set(this.#now.add(duration).toString());
  }
}

export const START = '2026-12-06T09:00:00Z';
export const CAMPAIGN = 'campaign-fenced';
export const PLAIN = 'campaign-plain';
const CATALOG_FIELDS = ['id', 'token', 'state', 'home', 'away', 'note'].map((name) => ({ name, type: 'string' }) as const);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; an empty object when there is none. */
  readonly json: Record<string, unknown>;
}

export interface Harness {
  readonly clock: ManualClock;
  readonly sim: BrazeSimulator;
  call(
    method: string,
    path: string,
    body?: unknown,
    init?: { key?: string; headers?: Record<string, string>; raw?: string },
  ): Promise<Answer>;
  /** A create at `time`; the campaign without a fence unless told otherwise. */
  create(extra?: Record<string, unknown>): Promise<Answer>;
  createId(extra?: Record<string, unknown>): Promise<string>;
  remove(scheduleId: string, campaign?: string): Promise<Answer>;
  update(scheduleId: string, time: string, extra?: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

const CAMPAIGNS: readonly CampaignSpec[] = [
  { id: CAMPAIGN, template: FENCED_TEMPLATE },
  { id: PLAIN, template: `Match: {{api_trigger_properties.\${home}}}`, tags: ['sport'] },
  { id: 'canvas-1', kind: 'canvas', template: `{{context.\${home}}}{{canvas_entry_properties.\${home}}}` },
];

/** A simulator on a standing clock, with a fenced campaign, a plain one, a canvas and the fence's catalog. */
export async function harness(options: BrazeOptionsPatch = {}, more: Partial<BrazeSimulatorConfig> = {}): Promise<Harness> {
  const clock = new ManualClock(START);
  const quick: BrazeOptionsPatch = { createVisibleAfterMs: 0, ...options };
  const sim = await startBrazeSimulator({ clock, campaigns: CAMPAIGNS, ...more, options: quick });
  sim.createCatalog('matchday', CATALOG_FIELDS);
  const call: Harness['call'] = async (method, path, body, init = {}) => {
    const headers: Record<string, string> = { authorization: `Bearer ${init.key ?? DEFAULT_API_KEY}`, ...init.headers };
    const payload = init.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    if (payload !== undefined && headers['content-type'] === undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${sim.url}${path}`, { method, headers, ...(payload === undefined ? {} : { body: payload }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };
  const create: Harness['create'] = (extra = {}) =>
    call('POST', '/campaigns/trigger/schedule/create', {
      campaign_id: PLAIN,
      broadcast: true,
      schedule: { time: '2026-12-06T11:30:00Z' },
      ...extra,
    });
  return {
    clock,
    sim,
    call,
    create,
    createId: async (extra) => String((await create(extra)).json['schedule_id']),
    remove: (scheduleId, campaign = PLAIN) =>
      call('POST', '/campaigns/trigger/schedule/delete', { campaign_id: campaign, schedule_id: scheduleId }),
    update: (scheduleId, time, extra = {}) =>
      call('POST', '/campaigns/trigger/schedule/update', { campaign_id: PLAIN, schedule_id: scheduleId, schedule: { time }, ...extra }),
    stop: () => sim.stop(),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
