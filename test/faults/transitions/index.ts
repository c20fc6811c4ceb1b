/** The campaign of changes: chains of ten, from any state to any other, with trouble on the way. */
import type { Campaign, Planned } from '../campaign.ts';
import type { Run } from '../run-cell.ts';
import { randomFrom, shuffled } from '../sampling.ts';
import type { Workload } from '../workloads.ts';
import { Chain, linksOf } from './chain.ts';
import { fieldsOfSpec } from './mutations.ts';
import { TROUBLES } from './troubles.ts';

const LENGTH = 10;
/** Each begins with another field; chains beyond these are drawn with another SEED. */
const CHAINS = 400;
const CHANGES: Workload = { name: 'changes', sends: 1, act: () => Promise.resolve(), rests: () => true };

export const transitions: Campaign = {
  name: 'transitions',
  workloads: [],
  perCell: LENGTH,
  plan: (_references, seed) => {
    const fields = shuffled(fieldsOfSpec(), randomFrom(seed));
    return Array.from({ length: CHAINS }, (_, number): Planned => {
      const links = linksOf(number, { fields, troubles: TROUBLES, length: LENGTH });
      return {
        row: 'chains of ten changes',
        name: `chain ${number} (${links.map(({ field }) => field.path.replace('spec.', '')).join(', ')})`,
        run: async (lane): Promise<Run> => {
          const began = performance.now();
          await lane.pair();
          const chain = new Chain(lane, seed * 100_003 + number);
          const { violations, effects, subject, steps } = await chain.walk(links);
          const history = violations.length === 0 ? '' : chain.history;
          if (subject.seen !== undefined) await subject.delete();
          const seconds = (performance.now() - began) / 1000;
          const unforgivable = violations.some((violation) => violation.includes(' was told '));
          return {
            workload: CHANGES,
            effects: effects.list,
            violations,
            unforgivable,
            reached: steps.length >= LENGTH,
            history,
            seconds,
          };
        },
      };
    });
  },
};
