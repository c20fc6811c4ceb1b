/**
 * What Braze's listing shows of our armed sends: the weakest evidence there is (contracts 1.6). It names no schedule, shows those that
 * were made over the API or does not, and late. So an absence says something only of a send that was shown before, after a second look,
 * and what it says is a warning: nothing is decided from it (design §4, "Never"). Pure.
 *
 * A row is a campaign and a time, and several sends may share both: fewer rows than sends is an absence of each of them. Whether a campaign
 * has one row a send or only its next is not documented either: until two were seen, what lies behind an earlier row is not judged.
 */
import { earliest, floorMinute, instant, isBefore, latest, msBetween, plusMs } from '../../base/instants.ts';
import type { ListedBroadcast } from '../../braze/types.ts';
import type { BrazeWorkspaceStatus } from '../../crds/braze-workspace.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { lookBefore } from './look-times.ts';

/** The armed sends of one campaign at one time. */
export interface ArmedSends {
  readonly campaignId: string;
  readonly firesAt: Temporal.Instant;
  readonly count: number;
  /** When the last of them was recorded. */
  readonly recordedAt: Temporal.Instant;
}

interface ShownSend extends Pick<ArmedSends, 'campaignId' | 'firesAt'> {
  readonly shownAt: Temporal.Instant;
  /** The first look since that did not show it. */
  readonly missedAt?: Temporal.Instant | undefined;
  /** A second one, at least a minute later, did not show it either. */
  readonly gone: boolean;
}

export interface Listing {
  /** When Braze was last asked, whatever came of it; of a new life: its beginning. */
  readonly askedAt: Temporal.Instant | undefined;
  readonly shown: ReadonlyMap<string, ShownSend>;
  /** One answer had two times of one campaign. */
  readonly hasAll: boolean;
}

export type Listed = 'shown' | 'gone' | 'unknown';

/** Between two looks, however much there is to see. */
const EVERY_MS = 60_000;
/** How long after its record a new schedule is looked for. */
const VISIBLE_MS = 60_000;
/** Nearer than this a send may have left the listing because it is under way. */
const UNDER_WAY_MS = 60_000;
/** Beyond so many the rest is not watched: memory and the status stay bounded. */
const MOST_WATCHED = 5_000;
const MOST_ROWS = 500;

const keyOf = (campaignId: string, at: Temporal.Instant): string => `${campaignId} ${floorMinute(at).epochMilliseconds}`;

export function armedSends(notifications: readonly MatchNotification[], now: Temporal.Instant): ReadonlyMap<string, ArmedSends> {
  const sends = new Map<string, ArmedSends>();
  for (const { status } of notifications) {
    if (status?.schedule === undefined) continue;
    const { campaignId, firesAt, recordedAt } = status.schedule;
    const at = instant(firesAt);
    const key = keyOf(campaignId, at);
    const others = sends.get(key);
    if (isBefore(at, now) || (others === undefined && sends.size >= MOST_WATCHED)) continue;
    const recorded = instant(recordedAt);
    sends.set(key, {
      campaignId,
      firesAt: at,
      count: (others?.count ?? 0) + 1,
      recordedAt: others ? latest(others.recordedAt, recorded) : recorded,
    });
  }
  return sends;
}

/**
 * When the listing should be looked at again: for the nearest armed send, since what is seen for it is seen of all, and once for each new
 * schedule. Undefined: nothing is due.
 */
export function lookAtListingAt({ askedAt, shown }: Listing, sends: ReadonlyMap<string, ArmedSends>): Temporal.Instant | undefined {
  const [one, ...others] = [...sends.values()];
  if (askedAt === undefined || one === undefined) return undefined;
  const nearest = earliest(one.firesAt, ...others.map(({ firesAt }) => firesAt));
  const newest = plusMs(latest(one.recordedAt, ...others.map(({ recordedAt }) => recordedAt)), VISIBLE_MS);
  const isDoubted = [...shown].some(([key, { missedAt, gone }]) => sends.has(key) && missedAt !== undefined && !gone);
  const times = [lookBefore(nearest, askedAt), isBefore(askedAt, newest) ? newest : undefined, isDoubted ? askedAt : undefined];
  const [next, ...rest] = times.filter((at) => at !== undefined);
  return next && latest(earliest(next, ...rest), plusMs(askedAt, EVERY_MS));
}

export interface ListingLook {
  readonly rows: readonly ListedBroadcast[];
  readonly sends: ReadonlyMap<string, ArmedSends>;
  readonly at: Temporal.Instant;
}

/** What is known after one more answer. */
export function learnListing(before: Listing, { rows, sends, at }: ListingLook): Listing {
  const times = timesOf(rows);
  const hasAll = before.hasAll || [...times.values()].some((of) => new Set(of).size > 1);
  const shown = [...sends].flatMap(([key, send]): [string, ShownSend][] => {
    const known = knownOf(before.shown.get(key), send.recordedAt);
    const next = judge(known, { send, at, hasAll, times: times.get(send.campaignId) ?? [] });
    return next === undefined ? [] : [[key, next]];
  });
  return { askedAt: at, shown: new Map(shown), hasAll };
}

/** Minutes, by campaign. */
function timesOf(rows: readonly ListedBroadcast[]): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const { campaignId, at } of rows) {
    if (at === undefined) continue;
    const minute = floorMinute(at).epochMilliseconds;
    times.set(campaignId, [...(times.get(campaignId) ?? []), minute]);
  }
  return times;
}

/** What was shown before the schedule was recorded was another one. */
const knownOf = (shown: ShownSend | undefined, recordedAt: Temporal.Instant): ShownSend | undefined =>
  shown !== undefined && !isBefore(shown.shownAt, recordedAt) ? shown : undefined;

interface Seen {
  readonly send: ArmedSends;
  readonly at: Temporal.Instant;
  readonly hasAll: boolean;
  readonly times: readonly number[];
}

function judge(known: ShownSend | undefined, { send, at, hasAll, times }: Seen): ShownSend | undefined {
  const { campaignId, firesAt, count } = send;
  const minute = floorMinute(firesAt).epochMilliseconds;
  if (times.filter((time) => time === minute).length >= count) return { campaignId, firesAt, shownAt: known?.shownAt ?? at, gone: false };
  const isHidden = !hasAll && times.some((time) => time < minute);
  if (known === undefined || isHidden || msBetween(at, firesAt) < UNDER_WAY_MS) return known;
  const missedAt = known.missedAt ?? at;
  return { ...known, missedAt, gone: msBetween(missedAt, at) >= EVERY_MS };
}

/** What is known of one schedule. */
export function listed(
  { shown }: Listing,
  { campaignId, firesAt, recordedAt }: { readonly campaignId: string; readonly firesAt: string; readonly recordedAt: string },
): Listed {
  const known = knownOf(shown.get(keyOf(campaignId, instant(firesAt))), instant(recordedAt));
  if (known === undefined || (known.missedAt !== undefined && !known.gone)) return 'unknown';
  return known.gone ? 'gone' : 'shown';
}

/** Those that are not in it any more. */
export const goneFrom = ({ shown }: Listing): string =>
  [...shown]
    .flatMap(([key, { gone }]) => (gone ? [key] : []))
    .toSorted()
    .join();

type Rows = NonNullable<BrazeWorkspaceStatus['listed']>;

/** For the next life: without it a restart would have to see each send once more before it could miss it. */
export function listedRows({ shown }: Listing): Rows {
  const rows = [...shown.values()].toSorted((a, b) => Temporal.Instant.compare(a.firesAt, b.firesAt)).slice(0, MOST_ROWS);
  return rows.map(({ campaignId, firesAt, shownAt }) => ({ campaignId, firesAt: firesAt.toString(), shownAt: shownAt.toString() }));
}

export function rememberedListing(rows: Rows = []): Listing {
  const shown = rows.map(({ campaignId, firesAt, shownAt }): [string, ShownSend] => {
    const at = instant(firesAt);
    return [keyOf(campaignId, at), { campaignId, firesAt: at, shownAt: instant(shownAt), gone: false }];
  });
  return { askedAt: undefined, shown: new Map(shown), hasAll: false };
}
