/**
 * The ledger under fire (design §8, P5): at each statement the leader dies, or its connection does, or the database lets it wait; or the
 * database is away from the first change on, and the leader dies before it is back. In the end the ledger holds exactly what the object's
 * history says, once, and its chains are whole; and fans are told as in an undisturbed run: the ledger is never on the send path.
 */
import type { StatementMoment, StatementVerdict } from '../support/postgres-proxy.ts';
import type { Campaign, Planned } from './campaign.ts';
import type { Cell } from './cell.ts';
import { killLeader } from './crash-points.ts';
import type { LaneLedger } from './lane-ledger.ts';
import { type Begun, type Perturbation, runCell } from './run-cell.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

export const ledger: Campaign = {
  name: 'ledger',
  keepsLedger: true,
  workloads: WORKLOADS,
  plan: (references) =>
    [...references].flatMap(([workload, { effects }]) => {
      const statements = effects.filter(({ to }) => to === 'Postgres').length;
      const numbers = Array.from({ length: statements }, (_, index) => index + 1);
      return [...numbers.flatMap((number) => atStatement(workload, number)), ...withoutDatabase(workload)];
    }),
};

const MOMENT_WORDS = {
  before: 'before it was sent',
  after: 'after it took effect, before the answer',
  answered: 'after the answer',
} as const satisfies Record<StatementMoment, string>;

function atStatement(workload: Workload, number: number): readonly Planned[] {
  const at = (what: string, moment: StatementMoment, act: StatementAct): Planned =>
    planned(workload, `${what} at statement ${number} ${MOMENT_WORDS[moment]}`, ({ cell, ledger: kept }) =>
      struck(kept, { number, moment, act: () => act(cell) }),
    );
  return [
    at('the leader dies', 'before', dies),
    at('the leader dies', 'after', dies),
    at('the leader dies', 'answered', dies),
    at('the connection breaks', 'before', breaks),
    at('the connection breaks', 'after', breaks),
    planned(workload, `statement ${number} waits until the object is at rest`, ({ ledger: kept }) => waiting(kept, number)),
  ];
}

function withoutDatabase(workload: Workload): readonly Planned[] {
  const lives = planned(workload, 'no database until the object is at rest', ({ ledger: kept }) => away(kept, () => Promise.resolve()));
  // What an object that is gone still had to be written is in its leader's memory alone, after `--ledger-grace` (design §6).
  if (workload.name === 'delete') return [lives];
  const dead = planned(workload, 'no database, and the leader dies when the object is at rest', ({ cell, ledger: kept }) =>
    away(kept, () => killLeader(cell)),
  );
  return [lives, dead];
}

interface Site {
  readonly cell: Cell;
  readonly ledger: LaneLedger;
}

function planned(workload: Workload, name: string, begin: (site: Site) => Begun): Planned {
  return {
    row: workload.name,
    name,
    run: (lane, references) => {
      const kept = lane.ledger;
      if (kept === undefined) throw new Error(`lane ${lane.number} keeps no ledger`);
      const undisturbed = references.get(workload)?.end;
      const perturbation: Perturbation = { begin: (cell) => begin({ cell, ledger: kept }) };
      return runCell(lane, workload, { perturbation, ...(undisturbed === undefined ? {} : { undisturbed }) });
    },
  };
}

type StatementAct = (cell: Cell) => Promise<StatementVerdict>;

const dies: StatementAct = async (cell) => {
  await killLeader(cell);
  return 'cut';
};
const breaks: StatementAct = () => Promise.resolve('cut');

interface Strike {
  /** From 1. */
  readonly number: number;
  readonly moment: StatementMoment;
  readonly act: () => Promise<StatementVerdict>;
}

function struck({ proxy }: LaneLedger, { number, moment: wanted, act }: Strike): Begun {
  let begun = 0;
  let reached = false;
  proxy.judge((moment) => {
    if (moment === 'before') begun += 1;
    if (reached || begun !== number || moment !== wanted) return 'pass';
    reached = true;
    return act();
  });
  return { reached: () => reached, atRest: async () => {}, end: () => proxy.judge(undefined) };
}

function waiting({ proxy }: LaneLedger, number: number): Begun {
  const rested = Promise.withResolvers<void>();
  let begun = 0;
  proxy.judge(async (moment): Promise<StatementVerdict> => {
    if (moment === 'before') begun += 1;
    if (moment === 'before' && begun === number) await rested.promise;
    return 'pass';
  });
  const end = (): void => {
    rested.resolve();
    proxy.judge(undefined);
  };
  return { reached: () => begun >= number, atRest: async () => rested.resolve(), end };
}

function away({ proxy }: LaneLedger, atRest: () => Promise<void>): Begun {
  proxy.setAway(true);
  const back = (): void => proxy.setAway(false);
  return { reached: () => true, atRest: () => atRest().finally(back), end: back };
}
