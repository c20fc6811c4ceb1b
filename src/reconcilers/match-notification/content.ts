/** What is sent and compared: the item's name, its content, the fingerprints of a wish. Pure. */

import { hashOf } from '../../base/hash.ts';
import { floorMinute, instant, toText } from '../../base/instants.ts';
import { localeSuffix } from '../../base/locales.ts';
import type { Audience } from '../../braze/types.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../crds/match-notification.ts';
import type { Desired } from './facts.ts';

/** Letters, digits, `-` and `_`, at most 250 (contracts 1.12). */
function itemOf(spec: MatchNotificationSpec): string {
  return `${spec.match.provider}-${spec.match.id}-${spec.campaignId.slice(0, 8)}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 250);
}

/** Names and kickoff as the template reads them. The kickoff counts in minutes: a second of difference is no change. */
export function contentOf(spec: MatchNotificationSpec): Record<string, string> & { readonly kickoff: string } {
  const { home, away, competition } = spec.match;
  return {
    home: nameOf(home),
    away: nameOf(away),
    kickoff: toText(floorMinute(instant(spec.kickoff))),
    competition,
    // Last: of content that is too long for an item the end is left out.
    ...translationsOf(home, away),
  };
}

type Team = MatchNotificationSpec['match']['home'];
const nameOf = (team: Team): string => team?.name ?? team?.tla ?? '';

/** `home_ar` and `away_ar`: both, where one of the two has a name in Arabic, so that no template shows half a fixture. */
function translationsOf(home: Team, away: Team): Record<string, string> {
  const content: Record<string, string> = {};
  for (const locale of new Set([...Object.keys(home?.names ?? {}), ...Object.keys(away?.names ?? {})].toSorted())) {
    content[`home_${localeSuffix(locale)}`] = home?.names?.[locale] ?? nameOf(home);
    content[`away_${localeSuffix(locale)}`] = away?.names?.[locale] ?? nameOf(away);
  }
  return content;
}

/** What is compared: a field that the catalog lacks is not written (design §4), so it is no reason to write, until the catalog has it. */
function takenBy(fields: ReadonlySet<string> | undefined, content: Record<string, string>): Record<string, string> {
  if (fields === undefined) return content;
  return Object.fromEntries(Object.entries(content).filter(([field]) => fields.has(field)));
}

interface DesiredOptions {
  readonly fenced?: boolean;
  /** Fields of the catalog. Absent: it takes all content. */
  readonly fields?: ReadonlySet<string> | undefined;
}

/**
 * Without a fence the content rides in the trigger properties, and a change of it is a change of those; but for the kickoff, which moves
 * with the send and matters only to a campaign whose messages show it.
 */
export function desiredOf(object: MatchNotification, ownerId: string, { fenced = true, fields }: DesiredOptions = {}): Desired {
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
    contentHash: hashOf(takenBy(fields, contentOf(spec))),
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
