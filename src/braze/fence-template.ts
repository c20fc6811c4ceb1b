/**
 * Whether a campaign's templates carry the send-time fence (contracts 1.12): read the notification's catalog item, and abort
 * unless the item's token is there and is the schedule's own.
 *
 * A wrong `True` is a push sent twice, so only forms that are understood to the end count. What cannot be judged is `Unknown`
 * and names why; `False` is said where a fence is plainly missing or does not hold.
 */
import { type Branch, type Node, type Tag, tagsOf, treeOf } from './liquid-tags.ts';
import type { CampaignMessage } from './types.ts';

export interface FenceVerdict {
  readonly fenced: 'True' | 'False' | 'Unknown';
  readonly message: string;
}

/** The lines to paste at the top of each message of a campaign. */
export function fenceSnippet(catalog: string): string {
  return [
    `{% catalog_items ${catalog} {{api_trigger_properties.\${notification}}} %}`,
    `{% if items[0].token == blank or items[0].token != api_trigger_properties.\${token} %}{% abort_message('matchday: superseded') %}{% endif %}`,
  ].join('\n');
}

/** The verdict over every message, variant and channel: all must be fenced; one that is not outweighs one that is not known. */
export function campaignFence(messages: readonly CampaignMessage[] | undefined, catalog: string): FenceVerdict {
  if (messages === undefined || messages.length === 0) {
    return {
      fenced: 'Unknown',
      message:
        'Braze showed no message of the campaign; give the key the permission campaigns.details, or list the campaign in spec.fence.assumeFenced',
    };
  }
  const verdicts = messages.map((message) => ({ label: message.label, ...messageFence(message.fields, catalog) }));
  const worst = verdicts.find((verdict) => verdict.fenced === 'False') ?? verdicts.find((verdict) => verdict.fenced === 'Unknown');
  if (worst === undefined) return { fenced: 'True', message: `every message reads catalog ${catalog} and aborts` };
  return { fenced: worst.fenced, message: `message "${worst.label.slice(0, 100)}": ${worst.message}` };
}

/**
 * Whether some message compares a token of ours, for a workspace that has no fence: nobody would write the item that it reads, and
 * it would abort for everybody. `False` where every text was seen and none does.
 */
export function readsSomeFence(messages: readonly CampaignMessage[] | undefined): FenceVerdict {
  if (messages === undefined || messages.length === 0)
    return { fenced: 'Unknown', message: 'Braze showed no message of the campaign; give the key the permission campaigns.details' };
  const reader = messages.find(({ fields }) => fields.some((field) => /api_trigger_properties\.\$\{\s*token\s*\}/.test(field)));
  if (reader === undefined) return { fenced: 'False', message: 'no message reads one' };
  const label = reader.label.slice(0, 100);
  return { fenced: 'True', message: `message "${label}" reads a fence, but the workspace has no spec.fence: it would abort for everybody` };
}

/** Whether some message shows the trigger property `kickoff`: an update of a schedule leaves it as it was told at first (contracts 1.3). */
export function rendersKickoff(messages: readonly CampaignMessage[] | undefined): FenceVerdict['fenced'] {
  if (messages === undefined || messages.length === 0) return 'Unknown';
  const all = messages.flatMap(({ fields }) => fields);
  if (all.some((field) => /api_trigger_properties\.\$\{\s*kickoff\s*\}/.test(field))) return 'True';
  // A content block's own text is not shown to us.
  return all.some((field) => field.includes('content_blocks.')) ? 'Unknown' : 'False';
}

/** One message is dropped whole when any of its texts aborts, so one fenced text is enough; it must stand whole in that text. */
export function messageFence(fields: readonly string[], catalog: string): FenceVerdict {
  const verdicts = fields.map((field) => templateFence(field, catalog));
  const best = ['True', 'Unknown', 'False'].flatMap((fenced) => verdicts.filter((verdict) => verdict.fenced === fenced))[0];
  // A message says most about itself where a catalog is read at all.
  return best?.fenced === 'False'
    ? (verdicts.find((verdict) => verdict.message !== missing(catalog).message) ?? best)
    : (best ?? unknown('the message has no text'));
}

/** Whether one template text aborts for every schedule but the one whose token the item holds. */
export function templateFence(template: string, catalog: string): FenceVerdict {
  const tags = tagsOf(template);
  const root = treeOf(tags);
  const readsCatalog = tags.some((tag) => tag.name === 'catalog_items' && catalogOf(tag) === catalog);
  if (root === undefined) return unknown('its Liquid blocks do not match');
  if (!readsCatalog) {
    if (tags.some((tag) => tag.name === 'content_block'))
      return unknown(
        'it inserts a content block, which may or may not hold the fence; put the fence into the message itself, or list the campaign in spec.fence.assumeFenced',
      );
    return tags.some((tag) => tag.name === 'liquid') ? unknown('it uses a {% liquid %} tag') : missing(catalog);
  }
  const start = root.findIndex((node) => node.kind === 'tag' && node.tag.name === 'catalog_items' && catalogOf(node.tag) === catalog);
  if (start < 0) return refuse(`it reads catalog ${catalog} only under a condition; move the fence to the top`);
  return afterRead(root, start, catalog);
}

/** Tags that may change what `items` is, or whose own text we cannot see. */
const DISTURBING: readonly string[] = ['assign', 'content_block', 'liquid', 'include', 'render'];

/** Looks for the abort behind the read at `start`, before anything could put another item in its place. */
function afterRead(root: readonly Node[], start: number, catalog: string): FenceVerdict {
  const read = root[start];
  if (read?.kind !== 'tag' || !readsNotification(read.tag))
    return refuse(`it reads catalog ${catalog}, but not the item {{api_trigger_properties.\${notification}}} first`);
  const found = new Set<Abort>();
  for (const [at, node] of root.entries()) {
    if (at <= start) continue;
    if (node.kind === 'tag' && node.tag.name === 'catalog_items') return afterAnother(root, at, catalog);
    if (node.kind === 'tag' && DISTURBING.includes(node.tag.name)) {
      return unknown(`a ${node.tag.name} stands between reading the item and the abort; paste the fence as it is`);
    }
    if (node.kind !== 'block') continue;
    for (const abort of abortsOf(node.branches)) found.add(abort);
    if (found.has('unlike') && found.has('blank')) return { fenced: 'True', message: `it reads catalog ${catalog} and aborts` };
    if (found.has('?')) return unknown('it aborts under a condition that is not understood; paste the fence as it is');
    if (disturbs(node.branches))
      return unknown(
        'a block between reading the item and the abort may put another item in its place; put the fence in one piece at the top',
      );
  }
  if (found.has('unlike'))
    return refuse('it does not abort when the item has no token (`items[0].token == blank`), so a schedule without a token would be sent');
  if (found.has('blank')) return refuse('it does not compare items[0].token with api_trigger_properties.${token}');
  return refuse(`it reads catalog ${catalog} but does not abort when the token differs`);
}

/** `items` is what was read last: an earlier read without its abort is none. */
function afterAnother(root: readonly Node[], at: number, catalog: string): FenceVerdict {
  const node = root[at];
  if (node?.kind === 'tag' && catalogOf(node.tag) === catalog) return afterRead(root, at, catalog);
  return refuse(`another catalog is read before the token of catalog ${catalog} was compared`);
}

/** What a block aborts on: the token missing, the token unlike the schedule's, or something that is not understood. */
type Abort = 'blank' | 'unlike' | '?';

function abortsOf(branches: readonly Branch[]): readonly Abort[] {
  const [first, second, ...more] = branches;
  if (first === undefined || !branches.some((branch) => contains(branch.body, 'abort_message'))) return [];
  const simple = more.length === 0 && (second === undefined || second.opening.name === 'else');
  if (!simple || (first.opening.name !== 'if' && first.opening.name !== 'unless')) return ['?'];
  const aborting = branches.filter((branch) => branch.body.some((node) => node.kind === 'tag' && node.tag.name === 'abort_message'));
  if (aborting.length !== 1) return ['?'];
  // The body runs when the condition is true for the first part of an `if` and for the `else` of an `unless`.
  const whenTrue = (first.opening.name === 'if') === (aborting[0] === first);
  return conditions(first.opening.rest, whenTrue) ?? ['?'];
}

/** `a or b` aborts on each of them; not (`a and b`) aborts on the opposite of each. Mixed, the precedence is not ours to guess. */
function conditions(condition: string, whenTrue: boolean): readonly Abort[] | undefined {
  const joined = whenTrue ? /\sor\s/ : /\sand\s/;
  const other = whenTrue ? /\sand\s/ : /\sor\s/;
  if (other.test(condition)) return undefined;
  const parts = condition.split(joined).map((part) => comparison(part, whenTrue));
  // A part that is not understood only widens what is aborted.
  return parts.some((part) => part !== undefined) ? parts.filter((part) => part !== undefined) : undefined;
}

const ITEM_TOKEN = /^items(?:\[\s*0\s*\]|\.first)(?:\.token|\[\s*["']token["']\s*\])$/;
const OWN_TOKEN = /^api_trigger_properties\.\$\{\s*token\s*\}$/;
/** Only these are equal to the token of a missing item, which is nil; the empty text is not. */
const NOTHING = /^(?:blank|nil|null)$/;

function comparison(part: string, whenTrue: boolean): Abort | undefined {
  const [, left = '', operator = '', right = ''] = /^\s*(.+?)\s*(==|!=|<>)\s*(.+?)\s*$/.exec(part) ?? [];
  const sides = [left, right].map((side) => side.replace(/^\{\{-?\s*([\s\S]*?)\s*-?\}\}$/, '$1'));
  const item = sides.findIndex((side) => ITEM_TOKEN.test(side));
  const opposite = sides[1 - item] ?? '';
  if (item < 0) return undefined;
  const equal = (operator === '==') === whenTrue;
  if (equal && NOTHING.test(opposite)) return 'blank';
  return !equal && OWN_TOKEN.test(opposite) ? 'unlike' : undefined;
}

function catalogOf(tag: Tag): string {
  return /^["']?([\w-]+)["']?(?:\s|$)/.exec(tag.rest)?.[1] ?? '';
}

/** `items[0]` is the first that is asked for. */
function readsNotification(tag: Tag): boolean {
  return /^\S+\s+\{\{-?\s*api_trigger_properties\.\$\{\s*notification\s*\}\s*-?\}\}/.test(tag.rest);
}

function contains(nodes: readonly Node[], name: string): boolean {
  return nodes.some((node) => (node.kind === 'tag' ? node.tag.name === name : node.branches.some((branch) => contains(branch.body, name))));
}

/** A block that may change what `items` is. */
function disturbs(branches: readonly Branch[]): boolean {
  if (branches[0]?.opening.name === 'capture') return true;
  return branches.some((branch) => ['catalog_items', 'capture', ...DISTURBING].some((name) => contains(branch.body, name)));
}

const unknown = (message: string): FenceVerdict => ({ fenced: 'Unknown', message });
const refuse = (message: string): FenceVerdict => ({ fenced: 'False', message });
const missing = (catalog: string): FenceVerdict => refuse(`it does not read catalog ${catalog}; paste the fence at the top of the message`);
