/**
 * What the campaign of an armed send was last seen to be, when it is not as it should be: stopped, gone, or without its fence. Braze
 * sends nothing of a campaign that is not live, and says nothing about it: without this an object would go on to say Sent (design §8,
 * P2). Pure. What is not known keeps what the object said last, so that a restart or a cut answer takes no warning back.
 */
import { toClock } from '../../base/instants.ts';
import type { DRIFT_REASONS } from '../../crds/words.ts';
import type { CampaignFacts } from './facts.ts';
import type { Shown } from './step.ts';
import type { View } from './view.ts';

type CampaignReason = 'CampaignNotFound' | 'CampaignNotLive' | 'FenceMissing';

export interface CampaignDrift {
  readonly drifted: { readonly reason: CampaignReason & keyof typeof DRIFT_REASONS; readonly message: string };
  /** Nobody would be told: what remains is a send that is recorded and was not made. */
  readonly silent: boolean;
}

const REASONS: readonly CampaignReason[] = ['CampaignNotFound', 'CampaignNotLive', 'FenceMissing'];

export function campaignDrift(view: View): CampaignDrift | undefined {
  const { schedule } = view;
  if (schedule === undefined) return undefined;
  const { campaign, desired } = view.facts;
  // On the way to another campaign the facts are of that one.
  if (campaign === undefined || schedule.campaignId !== desired.campaignId) return saidLast(view);
  const reason = reasonOf(view, campaign);
  if (reason === 'unknown') return saidLast(view);
  return reason && { drifted: { reason, message: sentence(view, reason, campaign.message) }, silent: isSilent(view, reason) };
}

function reasonOf(view: View, { found, live, fenced }: CampaignFacts): CampaignReason | 'unknown' | undefined {
  if (!found) return 'CampaignNotFound';
  if (live === 'False') return 'CampaignNotLive';
  if (live === 'Unknown' || fenced === 'Unknown') return 'unknown';
  // Without a fence in the workspace nobody writes the item that such a message reads.
  return fenced === (view.facts.fenced === false ? 'True' : 'False') ? 'FenceMissing' : undefined;
}

function isSilent(view: View, reason: CampaignReason): boolean {
  return reason !== 'FenceMissing' || view.facts.fenced === false;
}

function saidLast(view: View): CampaignDrift | undefined {
  const said = view.status.conditions?.find(({ type }) => type === 'Drifted');
  const reason = REASONS.find((each) => each === said?.reason);
  if (said === undefined || reason === undefined) return undefined;
  return { drifted: { reason, message: said.message }, silent: isSilent(view, reason) };
}

function sentence(view: View, reason: CampaignReason, found: string): string {
  const id = view.facts.desired.campaignId;
  const when = toClock(Temporal.Instant.from(view.schedule?.firesAt ?? view.facts.desired.sendAt.toString()));
  const why = found === '' ? '' : ` (${found})`;
  if (reason === 'CampaignNotFound')
    return `Braze no longer knows campaign ${id}: the send at ${when} will not be made. Bring it back there.`;
  if (reason === 'CampaignNotLive') return `Campaign ${id} is not live${why}: the send at ${when} will not be made. Start it in Braze.`;
  if (view.facts.fenced === false)
    return `Campaign ${id} reads a fence that its workspace does not have${why}: the send at ${when} will abort for everybody. Take the lines out, or give the workspace the fence.`;
  return `Campaign ${id} lost its fence${why}: the send at ${when} goes out, and so would a duplicate, or one that is cancelled late. Paste the snippet into each of its messages again.`;
}

/** `shown` of an armed send that its campaign keeps from being made. */
export function withCampaign(shown: Shown, { drifted }: CampaignDrift): Shown {
  return { phase: shown.phase, ready: false, ...drifted, stalled: true, drifted };
}
