/**
 * What the feed applies for one match: the body of a server-side apply. Pure.
 *
 * A field that somebody else owns is left out (`left`), and what follows from it is computed from the value that the object shows: a
 * person's kickoff moves our sendAt, a person's sendAt may lie after the new kickoff, which the API server would refuse.
 */

import { parseDuration } from '../../base/durations.ts';
import { hashOf } from '../../base/hash.ts';
import { instant, isBefore, toText } from '../../base/instants.ts';
import type { FeedField } from '../../crds/feed-fields.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { API_VERSION } from '../../crds/kube.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../crds/match-notification.ts';
import { COMPETITION_LABEL, FEED_LABEL, FIXTURE_UPDATED_AT, SCHEDULE_FINALIZER } from '../../crds/words.ts';
import { type Desired, desiredFor, type Hold } from '../../football-data/desired.ts';
import { type Knowledge, learntFrom } from '../../football-data/knowledge.ts';
import type { Team } from '../../football-data/types.ts';
import type { NameSource } from '../../translation/names.ts';
import { objectName, PROVIDER } from './identity.ts';
import { AS_SHOWN, namesOf } from './team-names.ts';

export type FeedSpec = { readonly [Field in FeedField]?: MatchNotificationSpec[Field] };

export interface ApplyBody {
  readonly apiVersion: string;
  readonly kind: 'MatchNotification';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers: readonly string[];
  };
  readonly spec: FeedSpec;
}

export interface Wish {
  readonly matchId: string;
  readonly kickoff: Temporal.Instant;
  readonly sendAt: Temporal.Instant;
  readonly held: boolean;
  readonly body: ApplyBody;
}

export interface WishInput {
  readonly feed: FixtureFeed;
  readonly known: Knowledge;
  readonly now: Temporal.Instant;
  /** The object as it stands, if there is one. */
  readonly shown?: MatchNotification | undefined;
  /** Holds a match that would be sent as far as the match itself goes. */
  readonly doubt?: Hold | undefined;
  /** Where translated names come from; absent: they stay as the object shows them. */
  readonly names?: NameSource | undefined;
  /** What somebody else owns: field paths as the API server spells them (`.spec.sendAt`). */
  readonly left?: ReadonlySet<string>;
}

/** The kind's limit; a number beyond it says nothing. */
const MAX_MATCHDAY = 1000;
const NOTHING: ReadonlySet<string> = new Set();

/** Undefined when there is nothing left to say: the match is being played or played, and its send time is past. */
export function wishFor(input: WishInput): Wish | undefined {
  const { feed, now, shown, names = AS_SHOWN, left = NOTHING } = input;
  const known = withOwnedKickoff(input.known, shown, left);
  const sendAtOverride = shown !== undefined && left.has('.spec.sendAt') ? instant(shown.spec.sendAt) : undefined;
  const settings = { leadTimeMs: parseDuration(feed.spec.leadTime), unconfirmedKickoff: feed.spec.unconfirmedKickoff };
  const ofMatch = desiredFor(known, settings, { now, ...(sendAtOverride === undefined ? {} : { sendAtOverride }) });
  if (ofMatch.over) return undefined;
  const desired = { ...ofMatch, hold: ofMatch.hold ?? input.doubt };
  return {
    matchId: known.id,
    kickoff: desired.kickoff,
    sendAt: desired.sendAt,
    held: desired.hold !== undefined,
    body: bodyOf({ feed, known, desired, shown, names, left }),
  };
}

function withOwnedKickoff(known: Knowledge, shown: MatchNotification | undefined, left: ReadonlySet<string>): Knowledge {
  if (shown === undefined || !left.has('.spec.kickoff')) return known;
  const value = { state: known.play.value.state, kickoff: instant(shown.spec.kickoff) };
  return { ...known, play: { ...known.play, value } };
}

interface BodyInput {
  readonly feed: FixtureFeed;
  readonly known: Knowledge;
  readonly desired: Desired;
  readonly shown: MatchNotification | undefined;
  readonly names: NameSource;
  readonly left: ReadonlySet<string>;
}

function bodyOf(input: BodyInput): ApplyBody {
  const { feed, known, shown, left } = input;
  const spec = specOf(input);
  const stamp = learntFrom(known);
  return {
    apiVersion: API_VERSION,
    kind: 'MatchNotification',
    metadata: {
      name: shown?.metadata.name ?? objectName(feed, known.id),
      namespace: feed.metadata.namespace,
      labels: Object.fromEntries(Object.entries(labelsOf(feed, known)).filter(([label]) => !left.has(`.metadata.labels.${label}`))),
      ...(stamp === undefined ? {} : { annotations: { [FIXTURE_UPDATED_AT]: toText(stamp) } }),
      // With the first write, or setting it costs the object's reconciler one of its own (design §5a).
      finalizers: [SCHEDULE_FINALIZER],
    },
    spec: Object.fromEntries(Object.entries(spec).filter(([field]) => !left.has(`.spec.${field}`))),
  };
}

function labelsOf(feed: FixtureFeed, known: Knowledge): Record<string, string> {
  return {
    ...feed.spec.template.metadata?.labels,
    [FEED_LABEL]: feed.metadata.name,
    [COMPETITION_LABEL]: competitionOf(feed, known),
  };
}

/** As the provider spells it, where a label can hold that. */
function competitionOf(feed: FixtureFeed, known: Knowledge): string {
  const said = known.competition ?? '';
  return /^[A-Za-z0-9]{1,32}$/.test(said) ? said : feed.spec.source.competition;
}

function specOf(input: BodyInput): FeedSpec {
  const { feed, desired, shown } = input;
  const { workspaceRef, campaignId, audience, triggerProperties } = feed.spec.template.spec;
  // A person's send time after the new kickoff: the API server would refuse the kickoff, so it stays and the hold says why.
  const late = !isBefore(desired.sendAt, desired.kickoff);
  return {
    workspaceRef,
    campaignId,
    match: matchOf(input),
    kickoff: late && shown !== undefined ? shown.spec.kickoff : toText(desired.kickoff),
    sendAt: toText(desired.sendAt),
    audience,
    ...(triggerProperties === undefined ? {} : { triggerProperties }),
    ...(desired.hold === undefined ? {} : { hold: desired.hold }),
  };
}

function matchOf({ feed, known, shown, names }: BodyInput): MatchNotificationSpec['match'] {
  const side = (which: 'home' | 'away') => {
    const team = known[which].value;
    return sideOf(team, namesOf(team, { feed, shown: shown?.spec.match[which], source: names }));
  };
  const [home, away, matchday] = [side('home'), side('away'), known.matchday.value];
  return {
    provider: PROVIDER,
    id: known.id,
    competition: competitionOf(feed, known),
    ...(matchday === undefined || matchday < 0 || matchday > MAX_MATCHDAY ? {} : { matchday }),
    ...(home === undefined ? {} : { home }),
    ...(away === undefined ? {} : { away }),
  };
}

type Side = MatchNotificationSpec['match']['home'];

/** Within the limits of the kind: one long name must not keep a fixture from being applied. */
function sideOf(team: Team, names: NonNullable<Side>['names']): Side {
  if (team.id === undefined) return undefined;
  return {
    id: team.id.slice(0, 64),
    ...(team.name === undefined ? {} : { name: team.name.slice(0, 128) }),
    ...(team.tla === undefined ? {} : { tla: team.tla.slice(0, 16) }),
    ...(names === undefined ? {} : { names }),
  };
}

/** Tells bodies apart. The provider's stamp is left out: it moves without anything to say (contracts 2.7, 4). */
export function bodyHash(body: ApplyBody): string {
  return hashOf({ labels: body.metadata.labels, spec: body.spec });
}
