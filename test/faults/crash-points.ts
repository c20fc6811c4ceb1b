/**
 * SIGKILL at each effect of each workload, at each of three moments. A second operator stands by and takes over; a third is started in its
 * place.
 */
import type { Campaign, Planned } from './campaign.ts';
import type { Cell } from './cell.ts';
import { type Effect, MOMENT_WORDS, MOMENTS, type Moment, type Strike } from './effects.ts';
import { runCell } from './run-cell.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

/**
 * One take-over: the operation dropped (1), made again (intent, record, confirmation: 3), what was left swept (2), the item announced and
 * confirmed once more (2), what is shown meanwhile (2), a conflict of the successor's older view (2).
 */
const EXTRA_WRITES = 12;

export const crashPoints: Campaign = {
  name: 'crash-points',
  extraWrites: EXTRA_WRITES,
  workloads: WORKLOADS,
  plan: (references) =>
    [...references].flatMap(([workload, { effects }]) =>
      effects.flatMap((effect) => MOMENTS.map((moment) => plannedCell(workload, effect, moment))),
    ),
};

function plannedCell(workload: Workload, effect: Effect, moment: Moment): Planned {
  return {
    row: workload.name,
    name: `killed at effect ${effect.number} (${effect.what}) ${MOMENT_WORDS[moment]}`,
    run: (lane, references) => {
      const undisturbed = references.get(workload)?.end;
      const strike = (cell: Cell): Strike => ({ number: effect.number, moment, act: () => killLeader(cell) });
      return runCell(lane, workload, { perturbation: { strike }, ...(undisturbed === undefined ? {} : { undisturbed }) });
    },
  };
}

/** Resolves when the leader is dead; the cell waits until the other leads. */
export async function killLeader(cell: Cell): Promise<void> {
  const { lane } = cell;
  const dead = lane.kill(lane.leader);
  void cell.disturb(async () => {
    await dead;
    await lane.leading();
  });
  await dead;
}
