/**
 * Two leaders: the leadership is lost, taken, shared or handed on in the middle of each effect of a workload. Whatever two processes believe,
 * each fan is told once, and the object ends as if one alone had worked.
 */
import { randomUUID } from 'node:crypto';
import { freshLease, LEASES } from '../../src/controller/election-lease.ts';
import type { Campaign, Planned, References } from './campaign.ts';
import { workload } from './campaign.ts';
import { ranAt, steppedBeyond, steppedWithin } from './clocks.ts';
import type { Effect } from './effects.ts';
import type { Lane } from './lane.ts';
import {
  cutOff,
  cutOffShortly,
  leaseDeleted,
  outlived,
  type Point,
  paused,
  RESUMES,
  renewalsLate,
  renewalsLost,
  rollingUpdate,
  sameIdentity,
} from './overlaps.ts';
import { type Perturbation, type Run, runCell } from './run-cell.ts';
import type { Workload } from './workloads.ts';

const LIVED = [
  'create',
  'move',
  'move inside the buffer',
  'rename',
  'hold',
  'delete',
  'hold in the last minute',
  'create in the last minute',
  'late create',
  'create, asynchronous',
  'move, asynchronous',
].map(workload);

const LATE_MS = [500, 1_500, 3_000, 5_000, 10_000];
const WITHIN_S = [-19, -8, 8, 19];
const BEYOND_S = [-600, -60, -25, 25, 60, 600];
const FACTORS = [0.5, 0.8, 1.25, 2];
const SLOW = [0.5, 0.25];
/** Nobody waits for it. */
const LONG_LEASE = ['--lease-duration', '15s', '--renew-deadline', '12s', '--retry-period', '1s'];
/** Cells without a point of their own are told apart by chance alone. */
const REPEATS = 3;

export const twoLeaders: Campaign = {
  name: 'two-leaders',
  workloads: LIVED,
  plan: (references) =>
    [...references].flatMap(([lived, { effects }]) => [
      ...effects.flatMap((effect) => atEffect(lived, effect)),
      ...Array.from({ length: REPEATS }, (_, number) => besideAnother(lived, number + 1)),
    ]),
};

interface Trouble {
  readonly row: string;
  readonly name?: string;
  readonly moments?: readonly Point['moment'][];
  perturb(point: Point): Perturbation;
  /** How the lane is made ready for it. */
  readonly prepare?: (lane: Lane) => Promise<void>;
}

function atEffect(lived: Workload, effect: Effect): readonly Planned[] {
  return troublesAt(effect).flatMap((trouble) =>
    (trouble.moments ?? ['before']).map((moment) => planned(lived, { effect, moment }, trouble)),
  );
}

function troublesAt({ number }: Effect): readonly Trouble[] {
  const oneOf = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[number % list.length] as T;
  const [lateMs, withinS, beyondS, factor, slow] = [oneOf(LATE_MS), oneOf(WITHIN_S), oneOf(BEYOND_S), oneOf(FACTORS), oneOf(SLOW)];
  const both = ['before', 'after'] as const;
  return [
    ...RESUMES.map((resumes): Trouble => ({ row: `leader asleep, wakes ${resumes}`, moments: both, perturb: (at) => paused(at, resumes) })),
    ...RESUMES.map((resumes): Trouble => ({ row: `leader dead, its request arrives ${resumes}`, perturb: (at) => outlived(at, resumes) })),
    { row: 'no way to the API server', name: 'refused', moments: both, perturb: (at) => cutOff(at, 'refused') },
    { row: 'no way to the API server', name: 'silent', moments: both, perturb: (at) => cutOff(at, 'silent') },
    {
      row: 'no way to the API server',
      name: 'for 0.8 s',
      perturb: (at) => cutOffShortly(at, number % 2 === 0 ? 'refused' : 'silent', 800),
    },
    { row: 'renewals late', name: `by ${lateMs / 1000} s`, perturb: (at) => renewalsLate(at, lateMs) },
    { row: 'lease deleted', perturb: leaseDeleted },
    { row: 'rolling update', perturb: rollingUpdate },
    { row: 'identity shared', perturb: sameIdentity },
    { row: 'slow seconds, renewals lost', name: `x ${slow}`, perturb: renewalsLost, prepare: (lane) => slowLeader(lane, slow) },
    { row: 'clock off by up to 20 s', name: `${withinS} s`, perturb: (at) => steppedWithin(at, withinS * 1_000) },
    { row: 'clock off by more', name: `${beyondS} s`, perturb: (at) => steppedBeyond(at, beyondS * 1_000) },
    { row: 'clock at another speed', name: `x ${factor}`, perturb: (at) => ranAt(at, factor) },
  ];
}

function planned(lived: Workload, point: Point, { row, name, perturb, prepare }: Trouble): Planned {
  const { effect, moment } = point;
  const when = moment === 'before' ? 'as it is sent' : 'as its answer comes';
  return {
    row,
    name: `${lived.name}: ${name === undefined ? '' : `${name}, `}from effect ${effect.number} (${effect.what}) ${when}`,
    run: async (lane, references) => {
      await prepare?.(lane);
      return await run(lane, lived, references, perturb(point));
    },
  };
}

/** Another operator leads by a lease of its own from the beginning to the end, as after a mistake in an installation. */
function besideAnother(lived: Workload, number: number): Planned {
  return {
    row: 'two leases',
    name: `${lived.name}: number ${number}`,
    run: async (lane, references) => {
      const { connection, namespace } = lane.stack;
      const lease = `other-${randomUUID().slice(0, 8)}`;
      await connection.create(LEASES, namespace, freshLease(lease));
      const other = await lane.startMember({ flags: ['--lease-name', lease, ...LONG_LEASE] });
      try {
        await other.operator.leads();
        return await run(lane, lived, references);
      } finally {
        await lane.kill(other);
      }
    },
  };
}

function run(lane: Lane, lived: Workload, references: References, perturbation?: Perturbation): Promise<Run> {
  const undisturbed = references.get(lived)?.end;
  return runCell(lane, lived, {
    ...(undisturbed === undefined ? {} : { undisturbed }),
    ...(perturbation === undefined ? {} : { perturbation }),
  });
}

/** The lane's leader is one whose monotonic clock runs slowly; one that is in order stands by. */
async function slowLeader(lane: Lane, rate: number): Promise<void> {
  await lane.pair();
  const others = lane.members;
  await lane.addMember({ env: { SANDBOX_MONOTONIC_RATE: String(rate) } });
  for (const other of others) lane.setAside(other);
  await Promise.all(others.map(({ operator }) => operator.stop()));
  await lane.leading();
  await lane.addMember();
}
