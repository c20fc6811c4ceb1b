/**
 * How long nobody acts when the leader goes, at the lease timings that people get when they set none: from the signal to the first effect of
 * the successor on a change made in between. Measured, not judged: the machine's other work is in it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cell } from './cell.ts';
import { Effects } from './effects.ts';
import type { Entry, Orders, Outcome } from './entries.ts';
import { Lane } from './lane.ts';
import { aligned } from './report.ts';

const SIGNALS = ['SIGTERM', 'SIGKILL'] as const;
type Signal = (typeof SIGNALS)[number];
/** 15/10/2 s. */
const DEFAULT_LEASE: readonly string[] = [];
const PROMISED: Readonly<Record<Signal, string>> = { SIGTERM: '1 s', SIGKILL: 'lease + 5 s = 20 s' };
const EVERY_MS = 50;
const GIVE_UP_MS = 60_000;
/** Changes that are enough to find the gap; after a SIGKILL the first waits as long as any. */
const MOST_CHANGES: Readonly<Record<Signal, number>> = { SIGTERM: 20, SIGKILL: 1 };

export const takeOver: Entry = {
  name: 'take-over',
  ci: 10,
  share: 1,
  apart: true,
  run: async (orders, ground) => {
    await using lane = await Lane.start({ ...(await ground()), campaign: 'take-over', number: 1, leaseFlags: DEFAULT_LEASE });
    const taken = new Map<Signal, number[]>(SIGNALS.map((signal) => [signal, []]));
    for (let run = 1; run <= orders.runs; run += 1) {
      for (const signal of SIGNALS) taken.get(signal)?.push(await measure(lane, signal, { run, say: orders.say }));
    }
    return outcome(taken, orders);
  },
};

async function measure(lane: Lane, signal: Signal, { run, say }: { run: number; say: (line: string) => void }): Promise<number> {
  await lane.pair();
  // Budgets of creates begin anew.
  lane.stack.clock.advance(10 * 60_000);
  const old = lane.leader;
  lane.setAside(old);
  const cells: Cell[] = [];
  const effects = new Effects(anyOf(cells), () => String(performance.now()));
  lane.watch(effects);
  effects.count();
  const began = performance.now();
  old.operator.kill(signal);
  const first = (): number | undefined => {
    const found = effects.list.find(({ to, by }) => to === 'API server' && by !== old.operator.name);
    return found && Number(found.at);
  };
  for (let at = first(); at === undefined; at = first()) {
    if (performance.now() - began > GIVE_UP_MS) throw new Error(`nobody took over within ${GIVE_UP_MS / 1000} s of a ${signal}`);
    if (cells.length < MOST_CHANGES[signal]) {
      const cell = new Cell(lane);
      cells.push(cell);
      await cell.create();
    }
    await sleep(EVERY_MS / 10);
  }
  const ms = (first() ?? Number.NaN) - began;
  say(`  ${run}: ${signal}, first effect of the successor after ${ms.toFixed(0)} ms`);
  lane.watch(undefined);
  await old.operator.exited;
  for (const cell of cells) await cell.delete();
  return ms;
}

const anyOf = (cells: readonly Cell[]): ConstructorParameters<typeof Effects>[0] => ({
  concernsPath: (path) => cells.some((cell) => cell.concernsPath(path)),
  concernsCall: () => false,
});

function outcome(taken: ReadonlyMap<Signal, readonly number[]>, { runs }: Orders): Outcome {
  const rows = [...taken].map(([signal, list]) => {
    const sorted = [...list].sort((a, b) => a - b);
    const seconds = (ms: number | undefined): string => `${((ms ?? Number.NaN) / 1000).toFixed(2)} s`;
    return [signal, String(list.length), seconds(sorted[Math.ceil(sorted.length / 2) - 1]), seconds(sorted.at(-1)), PROMISED[signal]];
  });
  return {
    cells: runs * SIGNALS.length,
    violations: 0,
    text: aligned([['take-over', 'runs', 'p50', 'max', 'promised'], ...rows]).join('\n'),
  };
}
