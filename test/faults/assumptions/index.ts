/**
 * The assumption sweep: from which lag on a duplicate, a loss, or a send that was cancelled appears, and what the object then says. What
 * goes wrong within what is assumed is a violation; beyond it, it is what the table is for.
 */
import type { Campaign, Planned, Report } from '../campaign.ts';
import { aligned } from '../report.ts';
import type { Run } from '../run-cell.ts';
import type { Workload } from '../workloads.ts';
import { ASSUMPTIONS } from './situations.ts';
import { type Finding, type Step, sweepStep } from './sweep.ts';

const JUST_BEFORE: Workload = { name: 'just before the send', sends: 1, near: true, act: () => Promise.resolve(), rests: () => true };

export const assumptions: Campaign = {
  name: 'assumptions',
  workloads: [],
  plan: () => steps().map(planned),
};

function steps(): readonly Step[] {
  return ASSUMPTIONS.flatMap((assumption) =>
    assumption.situations.flatMap((situation) => assumption.steps.map((ms) => ({ assumption, situation, ms }))),
  );
}

const nameOf = ({ situation, ms }: Step): string => `${situation.name}; ${ms / 1000} s`;

function planned(step: Step): Planned {
  return {
    row: step.assumption.name,
    name: nameOf(step),
    run: async (lane): Promise<Run> => {
      const began = performance.now();
      const finding = await sweepStep(lane, step);
      const { fans, share, says } = finding;
      const broken = fans !== 'right' && step.ms <= step.assumption.holdsUpTo ? [`${fans}: ${share}; it says ${says}`] : [];
      const violations = [...broken, ...lane.ears.take()];
      return {
        ...{ workload: JUST_BEFORE, effects: [], violations, unforgivable: false, reached: true, history: '', finding },
        seconds: (performance.now() - began) / 1000,
      };
    },
  };
}

/** For each situation: up to where all is right, and what comes after. */
export function sweepTable({ results }: Report): string {
  const found = new Map(results.map(({ planned: { row, name }, run }) => [`${row} ${name}`, run.finding]));
  const rows = ASSUMPTIONS.flatMap((assumption) => [
    [`${assumption.name}`, '', '', ''],
    ...assumption.situations.map((situation) => {
      const list = assumption.steps
        .map((ms) => ({ ms, finding: found.get(`${assumption.name} ${nameOf({ assumption, situation, ms })}`) }))
        .filter((each): each is { ms: number; finding: Finding } => each.finding !== undefined);
      return rowOf(situation.name, list);
    }),
  ]);
  return aligned([['', 'right up to', 'then', 'and it says'], ...rows]).join('\n');
}

function rowOf(name: string, list: readonly { ms: number; finding: Finding }[]): string[] {
  const wrong = list.find(({ finding }) => finding.fans !== 'right');
  const right = list.findLast(({ ms, finding }) => finding.fans === 'right' && (wrong === undefined || ms < wrong.ms));
  const worst = list.findLast(({ finding }) => finding.fans !== 'right');
  const upTo = right === undefined ? '-' : `${right.ms / 1000} s`;
  if (wrong === undefined || worst === undefined) return [`  ${name}`, upTo, '-', right?.finding.says ?? ''];
  const then = `${wrong.ms / 1000} s: ${wrong.finding.fans}, ${wrong.finding.share}; ${worst.ms / 1000} s: ${worst.finding.fans}, ${worst.finding.share}`;
  return [`  ${name}`, upTo, then, worst.finding.says];
}
