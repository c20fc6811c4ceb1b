/**
 * Building blocks of the kinds. A zod schema carries everything the CRD needs: what zod has no word for (CEL rules, map types,
 * sizes of maps) rides in its metadata under the key that the CRD uses, and structural-schema.ts copies it out.
 *
 * Every string, list and map has a limit. That is not only tidiness: the API server estimates the cost of a CEL rule from those
 * limits and refuses a CRD whose rules could get too dear.
 */
import { z } from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../base/durations.ts';

/** One CEL rule. `message` says what to do, not what is wrong with the expression. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired';
}

export const rules = (...list: readonly Rule[]) => ({ 'x-kubernetes-validations': list });

/** Nobody owns a part of such a map: whoever applies it, applies it whole (design §5a). */
export const ATOMIC = { 'x-kubernetes-map-type': 'atomic' } as const;
export const SET = { 'x-kubernetes-list-type': 'set' } as const;

/** A rule for a field that keeps its first value. Belongs on a required field: an optional one could be removed and set anew. */
export const immutable = (what: string, instead: string): Rule => ({
  rule: 'self == oldSelf',
  message: `${what} can't be changed: ${instead}`,
  reason: 'FieldValueForbidden',
});

export const text = (options: { about: string; max: number; min?: number; pattern?: RegExp }): z.ZodString => {
  const sized = z
    .string()
    .min(options.min ?? 1)
    .max(options.max);
  return (options.pattern === undefined ? sized : sized.regex(options.pattern)).meta({ description: options.about });
};

export const objectName = (about: string): z.ZodString => text({ about, max: 253, pattern: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/ });
export const secretKey = (about: string): z.ZodString => text({ about, max: 253, pattern: /^[-._a-zA-Z0-9]+$/ });

/** Braze campaign ids are UUIDs today, 24 hexadecimal digits in old workspaces; the first eight characters name the fence item. */
export const campaignIdField = (about: string): z.ZodString => text({ about, min: 8, max: 64, pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/ });

/** An instant that a person writes. CEL sees a timestamp, because of the format. */
export const utcInstant = (about: string): z.ZodString =>
  z
    .string()
    .max(30)
    .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$/)
    .meta({ description: about, format: 'date-time' });

/** An instant that the operator writes: bounded, but never a reason to refuse a status. */
export const statusInstant = (about: string): z.ZodString => z.string().max(64).meta({ description: about });
export const statusText = (about: string, max = 512): z.ZodString => z.string().max(max).meta({ description: about });
export const counter = (about: string): z.ZodInt => z.int().min(0).max(2_147_483_647).meta({ description: about });

/** 13 digits times the seconds of a day stay below 2^63, so the rule's arithmetic can't overflow. */
const DURATION_MAX_LENGTH = 14;
const SECONDS_OF_SELF =
  "self.findAll('[0-9]+[dhms]').map(part, int(part.substring(0, part.size() - 1)) * " +
  "(part.endsWith('d') ? 86400 : part.endsWith('h') ? 3600 : part.endsWith('m') ? 60 : 1)).sum()";

/** A duration from `min` to `max`, both included. CEL's own duration() knows no days, so the rule adds the parts up. */
export const duration = (options: { about: string; min: string; max: string }): z.ZodString => {
  const [min, max] = [parseDuration(options.min), parseDuration(options.max)];
  const range = `${formatDuration(min)} to ${formatDuration(max)}`;
  return z
    .string()
    .max(DURATION_MAX_LENGTH)
    .regex(new RegExp(DURATION_PATTERN))
    .meta({
      description: `${options.about} A duration from ${range}.`,
      ...rules({
        rule: `[${SECONDS_OF_SELF}].all(seconds, seconds >= ${min / 1000} && seconds <= ${max / 1000})`,
        message: `write a duration from ${range}, in days, hours, minutes and seconds, such as 1h30m`,
      }),
    });
};

/** An object whose fields are Braze's business; `known` are those that rules look at, everything else passes through. */
export const passThrough = (options: {
  about: string;
  maxProperties: number;
  known?: Readonly<Record<string, object>>;
  rules?: readonly Rule[];
}) =>
  z.record(z.string(), z.unknown()).meta({
    description: options.about,
    minProperties: 1,
    maxProperties: options.maxProperties,
    'x-kubernetes-preserve-unknown-fields': true,
    ...(options.known === undefined ? {} : { properties: options.known }),
    ...(options.rules === undefined ? {} : rules(...options.rules)),
  });

const condition = z.object({
  type: text({ about: 'Which aspect this condition speaks of, such as Ready.', max: 316 }),
  status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
  observedGeneration: z.int().min(0).optional().meta({ description: 'metadata.generation that this condition was written for.' }),
  lastTransitionTime: statusInstant('When status last changed.'),
  reason: statusText('One word for why, from the tables of the API reference.', 1024),
  message: statusText('A sentence for people: what is so, and what to do.', 32_768),
});

export const conditions = z
  .array(condition.meta({ description: 'One condition.' }))
  .max(16)
  .optional()
  .meta({
    description: 'Ready always; Reconciling, Stalled and Drifted only while true.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });

export const observedGeneration = z.int().min(0).optional().meta({ description: 'metadata.generation that this status was written for.' });
