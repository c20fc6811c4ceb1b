/**
 * Who owns which spec fields and labels, read from managedFields, and how a field is given back to the feed. Pure.
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

/** A label of the feed's that somebody else owns. */
export interface TakenLabel {
  readonly label: string;
  readonly manager: string;
}

/** `labels`: those that the feed sets. */
export function takenLabels(object: Owned, labels: readonly string[]): readonly TakenLabel[] {
  const others = (object.metadata.managedFields ?? []).filter((entry) => entry.manager !== FEED_FIELD_MANAGER && !entry.subresource);
  return labels.flatMap((label) =>
    others.filter((entry) => treeAt(entry, LABELS)[`f:${label}`] !== undefined).map(({ manager = 'unknown' }) => ({ label, manager })),
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

/** Where managedFields keep what is handed over, and what of it. */
interface Section {
  readonly at: readonly string[];
  readonly names: readonly string[];
}

const SPEC: readonly string[] = ['f:spec'];
const LABELS: readonly string[] = ['f:metadata', 'f:labels'];

/** managedFields in which the feed owns these fields and labels and nobody else does. */
export function handedToFeed(
  { metadata }: Owned,
  { fields, labels = [] }: { readonly fields: readonly FeedField[]; readonly labels?: readonly string[] },
): readonly ManagedFields[] {
  const sections = [
    { at: SPEC, names: fields },
    { at: LABELS, names: labels },
  ].filter(({ names }) => names.length > 0);
  return sections.reduce<readonly ManagedFields[]>(handOver, metadata.managedFields ?? []);
}

function handOver(entries: readonly ManagedFields[], { at, names }: Section): readonly ManagedFields[] {
  const keys = names.map((name) => `f:${name}`);
  const isFeeds = (entry: ManagedFields): boolean =>
    entry.manager === FEED_FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource;
  const feeds = entries.find(isFeeds) ?? {
    manager: FEED_FIELD_MANAGER,
    operation: 'Apply',
    apiVersion: API_VERSION,
    fieldsType: 'FieldsV1',
    fieldsV1: {},
  };
  const moved = Object.fromEntries(keys.flatMap((key) => treesAt(entries, [...at, key]).map((tree) => [key, tree])));
  const others = entries.filter((entry) => entry !== feeds).map((entry) => (entry.subresource ? entry : without(entry, at, keys)));
  const whole = { ...feeds, fieldsV1: withTree(feeds.fieldsV1 ?? {}, at, { ...moved, ...treeAt(feeds, at) }) };
  return [whole, ...others.filter(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0)];
}

/** The whole subtree: a field that is a map may be owned in parts. */
const treesAt = (entries: readonly ManagedFields[], path: readonly string[]): FieldTree[] =>
  entries.filter((entry) => !entry.subresource).flatMap(({ fieldsV1 }) => walk(fieldsV1, path) ?? []);

const walk = (tree: FieldTree | undefined, path: readonly string[]): FieldTree | undefined =>
  path.reduce<FieldTree | undefined>((at, key) => at?.[key], tree);

const treeAt = ({ fieldsV1 }: ManagedFields, path: readonly string[]): FieldTree => walk(fieldsV1, path) ?? {};
const specOf = (entry: ManagedFields): FieldTree => treeAt(entry, SPEC);

/** `tree` with `branch` at that path; a branch with nothing in it but its own mark goes, and what it was in. */
function withTree(tree: FieldTree, [head, ...rest]: readonly string[], branch: FieldTree): FieldTree {
  if (head === undefined) return branch;
  const { [head]: old = {}, ...others } = tree;
  const next = withTree(old, rest, branch);
  return Object.keys(next).every((key) => key === '.') ? others : { ...others, [head]: next };
}

const namesIn = (tree: FieldTree): readonly string[] =>
  Object.keys(tree)
    .filter((key) => key.startsWith('f:'))
    .map((key) => key.slice(2));

function without(entry: ManagedFields, at: readonly string[], keys: readonly string[]): ManagedFields {
  const kept = Object.entries(treeAt(entry, at)).filter(([key]) => !keys.includes(key));
  return { ...entry, fieldsV1: withTree(entry.fieldsV1 ?? {}, at, Object.fromEntries(kept)) };
}
