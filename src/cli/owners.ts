/**
 * Who owns which spec fields, read from managedFields, and how a field is given back to the feed. Pure.
 *
 * A person who takes a field of a feed's object owns it from then on, and the feed leaves it alone (design §3). It can't be given back
 * by an apply that leaves the field out: the API server would then remove the value, and a required field can't be removed. So the
 * ownership itself is handed over, in one write, and the value stays until the feed sets its own: nothing is ever without a send time.
 */
import { FEED_FIELDS, type FeedField } from '../crds/feed-fields.ts';
import type { FieldTree, ManagedFields, ObjectMeta } from '../crds/kube.ts';
import { API_VERSION } from '../crds/kube.ts';
import { FEED_FIELD_MANAGER, FEED_LABEL } from '../crds/words.ts';

/** A field of the feed's that somebody else owns. */
export interface Taken {
  readonly field: FeedField;
  readonly manager: string;
  /** When that manager last wrote anything. */
  readonly at: string | undefined;
}

type Owned = { readonly metadata: ObjectMeta };

/** The feed that made an object. */
export const feedOf = ({ metadata }: Owned): string | undefined => metadata.labels?.[FEED_LABEL];

/** In the order of the spec. Empty for an object that no feed made: its fields are people's. */
export function takenFields(object: Owned): readonly Taken[] {
  if (feedOf(object) === undefined) return [];
  const others = (object.metadata.managedFields ?? []).filter((entry) => entry.manager !== FEED_FIELD_MANAGER && !entry.subresource);
  return FEED_FIELDS.flatMap((field) =>
    others
      .filter((entry) => specOf(entry)[`f:${field}`] !== undefined)
      .map((entry) => ({ field, manager: entry.manager ?? 'unknown', at: entry.time })),
  );
}

/** Who wrote what of the spec, for telling who did it: newest last. */
export function editsOf({
  metadata,
}: Owned): readonly { readonly manager: string; readonly at: string; readonly fields: readonly string[] }[] {
  return (metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== FEED_FIELD_MANAGER && !entry.subresource)
    .map((entry) => ({ manager: entry.manager ?? 'unknown', at: entry.time ?? '', fields: namesIn(specOf(entry)) }))
    .filter(({ at, fields }) => at !== '' && fields.length > 0)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** managedFields in which the feed owns these fields and nobody else does. */
export function handedToFeed({ metadata }: Owned, fields: readonly FeedField[]): readonly ManagedFields[] {
  const entries = metadata.managedFields ?? [];
  const keys = fields.map((field) => `f:${field}`);
  const isFeeds = (entry: ManagedFields): boolean =>
    entry.manager === FEED_FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource;
  const feeds = entries.find(isFeeds) ?? {
    manager: FEED_FIELD_MANAGER,
    operation: 'Apply',
    apiVersion: API_VERSION,
    fieldsType: 'FieldsV1',
    fieldsV1: {},
  };
  const moved = Object.fromEntries(keys.flatMap((key) => treesAt(entries, key)));
  const others = entries.filter((entry) => entry !== feeds).map((entry) => (entry.subresource ? entry : without(entry, keys)));
  const whole = { ...feeds, fieldsV1: { ...feeds.fieldsV1, 'f:spec': { ...moved, ...specOf(feeds) } } };
  return [whole, ...others.filter(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0)];
}

/** The whole subtree: a field that is a map may be owned in parts. */
const treesAt = (entries: readonly ManagedFields[], key: string): [string, FieldTree][] =>
  entries
    .filter((entry) => !entry.subresource)
    .flatMap((entry) => {
      const tree = specOf(entry)[key];
      return tree === undefined ? [] : [[key, tree] satisfies [string, FieldTree]];
    });

const specOf = ({ fieldsV1 }: ManagedFields): FieldTree => fieldsV1?.['f:spec'] ?? {};

const namesIn = (tree: FieldTree): readonly string[] =>
  Object.keys(tree)
    .filter((key) => key.startsWith('f:'))
    .map((key) => key.slice(2));

function without(entry: ManagedFields, keys: readonly string[]): ManagedFields {
  const spec = Object.entries(specOf(entry)).filter(([key]) => !keys.includes(key));
  const { 'f:spec': _spec, ...rest } = entry.fieldsV1 ?? {};
  const isEmpty = spec.every(([key]) => key === '.');
  return { ...entry, fieldsV1: isEmpty ? rest : { ...rest, 'f:spec': Object.fromEntries(spec) } };
}
