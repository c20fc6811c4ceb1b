/** What happens to fixtures: each with the part of it that is disturbed, and how it rests when nobody disturbs it. */
import { type Cell, dealtWith, type Seen } from './cell.ts';

export interface Workload {
  readonly name: string;
  /** The send is so near that a take-over may come too late: at most one delivery, and a condition that says how it ended. */
  readonly near?: boolean;
  /** A BrazeWorkspace of its own is made in it. */
  readonly ownWorkspace?: boolean;
  /** That workspace has no fence, and the campaign's message reads none. */
  readonly unfenced?: boolean;
  /** Sends of a user in the end, in all. */
  readonly sends: number;
  /** How the object comes to where it begins; not disturbed. */
  readonly before?: (cell: Cell) => Promise<void>;
  readonly act: (cell: Cell) => Promise<void>;
  /** How it rests after `act`, before the send. */
  readonly rests: (object: Seen) => boolean;
}

const SCHEDULED = dealtWith('Scheduled');
const HELD = dealtWith('Held');
const GONE = (object: Seen): boolean => object === undefined;
const hold = { reason: 'Postponed', message: 'Waterlogged pitch.' };

const isConfirmed = (object: Seen): boolean => SCHEDULED(object) && object?.status?.fence?.confirmed === true;

/** So far ahead that the send's own buffer and margin are reached only in the end, or just inside them. */
async function armedWithin(cell: Cell, ahead: Temporal.DurationLike): Promise<void> {
  await cell.armed();
  await cell.jumpTo(cell.sendAt.subtract(ahead));
  // The read-backs that became due by the jump.
  await cell.walkTo(cell.now.add({ seconds: 10 }));
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'create', sends: 1, act: (cell) => cell.create(), rests: SCHEDULED },
  {
    name: 'move',
    sends: 1,
    before: (cell) => cell.armed(),
    act: (cell) => cell.moveTo(cell.sendAt.add({ minutes: 5 })),
    rests: SCHEDULED,
  },
  {
    name: 'move inside the buffer',
    sends: 1,
    before: (cell) => armedWithin(cell, { minutes: 12 }),
    act: (cell) => cell.moveTo(cell.sendAt.add({ minutes: 15 })),
    rests: SCHEDULED,
  },
  {
    name: 'rename',
    sends: 1,
    before: (cell) => cell.armed(),
    act: (cell) => cell.change({ match: { home: { id: '58', name: 'Villa', tla: 'AVL' } } }),
    rests: (object) => isConfirmed(object) && object?.status?.fixture?.startsWith('Villa') === true,
  },
  { name: 'hold', sends: 0, before: (cell) => cell.armed(), act: (cell) => cell.change({ hold }), rests: HELD },
  {
    name: 'resume',
    sends: 1,
    before: async (cell) => {
      await cell.armed();
      await cell.change({ hold });
      await cell.until('held', HELD);
    },
    act: (cell) => cell.change({ hold: null }),
    rests: SCHEDULED,
  },
  {
    name: 'postpone',
    sends: 1,
    before: (cell) => cell.armed(),
    act: async (cell) => {
      await cell.change({ hold });
      await cell.until('held', HELD);
      await cell.moveTo(cell.sendAt.add({ hours: 20 }), { hold: null });
    },
    rests: SCHEDULED,
  },
  { name: 'delete', sends: 0, before: (cell) => cell.armed(), act: (cell) => cell.delete(), rests: GONE },
  {
    name: 'hold in the last minute',
    near: true,
    sends: 0,
    before: (cell) => armedWithin(cell, { seconds: 55 }),
    act: (cell) => cell.change({ hold }),
    rests: HELD,
  },
  {
    name: 'create in the last minute',
    near: true,
    sends: 1,
    before: async (cell) => {
      await cell.jumpTo(cell.sendAt.subtract({ seconds: 50 }));
    },
    act: (cell) => cell.create(),
    rests: SCHEDULED,
  },
  {
    name: 'horizon edge',
    sends: 1,
    before: async (cell) => {
      cell.sendAt = cell.base.add({ hours: 24, minutes: 3 });
      cell.kickoff = cell.sendAt.add({ hours: 1 });
    },
    act: async (cell) => {
      await cell.create();
      await cell.until('beyond the horizon', dealtWith('BeyondHorizon'));
      await cell.jumpTo(cell.sendAt.subtract({ hours: 24, seconds: 5 }));
      await cell.walkTo(cell.sendAt.subtract({ hours: 24 }));
    },
    rests: SCHEDULED,
  },
  {
    name: 'late create',
    near: true,
    sends: 1,
    before: async (cell) => {
      cell.sendAt = cell.base.subtract({ minutes: 1 });
      cell.kickoff = cell.base.add({ hours: 1 });
    },
    act: (cell) => cell.create(),
    rests: SCHEDULED,
  },
  {
    name: 'new occasion',
    sends: 2,
    before: async (cell) => {
      await cell.armed();
      await cell.passSend(cell.sendAt);
      await cell.until('sent', isMarkedSent, { beyond: true });
    },
    act: (cell) => cell.moveTo(cell.sendAt.add({ hours: 7 })),
    rests: SCHEDULED,
  },
  {
    name: 'adopt',
    sends: 1,
    before: async (cell) => {
      cell.annotations = await cell.madeElsewhere();
      await cell.jumpTo(cell.now.add({ minutes: 10 }));
    },
    act: (cell) => cell.create(),
    rests: SCHEDULED,
  },
  {
    name: 'new workspace',
    ownWorkspace: true,
    sends: 1,
    act: async (cell) => {
      await cell.createWorkspace();
      await cell.create();
    },
    rests: SCHEDULED,
  },
];

/** With so few synchronous catalog calls a minute all are kept for reading back: items are written by the other call. */
const ASYNCHRONOUS = { limits: { catalogSyncPerMinute: 15 } } as const;

/** The same where fence items are written by the bulk call, which takes effect later. */
export const ASYNCHRONOUS_WORKLOADS: readonly Workload[] = [
  {
    name: 'create, asynchronous',
    ownWorkspace: true,
    sends: 1,
    before: (cell) => cell.createWorkspace(ASYNCHRONOUS),
    act: (cell) => cell.create(),
    rests: SCHEDULED,
  },
  {
    name: 'move, asynchronous',
    ownWorkspace: true,
    sends: 1,
    before: async (cell) => {
      await cell.createWorkspace(ASYNCHRONOUS);
      await cell.armed();
    },
    act: (cell) => cell.moveTo(cell.sendAt.add({ minutes: 5 })),
    rests: SCHEDULED,
  },
];

const unfenced = { ownWorkspace: true, unfenced: true, sends: 1, rests: SCHEDULED } as const;

async function armedUnfenced(cell: Cell): Promise<void> {
  await cell.createWorkspace();
  await cell.armed();
}

/** The same where no fence makes what is left behind harmless. */
export const UNFENCED_WORKLOADS: readonly Workload[] = [
  { ...unfenced, name: 'create, unfenced', before: (cell) => cell.createWorkspace(), act: (cell) => cell.create() },
  { ...unfenced, name: 'move, unfenced', before: armedUnfenced, act: (cell) => cell.moveTo(cell.sendAt.add({ minutes: 5 })) },
  {
    ...unfenced,
    name: 'rename, unfenced',
    before: armedUnfenced,
    act: (cell) => cell.change({ match: { home: { id: '58', name: 'Villa', tla: 'AVL' } } }),
    rests: (object) => SCHEDULED(object) && object?.status?.fixture?.startsWith('Villa') === true,
  },
];

/** Nobody but a person can say what became of a call. */
export const isBlocked = (object: Seen): boolean =>
  object?.status?.phase === 'Blocked' &&
  object.status.conditions?.some(({ type, reason }) => type === 'Stalled' && reason.endsWith('Unresolved')) === true;

/** Sent, and where there is a catalog item it says so. */
export function isMarkedSent(object: Seen): boolean {
  const { fence } = object?.status ?? {};
  return dealtWith('Sent')(object) && (fence === undefined || (fence.state === 'sent' && fence.confirmed));
}
