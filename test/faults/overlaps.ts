/**
 * Ways in which two processes come to lead at once, or the leadership changes hands in the middle of something. Each begins at an effect of the
 * workload: when the leader sends a request, or when the answer is on its way back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASES } from '../../src/controller/election-lease.ts';
import type { ProxiedRequest } from '../support/proxy-faults.ts';
import type { Cell } from './cell.ts';
import type { Effect, Strike } from './effects.ts';
import { endsWith, mayHaveEnded, wakesUp } from './exits.ts';
import type { Member } from './lane.ts';
import type { Perturbation } from './run-cell.ts';
import { shareIdentity } from './shared-identity.ts';

/** Where in the workload it begins. */
export interface Point {
  readonly effect: Effect;
  readonly moment: 'before' | 'after';
}

/** When what was held back goes on. */
export const RESUMES = ['when another leads', 'when all is done'] as const;
export type Resumes = (typeof RESUMES)[number];

const LEASE = 'matchday';
const isRenewal = ({ method, url }: ProxiedRequest): boolean => method === 'PUT' && url.pathname.includes('/leases/');
const TAKE_OVER_MS = 4_000;

interface Script {
  /** The request, or its answer, goes no further. */
  readonly isLost?: boolean;
  /** At the effect; the request waits for it. */
  readonly strike: (cell: Cell) => Promise<void>;
  readonly atRest?: (cell: Cell) => Promise<void>;
  readonly end?: (cell: Cell) => void;
}

export function scripted({ effect, moment }: Point, { isLost = false, strike, atRest, end }: Script): Perturbation {
  let struck = false;
  const act = async (cell: Cell): Promise<void> => {
    struck = true;
    await strike(cell);
  };
  return {
    strike: (cell): Strike => ({ number: effect.number, moment, goesOn: !isLost, act: () => act(cell) }),
    begin: (cell) => ({
      reached: () => struck,
      atRest: async () => {
        if (struck) await atRest?.(cell);
      },
      end: () => {
        if (struck) end?.(cell);
      },
    }),
  };
}

/** The leader sleeps past its lease with the request on its way or the answer unread. */
export function paused(point: Point, resumes: Resumes): Perturbation {
  const released = Promise.withResolvers<void>();
  let woken: Promise<void> | undefined;
  let asleep: Member | undefined;
  let rested = false;
  const wake = (cell: Cell): Promise<void> | undefined => {
    released.resolve();
    if (asleep !== undefined) woken ??= wakesUp(cell, asleep);
    return woken;
  };
  return scripted(point, {
    strike: async (cell) => {
      const member = cell.lane.leader;
      void cell.disturb(async () => {
        await cell.lane.pause(member);
        asleep = member;
        if (resumes === 'when another leads' || rested) await wake(cell);
      });
      await released.promise;
    },
    atRest: async (cell) => {
      rested = true;
      await wake(cell);
    },
    end: (cell) => void wake(cell),
  });
}

/** The leader is gone; what it had sent arrives all the same, late. */
export function outlived(point: Point, resumes: Resumes): Perturbation {
  const released = Promise.withResolvers<void>();
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      const dead = lane.kill(lane.leader);
      void cell.disturb(async () => {
        await dead;
        await lane.leading();
        if (resumes === 'when another leads') released.resolve();
      });
      await released.promise;
    },
    atRest: async () => released.resolve(),
    end: () => released.resolve(),
  });
}

/** No way to the API server any more, while Braze can be reached. */
export function cutOff(point: Point, how: 'refused' | 'silent'): Perturbation {
  let ended: Promise<void> | undefined;
  return scripted(point, {
    isLost: point.effect.to === 'API server' && point.moment === 'before',
    strike: async (cell) => {
      const member = cell.lane.leader;
      member.proxy.partition(how);
      cell.lane.setAside(member);
      ended = endsWith(cell, member, 1);
      void cell.disturb(async () => void (await cell.lane.leading()));
    },
    atRest: async () => await ended,
  });
}

/** The same, for less than the lease. */
export function cutOffShortly(point: Point, how: 'refused' | 'silent', ms: number): Perturbation {
  let member: Member | undefined;
  return scripted(point, {
    isLost: point.effect.to === 'API server' && point.moment === 'before',
    strike: async (cell) => {
      const cut = cell.lane.leader;
      member = cut;
      cell.lane.expectEnd(cut);
      const heal = cut.proxy.partition(how);
      void cell.disturb(async () => {
        await sleep(ms);
        heal();
      });
    },
    end: (cell) => member && mayHaveEnded(cell, member),
  });
}

/** Each renewal arrives so much later; beyond the renew deadline of 2 s it comes too late. */
export function renewalsLate(point: Point, ms: number): Perturbation {
  let member: Member | undefined;
  let ended: Promise<void> | undefined;
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      const late = lane.leader;
      member = late;
      lane.expectEnd(late);
      const before = async (): Promise<boolean> => {
        await sleep(ms);
        return true;
      };
      const fault = late.proxy.fault(isRenewal, { kind: 'stage', before, after: async () => true, answered: () => {} });
      if (ms < TOO_LATE_MS) void cell.disturb(() => sleep(TAKE_OVER_MS).then(() => fault.remove()));
      else {
        lane.setAside(late);
        ended = endsWith(cell, late, 1);
        void cell.disturb(async () => void (await lane.leading()));
      }
    },
    atRest: async () => await ended,
    end: (cell) => member && mayHaveEnded(cell, member),
  });
}
const TOO_LATE_MS = 2_000;

/** Somebody deletes the lease under the leader. */
export function leaseDeleted(point: Point): Perturbation {
  let members: readonly Member[] = [];
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      members = lane.members;
      for (const member of members) lane.expectEnd(member);
      const { connection, namespace } = lane.stack;
      await connection.delete(LEASES, { namespace, name: LEASE });
      void cell.disturb(() => sleep(TAKE_OVER_MS));
    },
    end: (cell) => {
      for (const member of members) mayHaveEnded(cell, member);
    },
  });
}

/** A standby takes itself for the holder, and leads beside the leader until the end. */
export function sameIdentity(point: Point): Perturbation {
  let members: readonly Member[] = [];
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      members = lane.members;
      const second = members.find((member) => member !== lane.leader);
      if (second === undefined) throw new Error(`lane ${lane.number} has no standby`);
      lane.expectEnd(lane.leader);
      lane.setAside(second);
      void cell.disturb(() => shareIdentity(lane, second));
    },
    end: (cell) => {
      for (const member of members) mayHaveEnded(cell, member);
      for (const member of members.slice(1)) void cell.lane.kill(member);
    },
  });
}

/** The leader counts seconds slowly and its renewals are lost: it goes on leading when another has waited its lease out. */
export function renewalsLost(point: Point): Perturbation {
  let ended: Promise<void> | undefined;
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      const slow = lane.leader;
      lane.setAside(slow);
      slow.proxy.fault(isRenewal, { kind: 'hold' });
      ended = endsWith(cell, slow, 1);
      void cell.disturb(async () => void (await lane.leading()));
    },
    atRest: async () => await ended,
  });
}

/** Three times one more is started and the leader told to stop, as a Deployment does that is rolled out. */
export function rollingUpdate(point: Point): Perturbation {
  return scripted(point, {
    strike: async (cell) => {
      const { lane } = cell;
      void cell.disturb(async () => {
        for (let round = 0; round < 3; round += 1) {
          const old = lane.leader;
          lane.setAside(old);
          old.operator.kill('SIGTERM');
          await Promise.all([endsWith(cell, old, 0), lane.addMember()]);
          await lane.leading();
        }
      });
    },
  });
}
