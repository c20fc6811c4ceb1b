/** What the admin port accepts: it refuses what it does not know, so that a test with a misspelt option does not pass by accident. */
import type { CampaignChange, CampaignSpec } from './campaigns.ts';
import { FIELD_TYPES, type Field } from './catalogs.ts';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import type { FaultRule } from './faults.ts';
import { isObject, type Json } from './json.ts';
import type { ApiKey } from './keys.ts';
import type { LogFilter } from './log.ts';
import { type BrazeOptionsPatch, defaultOptions } from './options.ts';
import type { DashboardBroadcast } from './read-calls.ts';
import type { DeliveryFilter } from './views.ts';

/** A bad admin request; its message goes to the caller. */
export class BadAdminRequest extends Error {}

const ACTIONS: readonly string[] = [
  ...['latency', 'hold', 'refuse', 'rate-limited', 'drop-before', 'drop-after', 'timeout-before', 'timeout-after'],
  ...['error-before', 'error-after', 'reset-mid-body', 'garbled', 'answer', 'new-id-on-update', 'async-lag'],
];
const MATCHERS: readonly string[] = ['endpoint', 'notification', 'token', 'campaignId', 'scheduleId', 'keyName'];
const CAMPAIGN_MEMBERS: readonly string[] = [
  ...['id', 'kind', 'name', 'type', 'enabled', 'draft', 'archived', 'tags', 'template', 'messages', 'users', 'reEligibility'],
];

const isString = (value: unknown): value is string => typeof value === 'string';
const onlyKnown = (value: Json, known: readonly string[]): boolean => Object.keys(value).every((name) => known.includes(name));

const isEndpoint = (value: unknown): value is Endpoint => ENDPOINTS.some((endpoint) => endpoint === value);

const isMatch = (value: unknown): boolean =>
  isObject(value) && onlyKnown(value, MATCHERS) && (value['endpoint'] === undefined || [value['endpoint']].flat().every(isEndpoint));

const isFaultRule = (value: unknown): value is FaultRule =>
  isObject(value) &&
  onlyKnown(value, ['match', 'action', 'nth', 'times']) &&
  isObject(value['action']) &&
  ACTIONS.some((kind) => isObject(value['action']) && value['action']['kind'] === kind) &&
  (value['match'] === undefined || isMatch(value['match']));

const isCampaignChange = (value: unknown): value is CampaignChange => isObject(value) && onlyKnown(value, CAMPAIGN_MEMBERS);
const isCampaignSpec = (value: unknown): value is CampaignSpec =>
  isObject(value) && onlyKnown(value, CAMPAIGN_MEMBERS) && isString(value['id']);

const isApiKey = (value: unknown): value is ApiKey =>
  isObject(value) &&
  isString(value['name']) &&
  isString(value['key']) &&
  (value['permissions'] === '*' || Array.isArray(value['permissions']));

const isDashboard = (value: unknown): value is DashboardBroadcast =>
  isObject(value) && ['name', 'id', 'nextSendTime'].every((name) => isString(value[name])) && Array.isArray(value['tags']);

const isFields = (value: unknown): value is readonly Field[] =>
  Array.isArray(value) &&
  value.every((field) => isObject(field) && isString(field['name']) && FIELD_TYPES.some((type) => type === field['type']));

/** Every option known, and of the type that its default has. */
function isOptionsPatch(value: unknown): value is BrazeOptionsPatch {
  const sameShape = (given: Json, model: Json): boolean =>
    Object.entries(given).every(([name, member]) => {
      const expected = model[name];
      return isObject(expected) && isObject(member) ? sameShape(member, expected) : typeof member === typeof expected;
    });
  return isObject(value) && sameShape(value, { ...defaultOptions(), limits: { ...defaultOptions().limits } });
}

function reader<T>(what: string, guard: (value: unknown) => value is T): (value: unknown) => T {
  return (value) => {
    if (guard(value)) return value;
    throw new BadAdminRequest(`not a valid ${what}: ${JSON.stringify(Object.keys(isObject(value) ? value : {}))}`);
  };
}

export const readFaultRule = reader('fault rule', isFaultRule);
export const readCampaign = reader('campaign', isCampaignSpec);
export const readCampaignChange = reader('campaign change', isCampaignChange);
export const readKey = reader('API key', isApiKey);
export const readDashboard = reader('dashboard broadcast', isDashboard);
export const readFields = reader('list of catalog fields', isFields);
export const readOptions = reader('set of options', isOptionsPatch);

const given = (query: URLSearchParams, names: readonly string[]): Record<string, string> =>
  Object.fromEntries([...query].filter(([name]) => names.includes(name)));
const numbers = (query: URLSearchParams, names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...query].filter(([name]) => names.includes(name)).map(([name, value]) => [name, Number(value)]));

export function logFilter(query: URLSearchParams): LogFilter {
  const endpoint = query.get('endpoint');
  if (endpoint !== null && endpoint !== 'unknown' && !isEndpoint(endpoint)) {
    throw new BadAdminRequest(`no endpoint ${endpoint}; known: ${ENDPOINTS.join(', ')}, unknown`);
  }
  return {
    ...(endpoint === null ? {} : { endpoint }),
    ...given(query, ['notification', 'token', 'campaignId', 'scheduleId']),
    ...numbers(query, ['status', 'sinceMs', 'untilMs', 'afterSeq']),
  };
}

export const deliveryFilter = (query: URLSearchParams): DeliveryFilter =>
  given(query, ['notification', 'scheduleId', 'campaignId', 'user', 'token']);
