/**
 * A status cut down to what decisions depend on, in a fixed order, so that equal situations are equal texts. Stamps that decide
 * nothing become constants; `announcedAt`, which says whose announcement it is, becomes a short name that the caller gives.
 */
import type { Status } from './things.ts';

const STAMP = '2026-12-01T00:00:00Z';
/** How announcements are named: instants of a time when nothing else was. */
export const NAMED = '2020-01-01T00:00:';

interface Options {
  /** The name of an announcement that was made just now. */
  readonly announcement: string;
  readonly keepConfirmedAt: boolean;
  readonly keepWanted: boolean;
}

export function abstract(status: Status, options: Options): Status {
  const { attempt, operation, lastSent, wanted } = status;
  return {
    ...(attempt === undefined ? {} : { attempt }),
    ...scheduleOf(status),
    ...(operation ? { operation: { ...operation, startedAt: STAMP, holder: 'somebody' } } : {}),
    ...obsoleteOf(status),
    ...fenceOf(status, options),
    ...occasionOf(status),
    ...(lastSent ? { lastSent: { sendAt: lastSent.sendAt, firesAt: lastSent.firesAt, at: STAMP, reason: lastSent.reason } } : {}),
    ...(options.keepWanted && wanted ? { wanted } : {}),
  };
}

function scheduleOf({ schedule }: Status): Pick<Status, 'schedule'> {
  if (schedule === undefined) return {};
  const { id, campaignId, sendAt, firesAt, attempt, token, audienceHash, propertiesHash } = schedule;
  return { schedule: { id, campaignId, sendAt, firesAt, attempt, token, audienceHash, propertiesHash, recordedAt: STAMP } };
}

function obsoleteOf({ obsolete = [] }: Status): Pick<Status, 'obsolete'> {
  const entries = obsolete.map(({ id, campaignId, token, firesAt }) => ({
    id,
    campaignId,
    ...(token === undefined ? {} : { token }),
    firesAt,
    recordedAt: STAMP,
    why: 'unwanted',
  }));
  return entries.length === 0 ? {} : { obsolete: entries };
}

function fenceOf({ fence }: Status, options: Options): Pick<Status, 'fence'> {
  if (fence === undefined) return {};
  const { item, token, state, confirmed, contentHash, sendAt, announcedAt, confirmedAt, unsettled = [] } = fence;
  return {
    fence: {
      item,
      token,
      state,
      confirmed,
      contentHash,
      ...(sendAt === undefined ? {} : { sendAt }),
      announcedAt: isNew(announcedAt) ? options.announcement : announcedAt,
      ...(confirmedAt === undefined ? {} : { confirmedAt: options.keepConfirmedAt ? confirmedAt : STAMP }),
      ...(unsettled.length === 0 ? {} : { unsettled: [...unsettled].sort() }),
    },
  };
}

/** The operator writes the present. */
const isNew = (announcedAt: string): boolean => !announcedAt.startsWith(NAMED);

function occasionOf({ occasion }: Status): Pick<Status, 'occasion'> {
  if (occasion === undefined) return {};
  const { announced = [], locked } = occasion;
  return {
    occasion: { number: 1, ...(announced.length > 0 ? { announced: [...announced].sort() } : {}), ...(locked ? { locked } : {}) },
  };
}
