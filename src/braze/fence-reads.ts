/**
 * Reading fence items back: one by one while few wait, else page by page, each page serving everybody who waits (45 synchronous
 * calls a minute are shared by all items).
 *
 * A round serves those who waited when it began, so an answer is of a request that began after `read` was called, or after the moment
 * that the reader names: what the pages of a round showed beside is kept for those who ask next. When a kill switch closes 500 items,
 * as many read-backs as there are workers wait at once, and each round turns all pages. A page can miss an item that is written while the pages are turned: absence is only believed from a GET of the item itself.
 */
import { done, type Outcome, refused, unknown } from '../base/outcomes.ts';
import type { FenceIo, Urgency } from './fence-writes.ts';
import type { CatalogItem } from './types.ts';

interface Reader {
  readonly id: string;
  readonly urgency: Urgency;
  readonly settle: (outcome: Outcome<CatalogItem | undefined>) => void;
}

/** Assumed before the first complete listing. */
const PAGES_AT_FIRST = 4;
/** What a page showed beside is kept so long, for so many items. */
const SEEN_MS = 60_000;
const SEEN_LIMIT = 10_000;

interface Seen {
  readonly item: CatalogItem;
  /** When the page was asked for. */
  readonly at: Temporal.Instant;
}

export class FenceReads {
  readonly #io: FenceIo;
  readonly #now: () => Temporal.Instant;
  readonly #seen = new Map<string, Seen>();
  #waiting: Reader[] = [];
  #round: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pages = PAGES_AT_FIRST;

  constructor(io: FenceIo, now: () => Temporal.Instant) {
    this.#io = io;
    this.#now = now;
  }

  /** `after`: a request that began later than this is good enough, whoever made it. */
  read(id: string, urgency: Urgency, after?: Temporal.Instant): Promise<Outcome<CatalogItem | undefined>> {
    const seen = this.#seen.get(id);
    // Once only: who asks again did not find there what it waits for.
    this.#seen.delete(id);
    if (seen !== undefined && after !== undefined && Temporal.Instant.compare(after, seen.at) < 0) return Promise.resolve(done(seen.item));
    const { promise, resolve } = Promise.withResolvers<Outcome<CatalogItem | undefined>>();
    this.#waiting.push({ id, urgency, settle: resolve });
    this.#schedule();
    return promise;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const reader of this.#waiting)
      reader.settle(refused({ reason: 'not-sent', status: 0, message: 'not called: the workspace is being stopped' }));
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#round !== undefined || this.#waiting.length === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#begin();
    }, this.#io.gatherMs);
  }

  #begin(): void {
    const readers = this.#waiting.toSorted((a, b) => Temporal.Instant.compare(a.urgency.firesAt, b.urgency.firesAt));
    this.#waiting = [];
    this.#round = this.#serve(readers)
      // `serve` answers every reader; a defect in it must not leave them waiting for ever.
      .catch(() => answer(readers, unknown('reading the catalog ended without an answer')))
      .finally(() => {
        this.#round = undefined;
        this.#schedule();
      });
  }

  async #serve(readers: readonly Reader[]): Promise<void> {
    const items = new Set(readers.map((reader) => reader.id));
    const left = items.size > Math.max(2, this.#pages) ? await this.#fromPages(readers) : readers;
    await this.#singly(left);
  }

  async #singly(readers: readonly Reader[]): Promise<void> {
    const byId = Map.groupBy(readers, (reader) => reader.id);
    await Promise.all([...byId].map(([id, all]) => this.#one(id, all)));
  }

  async #one(id: string, readers: readonly Reader[]): Promise<void> {
    const { braze, catalog } = this.#io;
    const first = readers[0];
    if (first === undefined) return;
    const spent = this.#take(`read/${first.urgency.key}`, first.urgency.firesAt);
    answer(readers, spent ?? (await braze.getItem(catalog, id)));
  }

  /** Answers those whose item is on a page; returns those whose item was on none. */
  async #fromPages(readers: readonly Reader[]): Promise<readonly Reader[]> {
    const wanted = Map.groupBy(readers, (reader) => reader.id);
    const firesAt = readers[0]?.urgency.firesAt;
    let cursor: string | undefined;
    let pages = 0;
    this.#forgetOld();
    do {
      const at = this.#now();
      const page = await this.#page(cursor, firesAt);
      if (page.kind !== 'done') {
        answer([...wanted.values()].flat(), page);
        return [];
      }
      pages += 1;
      for (const item of page.value.items) {
        if (!wanted.has(item.id)) this.#keep(item, at);
        this.#release(wanted.get(item.id) ?? []);
        answer(wanted.get(item.id) ?? [], done(item));
        wanted.delete(item.id);
      }
      cursor = page.value.next;
      // Never more pages than single reads would have cost: the catalog is larger than thought.
    } while (cursor !== undefined && wanted.size > 0 && pages < Math.max(PAGES_AT_FIRST, readers.length));
    if (cursor === undefined) this.#pages = pages;
    else this.#pages = Math.max(this.#pages, pages + 1);
    return [...wanted.values()].flat();
  }

  #keep(item: CatalogItem, at: Temporal.Instant): void {
    this.#seen.delete(item.id);
    if (this.#seen.size < SEEN_LIMIT) this.#seen.set(item.id, { item, at });
  }

  #forgetOld(): void {
    const since = this.#now().subtract({ milliseconds: SEEN_MS });
    for (const [id, { at }] of this.#seen) if (Temporal.Instant.compare(at, since) < 0) this.#seen.delete(id);
  }

  async #page(cursor: string | undefined, firesAt: Temporal.Instant | undefined) {
    const { braze, catalog } = this.#io;
    const spent = firesAt && this.#take(`list/${catalog}`, firesAt);
    return spent ?? (await braze.listItems(catalog, cursor));
  }

  #take(key: string, firesAt: Temporal.Instant): Outcome<never> | undefined {
    const grant = this.#io.budgets.take({ key, firesAt, buckets: ['catalog_sync'] });
    if (grant.granted) return undefined;
    return refused({
      reason: 'rate-limited',
      status: 0,
      message: 'no synchronous catalog call is left in this minute',
      retryAt: grant.eta,
    });
  }

  /** Who was served by a page no longer waits for a call of its own. */
  #release(readers: readonly Reader[]): void {
    for (const reader of readers) this.#io.budgets.release(`read/${reader.urgency.key}`);
  }
}

function answer(readers: readonly Reader[], outcome: Outcome<CatalogItem | undefined>): void {
  for (const reader of readers) reader.settle(outcome);
}
