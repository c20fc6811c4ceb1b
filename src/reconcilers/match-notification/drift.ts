/**
 * What is said of an armed send that is not in Braze as it was left there. An object has one `Drifted`: of several kinds the one that costs
 * the fans most is said, and each kind begins with an event of its own when it becomes that one. Pure.
 */
import { type CampaignDrift, campaignDrift, withCampaign } from './campaign-drift.ts';
import { itemDoubt, itemDrift, withItem } from './item-drift.ts';
import { listingDoubt, listingDrift } from './listing-drift.ts';
import type { Shown } from './step.ts';
import type { View } from './view.ts';

/** `shown` of an armed send, with what somebody changed in Braze. What `shown` says by itself is of its time. */
export function withDrift(view: View, shown: Shown): Shown {
  const campaign = campaignDrift(view);
  if (campaign?.silent) return withCampaign(shown, campaign);
  const item = itemDrift(view);
  if (item) return withItem(view, shown, item);
  const drifted = campaign?.drifted ?? shown.drifted ?? listingDrift(view);
  return drifted ? { ...shown, drifted } : shown;
}

/** The same where the workspace can't be used, and something else has to be said of the object. */
export function driftOf(view: View): Shown['drifted'] {
  return campaignDrift(view)?.drifted ?? itemDrift(view)?.drifted ?? listingDrift(view);
}

/** Why nobody may have been told of a send whose time has passed: only a person can see whether somebody was. */
export function doubtOf(view: View): string | undefined {
  const campaign = campaignDrift(view);
  return campaign?.silent ? campaignDoubt(view, campaign) : (itemDoubt(view) ?? listingDoubt(view));
}

/** Of a campaign that was last seen stopped Braze sends nothing; whether it was started since, only a person can see. */
function campaignDoubt({ object }: View, { drifted }: CampaignDrift): string {
  const { name, namespace } = object.metadata;
  return `its campaign was last seen ${CAMPAIGN_DOUBTS[drifted.reason]}, so nobody may have been told. Look in Braze; to send it after all: kubectl matchday resolve ${name} -n ${namespace} --not-sent.`;
}

const CAMPAIGN_DOUBTS = {
  CampaignNotLive: 'not live',
  CampaignNotFound: 'to be gone',
  FenceMissing: 'to read a fence that its workspace does not have',
} as const;
