/** How a cell ended, in words that do not depend on ids, tokens, times of day and attempt numbers: what a disturbed run is held against. */
import type { Cell } from './cell.ts';

export interface EndState {
  readonly gone: boolean;
  readonly phase: string | undefined;
  readonly conditions: readonly string[];
  /** `Sent for +180 min`: minutes from the cell's base. */
  readonly lastSent: string | undefined;
  readonly fence: string | undefined;
  readonly leftovers: readonly string[];
  /** What the catalog item says. */
  readonly item: string;
  /** When each user was told, in minutes from the cell's base. */
  readonly told: Readonly<Record<string, readonly number[]>>;
}

const MINUTE_MS = 60_000;

export function endState(cell: Cell): EndState {
  const object = cell.seen;
  const status = object?.status;
  const minutes = (text: string): number => (Temporal.Instant.from(text).epochMilliseconds - cell.base.epochMilliseconds) / MINUTE_MS;
  const { lastSent, fence } = status ?? {};
  return {
    gone: object === undefined,
    phase: status?.phase,
    conditions: (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`).sort(),
    lastSent: lastSent && `${lastSent.reason} for ${minutes(lastSent.sendAt)} min`,
    fence: fence && `${fence.state}, ${fence.confirmed ? 'confirmed' : 'not confirmed'}, token ${fence.token === '' ? 'empty' : 'set'}`,
    leftovers: leftoversOf(cell),
    item: itemState(cell),
    told: told(cell),
  };
}

function leftoversOf(cell: Cell): readonly string[] {
  const status = cell.seen?.status;
  const stale = cell.seen !== undefined && status?.observedGeneration !== cell.seen.metadata.generation;
  return [
    ...(status?.operation === undefined ? [] : ['operation']),
    ...(status?.schedule === undefined ? [] : ['schedule']),
    ...(status?.obsolete ?? []).map(({ why }) => `obsolete: ${why}`),
    ...(status?.occasion?.locked ? ['locked'] : []),
    ...(status?.occasion?.announced ?? []).map(() => 'announced'),
    ...(stale ? ['observedGeneration is old'] : []),
  ];
}

function itemState(cell: Cell): string {
  const item = cell.lane.stack.braze.item(cell.catalog, cell.item);
  if (item === undefined) return 'none';
  const token = item['token'] === '' ? 'empty' : item['token'] === cell.seen?.status?.fence?.token ? 'as in status' : 'another';
  return `${String(item['state'])}, token ${cell.seen === undefined && token !== 'empty' ? 'set' : token}`;
}

export function told(cell: Cell): Readonly<Record<string, readonly number[]>> {
  const times: Record<string, number[]> = {};
  for (const { user, firedMs } of cell.lane.stack.braze.deliveries({ notification: cell.item })) {
    times[user] = [...(times[user] ?? []), (firedMs - cell.base.epochMilliseconds) / MINUTE_MS];
  }
  return times;
}

/** `field: was …, undisturbed …` for each field that differs. */
export function differences(is: EndState, undisturbed: EndState): readonly string[] {
  const fields = Object.keys(undisturbed) as (keyof EndState)[];
  return fields
    .map((field) => ({ field, is: JSON.stringify(is[field]), was: JSON.stringify(undisturbed[field]) }))
    .filter(({ is: one, was: other }) => one !== other)
    .map(({ field, is: one, was: other }) => `${field} is ${one}, undisturbed ${other}`);
}
