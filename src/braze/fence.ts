/**
 * The send-time fence of one workspace: what the catalog items say, written and read within the catalog's rate limits.
 *
 * Nothing is remembered between calls but what waits to travel; the object's status is the memory. Each call is judged by the
 * caller as any call of Braze: `unknown` means that the item may be old or new.
 */
import { done, type Outcome, refused } from '../base/outcomes.ts';
import { fromCatalogItem, toCatalogItem } from './fence-item.ts';
import { FenceReads } from './fence-reads.ts';
import { FenceWrites, type Urgency } from './fence-writes.ts';
import type { BrazeApi, Budgets, Fence, FenceItem } from './types.ts';

export interface CatalogFenceOptions {
  readonly braze: BrazeApi;
  readonly budgets: Budgets;
  readonly catalog: string;
  /** Fields that the catalog has now; content outside them is left out of what is written. */
  readonly fields: () => ReadonlySet<string>;
  readonly now: () => Temporal.Instant;
  readonly gatherMs?: number;
}

/** Well inside the second that design §4 allows; long enough for a poll's worth of changes to come together. */
const GATHER_MS = 200;
const READ_GATHER_MS = 50;
const BATCH = 50;

export class CatalogFence implements Fence {
  readonly #options: CatalogFenceOptions;
  readonly #writes: FenceWrites;
  readonly #reads: FenceReads;

  constructor(options: CatalogFenceOptions) {
    const { braze, budgets, catalog, gatherMs } = options;
    this.#options = options;
    this.#writes = new FenceWrites({ braze, budgets, catalog, gatherMs: gatherMs ?? GATHER_MS });
    this.#reads = new FenceReads({ braze, budgets, catalog, gatherMs: gatherMs ?? READ_GATHER_MS }, options.now);
  }

  put(item: FenceItem, urgency: Urgency): Promise<Outcome<'stored' | 'accepted'>> {
    return this.#writes.put(toCatalogItem(item, this.#options.fields()), urgency);
  }

  async read(id: string, urgency: Urgency, after?: Temporal.Instant): Promise<Outcome<FenceItem | undefined>> {
    const outcome = await this.#reads.read(id, urgency, after);
    return outcome.kind === 'done' ? done(outcome.value && fromCatalogItem(outcome.value)) : outcome;
  }

  /** Deletes in calls of 50, after everything that concerns a send; the first that is not done ends it, and asking again is harmless. */
  async delete(ids: readonly string[]): Promise<Outcome<void>> {
    const { braze, budgets, catalog, now } = this.#options;
    for (let at = 0; at < ids.length; at += BATCH) {
      const claim = { key: `delete-many/${ids[at]}`, firesAt: now().add({ hours: 24 * 365 }), buckets: ['catalog_async'] } as const;
      const grant = budgets.take(claim);
      if (!grant.granted) {
        budgets.release(claim.key);
        return refused({
          reason: 'rate-limited',
          status: 0,
          message: 'no asynchronous catalog call is left in this minute',
          retryAt: grant.eta,
        });
      }
      const outcome = await braze.deleteItems(catalog, ids.slice(at, at + BATCH));
      if (outcome.kind !== 'done') return outcome;
    }
    return done(undefined);
  }

  /** Ends the gathering: what has not left is answered `not-sent`. */
  close(): void {
    this.#writes.close();
    this.#reads.close();
  }
}
