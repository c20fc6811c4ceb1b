/**
 * The connection to one Braze workspace: sockets, budgets, clock offset, fence, and the key that calls are made with now.
 *
 * One link lives as long as its BrazeWorkspace object; a changed key or spec is taken over without making a new one, so that
 * budgets and calls in flight are never counted twice. A key is only taken over after it was seen to lead to the same workspace:
 * `trial` makes the client that finds that out.
 */
import type { Clock } from '../../base/clock.ts';
import { type Limits, WindowBudgets } from '../../braze/budgets.ts';
import { type BrazeCall, BrazeClient, type RateLimitReport } from '../../braze/client.ts';
import { SampledBrazeClock } from '../../braze/clock.ts';
import { CatalogFence } from '../../braze/fence.ts';
import { fieldsWith } from '../../braze/fence-item.ts';
import { describedBucket } from '../../braze/rate-limits.ts';
import { Transport } from '../../braze/transport.ts';

export interface LinkOptions {
  readonly origin: string;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly mayStart: (callMs: number) => boolean;
  /** Read anew for each call: the spec may change. */
  readonly timeoutMs: () => number;
  readonly limits: () => Limits;
  readonly onCall: (call: BrazeCall) => void;
}

export class BrazeLink {
  readonly budgets: WindowBudgets;
  readonly clock = new SampledBrazeClock();
  readonly client: BrazeClient;
  readonly #options: LinkOptions;
  readonly #transport: Transport;
  #apiKey = '';
  #fence: CatalogFence | undefined;
  #fields: ReadonlySet<string> = fieldsWith([]);

  constructor(options: LinkOptions) {
    const { origin, ca, clock, limits } = options;
    this.#options = options;
    this.budgets = new WindowBudgets({ clock, brazeClock: this.clock, limits });
    this.#transport = new Transport({ origin, clock, onDate: (sample) => this.clock.sample(sample), ...(ca === undefined ? {} : { ca }) });
    this.client = this.#clientWith(() => this.#apiKey);
  }

  /** A client for a key that is not trusted yet. */
  trial(apiKey: string): BrazeClient {
    return this.#clientWith(() => apiKey);
  }

  /** From now on every call is made with this key. */
  use(apiKey: string): void {
    if (apiKey !== this.#apiKey) this.client.keyChanged();
    this.#apiKey = apiKey;
  }

  /** The fence in `catalog`, which never changes once it was given. */
  fence(catalog: string): CatalogFence {
    this.#fence ??= new CatalogFence({
      braze: this.client,
      budgets: this.budgets,
      catalog,
      fields: () => this.#fields,
      now: () => this.#options.clock.now(),
    });
    return this.#fence;
  }

  get fields(): ReadonlySet<string> {
    return this.#fields;
  }

  /** What the catalog was seen to have. */
  learnFields(fields: ReadonlySet<string>): void {
    this.#fields = fields;
  }

  close(): void {
    this.#fence?.close();
    this.#transport.close();
  }

  #clientWith(apiKey: () => string): BrazeClient {
    const { clock, mayStart, timeoutMs, onCall } = this.#options;
    return new BrazeClient({
      transport: this.#transport,
      clock,
      apiKey,
      timeoutMs,
      mayStart,
      brazeOffsetMs: () => this.clock.reading()?.offsetMs ?? 0,
      onCall,
      onRateLimit: (report) => this.#learnLimits(report),
    });
  }

  #learnLimits({ buckets, audience, seen, blockedUntil }: RateLimitReport): void {
    const described = describedBucket(buckets, seen?.limit);
    if (seen !== undefined && described !== undefined) this.budgets.observed(described, seen.remaining, seen.resetsAt, audience);
    if (blockedUntil !== undefined) this.budgets.blocked(buckets, blockedUntil, audience);
  }
}
