/** The catalog item of one match and campaign, between our words and the catalog's fields (design §4, "The fence item"). */
import { localeSuffix } from '../base/locales.ts';
import type { CatalogField, CatalogItem, FenceItem } from './types.ts';

/** Fields that every fence item has. An empty text rather than an absent value: PUT replaces the whole item. */
const OWN_FIELDS = ['token', 'state', 'owner', 'send_at', 'sent_at', 'announced_send_at'] as const;
const CONTENT_FIELDS = ['home', 'away', 'kickoff', 'competition'] as const;

/** The fields of a new catalog. All are texts: a `time` field cannot be empty. `uid` is of the item that names the workspace. */
export const CATALOG_FIELDS: readonly CatalogField[] = ['id', ...OWN_FIELDS, ...CONTENT_FIELDS, 'uid'].map((name) => ({
  name,
  type: 'string',
}));

/** Translated content: `home_ar` and `away_ar` for `ar`, `home_pt_BR` for `pt-BR`. */
export const localeFields = (locale: string): readonly CatalogField[] =>
  ['home', 'away'].map((side) => ({ name: `${side}_${localeSuffix(locale)}`, type: 'string' }));

/** Names of the fields of a catalog that takes these locales. */
export const fieldsWith = (locales: readonly string[]): ReadonlySet<string> =>
  new Set([...CATALOG_FIELDS, ...locales.flatMap(localeFields)].map(({ name }) => name));

/** Braze refuses a longer item (contracts 1.12). */
const MAX_ITEM_CHARACTERS = 5_000;

/**
 * The item to store. A content field that the catalog lacks is left out, since Braze would drop the whole item for it; likewise
 * content that makes it too long. The token and what decides about sending are never left out.
 */
export function toCatalogItem(item: FenceItem, catalogFields: ReadonlySet<string>): CatalogItem {
  const own = {
    id: item.id,
    token: item.token,
    state: item.state,
    owner: item.owner,
    send_at: item.sendAt,
    sent_at: item.sentAt,
    announced_send_at: item.announcedSendAt,
  };
  let stored: CatalogItem = own;
  for (const [name, value] of Object.entries(item.content)) {
    if (name in own || !catalogFields.has(name)) continue;
    const longer = { ...stored, [name]: value };
    if (JSON.stringify(longer).length <= MAX_ITEM_CHARACTERS) stored = longer;
  }
  return stored;
}

/** What an item says. A state that is none of ours is read from the token: whoever wrote it, the template looks at nothing else. */
export function fromCatalogItem(item: CatalogItem): FenceItem {
  const { id, token, state, owner, send_at, sent_at, announced_send_at, ...rest } = item;
  const content: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) if (typeof value === 'string' && name !== 'uid') content[name] = value;
  const tokenText = text(token);
  return {
    id,
    token: tokenText,
    state: state === 'open' || state === 'closed' || state === 'sent' ? state : tokenText === '' ? 'closed' : 'open',
    owner: text(owner),
    sendAt: text(send_at),
    sentAt: text(sent_at),
    announcedSendAt: text(announced_send_at),
    content,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
}
