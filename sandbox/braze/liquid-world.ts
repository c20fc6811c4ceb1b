/** What templates and their tags share: the world of one rendering, the names of Braze's dialect, the way to abort. */
import type { Context } from 'liquidjs';
import type { User } from './campaigns.ts';
import type { ContentAnswer, ContentRequest } from './connected-content.ts';
import type { Json } from './json.ts';

/** What a template can see and reach while it is rendered for one user. */
export interface RenderWorld {
  readonly user: User;
  readonly properties: Json;
  /** Which objects the properties are called by: `api_trigger_properties`, or a canvas's two names. */
  readonly propertyNames: readonly string[];
  readonly catalogItem: (catalog: string, id: string) => Json | undefined;
  readonly content: (request: ContentRequest) => Promise<ContentAnswer | undefined>;
}

/** Thrown by a tag to drop the message for this user. */
export class MessageAborted extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'MessageAborted';
  }
}

/** Names that no template can write. */
const HIDDEN = '__render_world';
const USER = '__user';

/** The render world of a context; tags get at it through a hidden variable. */
export function worldOf(context: Context): RenderWorld {
  const holder: unknown = Reflect.get(context.environments, HIDDEN);
  if (holder instanceof Holder) return holder.world;
  throw new TypeError('this tag works only inside a rendering of BrazeLiquid');
}

class Holder {
  readonly world: RenderWorld;

  constructor(world: RenderWorld) {
    this.world = world;
  }
}

/** `api_trigger_properties.${key}` → `api_trigger_properties["key"]`; a bare `${key}` is a default attribute of the user. */
export const translate = (template: string): string =>
  template.replace(/(\.?)\$\{\s*([^}"]+?)\s*\}/g, (_, dot: string, key: string) => (dot === '' ? `${USER}["${key}"]` : `["${key}"]`));

/** The variables that a template sees. */
export function scopeOf(world: RenderWorld): Json {
  const properties = Object.fromEntries(world.propertyNames.map((name) => [name, world.properties]));
  const { user } = world;
  const braze = { user_id: user.id, braze_id: user.brazeId, email_address: user.email, time_zone: user.timeZone, ...user.attributes };
  return { ...properties, custom_attribute: user.attributes, [USER]: braze, [HIDDEN]: new Holder(world) };
}
