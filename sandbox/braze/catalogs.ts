/**
 * Catalogs with their history. There is no version, no conditional write and no order between an asynchronous and a synchronous write
 * (contracts 1.12): whoever lands last wins, whole. Each item keeps what it was and when, because Liquid and reads may see the past.
 */
import type { Agenda } from './agenda.ts';
import type { Json } from './json.ts';
import type { BrazeOptions } from './options.ts';

export const FIELD_TYPES = ['string', 'number', 'boolean', 'time', 'object', 'array'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];
export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

/** An item's members without its id; undefined once it is deleted. */
interface Version {
  readonly sinceMs: number;
  readonly value: Json | undefined;
}

export interface Catalog {
  readonly name: string;
  readonly description: string;
  fields: readonly Field[];
  readonly versions: Map<string, Version[]>;
  updatedMs: number;
}

/** Old versions that a read can still be asked for; the rest is forgotten. */
const KEPT_VERSIONS = 200;

export class Catalogs {
  readonly all = new Map<string, Catalog>();
  readonly #agenda: Agenda;
  readonly #options: BrazeOptions;
  #asyncWrites = 0;

  constructor(wiring: { agenda: Agenda; options: BrazeOptions }) {
    this.#agenda = wiring.agenda;
    this.#options = wiring.options;
  }

  create(catalog: { name: string; description: string; fields: readonly Field[] }): void {
    this.all.set(catalog.name, { ...catalog, versions: new Map(), updatedMs: this.#agenda.nowMs() });
  }

  /** The item as it was `lagMs` ago. */
  read(catalog: Catalog, id: string, lagMs = 0): Json | undefined {
    return this.readAt(catalog, id, this.#agenda.nowMs() - lagMs);
  }

  readAt(catalog: Catalog, id: string, atMs: number): Json | undefined {
    return catalog.versions.get(id)?.findLast((version) => version.sinceMs <= atMs)?.value;
  }

  /** Ids that exist, in the order of the listing. */
  ids(catalog: Catalog, lagMs = 0): readonly string[] {
    return [...catalog.versions.keys()].filter((id) => this.read(catalog, id, lagMs) !== undefined).sort();
  }

  write(catalog: Catalog, id: string, value: Json | undefined, atMs = this.#agenda.nowMs()): void {
    const versions = catalog.versions.get(id) ?? [];
    versions.push({ sinceMs: atMs, value });
    if (versions.length > KEPT_VERSIONS) versions.shift();
    catalog.versions.set(id, versions);
    catalog.updatedMs = atMs;
  }

  /** Does something later, as asynchronous writes are done: after `asyncLagMs`, or with `asyncReorder` every second one after a quarter of it. */
  later(step: (atMs: number) => void, lagMs?: number): void {
    this.#asyncWrites += 1;
    const isOvertaking = this.#options.asyncReorder && this.#asyncWrites % 2 === 0;
    const delay = lagMs ?? (isOvertaking ? this.#options.asyncLagMs / 4 : this.#options.asyncLagMs);
    this.#agenda.at(this.#agenda.nowMs() + delay, step);
  }

  clear(): void {
    this.all.clear();
    this.#asyncWrites = 0;
  }
}
