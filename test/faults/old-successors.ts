/** One that sees the object as it was takes over: it stood by with a watch that lags, or it started from a list of the past. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../support/fault-proxy.ts';
import type { LineVerdict } from '../support/watch-gate.ts';
import type { Cell } from './cell.ts';
import { asksForState, expire, fromLine, isOfCell, type Sight, type View } from './old-views.ts';
import type { Begun } from './run-cell.ts';

/** When the leader dies, counted from the first line that its successor does not see. */
export const DEATHS = ['at once', 'a write later', 'at rest'] as const;
export type Death = (typeof DEATHS)[number];

/** How long it leads with what it believes. */
const LEADS_MS = 1_500;
const WRITTEN_WITHIN_MS = 1_500;

/** What it hears in the end: each state that it missed, only the last of them, or nothing, until it takes the state anew. */
export type Hears = 'each' | 'only the last' | 'nothing';

/** The standby sees nothing from a line on; the leader dies, and it leads like this for a while. */
export function laggingSuccessor(hears: Hears, dies: Death): View {
  return ({ cell, member, line: wanted }: Sight): Begun => {
    const released = Promise.withResolvers<void>();
    let seen = 0;
    let taken = false;
    let sees = false;
    const takeOver = async (): Promise<void> => {
      taken = true;
      await isTakenOver(cell);
      sees = true;
      released.resolve();
      if (hears === 'nothing') await expire(member);
    };
    member.proxy.judgeLines((line) => {
      if (!isOfCell(cell, line)) return { kind: 'pass' };
      seen += 1;
      if (seen < wanted) return { kind: 'pass' };
      if (seen === wanted && dies === 'at once') void cell.disturb(takeOver);
      if (seen === wanted && dies === 'a write later') void cell.disturb(() => writtenAgain(cell, line.version).then(takeOver));
      if (hears === 'nothing') return { kind: sees ? 'pass' : 'drop' };
      return { kind: 'hold', until: released.promise, passes: hears };
    });
    return {
      reached: () => taken,
      atRest: async () => {
        if (dies === 'at rest' && seen >= wanted) await cell.disturb(takeOver);
      },
      end: () => {
        released.resolve();
        member.proxy.judgeLines(undefined);
      },
    };
  };
}

/** All operators die at a line; the one that is started then reads the state of `version`, and goes on from there when it has led for a while. */
export function pastNewcomer(version: (cell: Cell) => string): View {
  return (sight: Sight): Begun => {
    const { cell } = sight;
    const { lane } = cell;
    const past = version(cell);
    const live = Promise.withResolvers<void>();
    const replace = async (): Promise<void> => {
      await Promise.all(lane.members.map((each) => lane.kill(each)));
      let lag: Fault | undefined;
      await lane.addMember({
        prepare: (proxy) => {
          lag = proxy.fault(asksForState, { kind: 'past', version: past, live: live.promise });
        },
      });
      await lane.leading();
      await sleep(LEADS_MS);
      lag?.remove();
      live.resolve();
    };
    const at = (): LineVerdict => {
      void cell.disturb(replace);
      return { kind: 'pass' };
    };
    return fromLine(sight, { at, end: () => live.resolve() });
  };
}

async function isTakenOver({ lane }: Cell): Promise<void> {
  await lane.kill(lane.leader);
  await lane.leading();
  await sleep(LEADS_MS);
}

async function writtenAgain(cell: Cell, version: string): Promise<void> {
  const until = performance.now() + WRITTEN_WITHIN_MS;
  while (cell.seen?.metadata.resourceVersion === version && performance.now() < until) await sleep(5);
}
