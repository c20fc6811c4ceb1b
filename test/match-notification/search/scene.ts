/** The world of one search: which instants there are, what may be wished, and how much of everything may happen. */
import type { MatchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { specOf } from '../objects.ts';

type Owner = 0 | 1;

/** What people want; `killSwitch`: the workspace is suspended meanwhile. */
export interface Wish {
  readonly spec: MatchNotificationSpec;
  readonly killSwitch?: true;
}

export interface Scene {
  readonly name: string;
  /** Time goes from one of these to the next, by Braze's clock. */
  readonly times: readonly Temporal.Instant[];
  readonly wishes: readonly Wish[];
  /** How often the wish may change. */
  readonly edits: number;
  /** How often the object may be deleted in order, or lose its status, and be applied again. */
  readonly deletions: number;
  readonly statusLosses: number;
  /** Whose object each operator works on; owners are clusters that write the same catalog. */
  readonly operators: readonly Owner[];
  /** How many milliseconds each operator's idea of Braze's time is ahead of it. */
  readonly clocks: readonly number[];
  /** Creates that one object may intend. */
  readonly attempts: number;
  /** Calls on their way at once. */
  readonly calls: number;
  /** Writes of the item that are accepted now and applied at any time later. */
  readonly asyncPuts: boolean;
  /** Answers of the API server may be lost after the write took effect. */
  readonly lostWrites: boolean;
  /** Armed items are read back and re-asserted; otherwise each operator is shown what it expects. */
  readonly checks: boolean;
  /** `wanted.since` is kept: what startingDeadline counts from. */
  readonly late: boolean;
  /** Liquid may see the catalog as it was at the time before (contracts 1.12, renderLagMs). */
  readonly renderLag: boolean;
  /** One of the wishes is for another occasion. */
  readonly occasions: boolean;
  /** Steps that are done before the search begins, each the first that starts so; `?`: if there is one. */
  readonly begun: readonly string[];
}

const at = (text: string): Temporal.Instant => Temporal.Instant.from(`2026-12-06T${text}Z`);
const A = '2026-12-06T11:30:00Z';
const B = '2026-12-06T12:00:00Z';
const C = '2026-12-06T12:30:00Z';
/** Six hours and more after A: another occasion, once A was sent. */
const NEXT = '2026-12-06T17:45:00Z';
const KICKOFF = '2026-12-06T13:30:00Z';

/** As in the design's own search: A's buffer, margin, firing; B's buffer, margin, firing. */
const TWO_SENDS = ['11:05:00', '11:20:00', '11:29:30', '11:30:30', '11:45:00', '11:59:30', '12:00:30'].map(at);
/** The same, begun inside A's buffer: where a delete is best effort. */
const FROM_THE_BUFFER = ['11:20:00', '11:29:30', '11:30:30', '11:59:30', '12:00:30'].map(at);
/** A's margin and firing, then those of the late sends at 11:32 and 11:33. */
const ONE_SEND_AND_LATE = ['11:20:00', '11:29:30', '11:30:30', '11:31:30', '11:32:30', '11:33:30'].map(at);
const THREE_SENDS = [...FROM_THE_BUFFER, ...['12:29:30', '12:30:30'].map(at)];
const TWO_OCCASIONS = ['11:20:00', '11:29:30', '11:30:30', '11:59:30', '12:00:30', '17:44:30', '17:45:30'].map(at);
/** Around A's margin, as clocks see it that are 20 s apart from Braze's; what was admitted 40 s ago is rendered no more. */
const FINE = ['11:20:00', '11:28:50', '11:29:10', '11:29:50', '11:30:30', '11:59:30', '12:00:30'].map(at);

const send = (sendAt: string, changes: Partial<MatchNotificationSpec> = {}): Wish => ({
  spec: specOf({ sendAt, kickoff: KICKOFF, startingDeadline: '0s', ...changes }),
});
const held = { hold: { reason: 'Postponed' } } as const;
const otherCampaign = { campaignId: '5e2f0d4c-0000-4000-8000-000000000002' };

/** The first send is made, and its opening announced in the same write. */
const MADE = ['?0 reads', '0 intends', 'Braze takes', '0 records'];
const ARMED = [...MADE, '0 PUTs', 'Braze takes', '0 reads', '0 confirms'];

const BASE: Omit<Scene, 'name'> = {
  times: TWO_SENDS,
  wishes: [send(A), send(B)],
  edits: 1,
  deletions: 0,
  statusLosses: 0,
  operators: [0],
  clocks: [0, 0],
  attempts: 2,
  calls: 2,
  asyncPuts: false,
  lostWrites: false,
  checks: false,
  late: false,
  renderLag: true,
  occasions: false,
  begun: [],
};
const BOTH = [send(A), send(B), send(A, held)];

const LATE: Scene = {
  ...BASE,
  name: 'held and released again, a late create',
  times: ONE_SEND_AND_LATE,
  wishes: [send(A, { startingDeadline: '10m' }), send(A, { startingDeadline: '10m', ...held })],
  edits: 2,
  late: true,
  begun: MADE,
};

export const SCENES = {
  start: { ...BASE, name: 'one operator from the first moment' },
  made: { ...BASE, name: 'one operator that has made the first schedule', times: FROM_THE_BUFFER, begun: MADE },
  armed: { ...BASE, name: 'one operator and an armed send, asynchronous writes', times: FROM_THE_BUFFER, begun: ARMED, asyncPuts: true },
  refreshed: {
    ...BASE,
    name: 'one operator and an armed send whose names were just written anew, asynchronously',
    times: FROM_THE_BUFFER,
    wishes: [send(A), send(B), send(A, { match: { ...specOf().match, home: { id: '58', name: 'Villa' } } })],
    edits: 2,
    asyncPuts: true,
    begun: [...ARMED, 'wish 2', '0 sees', '0 announces', '0 PUTs "1.1" asynchronously'],
  },
  loose: {
    ...BASE,
    name: 'held and released while a write of the item is lost on its way',
    times: FROM_THE_BUFFER,
    wishes: BOTH,
    edits: 2,
    begun: [...MADE, '0 PUTs', '0 forgets', 'wish 2', '0 sees', '0 announces', '0 PUTs'],
  },
  two: { ...BASE, name: 'two operators and a schedule just made', times: FROM_THE_BUFFER, begun: MADE, operators: [0, 0] },
  back: { ...BASE, name: 'one operator, there and back again, or held', times: FROM_THE_BUFFER, wishes: BOTH, edits: 2, begun: MADE },
  reread: { ...BASE, name: 'one operator that reads back and re-asserts', times: FROM_THE_BUFFER, checks: true, begun: ARMED },
  deleted: { ...BASE, name: 'deleted and applied again', times: FROM_THE_BUFFER, edits: 0, deletions: 1, begun: MADE },
  amnesia: { ...BASE, name: 'the status lost in quiet time', times: FROM_THE_BUFFER, statusLosses: 1, begun: ARMED },
  late: LATE,
  released: { ...LATE, name: 'held too late, and released again', begun: [...ARMED, 'time passes', 'wish 1', '0 sees'], edits: 2 },
  unheard: { ...BASE, name: 'writes whose answer is lost', times: FROM_THE_BUFFER, lostWrites: true, begun: MADE },
  clocks: {
    ...BASE,
    name: 'two operators, their clocks 20 s before and behind',
    times: FINE,
    operators: [0, 0],
    clocks: [20_000, -20_000],
    begun: ARMED,
  },
  // Owners that begin at once may both hold a schedule for one time: only what the item says at that moment is sent.
  owners: {
    ...BASE,
    name: 'two owners of one item, rendered without lag',
    times: FROM_THE_BUFFER,
    wishes: [send(A)],
    edits: 0,
    operators: [0, 1],
    renderLag: false,
  },
  occasions: {
    ...BASE,
    name: 'moved to another occasion and back',
    times: TWO_OCCASIONS,
    wishes: [send(A), send(B, { kickoff: '2026-12-06T20:00:00Z' }), send(NEXT, { kickoff: '2026-12-06T20:00:00Z' })],
    edits: 2,
    attempts: 3,
    occasions: true,
    begun: ARMED,
  },
  campaigns: {
    ...BASE,
    name: 'another campaign, and back',
    times: FROM_THE_BUFFER,
    wishes: [send(A), send(A, otherCampaign), send(B)],
    edits: 2,
    begun: MADE,
  },
  slots: {
    ...BASE,
    name: 'three times to send at',
    times: THREE_SENDS,
    wishes: [send(A), send(B), send(C)],
    edits: 2,
    attempts: 3,
    begun: MADE,
  },
  killed: {
    ...BASE,
    name: 'the kill switch',
    times: FROM_THE_BUFFER,
    wishes: [send(A), { ...send(A), killSwitch: true }],
    edits: 2,
    begun: ARMED,
  },
} as const satisfies Record<string, Scene>;
