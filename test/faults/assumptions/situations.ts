/** What is done just before a send, and what Braze is assumed to be like: each is varied in steps around the margin, the others left as they are. */
import type { BrazeOptionsPatch } from '../../../sandbox/braze/index.ts';
import type { Cell } from '../cell.ts';

/** The default of the kind, and what the sweep turns about. */
export const MARGIN_S = 60;

export interface Situation {
  readonly name: string;
  /** So many seconds before the send. */
  readonly leadS: number;
  readonly act: (cell: Cell) => Promise<void>;
  /** What others did to the item a while before, after its last read-back by itself. */
  readonly meddle?: { readonly leadS: number; readonly act: (cell: Cell) => void };
  /** Minutes from the first send to the one that is wanted in the end; undefined: none is. */
  readonly wantedMin: number | undefined;
}

const hold = { reason: 'Postponed', message: 'Waterlogged pitch.' };
const HOUR_MIN = 60;

const closed = (leadS: number): Situation => ({
  name: `held ${leadS} s before`,
  leadS,
  act: (cell) => cell.change({ hold }),
  wantedMin: undefined,
});
const moved = (leadS: number): Situation => ({
  name: `moved by 15 min ${leadS} s before`,
  leadS,
  act: (cell) => cell.moveTo(cell.sendAt.add({ minutes: 15 })),
  wantedMin: 15,
});
/** Three minutes before a send its item is read back for the last time. */
const AFTER_THE_LAST_LOOK_S = 170;

/** Somebody closes the item; only later the operator is told to look, and writes it again. */
const reasserted = (leadS: number): Situation => ({
  name: `closed by others, re-asserted ${leadS} s before`,
  leadS,
  meddle: {
    leadS: AFTER_THE_LAST_LOOK_S,
    act: ({ lane: { stack }, catalog, item }) =>
      stack.braze.setItem(catalog, item, { ...stack.braze.item(catalog, item), token: '', state: 'closed' }),
  },
  act: (cell) => cell.lookNow(),
  wantedMin: 0,
});
/** Two minutes into the send the match is abandoned, and announced again for the evening: the new token takes the place of the old. */
const replayed: Situation = {
  name: 'moved by 7 h, 2 min after the send began',
  leadS: -120,
  act: (cell) => cell.moveTo(cell.sendAt.add({ hours: 7 })),
  wantedMin: 7 * HOUR_MIN,
};

export interface Assumption {
  readonly name: string;
  /** Milliseconds of it, in steps. */
  readonly steps: readonly number[];
  /** Up to here nothing may go wrong. */
  readonly holdsUpTo: number;
  readonly options: (ms: number) => BrazeOptionsPatch;
  /** With so few synchronous calls items are written by the bulk call. */
  readonly asynchronous?: boolean;
  readonly situations: readonly Situation[];
}

const seconds = (...list: readonly number[]): readonly number[] => list.map((each) => each * 1000);
const BEFORE = [closed(65), moved(65), reasserted(65)] as const;

export const ASSUMPTIONS: readonly Assumption[] = [
  {
    name: 'the template renders an item as it was so long ago (renderLagMs)',
    steps: seconds(0, 30, 55, 60, 70, 90, 120),
    holdsUpTo: MARGIN_S * 1000,
    options: (renderLagMs) => ({ renderLagMs }),
    situations: [...BEFORE, closed(90), moved(90), reasserted(90)],
  },
  {
    name: 'a bulk write of items takes effect so much later (asyncLagMs)',
    steps: seconds(0.5, 30, 60, 70, 120, 300),
    // What is not read back is not believed: beyond the margin a send that was held counts as sent, and the object says so.
    holdsUpTo: MARGIN_S * 1000,
    options: (asyncLagMs) => ({ asyncLagMs }),
    asynchronous: true,
    situations: BEFORE,
  },
  {
    name: "Braze's delete is best effort so long before the send (bestEffortWindowMs; updateBuffer 20 min)",
    steps: seconds(0, 1200, 2400, 3600),
    holdsUpTo: Number.POSITIVE_INFINITY,
    options: (bestEffortWindowMs) => ({ bestEffortWindowMs }),
    situations: [closed(30 * 60), moved(30 * 60)],
  },
  {
    name: 'the fans of one send are told over so long a time (sendDurationMs)',
    steps: seconds(0, 60, 300, 900, 3600),
    holdsUpTo: Number.POSITIVE_INFINITY,
    options: (sendDurationMs) => ({ sendDurationMs }),
    situations: BEFORE,
  },
  {
    name: 'the same, and a new occasion begins meanwhile',
    steps: seconds(0, 60, 300, 900),
    holdsUpTo: 120_000,
    options: (sendDurationMs) => ({ sendDurationMs }),
    situations: [replayed],
  },
];
