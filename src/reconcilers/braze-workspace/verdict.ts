/** What a BrazeWorkspace says of itself: one reason, by the first rule that applies. Pure. */
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { WorkspaceReason } from '../../crds/words.ts';
import { type CampaignMemory, isWell } from './campaigns.ts';

/** Something that stands in the way of using the workspace. */
export interface Problem {
  readonly reason: WorkspaceReason;
  readonly message: string;
}

export interface Knowledge {
  readonly object: BrazeWorkspace;
  readonly endpoint: string | undefined;
  readonly secretMissing: string | undefined;
  readonly problem: Problem | undefined;
  readonly hasKey: boolean;
  /** What a 401 said, while it stops all calls. */
  readonly stopped: string | undefined;
  /** What a 403 said, while it stops an endpoint. */
  readonly forbidden: string | undefined;
  readonly campaigns: ReadonlyMap<string, CampaignMemory>;
  readonly offsetMs: number | undefined;
}

const MAX_SKEW_MS = 20_000;
const UNFENCED = 'unfenced, so a call whose answer is lost waits for a person';

type Rule = (knowledge: Knowledge) => Problem | undefined;

/** First hit wins: what makes the later ones meaningless stands first. A test pins the order. */
const RULES: readonly Rule[] = [
  ({ endpoint }) => problem('EndpointNotAllowed', endpoint),
  ({ secretMissing }) => problem('SecretNotFound', secretMissing),
  ({ problem: found }) => found,
  ({ stopped }) => problem('Unauthorized', stopped),
  ({ hasKey }) => (hasKey ? undefined : { reason: 'Checking', message: 'The API key was not read yet.' }),
  lacksPermission,
  clockSkew,
  unfencedCampaign,
  unreadCampaign,
  ({ object }) =>
    object.spec.suspend
      ? { reason: 'Suspended', message: 'Every open item is closed and nothing is created. Set spec.suspend to false to go on.' }
      : undefined,
];

export function verdictOf(knowledge: Knowledge): Problem {
  for (const rule of RULES) {
    const found = rule(knowledge);
    if (found !== undefined) return found;
  }
  return { reason: 'Ready', message: readyMessage(knowledge) };
}

const problem = (reason: WorkspaceReason, message: string | undefined): Problem | undefined =>
  message === undefined ? undefined : { reason, message };

/** Without `campaigns.details` the preflight sees nothing; that is well where `assumeFenced` speaks for every campaign. */
function lacksPermission({ forbidden, campaigns }: Knowledge): Problem | undefined {
  const spokenFor = campaigns.size > 0 && [...campaigns.values()].every(({ facts }) => facts.fenced === 'True');
  return forbidden?.startsWith('campaigns.details') === true && spokenFor ? undefined : problem('Forbidden', forbidden);
}

function unfencedCampaign({ campaigns, object }: Knowledge): Problem | undefined {
  for (const [id, { facts, withFence }] of campaigns) {
    if (!withFence && facts.found && facts.fenced === 'True')
      return { reason: 'FenceMissing', message: `Campaign ${id}: ${facts.message}. Give the workspace spec.fence, or take the lines out.` };
    if (!withFence || !facts.found || facts.fenced !== 'False') continue;
    const fix = `Paste the lines that read catalog ${object.spec.fence?.catalog ?? ''} to the top of each of its messages; nothing is created there before.`;
    return { reason: 'FenceMissing', message: `Campaign ${id} is not fenced: ${facts.message}. ${fix}` };
  }
  return undefined;
}

function unreadCampaign({ campaigns }: Knowledge): Problem | undefined {
  for (const [id, { facts }] of campaigns) {
    if (facts.found && facts.live === 'Unknown' && facts.fenced !== 'True')
      return { reason: 'BrazeUnavailable', message: `Campaign ${id} could not be read yet: ${facts.message}` };
  }
  return undefined;
}

function clockSkew({ offsetMs }: Knowledge): Problem | undefined {
  if (offsetMs === undefined || Math.abs(offsetMs) <= MAX_SKEW_MS) return undefined;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return {
    reason: 'ClockSkew',
    message: `Braze's clock is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} ours: set the clock of the node right.`,
  };
}

/** A campaign that is not found or not live stops only its own notifications: it is named, and the workspace stays ready. */
function readyMessage({ campaigns, object }: Knowledge): string {
  const ill = [...campaigns].filter(([, campaign]) => !isWell(campaign));
  const first = ill[0];
  const count = campaigns.size === 1 ? '1 campaign' : `${campaigns.size} campaigns`;
  const needed = object.spec.fence ? 'Key, endpoint and catalog are as needed' : `Key and endpoint are as needed; ${UNFENCED}`;
  if (first === undefined) return `${needed}; ${count} checked.`;
  const more = ill.length > 1 ? ` (and ${ill.length - 1} more)` : '';
  return `${needed}; ${count} checked, but ${first[0]}: ${first[1].facts.message}${more}.`;
}
