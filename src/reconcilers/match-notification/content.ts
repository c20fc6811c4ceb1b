/** What is sent and compared: the item's name, its content, the fingerprints of a wish. Pure. */

import { hashOf } from '../../base/hash.ts';
import { floorMinute, instant, toText } from '../../base/instants.ts';
import type { Audience } from '../../braze/types.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../crds/match-notification.ts';
import type { Desired } from './facts.ts';

/** Letters, digits, `-` and `_`, at most 250 (contracts 1.12). */
function itemOf(spec: MatchNotificationSpec): string {
  return `${spec.match.provider}-${spec.match.id}-${spec.campaignId.slice(0, 8)}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 250);
}

/** Names and kickoff as the template reads them. The kickoff counts in minutes: a second of difference is no change. */
export function contentOf(spec: MatchNotificationSpec): Record<string, string> & { readonly kickoff: string } {
  const name = (team: MatchNotificationSpec['match']['home']): string => team?.name ?? team?.tla ?? '';
  return {
    home: name(spec.match.home),
    away: name(spec.match.away),
    kickoff: toText(floorMinute(instant(spec.kickoff))),
    competition: spec.match.competition,
  };
}

/**
 * Without a fence the content rides in the trigger properties, and a change of it is a change of those; but for the kickoff, which moves
 * with the send and matters only to a campaign whose messages show it.
 */
export function desiredOf(object: MatchNotification, ownerId: string, { fenced = true }: { readonly fenced?: boolean } = {}): Desired {
  const { spec, metadata } = object;
  const own = spec.triggerProperties ?? {};
  const { kickoff, ...names } = contentOf(spec);
  return {
    sendAt: floorMinute(instant(spec.sendAt)),
    kickoff: instant(spec.kickoff),
    campaignId: spec.campaignId,
    audienceHash: hashOf(spec.audience),
    propertiesHash: hashOf(fenced ? own : { own, names }),
    ...(fenced ? {} : { toldKickoff: kickoff }),
    contentHash: hashOf(contentOf(spec)),
    item: itemOf(spec),
    owner: `${ownerId}/${metadata.namespace}/${metadata.name}`,
  };
}

export function audienceOf(spec: MatchNotificationSpec): Audience {
  const { connected, recipients } = spec.audience;
  if (recipients !== undefined) return { kind: 'recipients', recipients };
  if (connected !== undefined) return { kind: 'connected', filter: connected };
  return { kind: 'broadcast' };
}

/** Two objects with the same key send the same match through the same campaign: only the older may. */
export function matchKey(object: MatchNotification): string {
  const { workspaceRef, campaignId, match } = object.spec;
  return [object.metadata.namespace, workspaceRef.name, campaignId, match.provider, match.id].join('|');
}

/** Name of the index of the MatchNotification store that finds objects for the same match. */
export const MATCH_INDEX = 'match';
export const matchIndex = (object: MatchNotification): readonly string[] => [matchKey(object)];
