/**
 * The tags of a Liquid template in order, as far as the fence check needs them: what stands in `{% %}`, without comments and raw
 * passages, which Liquid does not run. Text and outputs are dropped, except content blocks, whose own text we cannot see.
 */
export interface Tag {
  /** First word: `if`, `endif`, `catalog_items`, `abort_message` …; `content_block` for an inserted block. */
  readonly name: string;
  /** The rest, trimmed. */
  readonly rest: string;
}

const PIECE = /\{%-?\s*([\s\S]*?)\s*-?%\}|\{\{-?\s*content_blocks\s*\.[\s\S]*?\}\}/g;

/** All tags that Liquid would look at. */
export function tagsOf(template: string): readonly Tag[] {
  const tags: Tag[] = [];
  let skippedUntil: RegExp | undefined;
  for (const piece of template.matchAll(PIECE)) {
    const inside = piece[1];
    if (inside === undefined) {
      if (skippedUntil === undefined) tags.push({ name: 'content_block', rest: '' });
      continue;
    }
    const [, name = '', rest = ''] = /^(#|\w*)\s*([\s\S]*)$/.exec(inside) ?? [];
    if (skippedUntil !== undefined) {
      if (skippedUntil.test(name)) skippedUntil = undefined;
    } else if (name === 'comment' || name === 'raw') {
      skippedUntil = new RegExp(`^end${name}$`);
    } else if (name !== '#') {
      tags.push({ name, rest });
    }
  }
  return tags;
}

/** The tags of a block's parts: `if … elsif … else … endif` gives one part each. */
export interface Branch {
  /** `if`, `unless`, `elsif`, `else` … and its condition. */
  readonly opening: Tag;
  readonly body: readonly Node[];
}
export type Node = { readonly kind: 'tag'; readonly tag: Tag } | { readonly kind: 'block'; readonly branches: readonly Branch[] };

const BLOCKS = new Set(['if', 'unless', 'case', 'for', 'tablerow', 'capture']);
const PARTS = new Set(['elsif', 'else', 'when']);

/** The tags as a tree; undefined when blocks do not match, which Braze would not render either. */
export function treeOf(tags: readonly Tag[]): readonly Node[] | undefined {
  const root: Node[] = [];
  const open: { readonly name: string; readonly branches: { opening: Tag; body: Node[] }[] }[] = [];
  const here = (): Node[] => open.at(-1)?.branches.at(-1)?.body ?? root;
  for (const tag of tags) {
    const block = open.at(-1);
    if (BLOCKS.has(tag.name)) {
      const branches = [{ opening: tag, body: [] }];
      here().push({ kind: 'block', branches });
      open.push({ name: tag.name, branches });
    } else if (PARTS.has(tag.name) && block !== undefined) {
      block.branches.push({ opening: tag, body: [] });
    } else if (/^end\w+$/.test(tag.name)) {
      if (block?.name !== tag.name.slice(3)) return undefined;
      open.pop();
    } else {
      here().push({ kind: 'tag', tag });
    }
  }
  return open.length === 0 ? root : undefined;
}
