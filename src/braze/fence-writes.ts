/**
 * Writing fence items: one by one with the synchronous call while few are written, else gathered into asynchronous calls of up
 * to 50 (design §4: 45 synchronous calls a minute do not close 200 fixtures).
 *
 * Two writes of one item never travel at once, since Braze gives no order between them; a write that still waits in the gathering
 * is replaced by a later one, and told so. What becomes of a call in flight is only ever told to those who asked for that call.
 */
import { done, type Outcome, refused, unknown } from '../base/outcomes.ts';
import type { BrazeApi, Budgets, CatalogItem } from './types.ts';

export interface Urgency {
  readonly key: string;
  readonly firesAt: Temporal.Instant;
}

export interface FenceIo {
  readonly braze: BrazeApi;
  readonly budgets: Budgets;
  readonly catalog: string;
  /** How long a write or read waits for others to travel with, in milliseconds; at most 1,000 (design §4). */
  readonly gatherMs: number;
}

interface Write {
  readonly item: CatalogItem;
  readonly urgency: Urgency;
  readonly settle: (outcome: Outcome<'stored' | 'accepted'>) => void;
}

const REPLACED = refused({ reason: 'not-sent', status: 0, message: 'not called: a later write of this item took its place' });
const BATCH = 50;
/** Beyond so many at once, a write that waits for a synchronous call each would be slower than one gathered call. */
const FEW = 8;
/** Synchronous calls of a minute that writes leave to the reads that confirm them. */
const LEFT_FOR_READS = 15;

export class FenceWrites {
  readonly #io: FenceIo;
  readonly #gathered = new Map<string, Write>();
  /** Items whose write travels, with the promise of its end. */
  readonly #travelling = new Map<string, Promise<unknown>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(io: FenceIo) {
    this.#io = io;
  }

  put(item: CatalogItem, urgency: Urgency): Promise<Outcome<'stored' | 'accepted'>> {
    return this.#mayGoAlone(item.id, urgency) ? this.#alone(item, urgency) : this.#gather(item, urgency);
  }

  /** Tells everybody who waits that nothing was sent. Calls in flight end by themselves. */
  close(): void {
    clearTimeout(this.#timer);
    for (const write of this.#gathered.values())
      write.settle(refused({ reason: 'not-sent', status: 0, message: 'not called: the workspace is being stopped' }));
    this.#gathered.clear();
  }

  #mayGoAlone(id: string, urgency: Urgency): boolean {
    const { budgets } = this.#io;
    const busy = this.#travelling.has(id) || this.#gathered.has(id) || this.#travelling.size + this.#gathered.size >= FEW;
    if (busy || budgets.remaining('catalog_sync') <= LEFT_FOR_READS) return false;
    const claim = { key: `put/${urgency.key}`, firesAt: urgency.firesAt, buckets: ['catalog_sync'] } as const;
    return budgets.peek(claim).granted && budgets.take(claim).granted;
  }

  async #alone(item: CatalogItem, urgency: Urgency): Promise<Outcome<'stored' | 'accepted'>> {
    const outcome = await this.#travel([item.id], () => this.#io.braze.putItem(this.#io.catalog, item));
    if (outcome.kind === 'done') return done('stored');
    // Somebody else spends the synchronous calls of this Braze workspace; the asynchronous ones are another limit.
    const spent = outcome.kind === 'refused' && outcome.refusal.reason === 'rate-limited';
    return spent && !this.#overtaken(item.id) ? this.#gather(item, urgency) : outcome;
  }

  /** A later write of this item waits or travels: an earlier one that changed nothing must not be sent again after it. */
  #overtaken(id: string): boolean {
    return this.#gathered.has(id) || this.#travelling.has(id);
  }

  #gather(item: CatalogItem, urgency: Urgency): Promise<Outcome<'stored' | 'accepted'>> {
    const { promise, resolve } = Promise.withResolvers<Outcome<'stored' | 'accepted'>>();
    this.#gathered.get(item.id)?.settle(REPLACED);
    this.#gathered.set(item.id, { item, urgency, settle: resolve });
    if (this.#ready().length >= BATCH) this.#flush();
    else this.#schedule();
    return promise;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), this.#io.gatherMs);
  }

  #ready(): readonly Write[] {
    return [...this.#gathered.values()].filter((write) => !this.#travelling.has(write.item.id));
  }

  /** Sends what is gathered, most urgent first. An item whose earlier write still travels waits for the next time. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ready = this.#ready().toSorted((a, b) => Temporal.Instant.compare(a.urgency.firesAt, b.urgency.firesAt));
    for (let at = 0; at < ready.length; at += BATCH) {
      const batch = ready.slice(at, at + BATCH);
      for (const write of batch) this.#gathered.delete(write.item.id);
      void this.#together(batch);
    }
    if (this.#gathered.size > 0) this.#schedule();
  }

  async #together(batch: readonly Write[]): Promise<void> {
    const ids = batch.map((write) => write.item.id);
    const outcome = await this.#travel(ids, () => this.#putMany(batch));
    const single = outcome.kind === 'refused' && outcome.refusal.reason === 'invalid-request' && batch.length > 1;
    if (!single) {
      for (const write of batch) write.settle(outcome.kind === 'done' ? done('accepted') : outcome);
      return;
    }
    // One item that Braze cannot accept must not keep 49 others from being closed: halve until it stands alone.
    const [overtaken = [], again = []] = [true, false].map((was) => batch.filter((write) => this.#overtaken(write.item.id) === was));
    for (const write of overtaken) write.settle(REPLACED);
    const middle = Math.ceil(again.length / 2);
    await Promise.all([again.slice(0, middle), again.slice(middle)].filter((half) => half.length > 0).map((half) => this.#together(half)));
  }

  async #putMany(batch: readonly Write[]): Promise<Outcome<void>> {
    const { braze, budgets, catalog } = this.#io;
    const first = batch[0];
    if (first === undefined) return done(undefined);
    const claim = { key: `put-many/${first.item.id}`, firesAt: first.urgency.firesAt, buckets: ['catalog_async'] } as const;
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
    return braze.putItems(
      catalog,
      batch.map((write) => write.item),
    );
  }

  /** Runs a call that writes `ids`, and lets nobody else write them meanwhile. */
  async #travel(ids: readonly string[], call: () => Promise<Outcome<void>>): Promise<Outcome<void>> {
    const travel = call().catch((): Outcome<void> => unknown('the write ended without an answer'));
    for (const id of ids) this.#travelling.set(id, travel);
    const outcome = await travel;
    for (const id of ids) if (this.#travelling.get(id) === travel) this.#travelling.delete(id);
    return outcome;
  }
}
