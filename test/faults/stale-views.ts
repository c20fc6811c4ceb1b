/**
 * Stale and missed views: what an operator knows of an object lags behind the API server, loses a state, or comes twice, at each line of its
 * watch about the object; or one that knows an old state takes the work over. What is decided from it must not take effect, and when the view
 * is right again the object ends as in an undisturbed run.
 */
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import type { Campaign, Planned } from './campaign.ts';
import type { Cell } from './cell.ts';
import type { Lane } from './lane.ts';
import { DEATHS, type Hears, laggingSuccessor, pastNewcomer } from './old-successors.ts';
import {
  again,
  coalesced,
  cutAt,
  endMarkLost,
  expiredInStream,
  held,
  heldUntilNextWrite,
  lateState,
  lost,
  pastState,
  twice,
  type View,
  withoutBookmarks,
} from './old-views.ts';
import { type Begun, type Run, runCell } from './run-cell.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

export const staleViews: Campaign = {
  name: 'stale-views',
  workloads: WORKLOADS,
  plan: (references) => [...references].flatMap(([lived, run]) => linesOf(run).flatMap((line) => atLine(lived, line))),
};

interface Blindness {
  readonly row: string;
  readonly name: string;
  readonly whose: 'leader' | 'standby';
  /** `past`: a version of the API server's from before the part that is disturbed. */
  readonly view: (past: (cell: Cell) => string) => View;
  /** Only at the first line: it takes half a minute. */
  readonly slow?: boolean;
}

const LASTING_MS = [400, 2_500];
const HEARS: Readonly<Record<Hears, string>> = {
  each: 'hears each state late',
  'only the last': 'hears the last state late',
  nothing: 'hears nothing, and takes the state anew',
};

const BLINDNESSES: readonly Blindness[] = [
  ...LASTING_MS.flatMap((ms) => [
    ofLeader('held', `for ${ms / 1000} s`, () => held('each', ms)),
    ofLeader('held', `for ${ms / 1000} s, then only the last state`, () => held('only the last', ms)),
    ofLeader('dropped', `with all of the object, until the version is gone after ${ms / 1000} s`, () => lost(ms)),
  ]),
  ofLeader('held', 'until after the next write', () => heldUntilNextWrite),
  ofLeader('dropped', 'the next one tells', () => coalesced),
  ofLeader('dropped', 'no bookmark told, and the version is gone', () => withoutBookmarks),
  ofLeader('cut', 'before it, by a reset', () => cutAt('before', 'reset')),
  ofLeader('cut', 'before it, by an end', () => cutAt('before', 'end')),
  ofLeader('cut', 'after it', () => cutAt('after', 'end')),
  ofLeader('cut', 'inside it', () => cutAt('inside', 'end')),
  ofLeader('cut', '410 in its place', () => expiredInStream),
  ofLeader('again', 'twice in a row', () => twice),
  ofLeader('again', 'after the next one', () => again),
  ofLeader('list', 'from the past', pastState),
  ofLeader('list', 'late', () => lateState),
  { ...ofLeader('list', 'without its end mark', () => endMarkLost), slow: true },
  ...(['each', 'only the last', 'nothing'] as const).flatMap((hears) =>
    DEATHS.map((dies) => ofStandby(`successor lags; leader dies ${dies}`, HEARS[hears], () => laggingSuccessor(hears, dies))),
  ),
  ofLeader('newcomer', 'starts from the past, when all others died', pastNewcomer),
];

function ofStandby(row: string, name: string, view: Blindness['view']): Blindness {
  return { row, name, whose: 'standby', view };
}

function ofLeader(row: string, name: string, view: Blindness['view']): Blindness {
  return { row, name, whose: 'leader', view };
}

/** What the workload does is one, each write of an operator another. */
function linesOf({ effects }: Run): readonly number[] {
  const writes = effects.filter(({ to }) => to === 'API server').length;
  return Array.from({ length: writes + 1 }, (_, index) => index + 1);
}

function atLine(lived: Workload, line: number): readonly Planned[] {
  return BLINDNESSES.filter(({ slow = false }) => !slow || line === 1).map((blindness) => planned(lived, line, blindness));
}

function planned(lived: Workload, line: number, { row, name, whose, view }: Blindness): Planned {
  return {
    row,
    name: `${lived.name}: ${name}, from line ${line}`,
    run: async (lane, references) => {
      const undisturbed = references.get(lived)?.end;
      const before = await versionNow(lane);
      const look = view((cell) => cell.seen?.metadata.resourceVersion ?? before);
      const begin = (cell: Cell): Begun => {
        const member = lane.members.find((each) => (each === lane.leader) === (whose === 'leader'));
        if (member === undefined) throw new Error(`lane ${lane.number} has no ${whose}`);
        return look({ cell, member, line });
      };
      return await runCell(lane, lived, { perturbation: { begin }, ...(undisturbed === undefined ? {} : { undisturbed }) });
    },
  };
}

async function versionNow({ stack }: Lane): Promise<string> {
  const { metadata } = await stack.connection.list(MATCH_NOTIFICATIONS, { namespace: stack.namespace, limit: 1 });
  return metadata.resourceVersion;
}
