/**
 * What people say in annotations whose value is JSON. Read strictly: a value that cannot be read is an error with a sentence, never
 * "nothing was said", because what follows from silence may send twice.
 */
import { z } from 'zod';
import type { AnnotationName } from './words.ts';
import { ADOPT, RESOLVE } from './words.ts';

const id = z.string().min(1).max(512);

const adoption = z.strictObject({
  id,
  campaignId: id,
  sendAt: z.string().refine(isInstant, 'must be an instant such as 2026-12-06T11:30:00Z'),
});
/** A Braze schedule made by somebody else. */
export type Adoption = z.output<typeof adoption>;

const resolution = z.strictObject({
  operationId: id,
  result: z.enum(['not-created', 'created', 'not-sent']),
  scheduleId: id.optional(),
});
/**
 * What a person found out about a call whose answer was lost. `operationId` names the operation; for `not-sent` the schedule that was
 * thought to be sent, or its time when no id is known.
 */
export type Resolution = z.output<typeof resolution>;

export type Said<T> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'said'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly message: string };

type Annotated = { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } };

export const adoptionOf = (object: Annotated): Said<Adoption> => read(object, ADOPT, adoption);
export const resolutionOf = (object: Annotated): Said<Resolution> => read(object, RESOLVE, resolution);

function read<T>(object: Annotated, name: AnnotationName, schema: z.ZodType<T>): Said<T> {
  const text = object.metadata.annotations?.[name];
  if (text === undefined) return { kind: 'nothing' };
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return { kind: 'said', value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return { kind: 'unreadable', message: `The annotation ${name} can't be read: ${where}${issue?.message ?? 'it is no JSON object'}.` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isInstant(text: string): boolean {
  try {
    Temporal.Instant.from(text);
    return true;
  } catch {
    return false;
  }
}
