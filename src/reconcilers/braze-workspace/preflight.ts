/** Looks at the campaigns in use, and at Braze's clock when a send is near. Only reads; a crash leaves what was known before. */
import { hasPassed } from '../../base/instants.ts';
import { type CampaignMemory, isStale, isWell, learn, lookAgainAt } from './campaigns.ts';
import type { Pass } from './check.ts';
import { sendsOf } from './usage.ts';

/** Looks of one pass: the next pass goes on with the rest. */
const AT_ONCE = 20;
/** A 401 answers any campaign id alike, so the probe of a workspace without campaigns needs none that exists. */
const NO_CAMPAIGN = 'matchday-probe';

/** Looks at what is due. Returns whether anything that notifications wait for became different, and whether more is due at once. */
export async function preflight(pass: Pass): Promise<{ changed: boolean; more: boolean }> {
  const { memory } = pass;
  forgetUnused(pass);
  const due = dueCampaigns(pass);
  const now = due.slice(0, AT_ONCE);
  const changes = await Promise.all(now.map((id) => look(pass, id)));
  if (now.length === 0 && (memory.link.client.stopped !== undefined || memory.clockWanted)) await probe(pass);
  memory.clockWanted = false;
  return { changed: changes.includes(true), more: due.length > now.length };
}

function dueCampaigns({ memory, now, forced, object }: Pass): readonly string[] {
  if (memory.key === undefined || memory.problem?.reason === 'WorkspaceChanged') return [];
  const assumed = new Set(object.spec.fence?.assumeFenced);
  return [...new Set([...memory.usage.campaigns, ...memory.asked])].filter((id) => {
    const known = memory.campaigns.get(id);
    if (known === undefined || forced || known.withFence !== (object.spec.fence !== undefined)) return true;
    if (assumed.has(id) && known.facts.fenced !== 'True') return true;
    const again = lookAgainAt(known, sendsOf(memory.usage, id));
    return (again !== undefined && hasPassed(again, now)) || (memory.asked.has(id) && isStale(known, now));
  });
}

function forgetUnused({ memory }: Pass): void {
  for (const id of memory.campaigns.keys()) if (!memory.usage.campaigns.has(id) && !memory.asked.has(id)) memory.campaigns.delete(id);
}

/** One look; true when the campaign's facts became different. */
async function look(pass: Pass, id: string): Promise<boolean> {
  const { memory, object, ports } = pass;
  const grant = memory.link.budgets.take({ key: `details ${id}`, firesAt: pass.now, buckets: ['hour'] });
  if (!grant.granted) return false;
  const outcome = await memory.link.client.campaignDetails(id);
  memory.asked.delete(id);
  const before = memory.campaigns.get(id);
  const after = learn(before, {
    outcome,
    catalog: object.spec.fence?.catalog,
    assumed: object.spec.fence?.assumeFenced?.includes(id) === true,
    at: ports.clock.now(),
  });
  memory.campaigns.set(id, after);
  if (outcome.kind === 'done') for (const { key } of memory.usage.unjudged.get(id) ?? []) ports.enqueueNotification(key);
  const changed = JSON.stringify(before?.facts) !== JSON.stringify(after.facts);
  if (changed) tell(pass, id, after);
  return changed;
}

/** The cheapest call there is, for its status and its Date header. */
async function probe({ memory }: Pass): Promise<void> {
  if (memory.key === undefined || memory.problem?.reason === 'WorkspaceChanged') return;
  const [id = NO_CAMPAIGN] = memory.usage.campaigns;
  await memory.link.client.campaignDetails(id);
}

function tell({ object, ports }: Pass, id: string, campaign: CampaignMemory): void {
  const { name, namespace, uid } = object.metadata;
  const { facts } = campaign;
  const state = facts.found ? `live ${facts.live}, fenced ${facts.fenced}` : 'not found';
  ports.events.record(
    { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid },
    { type: isWell(campaign) ? 'Normal' : 'Warning', reason: 'CampaignChecked', note: `Campaign ${id}: ${state}. ${facts.message}` },
  );
}
