/** What the operator knows of one workspace beside the object; a new life starts from the object's status. */
import type { CatalogHolder } from '../../braze/catalog.ts';
import { fieldsWith } from '../../braze/fence-item.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import { type CampaignMemory, rememberedCampaigns } from './campaigns.ts';
import type { BrazeLink } from './link.ts';
import { type Listing, rememberedListing } from './listing.ts';
import type { ApiKey } from './secret.ts';
import type { Usage } from './usage.ts';
import { UNUSED } from './usage.ts';
import type { Problem } from './verdict.ts';

export interface WorkspaceMemory {
  readonly uid: string;
  readonly link: BrazeLink;
  /** The last spec seen, for the link's numbers. */
  object: BrazeWorkspace;
  /** Generation of the last pass: the notifications hear of a newer one. */
  generation: number | undefined;
  /** The notifications of this workspace, as the last pass saw them. */
  usage: Usage;
  /** A key of the Secret that was not yet seen to lead where it should. */
  candidate: ApiKey | undefined;
  /** The key that calls are made with: it was seen to lead where it should. */
  key: ApiKey | undefined;
  /** When the Secret was last looked at. */
  secretReadAt: Temporal.Instant | undefined;
  /** Why the Secret gives no key now. */
  secretMissing: string | undefined;
  /** What stands against a new key, or against the catalog. */
  problem: Problem | undefined;
  /** When to look at the catalog again; undefined when there is no reason to. */
  checkAt: Temporal.Instant | undefined;
  /** `FenceReady` as last seen. */
  fenceReady: boolean;
  holder: CatalogHolder | undefined;
  campaigns: Map<string, CampaignMemory>;
  /** Campaigns that somebody asked for since they were last looked at. */
  readonly asked: Set<string>;
  /** What Braze's listing showed of the armed sends, and when to look again. */
  listing: Listing;
  listingAt: Temporal.Instant | undefined;
  /** Somebody wanted Braze's clock and it was not known. */
  clockWanted: boolean;
  /** Value of matchday.dev/requested-at that was answered. */
  handledRequest: string | undefined;
  /** A first pass has ended, well or not: what is said of it from then on was seen. */
  looked: boolean;
  /** Whether lookups were usable after the last pass. */
  wasUsable: boolean;
  /** Generation whose clamped time-out was told. */
  clampTold: number | undefined;
  /** Failures in a row of looking at the catalog. */
  failures: number;
  /** When to look for items that nobody deletes any more; undefined before the first pass. */
  sweepAt: Temporal.Instant | undefined;
  /** The page that such a look goes on with. */
  sweepCursor: string | undefined;
  /** When to look again for fields of translated names; undefined: none is missing. */
  extendAt: Temporal.Instant | undefined;
  /** Looks since a field was found missing. */
  extendTries: number;
  /** Why fields could not be added, as it was told. */
  extendTold: string | undefined;
  /** Braze refused an item: the catalog may lack a field that was there. */
  fieldsDoubted: boolean;
  /** The catalog takes other content than the notifications were told. */
  contentChanged: boolean;
}

export function newMemory(object: BrazeWorkspace, link: BrazeLink): WorkspaceMemory {
  const { status } = object;
  // As the last life saw it: or its items would lose their translations, to get them back a moment later.
  link.learnFields(fieldsWith(status?.locales ?? []));
  const fenceReady = status?.conditions?.some((condition) => condition.type === 'FenceReady' && condition.status === 'True') === true;
  return {
    uid: object.metadata.uid,
    link,
    object,
    generation: undefined,
    usage: UNUSED,
    candidate: undefined,
    key: undefined,
    secretReadAt: undefined,
    secretMissing: undefined,
    problem: undefined,
    checkAt: undefined,
    fenceReady: fenceReady && status?.identity !== undefined,
    holder: status?.identity && { owner: status.identity.owner, uid: status.identity.uid },
    campaigns: rememberedCampaigns(status?.campaigns, { withFence: object.spec.fence !== undefined }),
    asked: new Set(),
    listing: rememberedListing(status?.listed),
    listingAt: undefined,
    clockWanted: false,
    handledRequest: object.metadata.annotations?.['matchday.dev/requested-at'],
    looked: false,
    wasUsable: false,
    clampTold: undefined,
    failures: 0,
    sweepAt: undefined,
    sweepCursor: undefined,
    extendAt: undefined,
    extendTries: 0,
    extendTold: undefined,
    fieldsDoubted: false,
    contentChanged: false,
  };
}
