/**
 * Braze's dialect of Liquid on liquidjs: `${key}` names, tags whose arguments hold `{{ }}`, `abort_message`, `catalog_items`,
 * `connected_content`. A template that calls nothing outside is rendered without a gap; so a send is one atomic act.
 */
import { Liquid, Tag, type TagToken, type TopLevelToken } from 'liquidjs';
import { CatalogItems } from './liquid-catalog.ts';
import { ConnectedContentTag } from './liquid-content.ts';
import { MessageAborted, type RenderWorld, scopeOf, translate } from './liquid-world.ts';

export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'aborted'; readonly reason: string }
  /** The template is broken: Braze sends nothing. */
  | { readonly kind: 'error'; readonly reason: string };

export class BrazeLiquid {
  readonly #engine: Liquid;

  constructor() {
    this.#engine = new Liquid({ cache: true, strictFilters: true, ownPropertyOnly: true });
    this.#engine.registerTag('abort_message', AbortMessage);
    this.#engine.registerTag('catalog_items', CatalogItems);
    this.#engine.registerTag('connected_content', ConnectedContentTag);
  }

  /** The text for one user, or why there is none. A promise only where the template may call a server. */
  render(template: string, world: RenderWorld): Rendered | Promise<Rendered> {
    const scope = scopeOf(world);
    const source = translate(template);
    try {
      const parsed = this.#engine.parse(source);
      if (!mayCallOut(template)) return text(this.#engine.renderSync(parsed, scope));
      return this.#engine.render(parsed, scope).then(text, outcomeOf);
    } catch (error) {
      return outcomeOf(error);
    }
  }
}

const text = (value: unknown): Rendered => ({ kind: 'text', text: String(value).trim() });

/** A field of a catalog item may hold Liquid of its own, which `:rerender` runs. */
const mayCallOut = (template: string): boolean => template.includes('connected_content') || template.includes(':rerender');

function outcomeOf(error: unknown): Rendered {
  const original = error instanceof Error && 'originalError' in error ? error.originalError : error;
  if (original instanceof MessageAborted) return { kind: 'aborted', reason: original.message };
  return { kind: 'error', reason: error instanceof Error ? error.message : String(error) };
}

/** `{% abort_message('why') %}`, also without a reason. */
class AbortMessage extends Tag {
  readonly #reason: string;

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    const match = /^\(\s*(?:'([^']*)'|"([^"]*)")?\s*\)$/.exec(token.args.trim());
    this.#reason = match?.[1] ?? match?.[2] ?? '';
  }

  override render(): never {
    throw new MessageAborted(this.#reason);
  }
}
