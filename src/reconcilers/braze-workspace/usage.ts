/** What the MatchNotifications of one workspace need of it. Pure; one look over them per pass. */
import { instant, isBefore } from '../../base/instants.ts';
import { canonicalLocale } from '../../base/locales.ts';
import type { ObjectKey } from '../../controller/types.ts';
import { askedUntil, unjudgedSend } from '../../crds/delivery.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MAX_LOCALES } from '../../crds/match-notification-spec.ts';
import type { SendsOfCampaign } from './campaigns.ts';

export interface Usage {
  readonly campaigns: ReadonlySet<string>;
  /** Some of them own schedules, or something open in the catalog. */
  readonly owning: boolean;
  /** Locales of their names, and of those that feeds of this workspace are asked for. Sorted, and no more than a catalog gets. */
  readonly locales: readonly string[];
  /** The nearest send that is still ahead. */
  readonly nextSendAt: Temporal.Instant | undefined;
  /** The nearest armed send that is still ahead, by campaign. */
  readonly armed: ReadonlyMap<string, Temporal.Instant>;
  /** Sends that were made and not judged yet, by campaign. */
  readonly unjudged: ReadonlyMap<string, readonly MadeSend[]>;
}

export interface MadeSend {
  readonly key: ObjectKey;
  readonly firesAt: Temporal.Instant;
}

export const UNUSED: Usage = {
  campaigns: new Set(),
  owning: false,
  locales: [],
  nextSendAt: undefined,
  armed: new Map(),
  unjudged: new Map(),
};

/** Locales that an object has names in. */
export const localesOf = ({ spec }: MatchNotification): readonly string[] =>
  [spec.match.home, spec.match.away].flatMap((team) => Object.keys(team?.names ?? {}));

/** Locales that a feed is asked for: their fields are there before its first name is. */
export const localesOfFeed = ({ spec }: FixtureFeed): readonly string[] => (spec.translation?.locales ?? []).map(canonicalLocale);

export interface UsageInput {
  /** Those of the workspace. */
  readonly notifications: readonly MatchNotification[];
  /** Those whose objects go there. */
  readonly feeds: readonly FixtureFeed[];
  readonly now: Temporal.Instant;
}

export function usageOf({ notifications, feeds, now }: UsageInput): Usage {
  const campaigns = new Set<string>();
  const locales = new Set(feeds.flatMap(localesOfFeed));
  let owning = false;
  let nextSendAt: Temporal.Instant | undefined;
  const armed = new Map<string, Temporal.Instant>();
  const unjudged = new Map<string, MadeSend[]>();
  for (const notification of notifications) {
    campaigns.add(notification.spec.campaignId);
    for (const locale of localesOf(notification)) locales.add(locale);
    owning ||= owns(notification);
    noteArmed(armed, notification, now);
    noteUnjudged(unjudged, notification, now);
    const sendAt = instant(notification.spec.sendAt);
    if (!isBefore(sendAt, now) && (nextSendAt === undefined || isBefore(sendAt, nextSendAt))) nextSendAt = sendAt;
  }
  return { campaigns, owning, locales: [...locales].toSorted().slice(0, MAX_LOCALES), nextSendAt, armed, unjudged };
}

function noteArmed(armed: Map<string, Temporal.Instant>, { status }: MatchNotification, now: Temporal.Instant): void {
  if (status?.schedule === undefined) return;
  const { campaignId, firesAt } = status.schedule;
  const at = instant(firesAt);
  const nearest = armed.get(campaignId);
  if (!isBefore(at, now) && (nearest === undefined || isBefore(at, nearest))) armed.set(campaignId, at);
}

function noteUnjudged(unjudged: Map<string, MadeSend[]>, notification: MatchNotification, now: Temporal.Instant): void {
  const send = unjudgedSend(notification);
  if (send === undefined || !isBefore(now, askedUntil(send.firesAt))) return;
  const { namespace, name } = notification.metadata;
  unjudged.set(send.campaignId, [...(unjudged.get(send.campaignId) ?? []), { key: { namespace, name }, firesAt: send.firesAt }]);
}

/** For which sends a campaign is looked at. */
export const sendsOf = ({ armed, unjudged }: Usage, campaignId: string): SendsOfCampaign => ({
  armed: armed.get(campaignId),
  made: unjudged.get(campaignId)?.map(({ firesAt }) => firesAt),
});

/** An operation in flight may become a schedule; an open item admits one. */
function owns({ status }: MatchNotification): boolean {
  if (status === undefined) return false;
  return (
    status.schedule !== undefined || status.operation !== undefined || (status.obsolete?.length ?? 0) > 0 || status.fence?.state === 'open'
  );
}
