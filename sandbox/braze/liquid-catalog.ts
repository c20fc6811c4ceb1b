/** `{% catalog_items <catalog> <id> [<id> <id>] [:rerender] %}`: puts at most three items into `items` (contracts 1.12). */
import { type Context, type Liquid, Tag, type TagToken, type Template, type TopLevelToken } from 'liquidjs';
import type { Json } from './json.ts';
import { translate, worldOf } from './liquid-world.ts';

const MOST_ITEMS = 3;

/** The arguments hold `{{ }}` of their own; they are rendered first, then split into words. */
export class CatalogItems extends Tag {
  readonly #words: Template[];

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    this.#words = liquid.parse(token.args);
  }

  override *render(context: Context): Generator<unknown, void, unknown> {
    const args = String(yield this.liquid.renderer.renderTemplates(this.#words, context));
    const words = args.split(/[\s,]+/).filter((word) => word !== '');
    const [catalog = '', ...ids] = words.filter((word) => word !== ':rerender');
    if (ids.length > MOST_ITEMS) throw new Error(`catalog_items takes at most ${MOST_ITEMS} items, not ${ids.length}`);
    const items = ids.map((id) => worldOf(context).catalogItem(catalog, id)).filter((item) => item !== undefined);
    if (words.includes(':rerender')) {
      for (const [index, item] of items.entries()) items[index] = yield* this.#rerendered(item, context);
    }
    context.bottom()['items'] = items;
  }

  /** The same item with the Liquid in its text fields run. */
  *#rerendered(item: Json, context: Context): Generator<unknown, Json, unknown> {
    const members: Record<string, unknown> = { ...item };
    for (const [name, value] of Object.entries(item)) {
      if (typeof value !== 'string') continue;
      members[name] = yield this.liquid.renderer.renderTemplates(this.liquid.parse(translate(value)), context);
    }
    return members;
  }
}
