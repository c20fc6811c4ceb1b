/** A catalog in memory behind `BrazeApi`, each call of which a test can hold back or answer by hand. */
import { done, type Outcome } from '../../src/base/outcomes.ts';
import type { BrazeApi, CatalogItem } from '../../src/braze/types.ts';

type Answer = () => Outcome<never> | undefined;

export class MemoryCatalog {
  readonly items = new Map<string, CatalogItem>();
  readonly calls: string[] = [];
  /** An outcome here is answered instead of doing what was asked. */
  instead: (call: string, ids: readonly string[]) => Outcome<never> | undefined = () => undefined;
  /** Awaited before each call takes effect. */
  before: (call: string) => Promise<void> = () => Promise.resolve();
  pageSize = 50;

  readonly api: BrazeApi = {
    putItem: (_, item) => this.#run('put', [item.id], () => this.#store([item])),
    putItems: (_, items) => this.#run('put-many', idsOf(items), () => this.#store(items)),
    deleteItems: (_, ids) => this.#run('delete-many', ids, () => void ids.map((id) => this.items.delete(id))),
    getItem: (_, id) => this.#run('get', [id], () => this.items.get(id)),
    listItems: (_, cursor) => this.#run('list', [cursor ?? ''], () => this.#page(Number(cursor ?? 0))),
    createSchedule: unused,
    updateSchedule: unused,
    deleteSchedule: unused,
    campaignDetails: unused,
    listCatalogs: unused,
    createCatalog: unused,
    listBroadcasts: unused,
    addCatalogFields: unused,
  };

  async #run<T>(call: string, ids: readonly string[], effect: () => T): Promise<Outcome<T>> {
    this.calls.push(ids.length === 1 ? `${call} ${ids[0]}` : `${call} ×${ids.length}`);
    await this.before(call);
    const answer: ReturnType<Answer> = this.instead(call, ids);
    return answer ?? done(effect());
  }

  #store(items: readonly CatalogItem[]): void {
    for (const item of items) this.items.set(item.id, item);
  }

  #page(from: number) {
    const all = [...this.items.values()];
    const next = from + this.pageSize < all.length ? String(from + this.pageSize) : undefined;
    return { items: all.slice(from, from + this.pageSize), next };
  }
}

const idsOf = (items: readonly CatalogItem[]): readonly string[] => items.map((item) => item.id);
const unused = (): never => {
  throw new Error('the fence makes no such call');
};
