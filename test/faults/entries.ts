/**
 * Every campaign, in the order in which they run. When `MINUTES` bounds all of them, each gets its part of what is left by its share, and what
 * it does not use goes to those after it: the last are the first to come too short.
 */
import type { ControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { ambiguity, ambiguityUnfenced } from './ambiguity.ts';
import { type Campaign, runCampaign } from './campaign.ts';
import { crashPoints } from './crash-points.ts';
import { table, violationsOf } from './report.ts';
import { staleViews } from './stale-views.ts';
import { twoLeaders } from './two-leaders.ts';

export const EVERYTHING = Number.POSITIVE_INFINITY;

/** What a run was told. */
export interface Orders {
  readonly runs: number;
  readonly seed: number;
  readonly lanes: number;
  readonly minutes: number;
  /** Only cells whose name contains it. */
  readonly only: string;
  readonly say: (line: string) => void;
}

/** What campaigns of real processes stand on; started when the first of them asks. */
export interface Ground {
  readonly plane: ControlPlane;
  /** Where operators keep their compiled sources. */
  readonly compileCache: string;
}

export interface Outcome {
  readonly cells: number;
  readonly violations: number;
  /** For people: a table. */
  readonly text: string;
}

export interface Entry {
  readonly name: string;
  /** Cells when `RUNS` is absent. */
  readonly ci: number;
  /** Of the time, beside those of the others. */
  readonly share: number;
  /** Only on demand: it measures rather than judges. */
  readonly apart?: boolean;
  run(orders: Orders, ground: () => Promise<Ground>): Promise<Outcome>;
}

function onLanes(campaign: Campaign, size: Pick<Entry, 'ci' | 'share' | 'apart'>): Entry {
  return {
    name: campaign.name,
    ...size,
    run: async (orders, ground) => {
      const report = await runCampaign(campaign, { ...orders, lane: await ground() });
      return { cells: report.results.length, violations: violationsOf(report).length, text: table(report) };
    },
  };
}

export const ENTRIES: readonly Entry[] = [
  onLanes(crashPoints, { ci: 120, share: 6 }),
  onLanes(twoLeaders, { ci: 30, share: 3 }),
  onLanes(staleViews, { ci: 40, share: 3 }),
  onLanes(ambiguity, { ci: EVERYTHING, share: 8 }),
  onLanes(ambiguityUnfenced, { ci: EVERYTHING, share: 4 }),
];
