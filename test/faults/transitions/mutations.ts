/**
 * Changes of a spec, one field at a time, from the schema of the kind itself: a new field is changed like the others as soon as it is there,
 * and one whose values nobody can make up from its schema fails the plan instead of being left out.
 */
import { DURATION_PATTERN } from '../../../src/base/durations.ts';
import { matchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { type StructuralSchema, structuralSchema, walkFields } from '../../../src/crds/structural-schema.ts';
import { AUDIENCES, coveredPaths } from './audiences.ts';

export type Json = Readonly<Record<string, unknown>>;

/** One field of the spec, `spec.match.home.name`. */
export interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
  /** The API server refuses each change of it. */
  readonly immutable: boolean;
}

/** What values depend on. */
export interface Scene {
  readonly spec: Json;
  readonly now: Temporal.Instant;
  readonly campaigns: readonly string[];
  readonly random: () => number;
}

const SPEC = structuralSchema(matchNotificationSpec);
const AUDIENCE = 'spec.audience';
const DURATIONS = ['1h', '90m', '6h', '1d'] as const;
/** So far ahead is a new send; one lies beyond the horizon of a day. */
const AHEAD = ['PT2H', 'PT3H30M', 'PT5H', 'PT20H', 'PT30H'] as const;
const KICKOFF_AFTER = ['PT20M', 'PT1H', 'PT40M'] as const;
/** In one of six a send is wanted in the past, before a kickoff in the past: nothing may be sent any more. */
const PAST_SHARE = 1 / 6;
const REMOVED_SHARE = 0.3;

/** What the schema alone does not tell: values that exist, or that fit others. */
const VALUES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  'spec.workspaceRef.name': () => 'elsewhere',
  'spec.match.provider': () => 'opta',
  'spec.match.id': ({ random }) => `other-${Math.floor(random() * 1000)}`,
  'spec.campaignId': ({ campaigns, random }) => pick(campaigns, random),
  'spec.match.home.names': ({ random }) => localNames(random),
  'spec.match.away.names': ({ random }) => localNames(random),
  [AUDIENCE]: ({ random }) => pick(AUDIENCES, random),
  'spec.sendAt': ({ now, random }) => {
    if (random() < PAST_SHARE) return now.subtract({ hours: 2 }).toString();
    return now.add(Temporal.Duration.from(pick(AHEAD, random))).toString();
  },
  'spec.kickoff': ({ spec, random }) =>
    Temporal.Instant.from(String(spec['sendAt']))
      .add(Temporal.Duration.from(pick(KICKOFF_AFTER, random)))
      .toString(),
};

function localNames(random: () => number): Json {
  const locales = ['ar', 'es', 'pt-BR'].filter(() => random() < 0.6);
  return Object.fromEntries(locales.map((locale) => [locale, `name ${Math.floor(random() * 100_000)}`]));
}

/** All fields that are changed. Throws when the values of one can't be made up. */
export function fieldsOfSpec(schema: StructuralSchema = SPEC): readonly Field[] {
  const walked = [...walkFields(schema, 'spec')];
  const left = walked.filter(({ path }) => path.startsWith(`${AUDIENCE}.`) && !coveredPaths(AUDIENCE).has(path)).map(({ path }) => path);
  if (left.length > 0) throw new Error(`no audience of test/faults/transitions/audiences.ts has ${left.join(', ')}: add one`);
  const fields = walked.filter(({ path }) => !/[[*]/.test(path) && !path.startsWith(`${AUDIENCE}.`));
  const scene: Scene = { spec: { sendAt: '2026-01-01T00:00:00Z' }, now: Temporal.Now.instant(), campaigns: ['one'], random: () => 0.5 };
  for (const field of fields) madeUp(field.path, field.schema, scene);
  // What can't be changed is tried leaf by leaf: an object keeps such a part when it is made anew.
  return fields
    .map((field) => ({ ...field, immutable: isImmutable(field.path) }))
    .filter((field) => !field.immutable || field.schema.properties === undefined);
}

/** The spec with another value of the field, or without it. */
export function changed({ path, schema, required }: Field, scene: Scene): Json {
  const names = path.split('.').slice(1);
  const old = names.reduce<unknown>((value, name) => (isJson(value) ? value[name] : undefined), scene.spec);
  if (old !== undefined && !required && scene.random() < REMOVED_SHARE) return withValue({ at: names, value: undefined }, scene);
  let value = madeUp(path, schema, scene);
  for (let again = 0; again < 20 && JSON.stringify(value) === JSON.stringify(old); again += 1) value = madeUp(path, schema, scene);
  return withValue({ at: names, value }, scene);
}

/** A merge patch that leads from one to the other. */
export function patchBetween(from: Json, to: Json): Json {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  const changes = [...names].flatMap((name) => {
    const [before, after] = [from[name], to[name]];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    if (isJson(before) && isJson(after)) return [[name, patchBetween(before, after)] as const];
    return [[name, after ?? null] as const];
  });
  return Object.fromEntries(changes);
}

function withValue({ at, value }: { at: readonly string[]; value: unknown }, scene: Scene): Json {
  const put = (inside: Json, [name = '', ...rest]: readonly string[], path: string): Json => {
    const here = `${path}.${name}`;
    if (rest.length === 0) return { ...inside, [name]: value };
    const below = inside[name] ?? (value === undefined ? undefined : madeUp(here, schemaAt(here), scene));
    return below === undefined ? inside : { ...inside, [name]: put(isJson(below) ? below : {}, rest, here) };
  };
  return withFittingTimes(JSON.parse(JSON.stringify(put(scene.spec, at, 'spec'))) as Json);
}

/** A kickoff that is not after the send is refused; another time of the send moves it along. */
function withFittingTimes(spec: Json): Json {
  const sendAt = Temporal.Instant.from(String(spec['sendAt']));
  const kickoff = Temporal.Instant.from(String(spec['kickoff']));
  const ahead = kickoff.since(sendAt).total('minutes');
  return ahead > 0 && ahead <= 60 ? spec : { ...spec, kickoff: sendAt.add({ hours: 1 }).toString() };
}

/** A new time for a send that comes too near for a change to be in time, or the same spec. */
export function keptAhead(spec: Json, now: Temporal.Instant): Json {
  const ahead = Temporal.Instant.from(String(spec['sendAt'])).since(now).total('minutes');
  return ahead < -60 || ahead > 100 ? spec : withFittingTimes({ ...spec, sendAt: now.add({ hours: 4 }).toString() });
}

function madeUp(path: string, schema: StructuralSchema, scene: Scene): unknown {
  const { random } = scene;
  const known = VALUES[path];
  if (known !== undefined) return known(scene);
  if (schema.enum !== undefined) return pick(schema.enum, random);
  switch (schema.type) {
    case 'boolean':
      return random() < 0.5;
    case 'integer':
      return Math.floor((schema.minimum ?? 0) + random() * ((schema.maximum ?? 100) - (schema.minimum ?? 0)));
    case 'string':
      return textOf(path, schema, random);
    case 'array':
      return listOf(path, schema, scene);
    case 'object':
      return objectOf(path, schema, scene);
    default:
      throw new Error(`${path} is a ${schema.type}, of which no values can be made up: add it to ${import.meta.filename}`);
  }
}

function textOf(path: string, { pattern, minLength = 0, maxLength = 12 }: StructuralSchema, random: () => number): string {
  if (pattern === DURATION_PATTERN) return pick(DURATIONS, random);
  if (pattern !== undefined) throw new Error(`${path} has a pattern of its own: add values of it to ${import.meta.filename}`);
  return `text ${Math.floor(random() * 100_000)}`.padEnd(minLength, 'x').slice(-maxLength).trim();
}

function listOf(path: string, { items, minItems = 0, maxItems = 3 }: StructuralSchema, scene: Scene): readonly unknown[] {
  const length = Math.max(minItems, Math.min(maxItems, Math.ceil(scene.random() * 3)));
  const values = Array.from({ length }, () => (items === undefined ? undefined : madeUp(`${path}[]`, items, scene)));
  return [...new Set(values)];
}

function objectOf(path: string, { properties, required = [], additionalProperties }: StructuralSchema, scene: Scene): Json {
  if (additionalProperties !== undefined) {
    const keys = ['channel', 'tone', 'league'].filter(() => scene.random() < 0.6);
    return Object.fromEntries(keys.map((key) => [key, madeUp(`${path}.*`, additionalProperties, scene)]));
  }
  if (properties === undefined) throw new Error(`${path} has no fields that are known: add values of it to ${import.meta.filename}`);
  const old = path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (isJson(value) ? value[name] : undefined), scene.spec);
  const entries = Object.entries(properties).flatMap(([name, field]) => {
    const here = `${path}.${name}`;
    if (isImmutable(here) && isJson(old)) return [[name, old[name]] as const];
    return required.includes(name) || scene.random() < 0.7 ? [[name, madeUp(here, field, scene)] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** By its own rule or by that of the object it stands in. */
function isImmutable(path: string): boolean {
  const names = path.split('.').slice(1);
  return names.some((name, index) => {
    const parent = findSchema(['spec', ...names.slice(0, index)].join('.'));
    const own = parent?.properties?.[name];
    return has(own, 'self == oldSelf') || has(parent, `self.${name} == oldSelf.${name}`);
  });
}

const has = (schema: StructuralSchema | undefined, rule: string): boolean =>
  schema?.['x-kubernetes-validations']?.some((each) => each.rule.includes(rule)) === true;

const findSchema = (path: string): StructuralSchema | undefined =>
  path
    .split('.')
    .slice(1)
    .reduce<StructuralSchema | undefined>((schema, name) => schema?.properties?.[name], SPEC);

function schemaAt(path: string): StructuralSchema {
  const found = findSchema(path);
  if (found === undefined) throw new Error(`the schema has no ${path}`);
  return found;
}

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export function pick<T>(list: readonly T[], random: () => number): T {
  const picked = list[Math.floor(random() * list.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}
