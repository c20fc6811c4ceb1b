/**
 * Looks at Braze's listing for the armed sends of the workspace: one call for all of them, at most one a minute, and only before a send, or
 * a minute after one was armed. Only reads; a key that may not read it leaves everything else as it is.
 */
import { hasPassed, latest } from '../../base/instants.ts';
import { logFor } from '../../telemetry/log.ts';
import type { Pass } from './check.ts';
import { type ArmedSends, armedSends, goneFrom, learnListing, lookAtListingAt } from './listing.ts';
import { WORKSPACE_INDEX, workspaceIndexKey } from './ports.ts';

/** Looks when that is due. True when a send is missing from the listing that was not, or the other way round. */
export async function lookAtListing(pass: Pass): Promise<boolean> {
  const { memory, now, forced } = pass;
  const sends = armedSends(pass.ports.notifications.byIndex(WORKSPACE_INDEX, workspaceIndexKey(pass.object.metadata)), now);
  // What a former life looked at is not looked at again only because this one begins.
  memory.listing = { ...memory.listing, askedAt: memory.listing.askedAt ?? now };
  const due = lookAtListingAt(memory.listing, sends);
  const isDue = forced || (due !== undefined && hasPassed(due, now));
  const before = goneFrom(memory.listing);
  if (sends.size > 0 && isDue && isUsable(pass)) await ask(pass, sends);
  memory.listingAt = isUsable(pass) ? lookAtListingAt(memory.listing, sends) : undefined;
  return goneFrom(memory.listing) !== before;
}

const isUsable = ({ memory }: Pass): boolean =>
  memory.key !== undefined && memory.problem === undefined && memory.secretMissing === undefined;

async function ask({ memory, object, ports, now }: Pass, sends: ReadonlyMap<string, ArmedSends>): Promise<void> {
  memory.listing = { ...memory.listing, askedAt: now };
  if (!memory.link.budgets.take({ key: 'broadcasts', firesAt: now, buckets: ['hour'] }).granted) return;
  const outcome = await memory.link.client.listBroadcasts(dayAfterLast(sends));
  if (outcome.kind === 'done') {
    memory.listing = learnListing(memory.listing, { rows: outcome.value, sends, at: now });
    return;
  }
  if (outcome.kind === 'refused' && outcome.refusal.reason === 'not-sent') return;
  const { name, namespace } = object.metadata;
  logFor(ports.log, { kind: object.kind, namespace, name }).warn(
    "Braze's listing could not be read: a schedule that somebody deletes there is not noticed before its send",
    { why: outcome.kind === 'refused' ? outcome.refusal.message : outcome.message },
  );
}

/** The end is taken as midnight in UTC (contracts 1.6). */
function dayAfterLast(sends: ReadonlyMap<string, ArmedSends>): Temporal.PlainDate {
  const [first, ...rest] = [...sends.values()].map(({ firesAt }) => firesAt);
  const last = first && latest(first, ...rest);
  return (last ?? Temporal.Instant.fromEpochMilliseconds(0)).toZonedDateTimeISO('UTC').toPlainDate().add({ days: 1 });
}
