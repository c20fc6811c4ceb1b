/** Where a change has led, in words that do not depend on the way there: what was changed in ten steps is held against what was made at once. */
import type { Cell, Seen } from '../cell.ts';
import { isJson, type Json } from './mutations.ts';

export interface Arrival {
  readonly phase: string | undefined;
  readonly conditions: readonly string[];
  readonly fixture: string | undefined;
  /** What we own. */
  readonly schedule: string;
  readonly fence: string;
  /** What the catalog item says; one that was never written admits as little as one that is closed. */
  readonly item: string;
  /** What Braze would do, whatever we think. */
  readonly braze: readonly string[];
  /** Items of this match under other campaigns that still admit somebody. */
  readonly openElsewhere: readonly string[];
  readonly leftovers: readonly string[];
}

/** Trigger properties that are no one's wish. */
const SENT_BY_US = /^(token|notification|(home|away|kickoff|competition)(_.+)?)$/;

/** Nothing is under way any more. */
export function rests(object: Seen): boolean {
  const { status, metadata } = object ?? {};
  if (status === undefined || status.observedGeneration !== metadata?.generation) return false;
  const isReconciling = status.conditions?.some(({ type }) => type === 'Reconciling') ?? true;
  return !isReconciling && status.operation === undefined && status.fence?.confirmed !== false;
}

export function arrival(cell: Cell): Arrival {
  const object = cell.seen;
  const { status } = object ?? {};
  const item = itemOf(cell);
  return {
    phase: status?.phase,
    conditions: (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`).sort(),
    fixture: status?.fixture,
    schedule: scheduleOf(object),
    fence: status?.fence?.state === 'open' ? `open, ${status.fence.confirmed ? 'confirmed' : 'not confirmed'}` : 'closed',
    item: itemWords(cell, item),
    braze: armedIn(cell),
    openElsewhere: itemsOf(cell)
      .filter(([id, content]) => id !== item && content['token'] !== '')
      .map(([id]) => id),
    leftovers: [
      ...(status?.operation === undefined ? [] : ['operation']),
      ...(status?.obsolete ?? []).map(({ why }) => `obsolete: ${why}`),
      ...(status?.fence?.state === 'open' ? [] : (status?.occasion?.announced ?? []).map(() => 'announced')),
    ],
  };
}

/** `field: … instead of …` for each field that differs. */
export function detours(is: Arrival, direct: Arrival): readonly string[] {
  const fields = Object.keys(direct) as (keyof Arrival)[];
  return fields
    .map((field) => ({ field, is: JSON.stringify(is[field]), direct: JSON.stringify(direct[field]) }))
    .filter((each) => each.is !== each.direct)
    .map((each) => `${each.field}: ${each.is} instead of ${each.direct}`);
}

function scheduleOf(object: Seen): string {
  const owned = object?.status?.schedule;
  if (owned === undefined) return 'none';
  const { campaignId, sendAt, firesAt, audienceHash, propertiesHash } = owned;
  return JSON.stringify({ campaignId, sendAt, firesAt, audienceHash, propertiesHash });
}

function itemOf(cell: Cell): string {
  return `football-data-${cell.match}-${(cell.seen?.spec.campaignId ?? cell.campaignId).slice(0, 8)}`;
}

function itemsOf(cell: Cell): readonly (readonly [string, Json])[] {
  const catalog = cell.lane.stack.braze.catalogs().find(({ name }) => name === cell.catalog);
  return Object.entries(catalog?.items ?? {}).filter(([id]) => id.startsWith(`football-data-${cell.match}-`));
}

function itemWords(cell: Cell, id: string): string {
  const item = itemsOf(cell).find(([name]) => name === id)?.[1];
  if (item === undefined || item['token'] === '') return 'closed';
  const { token, owner: _owner, id: _id, ...content } = item;
  const words = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1));
  return `token ${token === cell.seen?.status?.fence?.token ? 'as in status' : 'another'}, ${JSON.stringify(Object.fromEntries(words))}`;
}

function armedIn(cell: Cell): readonly string[] {
  const mine = cell.lane.stack.braze
    .schedules()
    .filter(({ notification }) => notification?.startsWith(`football-data-${cell.match}-`))
    .filter(({ state, survivors }) => state === 'scheduled' || survivors);
  return mine.map(({ campaignId, time, properties }) => {
    // Content rides along from when it was made; what is told is read from the item.
    const own = Object.entries(isJson(properties) ? properties : {}).filter(([name]) => !SENT_BY_US.test(name));
    return `${campaignId} at ${time} with ${JSON.stringify(Object.fromEntries(own))}`;
  });
}
