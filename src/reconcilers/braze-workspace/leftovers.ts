/**
 * Catalog items that nobody deletes any more: of objects that were deleted, or that went on through another campaign. Once a day the
 * catalog is paged through with the calls that nothing else wants, and what is ours, closed or sent, and two days past its send is deleted
 * in bulk (design §4: items are deleted 48 h after their send).
 *
 * Memory only: a restart begins a day later, two processes delete the same. An object that is made for such a match in the very moment of
 * the delete announces and opens its item anew, and its read-backs before the send find it missing.
 */
import { hasPassed, instant, latest, plusMs } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import { fromCatalogItem } from '../../braze/fence-item.ts';
import type { FenceItem } from '../../braze/types.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { logFor } from '../../telemetry/log.ts';
import type { Pass } from './check.ts';
import { WORKSPACE_INDEX, workspaceIndexKey } from './ports.ts';

const KEPT_MS = 48 * 3_600_000;
const EVERY_MS = 24 * 3_600_000;
/** Of the 45 synchronous calls a minute. */
const PAGES_AT_ONCE = 5;
const NEXT_PAGES_MS = 60_000;
/** After everything that concerns a send. */
const NO_HURRY = { hours: 24 * 365 } as const;

export interface Holders {
  /** `<owner-id>/<namespace>/`: whose items may be deleted here. */
  readonly prefix: string;
  readonly objectOf: (name: string) => MatchNotification | undefined;
  /** Items that objects of the workspace hold in their status. */
  readonly held: ReadonlySet<string>;
}

/** Whether the item tells of a send that is two days past, and no object will delete it. */
export function isLeftover(item: FenceItem, { prefix, objectOf, held }: Holders, now: Temporal.Instant): boolean {
  if (item.state === 'open' || !item.owner.startsWith(prefix) || held.has(item.id)) return false;
  const at = lastTime(item);
  if (at === undefined || !hasPassed(plusMs(at, KEPT_MS), now)) return false;
  const object = objectOf(item.owner.slice(prefix.length));
  // One that lost its status may still come back to its item.
  return object === undefined || object.status?.fence !== undefined;
}

/** The latest time that the item names; undefined when it names none, or one that cannot be read. */
function lastTime({ sendAt, sentAt, announcedSendAt }: FenceItem): Temporal.Instant | undefined {
  try {
    const [first, ...rest] = [sendAt, sentAt, announcedSendAt].filter((text) => text !== '').map(instant);
    return first && latest(first, ...rest);
  } catch {
    return undefined;
  }
}

export async function sweepLeftovers(pass: Pass): Promise<void> {
  const { memory, object, now } = pass;
  const catalog = object.spec.fence?.catalog;
  memory.sweepAt ??= plusMs(now, EVERY_MS);
  const usable = memory.key !== undefined && memory.fenceReady && memory.problem === undefined && memory.secretMissing === undefined;
  if (catalog === undefined || !usable || !hasPassed(memory.sweepAt, now)) return;
  for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
    const turned = await turnPage(pass, catalog);
    if (turned === 'more') continue;
    memory.sweepAt = plusMs(now, turned === 'no budget' ? NEXT_PAGES_MS : EVERY_MS);
    if (turned === 'end') memory.sweepCursor = undefined;
    return;
  }
  memory.sweepAt = plusMs(now, NEXT_PAGES_MS);
}

async function turnPage(pass: Pass, catalog: string): Promise<'more' | 'end' | 'no budget'> {
  const { link } = pass.memory;
  const claim = { key: 'leftovers', firesAt: pass.now.add(NO_HURRY), buckets: ['catalog_sync'] } as const;
  if (!link.budgets.take(claim).granted) {
    link.budgets.release(claim.key);
    return 'no budget';
  }
  const page = await link.client.listItems(catalog, pass.memory.sweepCursor);
  if (page.kind !== 'done') return 'end';
  const holders = holdersOf(pass);
  const ids = page.value.items
    .map(fromCatalogItem)
    .filter((item) => isLeftover(item, holders, pass.now))
    .map(({ id }) => id);
  if (ids.length > 0) tell(pass, ids, await link.fence(catalog).delete(ids));
  pass.memory.sweepCursor = page.value.next;
  return page.value.next === undefined ? 'end' : 'more';
}

function holdersOf({ object, ports }: Pass): Holders {
  const { namespace, name } = object.metadata;
  const objects = ports.notifications.byIndex(WORKSPACE_INDEX, workspaceIndexKey({ namespace, name }));
  return {
    prefix: `${ports.ownerId}/${namespace}/`,
    objectOf: (owner) => ports.notifications.get({ namespace, name: owner }),
    held: new Set(objects.flatMap(({ status }) => (status?.fence === undefined ? [] : [status.fence.item]))),
  };
}

function tell({ object, ports }: Pass, ids: readonly string[], outcome: Outcome<void>): void {
  const { namespace, name } = object.metadata;
  const log = logFor(ports.log, { kind: object.kind, namespace, name });
  if (outcome.kind === 'done') log.info('catalog items of sends that are two days past were deleted', { items: ids });
  else log.warn('catalog items of past sends could not be deleted; tried again in a day', { items: ids.length });
}
