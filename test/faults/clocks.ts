/**
 * The clock of the leader is wrong, from an effect of the workload on. Within 20 s of Braze's nothing may be different; beyond that the workspace
 * must say ClockSkew as soon as an answer of Braze shows it, and nobody may be told twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from '../../sandbox/stack/index.ts';
import type { Cell } from './cell.ts';
import type { Member } from './lane.ts';
import { type Point, scripted } from './overlaps.ts';
import type { Perturbation } from './run-cell.ts';

/** The workspace looks once a minute: three seconds at this pace. */
const WALK = 20;
const SHOWN_WITHIN_MS = 8_000;
/** In it time passes at real speed. */
const ANSWERS_MS = 700;
const RUNS_WRONG_MS = 2_500;

/** A step that stays, up to the end. */
export function steppedWithin(point: Point, leadMs: number): Perturbation {
  let member: Member | undefined;
  return scripted(point, {
    strike: async (cell) => {
      member = cell.lane.leader;
      member.clock.lead(leadMs);
    },
    end: () => member?.clock.heal(),
  });
}

/** A step until it was seen to be shown. */
export function steppedBeyond(point: Point, leadMs: number): Perturbation {
  return scripted(point, {
    strike: async (cell) => {
      const { clock } = cell.lane.leader;
      clock.lead(leadMs);
      void cell.disturb(async () => {
        await showsSkew(cell);
        clock.heal();
      });
    },
  });
}

/** Faster or slower for a while, then right again. */
export function ranAt(point: Point, factor: number): Perturbation {
  return scripted(point, {
    strike: async (cell) => {
      const { clock } = cell.lane.leader;
      clock.setFactor(factor);
      void cell.disturb(async () => {
        cell.lane.stack.clock.setRate(WALK);
        await sleep(RUNS_WRONG_MS);
        clock.heal();
      });
    },
  });
}

/** Waits for the workspace to say so. It must when Braze was asked since, at a pace at which an answer tells the time. */
async function showsSkew(cell: Cell): Promise<void> {
  const { stack, ears } = cell.lane;
  const before = stack.braze.log.entries.at(-1)?.seq ?? 0;
  await sleep(ANSWERS_MS);
  const asked = stack.braze.log.where({ afterSeq: before }).length;
  const until = performance.now() + SHOWN_WITHIN_MS;
  const isShown = (): boolean => {
    const workspace = stack.workspaces.get(cell.workspace);
    return workspace !== undefined && isReady(workspace, 'ClockSkew');
  };
  stack.clock.setRate(WALK);
  while (!isShown() && performance.now() < until) await sleep(50);
  if (!isShown() && asked > 0) ears.blame(`ClockSkew was not shown, although Braze was asked ${asked} times`);
}
