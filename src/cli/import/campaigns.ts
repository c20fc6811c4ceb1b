/**
 * Whether the campaigns are as a cut-over needs them: one read of each, with the workspace's own key as the user may read it. Nothing else
 * of the command line calls Braze, and this changes nothing there.
 */
import type { Clock } from '../../base/clock.ts';
import { parseDuration } from '../../base/durations.ts';
import { BrazeClient } from '../../braze/client.ts';
import { checkEndpoint } from '../../braze/endpoints.ts';
import { campaignFence, readsSomeFence } from '../../braze/fence-template.ts';
import { Transport } from '../../braze/transport.ts';
import type { CampaignDetails } from '../../braze/types.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import { readApiKey } from '../../reconcilers/braze-workspace/secret.ts';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';
import type { Ground } from './judge.ts';

const TIMEOUT_MS = 15_000;

export interface Campaigns {
  readonly workspace: BrazeWorkspace;
  readonly oldCampaign: string;
  readonly newCampaign: string;
  readonly allowEndpoints: readonly string[];
}

export function groundOf({ workspace, oldCampaign, newCampaign }: Omit<Campaigns, 'allowEndpoints'>): Ground {
  if (oldCampaign !== newCampaign) return 'stopped';
  return workspace.spec.fence === undefined ? 'nothing' : 'fenced';
}

/** What stands in the way, each with what to do; empty: nothing. Throws `CliError` when Braze can't be asked. */
export async function obstaclesOf(session: Session, campaigns: Campaigns): Promise<readonly string[]> {
  const { oldCampaign, newCampaign } = campaigns;
  return await withBraze(session, campaigns, async (read) => {
    const old = await read(oldCampaign);
    if (oldCampaign === newCampaign) return newObstacles(campaigns, old);
    return [...oldObstacles(oldCampaign, old), ...newObstacles(campaigns, await read(newCampaign))];
  });
}

type Seen = CampaignDetails | { readonly unseen: string };

function oldObstacles(id: string, seen: Seen): readonly string[] {
  if ('unseen' in seen) return [`Whether the old campaign ${id} is stopped can't be seen: ${seen.unseen}`];
  if (!seen.live) return [];
  return [`The old campaign ${id} is live: what it has scheduled would be sent beside ours. Stop it in Braze first`];
}

function newObstacles({ newCampaign: id, workspace }: Campaigns, seen: Seen): readonly string[] {
  const { fence } = workspace.spec;
  if (fence?.assumeFenced?.includes(id)) return [];
  if ('unseen' in seen) return [`Campaign ${id} can't be seen: ${seen.unseen}`];
  const live = seen.live ? [] : [`Campaign ${id} is not live: start it in Braze`];
  if (fence === undefined) {
    const { fenced, message } = readsSomeFence(seen.messages);
    return fenced === 'True' ? [...live, `Campaign ${id}: ${message}. Give the workspace a spec.fence`] : live;
  }
  const { fenced, message } = campaignFence(seen.messages, fence.catalog);
  if (fenced === 'True') return live;
  return [...live, `Campaign ${id} is not known to abort without our token: ${message}. Paste the fence into every message first`];
}

async function withBraze<T>(session: Session, campaigns: Campaigns, use: (read: (id: string) => Promise<Seen>) => Promise<T>): Promise<T> {
  const { workspace, allowEndpoints } = campaigns;
  const { endpoint, requestTimeout } = workspace.spec;
  const name = `BrazeWorkspace ${workspace.metadata.namespace}/${workspace.metadata.name}`;
  const checked = checkEndpoint(endpoint, allowEndpoints);
  if (!checked.allowed) throw new CliError(`${name}: ${checked.message}.`);
  const found = await readApiKey(session.kube, workspace, AbortSignal.timeout(TIMEOUT_MS));
  if ('missing' in found) throw new CliError(`${name}: ${found.missing}`);
  const clock = standing(session.now);
  const transport = new Transport({ origin: checked.origin, clock });
  try {
    const client = new BrazeClient({
      transport,
      clock,
      apiKey: () => found.key.value,
      timeoutMs: () => parseDuration(requestTimeout),
      mayStart: () => true,
      brazeOffsetMs: () => 0,
    });
    return await use(async (id) => seenOf(await client.campaignDetails(id)));
  } finally {
    transport.close();
  }
}

type Answer = Awaited<ReturnType<BrazeClient['campaignDetails']>>;

function seenOf(answer: Answer): Seen {
  if (answer.kind === 'done') return answer.value;
  return { unseen: answer.kind === 'refused' ? answer.refusal.message : answer.message };
}

const standing = (now: Temporal.Instant): Clock => ({
  now: () => now,
  monotonicMs: () => performance.now(),
  delayMs: () => 0,
  onMoved: () => () => {},
});
