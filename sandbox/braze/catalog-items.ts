/** What makes a catalog item acceptable (contracts 1.12), for the calls that say so and for those that silently drop it. */
import type { Catalog, FieldType } from './catalogs.ts';
import { isObject, type Json } from './json.ts';
import { type CatalogFault, catalogFault, catalogRefusal } from './reply.ts';

const ITEM_ID = /^[A-Za-z0-9_-]{1,250}$/;
const MOST_ITEMS = 50;
const MOST_CHARACTERS = 5_000;

/** The list of a bulk call: its form is checked at once, its items later. */
export function itemsOf(body: Json): readonly unknown[] {
  const items = body['items'];
  if (!Array.isArray(items) || items.length === 0)
    throw catalogRefusal(400, catalogFault('item-array-invalid', 'items must be an array of objects'));
  if (items.length > MOST_ITEMS) {
    throw catalogRefusal(
      400,
      catalogFault('request-includes-too-many-items', `You may only include up to ${MOST_ITEMS} items per request`),
    );
  }
  return items;
}

/** The single item of a one-item call; its id stands in the path and nowhere else. */
export function oneItemOf(body: Json): Json {
  const items = itemsOf(body);
  const item = items[0];
  if (items.length > 1)
    throw catalogRefusal(400, catalogFault('request-includes-too-many-items', 'You may only create one item per request'));
  if (!isObject(item)) throw catalogRefusal(400, catalogFault('item-array-invalid', 'items must be an array of objects'));
  if ('id' in item) throw catalogRefusal(400, catalogFault('id-in-body', 'The item id must be in the path only', { id: item['id'] }));
  return item;
}

/** What is wrong with an item, if anything. */
export function faultOf(catalog: Catalog, id: unknown, members: Json): CatalogFault | undefined {
  if (typeof id !== 'string' || !ITEM_ID.test(id)) {
    return catalogFault('invalid-ids', 'Item ids are letters, digits, hyphens and underscores, at most 250', { id });
  }
  const unknown = Object.keys(members).filter((name) => typeOf(catalog, name) === undefined);
  if (unknown.length > 0) return catalogFault('invalid-fields', 'Some fields do not exist in the catalog', { fields: unknown });
  const bad = Object.entries(members).find(([name, value]) => !fits(typeOf(catalog, name), value));
  if (bad !== undefined) return catalogFault('unable-to-coerce-value', 'A value does not fit the type of its field', { field: bad[0] });
  if (JSON.stringify({ id, ...members }).length > MOST_CHARACTERS) {
    return catalogFault('items-too-large', `Items are at most ${MOST_CHARACTERS} characters`, { id });
  }
  return undefined;
}

const typeOf = (catalog: Catalog, name: string): FieldType | undefined => catalog.fields.find((field) => field.name === name)?.type;

function fits(type: FieldType | undefined, value: unknown): boolean {
  if (value === null) return true;
  switch (type) {
    case 'string':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    case 'number':
      return Number.isFinite(typeof value === 'string' && value.trim() !== '' ? Number(value) : value);
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    default:
      return false;
  }
}

/** The stored form: values take the type of their field. */
export function coerced(catalog: Catalog, members: Json): Json {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, coerce(typeOf(catalog, name), value)]));
}

function coerce(type: FieldType | undefined, value: unknown): unknown {
  if (value === null) return null;
  if (type === 'string') return String(value);
  if (type === 'number') return Number(value);
  if (type === 'boolean') return value === true || value === 'true';
  return value;
}
