/**
 * Fields for translated names: the catalog gets `home_ar` and `away_ar` once an object or a feed of this workspace speaks Arabic (design §3).
 *
 * Never in the way of a send: until a field is there the content leaves it out, and what can't be added is said once and asked again later,
 * while the workspace stays as usable as it is. Adding is asynchronous at Braze and changes nothing when done twice, so two processes at
 * once, or a crash, do no harm.
 */
import { hasPassed, plusMs } from '../../base/instants.ts';
import { textFields } from '../../braze/catalog.ts';
import { localeFields } from '../../braze/fence-item.ts';
import type { CatalogField } from '../../braze/types.ts';
import type { EventReason } from '../../telemetry/event-reasons.ts';
import type { Pass } from './check.ts';
import type { WorkspaceMemory } from './memory.ts';

/** An added field takes a moment to show. */
const FIRST_LOOK_MS = 1_000;
const LONGEST_MS = 3_600_000;

/** Locales in use whose names the catalog takes. */
export const takenLocales = ({ usage, link }: WorkspaceMemory): readonly string[] =>
  usage.locales.filter((locale) => takes(link.fields, locale));

const takes = (fields: ReadonlySet<string>, locale: string): boolean => localeFields(locale).every(({ name }) => fields.has(name));

export async function extendCatalog(pass: Pass): Promise<void> {
  const { object, memory, now } = pass;
  const proven = object.spec.fence !== undefined && memory.fenceReady && memory.key !== undefined && memory.problem === undefined;
  if (!proven || (!memory.fieldsDoubted && !lacksSome(memory))) {
    memory.extendAt = undefined;
    return;
  }
  if (memory.extendAt !== undefined && !hasPassed(memory.extendAt, now)) return;
  memory.extendAt = plusMs(now, Math.min(FIRST_LOOK_MS * 2 ** Math.min(memory.extendTries, 12), LONGEST_MS));
  memory.extendTries += 1;
  const failure = await extend(pass, object.spec.fence?.catalog ?? '');
  if (failure !== undefined) tellFailure(pass, failure);
  else if (!lacksSome(memory)) Object.assign(memory, { extendAt: undefined, extendTries: 0, extendTold: undefined });
}

const lacksSome = (memory: WorkspaceMemory): boolean => takenLocales(memory).length < memory.usage.locales.length;

/** Looks at the fields that are there and asks for those that are not. Why it can't be; undefined when all is well or on its way. */
async function extend(pass: Pass, catalog: string): Promise<string | undefined> {
  const { memory } = pass;
  const { client } = memory.link;
  const listed = await client.listCatalogs();
  if (listed.kind !== 'done') return listed.kind === 'unknown' ? listed.message : listed.refusal.message;
  const found = listed.value.find(({ name }) => name === catalog);
  if (found === undefined) return `Catalog ${catalog} is not there.`;
  memory.fieldsDoubted = false;
  learn(memory, textFields(found));
  const names = new Set(found.fields.map(({ name }) => name));
  const lacking = memory.usage.locales.map((locale) => localeFields(locale).filter(({ name }) => !memory.link.fields.has(name)));
  // Half a locale is none: one whose field somebody made a number gets no other field either.
  const isMisfit = ({ name }: CatalogField): boolean => names.has(name);
  const wanted = lacking.filter((fields) => !fields.some(isMisfit)).flat();
  const failure = wanted.length === 0 ? undefined : await add(pass, catalog, wanted);
  const misfits = lacking.flat().filter(isMisfit);
  if (failure !== undefined || misfits.length === 0) return failure;
  return `Catalog ${catalog} has ${namesOf(misfits)} with another type than string: delete that in Braze.`;
}

async function add(pass: Pass, catalog: string, fields: readonly CatalogField[]): Promise<string | undefined> {
  const added = await pass.memory.link.client.addCatalogFields(catalog, fields);
  if (added.kind === 'done') {
    tell(pass, { type: 'Normal', reason: 'CatalogExtended', note: `Catalog ${catalog} gets the fields ${namesOf(fields)}.` });
    return undefined;
  }
  return `Fields ${namesOf(fields)} could not be added to catalog ${catalog}: ${added.kind === 'unknown' ? added.message : added.refusal.message}`;
}

const namesOf = (fields: readonly CatalogField[]): string => fields.map(({ name }) => name).join(', ');

function learn(memory: WorkspaceMemory, fields: ReadonlySet<string>): void {
  memory.contentChanged ||= fields.symmetricDifference(memory.link.fields).size > 0;
  memory.link.learnFields(fields);
}

/** Once for each reason, not each time. */
function tellFailure(pass: Pass, failure: string): void {
  const { memory } = pass;
  if (memory.extendTold === failure) return;
  memory.extendTold = failure;
  const note = `${failure} Translated names are left out of its items; everything else is sent.`;
  tell(pass, { type: 'Warning', reason: 'CatalogNotExtended', note });
}

function tell({ object, ports }: Pass, words: { type: 'Normal' | 'Warning'; reason: EventReason; note: string }): void {
  const { namespace, name, uid } = object.metadata;
  ports.events.record({ apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid }, words);
}
