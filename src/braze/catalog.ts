/**
 * The catalog behind the fence: it exists, has the fields, and its item `matchday-workspace` says whose it is.
 *
 * That item is how a key that suddenly leads to another Braze workspace is noticed: there the item is missing, or another's. Each
 * call changes nothing when there is nothing to change, so two processes may do this at once, and a crash between two steps is
 * finished by the next run.
 */
import type { Outcome } from '../base/outcomes.ts';
import { CATALOG_FIELDS } from './fence-item.ts';
import type { BrazeApi, Budgets, Catalog, CatalogField } from './types.ts';

/** The item that names the workspace. No match has this id: those begin with their provider. */
const WORKSPACE_ITEM = 'matchday-workspace';

/** Who wrote the workspace item. */
export interface CatalogHolder {
  readonly owner: string;
  readonly uid: string;
}

export interface CatalogWish extends CatalogHolder {
  readonly catalog: string;
  /** What the item said when the catalog was first used; undefined before. */
  readonly known: CatalogHolder | undefined;
  /** A person's word that the item found (its owner, or `none`) is to be accepted. */
  readonly takeOver: string | undefined;
}

export type CatalogState =
  | { readonly kind: 'ready'; readonly fields: ReadonlySet<string>; readonly holder: CatalogHolder; readonly changes: CatalogChanges }
  /** Asked for, not there yet: asynchronous calls take a moment. */
  | { readonly kind: 'pending'; readonly message: string; readonly changes: CatalogChanges }
  | { readonly kind: 'failed'; readonly failure: CatalogFailure; readonly message: string; readonly retryAt: Temporal.Instant | undefined };
export type CatalogFailure = 'unavailable' | 'unauthorized' | 'forbidden' | 'invalid' | 'changed';

/** What was done in this run, for events. */
export interface CatalogChanges {
  readonly created: boolean;
  readonly added: readonly string[];
}

type Calls = Pick<BrazeApi, 'listCatalogs' | 'createCatalog' | 'addCatalogFields' | 'getItem' | 'putItem'>;
type Failed = Extract<CatalogState, { kind: 'failed' }>;

/** Looks at the catalog and does the next thing that it needs; `ready` when there was nothing to do. */
export async function ensureCatalog(calls: Calls, budgets: Pick<Budgets, 'take'>, wish: CatalogWish): Promise<CatalogState> {
  const listed = await calls.listCatalogs();
  if (listed.kind !== 'done') return failed(listed);
  const found = listed.value.find((catalog) => catalog.name === wish.catalog);
  if (found === undefined) return await create(calls, wish);
  const misfit = found.fields.find((field) => CATALOG_FIELDS.some((wanted) => wanted.name === field.name && wanted.type !== field.type));
  if (misfit !== undefined) return invalid(wish, `has the field ${misfit.name} as ${misfit.type}, not as string`);
  const missing = CATALOG_FIELDS.filter((wanted) => !found.fields.some((field) => field.name === wanted.name));
  if (missing.length > 0) return await addFields(calls, wish, missing);
  return await claim(calls, budgets, { wish, found });
}

async function create(calls: Calls, wish: CatalogWish): Promise<CatalogState> {
  if (wish.known !== undefined && wish.takeOver !== 'none') return changed(wish, `catalog ${wish.catalog} is not there`, 'none');
  const description = 'Send-time fence of Matchday. Message templates read it; do not edit its items.';
  const created = await calls.createCatalog({ name: wish.catalog, description, fields: CATALOG_FIELDS });
  if (created.kind !== 'done') return failed(created);
  return { kind: 'pending', message: `catalog ${wish.catalog} was created`, changes: { created: true, added: [] } };
}

async function addFields(calls: Calls, wish: CatalogWish, missing: readonly CatalogField[]): Promise<CatalogState> {
  const names = missing.map((field) => field.name);
  const outcome = await calls.addCatalogFields(wish.catalog, missing);
  if (outcome.kind !== 'done') return failed(outcome);
  return {
    kind: 'pending',
    message: `fields ${names.join(', ')} are being added to catalog ${wish.catalog}`,
    changes: { created: false, added: names },
  };
}

/** What content may be written to: a field that somebody made a number is as good as none. */
export const textFields = (catalog: Catalog): ReadonlySet<string> =>
  new Set(catalog.fields.filter((field) => field.type === 'string').map((field) => field.name));

/** Reads whose catalog it is, and writes that it is ours where nobody's name stands. */
async function claim(
  calls: Calls,
  budgets: Pick<Budgets, 'take'>,
  { wish, found }: { wish: CatalogWish; found: Catalog },
): Promise<CatalogState> {
  const spent = take(budgets, 'read');
  if (spent !== undefined) return spent;
  const read = await calls.getItem(wish.catalog, WORKSPACE_ITEM);
  if (read.kind !== 'done') return failed(read);
  const holder = read.value && { owner: String(read.value['owner'] ?? ''), uid: String(read.value['uid'] ?? '') };
  const fields = textFields(found);
  const ready = (who: CatalogHolder): CatalogState => ({ kind: 'ready', fields, holder: who, changes: { created: false, added: [] } });
  const verdict = judgeHolder(holder, wish);
  if (verdict === 'accept' && holder !== undefined) return ready(holder);
  if (verdict === 'changed') {
    const what =
      holder === undefined
        ? `the item ${WORKSPACE_ITEM} is not in catalog ${wish.catalog}`
        : `catalog ${wish.catalog} belongs to ${holder.owner}`;
    return changed(wish, what, holder?.owner ?? 'none');
  }
  const written = take(budgets, 'write') ?? (await write(calls, wish));
  return written ?? ready({ owner: wish.owner, uid: wish.uid });
}

async function write(calls: Calls, { catalog, owner, uid }: CatalogWish): Promise<Failed | undefined> {
  const item = { id: WORKSPACE_ITEM, token: '', state: 'closed', owner, send_at: '', sent_at: '', announced_send_at: '', uid };
  const written = await calls.putItem(catalog, item);
  return written.kind === 'done' ? undefined : failed(written);
}

/**
 * `write`: nobody's yet, or an earlier life's of this very object. `accept`: as it was, or another operator's from the beginning
 * (each fence item has its own owner, so two may share a catalog). `changed`: not what it was.
 */
export function judgeHolder(holder: CatalogHolder | undefined, wish: CatalogWish): 'write' | 'accept' | 'changed' {
  const { known, takeOver } = wish;
  if (holder?.owner === wish.owner && holder.uid === wish.uid) return 'accept';
  if (known === undefined) return holder === undefined || holder.owner === wish.owner ? 'write' : 'accept';
  if (holder?.owner === known.owner && holder.uid === known.uid) return 'accept';
  return takeOver !== undefined && takeOver === (holder?.owner ?? 'none') ? 'write' : 'changed';
}

function take(budgets: Pick<Budgets, 'take'>, what: string): Failed | undefined {
  // Nothing else can be sent before this is known, so it goes before any send.
  const grant = budgets.take({
    key: `${WORKSPACE_ITEM}/${what}`,
    firesAt: Temporal.Instant.fromEpochMilliseconds(0),
    buckets: ['catalog_sync'],
  });
  if (grant.granted) return undefined;
  return { kind: 'failed', failure: 'unavailable', message: 'no catalog call is left in this minute', retryAt: grant.eta };
}

function failed(outcome: Exclude<Outcome<unknown>, { kind: 'done' }>): Failed {
  if (outcome.kind === 'unknown') return { kind: 'failed', failure: 'unavailable', message: outcome.message, retryAt: undefined };
  const { reason, message, retryAt } = outcome.refusal;
  return { kind: 'failed', failure: FAILURES[reason] ?? 'unavailable', message, retryAt };
}

const FAILURES: Readonly<Partial<Record<string, CatalogFailure>>> = {
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'invalid-request': 'invalid',
  'invalid-url': 'invalid',
};

function invalid(wish: CatalogWish, what: string): Failed {
  const message = `Catalog ${wish.catalog} ${what}. Delete that field in Braze, or use a catalog of another name in a new BrazeWorkspace`;
  return { kind: 'failed', failure: 'invalid', message, retryAt: undefined };
}

function changed(wish: CatalogWish, what: string, takeOver: string): Failed {
  const message =
    `The API key leads to another Braze workspace than before: ${what}, but it was ${wish.known?.owner ?? 'ours'}. ` +
    `Put the right key into the Secret; or, if it is the right one, annotate this object with matchday.dev/take-over=${takeOver}`;
  return { kind: 'failed', failure: 'changed', message, retryAt: undefined };
}
