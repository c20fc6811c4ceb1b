/**
 * Every campaign, in the order in which they run. When `MINUTES` bounds all of them, each gets its part of what is left by its share, and what
 * it does not use goes to those after it: the last are the first to come too short.
 */
import type { ControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import type { Postgres } from '../../sandbox/postgres/postgres.ts';
import { ambiguity, ambiguityUnfenced } from './ambiguity.ts';
import { assumptions, sweepTable } from './assumptions/index.ts';
import { type Campaign, type Report, runCampaign } from './campaign.ts';
import { crashPoints } from './crash-points.ts';
import { exhaustive } from './exhaustive/index.ts';
import { ledger } from './ledger.ts';
import { plantedBugs } from './planted/index.ts';
import { table, violationsOf } from './report.ts';
import { simulation } from './simulation/entry.ts';
import { staleViews } from './stale-views.ts';
import { takeOver } from './take-over.ts';
import { transitions } from './transitions/index.ts';
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
  /** A bundle of sandbox/operator.ts. */
  readonly operatorProgram: string;
  /** Where operators keep what they compiled. */
  readonly compileCache: string;
  /** Started when the first campaign that keeps a ledger asks. */
  readonly database: () => Promise<Postgres>;
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

interface Size extends Pick<Entry, 'ci' | 'share' | 'apart'> {
  /** What else there is to say of it. */
  readonly tell?: (report: Report) => string;
}

function onLanes(campaign: Campaign, { tell, ...size }: Size): Entry {
  return {
    name: campaign.name,
    ...size,
    run: async (orders, ground) => {
      const { database, ...site } = await ground();
      const lane = campaign.keepsLedger === true ? { ...site, postgres: await database() } : site;
      const report = await runCampaign(campaign, { ...orders, lane });
      return {
        cells: report.results.length * report.perCell + report.unjudged,
        violations: violationsOf(report).length + report.unjudged,
        text: [table(report), ...(tell === undefined ? [] : [tell(report)])].join('\n\n'),
      };
    },
  };
}

export const ENTRIES: readonly Entry[] = [
  simulation,
  onLanes(crashPoints, { ci: 120, share: 6 }),
  onLanes(twoLeaders, { ci: 30, share: 3 }),
  onLanes(staleViews, { ci: 40, share: 3 }),
  onLanes(ambiguity, { ci: EVERYTHING, share: 8 }),
  onLanes(ambiguityUnfenced, { ci: EVERYTHING, share: 4 }),
  onLanes(ledger, { ci: 30, share: 2 }),
  onLanes(transitions, { ci: 100, share: 2 }),
  onLanes(assumptions, { ci: EVERYTHING, share: 3, apart: true, tell: sweepTable }),
  takeOver,
  exhaustive,
  plantedBugs,
];
