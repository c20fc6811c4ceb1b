/** The catalog endpoints of contracts 1.12. One-item calls act at once; bulk calls answer 202 and act later, or silently never. */

import { coerced, faultOf, itemsOf, oneItemOf } from './catalog-items.ts';
import { type Catalog, type Catalogs, FIELD_TYPES, type Field, type FieldType } from './catalogs.ts';
import { isObject, type Json, textOf } from './json.ts';
import { answer, catalogFault, catalogRefusal, type Reply } from './reply.ts';
import type { Call } from './routes.ts';
import type { World } from './world.ts';

const NAME = /^[A-Za-z0-9_-]{1,250}$/;
const PAGE = 50;
const ok = (status: number, extra: Json = {}): Reply => answer(status, { ...extra, message: 'success' });

function catalogOf(world: World, call: Call): Catalog {
  const name = call.path[0] ?? '';
  const catalog = world.catalogs.all.get(name);
  if (catalog === undefined) throw catalogRefusal(404, catalogFault('catalog-not-found', 'Could not find catalog', { catalog_name: name }));
  return catalog;
}

export function listCatalogs(world: World): Reply {
  const catalogs = [...world.catalogs.all.values()].map((catalog) => ({
    name: catalog.name,
    description: catalog.description,
    num_items: world.catalogs.ids(catalog).length,
    updated_at: new Date(catalog.updatedMs).toISOString(),
    fields: catalog.fields,
  }));
  return ok(200, { catalogs });
}

export function createCatalog(world: World, call: Call): Reply {
  const given = call.body['catalogs'];
  if (!Array.isArray(given) || given.length !== 1 || !isObject(given[0])) {
    throw catalogRefusal(400, catalogFault('catalog-array-invalid', 'catalogs must be an array of one object'));
  }
  const name = textOf(given[0]['name']) ?? '';
  if (!NAME.test(name)) throw catalogRefusal(400, catalogFault('invalid-catalog-name', 'The catalog name is not valid', { name }));
  if (world.catalogs.all.has(name)) {
    throw catalogRefusal(
      400,
      catalogFault('catalog-name-already-exists', 'A catalog with that name already exists', { catalog_name: name }),
    );
  }
  const fields = fieldsOf(given[0]['fields']);
  if (fields[0]?.name !== 'id' || fields[0].type !== 'string') {
    throw catalogRefusal(400, catalogFault('id-not-first-column', 'The first field must be id of type string', { catalog_name: name }));
  }
  world.catalogs.create({ name, description: textOf(given[0]['description']) ?? '', fields });
  return ok(201, { catalogs: [{ name, description: textOf(given[0]['description']) ?? '', fields, num_items: 0 }] });
}

export function deleteCatalog(world: World, call: Call): Reply {
  world.catalogs.all.delete(catalogOf(world, call).name);
  return ok(200);
}

function fieldsOf(value: unknown): readonly Field[] {
  const isType = (type: unknown): type is FieldType => FIELD_TYPES.some((known) => known === type);
  const fields = (Array.isArray(value) ? value : []).flatMap((field): Field[] => {
    const name = isObject(field) ? textOf(field['name']) : undefined;
    const type = isObject(field) ? field['type'] : undefined;
    return name !== undefined && NAME.test(name) && isType(type) ? [{ name, type }] : [];
  });
  const isWhole = Array.isArray(value) && value.length > 0 && fields.length === value.length;
  if (!isWhole || new Set(fields.map(({ name }) => name)).size < fields.length) {
    throw catalogRefusal(400, catalogFault('invalid-fields', 'The fields are not valid', { fields: value }));
  }
  return fields;
}

export function addFields(world: World, call: Call): Reply {
  const catalog = catalogOf(world, call);
  const fields = fieldsOf(call.body['fields']);
  const known = fields.filter(({ name }) => catalog.fields.some((field) => field.name === name));
  if (known.length > 0) {
    throw catalogRefusal(
      400,
      catalogFault('field-already-exists', 'A field of that name exists', { fields: known.map(({ name }) => name) }),
    );
  }
  world.catalogs.later(() => {
    const fresh = fields.filter(({ name }) => !catalog.fields.some((field) => field.name === name));
    catalog.fields = [...catalog.fields, ...fresh];
  }, call.tweaks.asyncLagMs);
  return ok(202);
}

export function deleteField(world: World, call: Call): Reply {
  const catalog = catalogOf(world, call);
  const name = call.path[1] ?? '';
  if (name === 'id') throw catalogRefusal(400, catalogFault('cannot-delete-id', 'The id field can not be deleted'));
  if (!catalog.fields.some((field) => field.name === name)) {
    throw catalogRefusal(404, catalogFault('field-not-found', 'Could not find field', { field_name: name }));
  }
  world.catalogs.later(() => {
    catalog.fields = catalog.fields.filter((field) => field.name !== name);
  }, call.tweaks.asyncLagMs);
  return ok(202);
}

type Write = 'put' | 'patch' | 'post' | 'delete';

/** PUT, PATCH, POST or DELETE of up to 50 items: 202 now, each item taken or dropped whole when its time comes. */
export const bulkWrite = (write: Write) => (world: World, call: Call) => {
  const catalog = catalogOf(world, call);
  const items = itemsOf(call.body);
  world.catalogs.later((atMs) => {
    for (const item of items) if (isObject(item)) applyOrDrop(world.catalogs, catalog, { write, item, atMs });
  }, call.tweaks.asyncLagMs);
  return ok(202);
};

function applyOrDrop(catalogs: Catalogs, catalog: Catalog, what: { write: Write; item: Json; atMs: number }): void {
  const { id, ...members } = what.item;
  const before = typeof id === 'string' ? catalogs.readAt(catalog, id, what.atMs) : undefined;
  if (typeof id !== 'string' || faultOf(catalog, id, members) !== undefined || !isPossible(what.write, before)) return;
  catalogs.write(catalog, id, after(catalog, { write: what.write, members, before }), what.atMs);
}

const isPossible = (write: Write, before: Json | undefined): boolean => {
  if (write === 'put') return true;
  return write === 'post' ? before === undefined : before !== undefined;
};

function after(catalog: Catalog, what: { write: Write; members: Json; before: Json | undefined }): Json | undefined {
  if (what.write === 'delete') return undefined;
  const members = coerced(catalog, what.members);
  return what.write === 'patch' ? { ...what.before, ...members } : members;
}

/** PUT, PATCH, POST or DELETE of one item: done when answered. */
export const oneWrite = (write: Write) => (world: World, call: Call) => {
  const catalog = catalogOf(world, call);
  const id = call.path[1] ?? '';
  const members = write === 'delete' ? {} : oneItemOf(call.body);
  const before = world.catalogs.read(catalog, id);
  const fault = faultOf(catalog, id, members);
  if (fault !== undefined) throw catalogRefusal(400, fault);
  if (!isPossible(write, before)) throw write === 'post' ? alreadyThere(id) : notFound(id);
  world.catalogs.write(catalog, id, after(catalog, { write, members, before }));
  return ok(write === 'post' ? 201 : 200);
};

const notFound = (id: string) => catalogRefusal(404, catalogFault('item-not-found', 'Could not find item', { item_id: id }));
const alreadyThere = (id: string) => catalogRefusal(400, catalogFault('item-already-exists', 'The item already exists', { item_id: id }));

export function getItem(world: World, call: Call): Reply {
  const catalog = catalogOf(world, call);
  const id = call.path[1] ?? '';
  const item = world.catalogs.read(catalog, id, world.options.readLagMs);
  if (item === undefined) throw notFound(id);
  return ok(200, { items: [{ id, ...item }] });
}

/** 50 items a page; the way on stands in the Link header as an opaque cursor. */
export function listItems(world: World, call: Call): Reply {
  const catalog = catalogOf(world, call);
  const lag = world.options.readLagMs;
  const cursor = call.query.get('cursor');
  const last = cursor === null ? '' : Buffer.from(cursor, 'base64url').toString();
  const rest = world.catalogs.ids(catalog, lag).filter((id) => id > last);
  const ids = rest.slice(0, PAGE);
  const reply = ok(200, { items: ids.map((id) => ({ id, ...world.catalogs.read(catalog, id, lag) })) });
  if (rest.length <= PAGE) return reply;
  const next = Buffer.from(ids.at(-1) ?? '').toString('base64url');
  return { ...reply, headers: { link: `<${call.origin}/catalogs/${catalog.name}/items?cursor=${next}>; rel="next"` } };
}
