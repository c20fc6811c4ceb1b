/** What Braze's answers hold, read strictly: a value that is missing or of another type makes the whole answer unreadable. */
import { type Answered, isRecord } from './outcomes.ts';
import type { CampaignDetails, CampaignMessage, Catalog, CatalogField, CatalogItem, ListedBroadcast } from './types.ts';

type Body = Readonly<Record<string, unknown>>;
type Read<T> = { readonly value: T } | undefined;

/** For calls whose answer is only "success". */
export const nothing = (): Read<void> => ({ value: undefined });

export function schedule(body: Body): Read<{ scheduleId: string; dispatchId: string | undefined }> {
  const scheduleId = body['schedule_id'];
  const dispatchId = body['dispatch_id'];
  if (typeof scheduleId !== 'string' || scheduleId.trim() === '') return undefined;
  return { value: { scheduleId, dispatchId: typeof dispatchId === 'string' ? dispatchId : undefined } };
}

/** An update names a schedule only when it is another one now (contracts 1.3); an id that is no text makes the answer unreadable. */
export function updated(scheduleId: string): (body: Body) => Read<{ scheduleId: string }> {
  return (body) => (body['schedule_id'] === undefined ? { value: { scheduleId } } : schedule(body));
}

export function item(body: Body): Read<CatalogItem> {
  const found = items(body);
  const only = found?.[0];
  return only !== undefined && found?.length === 1 ? { value: only } : undefined;
}

export function itemPage(body: Body, answer: Answered): Read<{ items: readonly CatalogItem[]; next: string | undefined }> {
  const found = items(body);
  return found === undefined ? undefined : { value: { items: found, next: nextCursor(answer.headers['link']) } };
}

function items(body: Body): readonly CatalogItem[] | undefined {
  const list = body['items'];
  return Array.isArray(list) && list.every(isItem) ? list : undefined;
}

function isItem(value: unknown): value is CatalogItem {
  return isRecord(value) && typeof value['id'] === 'string';
}

/** `Link: <…?cursor=…>; rel="next"` (contracts 1.12); other relations may stand beside it. */
function nextCursor(link: string | undefined): string | undefined {
  const target = /<([^>]*)>\s*;[^,<]*rel="?next"?/i.exec(link ?? '')?.[1];
  return target === undefined ? undefined : (new URL(target, 'https://braze.invalid').searchParams.get('cursor') ?? undefined);
}

const TYPES = ['string', 'number', 'boolean', 'time', 'object', 'array'] as const;

export function catalogs(body: Body): Read<readonly Catalog[]> {
  const list = body['catalogs'];
  if (!Array.isArray(list)) return undefined;
  return { value: list.filter(isRecord).map((entry) => ({ name: String(entry['name']), fields: fields(entry['fields']) })) };
}

function fields(list: unknown): readonly CatalogField[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).flatMap((field) => {
    const type = TYPES.find((known) => known === field['type']);
    // A type that we do not know is still a field of that name.
    return typeof field['name'] === 'string' ? [{ name: field['name'], type: type ?? 'string' }] : [];
  });
}

/** Keys of a message that name it rather than make up its text. */
const LABELS = new Set(['channel', 'name', 'message_variation_id', 'id']);

export function campaign(body: Body): Read<CampaignDetails> {
  if (typeof body['enabled'] !== 'boolean') return undefined;
  const messages = campaignMessages(body['messages']);
  const lastSent = instantOf(body['last_sent']);
  return {
    value: {
      ...(lastSent === undefined ? {} : { lastSent }),
      name: typeof body['name'] === 'string' ? body['name'] : undefined,
      live: body['enabled'] && body['draft'] !== true && body['archived'] !== true,
      templates: messages?.map((message) => message.fields.join('\n')),
      messages,
    },
  };
}

/** Nothing is decided from such a time, so one that can't be read is none. */
function instantOf(value: unknown): Temporal.Instant | undefined {
  try {
    return typeof value === 'string' ? Temporal.Instant.from(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Every message of the campaign with all its texts; undefined when the answer has none, or one of them is not readable. */
function campaignMessages(value: unknown): readonly CampaignMessage[] | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, message]) => isRecord(message))) return undefined;
  return entries.map(([id, message]) => ({ label: labelOf(id, message), fields: texts(message) }));
}

function labelOf(id: string, message: unknown): string {
  const { name, channel } = isRecord(message) ? message : {};
  const words = [channel, name].filter((word): word is string => typeof word === 'string' && word !== '');
  return words.length === 0 ? id : words.join(' ');
}

/** All strings in a message, at any depth: translations and buttons are nested. */
function texts(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return LABELS.has(key) ? [] : [value];
  if (Array.isArray(value)) return value.flatMap((entry) => texts(entry));
  return isRecord(value) ? Object.entries(value).flatMap(([name, entry]) => texts(entry, name)) : [];
}

/** A row that is none makes the whole listing unreadable: what is not in it is what is asked for. */
export function broadcasts(body: Body): Read<readonly ListedBroadcast[]> {
  const list = body['scheduled_broadcasts'];
  if (!Array.isArray(list) || !list.every(isRecord)) return undefined;
  return { value: list.flatMap(broadcast) };
}

function broadcast({ id, type, next_send_time: at }: Body): readonly ListedBroadcast[] {
  return typeof id === 'string' && type === 'Campaign' ? [{ campaignId: id, at: instantOf(at) }] : [];
}
