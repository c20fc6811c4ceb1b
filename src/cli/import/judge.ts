/**
 * What becomes of one match of the old system. Pure.
 *
 * The old table is evidence, not truth: a row may be stale, a placeholder may hide a schedule, one match may have several. So no word in
 * it makes a schedule count as absent, a send that may have gone out is never made again by itself, and what nobody knows the id of has to
 * be unable to deliver (by the fence, or because its campaign is stopped) before a new one is made.
 */
import { isBefore, plusMs, toClock, toText } from '../../base/instants.ts';
import type { Adoption } from '../../crds/annotations.ts';
import { adoptionOf } from '../../crds/annotations.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { OldRow } from '../../ledger/old-system.ts';
import type { ApplyBody } from '../../reconcilers/fixture-feed/wish.ts';

/**
 * Why what is left in the old campaign cannot be delivered. `fenced`: its messages abort without our token; `stopped`: another campaign is
 * used from now on; `nothing`: the same campaign without a fence, where everything is delivered.
 */
export type Ground = 'fenced' | 'stopped' | 'nothing';

export interface Setting {
  readonly ground: Ground;
  readonly oldCampaign: string;
  readonly now: Temporal.Instant;
  /** What is nearer to its send than this can't be proven gone: Braze's delete is best effort there. */
  readonly nearMs: number;
  readonly resendAfterMs: number;
}

export interface MatchFacts {
  readonly rows: readonly OldRow[];
  /** What the feed would apply; `over`: the match is played; `unknown`: no feed has it. */
  readonly wish: ApplyBody | 'over' | 'unknown';
  readonly shown: MatchNotification | undefined;
}

export type Verdict =
  /** A live schedule is taken over. */
  | 'adopt'
  /** The send went out, or may have: it counts as sent. */
  | 'sent'
  /** An object without anything to take over. */
  | 'new'
  /** Something that a person must look at; what is written can't send twice. */
  | 'unresolved'
  /** Taken over by an earlier run. */
  | 'done'
  /** Nothing is left to say about the match. */
  | 'over'
  | 'no-fixture';

export interface Judged {
  readonly verdict: Verdict;
  /** For the object; absent: nothing is written. */
  readonly write?: { readonly adopt?: Adoption; readonly suspend?: true };
  readonly says: string;
}

const UNDELIVERABLE = {
  fenced: 'it aborts at the fence',
  stopped: 'its campaign is stopped',
  nothing: 'Braze will deliver it',
} as const satisfies Record<Ground, string>;

/** By its id alone: the old system wrote the real id over a placeholder and may have left the status as it was. */
const isPlaceholder = ({ scheduleId }: OldRow): boolean => scheduleId === '' || /^pending\b/i.test(scheduleId);
const saysSent = ({ status }: OldRow): boolean => /^(sent|delivered|completed?)$/i.test(status);

export function judge(facts: MatchFacts, setting: Setting): Judged {
  const { wish, shown, rows } = facts;
  if (shown?.metadata.deletionTimestamp !== undefined)
    return { verdict: 'unresolved', says: 'its object is being deleted: import again when it is gone' };
  const before = doneBefore(rows, shown, setting.ground);
  if (before !== undefined) return before;
  if (wish === 'over') return { verdict: 'over', says: 'the match has begun or is over' };
  if (wish === 'unknown') return withoutFixture(rows, setting);
  return inDoubt({ rows, shown }, setting, wish) ?? gone(rows, setting, wish) ?? ahead(facts, setting);
}

function doneBefore(rows: readonly OldRow[], shown: MatchNotification | undefined, ground: Ground): Judged | undefined {
  if (shown === undefined) return undefined;
  const said = adoptionOf(shown);
  const ids = rows.map(({ scheduleId }) => scheduleId);
  const taken = said.kind === 'said' ? said.value.id : shown.status?.adopted?.id;
  if (taken !== undefined && ids.includes(taken)) return { verdict: 'done', says: `schedule ${taken} was taken over before` };
  // An older send that is recorded after ours would take its place, and ours would be made again.
  if (shown.status?.lastSent !== undefined)
    return {
      verdict: 'done',
      says: `its object was sent by us at ${shown.status.lastSent.firesAt}; of ${named(rows)}: ${UNDELIVERABLE[ground]}`,
    };
  if (said.kind === 'unreadable') return { verdict: 'unresolved', says: said.message };
  if (taken === undefined || shown.status?.adopted?.id === taken) return undefined;
  return { verdict: 'unresolved', says: `its object waits to take over another schedule, ${taken}: look at it first` };
}

function withoutFixture(rows: readonly OldRow[], { now, ground }: Setting): Judged {
  const left = rows.filter(({ sendAt }) => sendAt === undefined || isBefore(now, sendAt));
  if (left.length === 0) return { verdict: 'over', says: 'its send is past, and no feed has the match' };
  const says = `no feed here has this match, so nothing is made for it. Of ${named(left)}: ${UNDELIVERABLE[ground]}. Give the feed of its competition, or delete it in Braze`;
  return { verdict: 'no-fixture', says };
}

/** What may have gone out although nobody can say so, or may be delivered beside ours: made, but suspended, for a person to decide. */
function inDoubt({ rows, shown }: Omit<MatchFacts, 'wish'>, setting: Setting, wish: ApplyBody): Judged | undefined {
  const { now, ground } = setting;
  const unowned = rows.filter((row) => !isPast(row, now));
  // Suspended, the operator deletes what it takes over.
  const known = ground === 'nothing' ? unowned.filter((row) => !isPlaceholder(row) && row.sendAt !== undefined).at(-1) : undefined;
  const suspended = (says: string): Judged => {
    if (shown !== undefined) return { verdict: 'unresolved', says: `${says}. ${alreadyThere(shown)}` };
    return {
      verdict: 'unresolved',
      write: { suspend: true, ...(known === undefined ? {} : { adopt: adoption(known, setting) }) },
      says: `${says}. Its object is suspended: look in Braze, then matchday resume ${wish.metadata.name} to send`,
    };
  };
  const unreadable = rows.find(({ sendAt }) => sendAt === undefined);
  if (unreadable !== undefined) return suspended(`the send time of ${named([unreadable])} can't be read`);
  const early = rows.find((row) => saysSent(row) && row.sendAt !== undefined && isBefore(now, row.sendAt));
  if (early !== undefined) return suspended(`${named([early])} says sent, and is due only at ${at(early)}`);
  const maybe = rows.find((row) => isPlaceholder(row) && isPast(row, now) && blocksWish(row, wish, setting));
  if (maybe !== undefined && !rows.some((row) => !isPlaceholder(row) && isPast(row, now)))
    return suspended(`whether ${named([maybe])} left a schedule that went out at ${at(maybe)} is not known`);
  if (ground !== 'nothing') return undefined;
  if (unowned.some(isPlaceholder))
    return suspended(`${named(unowned.filter(isPlaceholder))} may hide a schedule without an id, which Braze would deliver`);
  if (unowned.length > 1 || (unowned.length === 1 && unowned.length < rows.length))
    return suspended(`of its ${rows.length} rows Braze may still hold ${named(unowned)}, and would deliver each: delete them there`);
  return undefined;
}

/** A person may have decided already: what is there is not suspended a second time. */
const alreadyThere = ({ metadata: { name }, spec }: MatchNotification): string =>
  spec.suspend
    ? `Its object is suspended: look in Braze, then matchday resume ${name} to send`
    : `Its object is there and not suspended: if nobody has looked in Braze yet, matchday suspend ${name} first`;

const isPast = ({ sendAt }: OldRow, now: Temporal.Instant): boolean => sendAt !== undefined && !isBefore(now, sendAt);

/** Whether a send at the row's time stands in the way of the one that is wanted: a later one by resendAfter is another occasion. */
function blocksWish(row: OldRow, { spec }: ApplyBody, { resendAfterMs }: Setting): boolean {
  if (row.sendAt === undefined || spec.sendAt === undefined) return true;
  return isBefore(Temporal.Instant.from(spec.sendAt), plusMs(row.sendAt, resendAfterMs));
}

/** The last schedule whose time has passed went out: the operator learns of it by taking it over, and counts the occasion as sent. */
function gone(rows: readonly OldRow[], setting: Setting, wish: ApplyBody): Judged | undefined {
  const row = rows.filter((each) => !isPlaceholder(each) && isPast(each, setting.now)).at(-1);
  if (row === undefined) return undefined;
  const next = blocksWish(row, wish, setting)
    ? `it counts as sent (if it did not go out, because the fence or the stop came first: matchday resolve ${wish.metadata.name} --not-sent)`
    : `it counts as sent; the match has moved so far that it is announced again at ${wish.spec.sendAt}`;
  return { verdict: 'sent', write: { adopt: adoption(row, setting) }, says: `due at ${at(row)}: ${next}` };
}

/** Only what is still to come. */
function ahead({ rows, wish, shown }: MatchFacts, setting: Setting): Judged {
  const { ground, now, nearMs } = setting;
  const real = rows.filter((row) => !isPlaceholder(row) && !isPast(row, now));
  const hidden = rows.filter((row) => isPlaceholder(row) && !isPast(row, now));
  const row = real.at(-1);
  const left = [...real.slice(0, -1), ...hidden];
  const beside = left.length === 0 ? '' : `; also ${named(left)}: whatever Braze holds of it, ${UNDELIVERABLE[ground]}`;
  if (row === undefined) return placeholderOnly(hidden, { shown, ground });
  if (ground !== 'nothing' && row.sendAt !== undefined && isBefore(row.sendAt, plusMs(now, nearMs)))
    return {
      verdict: 'new',
      ...written(shown),
      says: `${row.scheduleId} is too near to be deleted for sure; ${UNDELIVERABLE[ground]}${beside}`,
    };
  const wanted = typeof wish === 'string' ? undefined : wish.spec.sendAt;
  const moved = wanted !== undefined && row.sendAt?.toString() !== Temporal.Instant.from(wanted).toString();
  const says = `${ground === 'nothing' ? 'owned from now on' : 'deleted, and one of ours made'}${moved ? `, for ${wanted} rather than ${at(row)}` : ''}${beside}`;
  return { verdict: left.length === 0 ? 'adopt' : 'unresolved', write: { adopt: adoption(row, setting) }, says };
}

/** A create whose answer the old system never wrote down. */
function placeholderOnly(
  hidden: readonly OldRow[],
  { shown, ground }: { readonly shown: MatchNotification | undefined; readonly ground: Ground },
): Judged {
  const says = `${named(hidden)} may hide a schedule that nobody knows the id of; ${UNDELIVERABLE[ground]}. One of ours is made; nothing to do`;
  return { verdict: 'unresolved', ...written(shown), says };
}

const written = (shown: MatchNotification | undefined): Pick<Judged, 'write'> => (shown === undefined ? { write: {} } : {});

function adoption({ scheduleId, sendAt }: OldRow, { oldCampaign, now }: Setting): Adoption {
  return { id: scheduleId, campaignId: oldCampaign, sendAt: toText(sendAt ?? now) };
}

const named = (rows: readonly OldRow[]): string => rows.map(({ scheduleId }) => scheduleId || '(no id)').join(', ');
const at = ({ sendAt }: OldRow): string => (sendAt === undefined ? '?' : toClock(sendAt));
