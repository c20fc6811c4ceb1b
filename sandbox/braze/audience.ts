/** Who a schedule is for: recipients, a whole segment, or a segment cut by a Connected Audience filter (contracts 1.2). */
import type { User } from './campaigns.ts';
import { isObject, type Json, objectOf, textOf } from './json.ts';
import type { BrazeOptions } from './options.ts';
import { badRequest, refuse } from './reply.ts';

export interface Recipient {
  readonly identifier: 'external_user_id' | 'user_alias' | 'braze_id' | 'email';
  readonly value: unknown;
  readonly properties: Json;
}

export interface Audience {
  /** Absent: everybody in the segment. */
  readonly recipients: readonly Recipient[] | undefined;
  readonly filter: Json | undefined;
}

/** One user who gets the message, with their own trigger properties merged over the common ones. */
export interface Target {
  readonly user: User;
  readonly properties: Json;
}

const IDENTIFIERS = ['external_user_id', 'user_alias', 'braze_id', 'email'] as const;
const MOST_RECIPIENTS = 50;

/** Whether the call counts against the broadcast limits (contracts 1.9): a segment, filters or a connected audience. */
export function isBroadcast(body: Json, options: BrazeOptions): boolean {
  if (body['broadcast'] === true || body['audience'] !== undefined) return true;
  return body['broadcast'] === undefined && body['recipients'] === undefined && options.absentBroadcast === 'broadcast';
}

/** Reads the three members of a create body, or refuses. `propertiesKeys`: what a recipient's own properties are called. */
export function readAudience(body: Json, options: BrazeOptions, propertiesKeys: readonly string[]): Audience {
  const recipients = readRecipients(body['recipients'], propertiesKeys);
  const filter = readFilter(body['audience']);
  const broadcast = body['broadcast'];
  if (broadcast !== undefined && typeof broadcast !== 'boolean') throw badRequest('broadcast must be a boolean');
  if (recipients !== undefined && broadcast === true) throw badRequest('broadcast can not be true together with recipients');
  if (recipients === undefined && broadcast !== true) {
    const counts = broadcast === undefined && options.absentBroadcast === 'broadcast';
    if (!counts) throw refuse(400, 'No Recipients');
  }
  return { recipients, filter };
}

function readRecipients(value: unknown, propertiesKeys: readonly string[]): readonly Recipient[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw badRequest('recipients must be an array');
  if (value.length === 0) throw refuse(400, 'No Recipients');
  if (value.length > MOST_RECIPIENTS) throw tooMany(value);
  return value.map((entry) => readRecipient(entry, propertiesKeys));
}

function tooMany(entries: readonly unknown[]): Error {
  const isExternal = entries.every((entry) => isObject(entry) && ('external_user_id' in entry || 'user_alias' in entry));
  const what = isExternal ? 'external_ids and aliases' : 'ids';
  return refuse(400, `The max number of ${what} per request was exceeded`);
}

function readRecipient(entry: unknown, propertiesKeys: readonly string[]): Recipient {
  if (!isObject(entry)) throw badRequest('a recipient must be an object');
  const given = IDENTIFIERS.filter((name) => entry[name] !== undefined);
  const identifier = given[0];
  if (identifier === undefined || given.length > 1) throw badRequest(`a recipient has exactly one of ${IDENTIFIERS.join(', ')}`);
  if (entry['send_to_existing_only'] !== undefined && identifier === 'user_alias') {
    throw badRequest('send_to_existing_only can not be used with user_alias');
  }
  if (entry['send_to_existing_only'] === false && !isObject(entry['attributes'])) {
    throw badRequest('send_to_existing_only: false needs attributes');
  }
  return { identifier, value: entry[identifier], properties: propertiesOf(entry, propertiesKeys) };
}

/** Trigger properties under whichever of their names is given. */
export function propertiesOf(body: Json, keys: readonly string[]): Json {
  const key = keys.find((name) => body[name] !== undefined);
  if (key === undefined) return {};
  const properties = objectOf(body[key]);
  if (properties === undefined) throw badRequest(`${key} must be an object`);
  return properties;
}

function readFilter(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value) || !(Array.isArray(value['AND']) || Array.isArray(value['OR']))) {
    throw badRequest('audience must hold a list under AND or OR');
  }
  return value;
}

/** Everybody who is meant, each once: two entries for one user are merged (contracts 1.2), later keys winning. */
export function targetsOf(audience: Audience, users: readonly User[], common: Json): readonly Target[] {
  const inside = users.filter((user) => audience.filter === undefined || matches(audience.filter, user));
  if (audience.recipients === undefined) return inside.map((user) => ({ user, properties: common }));
  const targets = new Map<string, Target>();
  for (const recipient of audience.recipients) {
    const user = inside.find((candidate) => isMeant(recipient, candidate));
    if (user === undefined) continue;
    const before = targets.get(user.id)?.properties ?? common;
    targets.set(user.id, { user, properties: { ...before, ...recipient.properties } });
  }
  return [...targets.values()];
}

function isMeant(recipient: Recipient, user: User): boolean {
  if (recipient.identifier === 'external_user_id') return user.id === recipient.value;
  if (recipient.identifier === 'braze_id') return user.brazeId === recipient.value;
  if (recipient.identifier === 'email') return user.email === recipient.value;
  const alias = objectOf(recipient.value);
  return user.aliases.some((known) => known.alias_name === alias?.['alias_name'] && known.alias_label === alias?.['alias_label']);
}

/** Connected Audience: AND and OR of attribute comparisons. A filter that the simulator does not know lets nobody through. */
function matches(filter: Json, user: User): boolean {
  if (Array.isArray(filter['AND'])) return filter['AND'].every((part) => isObject(part) && matches(part, user));
  if (Array.isArray(filter['OR'])) return filter['OR'].some((part) => isObject(part) && matches(part, user));
  const custom = objectOf(filter['custom_attribute']);
  const name = textOf(custom?.['custom_attribute_name']);
  if (custom !== undefined && name !== undefined) return compares(custom, user.attributes[name]);
  return Object.entries(filter).every(([key, test]) => isObject(test) && compares(test, user.attributes[key]));
}

function compares(test: Json, actual: unknown): boolean {
  const wanted = test['value'];
  switch (test['comparison']) {
    case 'equals':
    case 'is':
      return actual === wanted;
    case 'not_equal':
    case 'does_not_equal':
    case 'is_not':
      return actual !== wanted;
    case 'exists':
      return actual !== undefined;
    case 'does_not_exist':
      return actual === undefined;
    case 'includes_value':
      return Array.isArray(actual) && actual.includes(wanted);
    case 'greater_than':
      return typeof actual === 'number' && typeof wanted === 'number' && actual > wanted;
    case 'less_than':
      return typeof actual === 'number' && typeof wanted === 'number' && actual < wanted;
    default:
      return false;
  }
}
