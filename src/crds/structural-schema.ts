/**
 * zod → the structural OpenAPI schema of a CRD. zod's own converter does the work; here its answer is copied keyword by keyword,
 * so that one which the API server would silently drop or refuse stops the generation instead.
 */
import { z } from 'zod';

export interface StructuralSchema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string; readonly fieldPath?: string }[];
}

/** The order of keywords in the files. */
const KEYWORDS = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'properties',
  'items',
  'additionalProperties',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-map-type',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
] as const satisfies readonly (keyof StructuralSchema)[];

type JsonObject = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The structural form of a kind's spec or status. Throws a `TypeError` that names the field for what a CRD can't say. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  // `input`: what a person writes, so a field with a default is not required.
  return adapt(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), '');
}

function adapt(json: unknown, path: string): StructuralSchema {
  if (!isObject(json)) throw new TypeError(`${path}: a schema was expected here`);
  const unsupported = Object.keys(json).filter((key) => key !== '$schema' && !KEYWORDS.some((keyword) => keyword === key));
  if (unsupported.length > 0) throw new TypeError(`${path}: a CRD has no word for ${unsupported.join(', ')}; say it with a CEL rule`);
  const open = json['x-kubernetes-preserve-unknown-fields'] === true;
  const entries = KEYWORDS.filter((keyword) => json[keyword] !== undefined && !(open && keyword === 'additionalProperties')).map(
    (keyword) => [keyword, adaptKeyword(keyword, json[keyword], path)] as const,
  );
  return Object.fromEntries(entries);
}

function adaptKeyword(keyword: keyof StructuralSchema, value: unknown, path: string): unknown {
  if (keyword === 'items') return adapt(value, `${path}[]`);
  if (keyword === 'additionalProperties') return adapt(value, `${path}.*`);
  if (keyword !== 'properties' || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, adapt(field, `${path}.${name}`)]));
}

/** Every field below `schema` with its path (`spec.match.id`; `[]` an item, `*` a map's value), outermost first. */
export function* walkFields(
  schema: StructuralSchema,
  path: string,
): Generator<{ path: string; schema: StructuralSchema; required: boolean }> {
  const required = new Set(schema.required);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield { path: `${path}.${name}`, schema: field, required: required.has(name) };
    yield* walkFields(field, `${path}.${name}`);
  }
  if (schema.items !== undefined) yield* walkElement(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* walkElement(schema.additionalProperties, `${path}.*`);
}

function* walkElement(schema: StructuralSchema, path: string): ReturnType<typeof walkFields> {
  yield { path, schema, required: false };
  yield* walkFields(schema, path);
}
