import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KINDS, objectSchema } from '../../src/crds/definitions.ts';
import { difference, generatedFiles } from '../../src/crds/generate.ts';
import { type StructuralSchema, structuralSchema, walkFields } from '../../src/crds/structural-schema.ts';
import { NOTIFICATION_REASONS } from '../../src/crds/words.ts';

const fields = KINDS.flatMap((kind) =>
  ['spec', 'status'].flatMap((part) => {
    const schema = objectSchema(kind).properties?.[part] ?? {};
    return [{ path: part, schema, required: true }, ...walkFields(schema, part)].map((field) => ({
      ...field,
      path: `${kind.names.kind}.${field.path}`,
    }));
  }),
);

/** Passed through to Braze as they are: bounded by the number of their fields. */
const bounded = (schema: StructuralSchema): boolean => {
  switch (schema.type) {
    case 'string':
      return schema.maxLength !== undefined || schema.enum !== undefined;
    case 'integer':
      return schema.minimum !== undefined && schema.maximum !== undefined;
    case 'array':
      return schema.maxItems !== undefined;
    case 'boolean':
      return true;
    case 'object':
      return (
        schema.maxProperties !== undefined ||
        (schema.properties !== undefined && schema['x-kubernetes-preserve-unknown-fields'] === undefined)
      );
    default:
      return false;
  }
};

describe('every field of every kind', () => {
  it('has a sentence for kubectl explain', () => {
    expect(fields.length).toBeGreaterThan(150);
    expect(fields.filter(({ schema }) => !/\w{2,}.*\.$/.test(schema.description ?? '')).map(({ path }) => path)).toEqual([]);
  });

  it('has a limit', () => {
    expect(fields.filter(({ schema }) => !bounded(schema)).map(({ path }) => path)).toEqual([]);
  });

  it('with a rule says what to do when it is broken', () => {
    const rules = fields.flatMap(({ path, schema }) => (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, ...rule })));
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ message }) => message.length < 20 || message.includes('self.'))).toEqual([]);
  });
});

describe('the generated files', () => {
  it('are what the schemas say; make generate writes them', async () => {
    for (const [path, wanted] of generatedFiles()) {
      const found = await readFile(join(import.meta.dirname, '../..', path), 'utf8');
      expect(found === wanted ? '' : difference(found, wanted), path).toBe('');
    }
  });

  it('name each reason of a MatchNotification with its meaning', () => {
    const page = generatedFiles().get('docs/reference/api.md') ?? '';
    for (const [reason, { meaning }] of Object.entries(NOTIFICATION_REASONS)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${reason}\` |`));
      expect(row, reason).toContain(meaning);
    }
  });

  it('differ line by line: the diff shows what is only here and only there', () => {
    expect(difference('a\nb\nc', 'a\nx\ny\nc')).toBe('@@ line 2 @@\n- b\n+ x\n+ y');
    expect(difference('', 'a')).toBe('@@ line 1 @@\n- \n+ a');
  });
});

describe('structuralSchema', () => {
  it('keeps defaults and leaves such fields out of required', () => {
    const schema = structuralSchema(z.object({ a: z.string().default('x'), b: z.string(), c: z.string().optional() }));
    expect(schema.required).toEqual(['b']);
    expect(schema.properties?.['a']).toEqual({ type: 'string', default: 'x' });
  });

  it('stops at what a CRD has no word for', () => {
    expect(() => structuralSchema(z.object({ a: z.union([z.string(), z.int()]) }))).toThrow('.a: a CRD has no word for anyOf');
  });

  it('says that a field may hold anything only where the schema says so', () => {
    const open = z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(structuralSchema(open)).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  });
});
