/**
 * Answers that do not say what happened: each way in which a call can go wrong, whether or not it took effect, for each kind of call, while
 * the leader lives, is killed, or is paused past its lease and wakes up when another has finished its work. Without any human step the object
 * must end as if nothing had been.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint, Fault, FaultAction } from '../../sandbox/braze/index.ts';
import { type Campaign, type Planned, workload } from './campaign.ts';
import type { Cell } from './cell.ts';
import type { Member } from './lane.ts';
import { type Begun, runCell } from './run-cell.ts';

interface Target {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly workload: string;
  /** In an unfenced workspace: a lost answer of it can't be made good by asking again. */
  readonly unknowable?: boolean;
}

const TARGETS: readonly Target[] = [
  { name: 'create', endpoint: 'campaign-create', workload: 'create' },
  { name: 'delete', endpoint: 'campaign-delete', workload: 'move' },
  { name: 'PUT that opens', endpoint: 'item-put', workload: 'create' },
  { name: 'PUT that closes', endpoint: 'item-put', workload: 'move' },
  { name: 'asynchronous PUT that opens', endpoint: 'items-put', workload: 'create, asynchronous' },
  { name: 'asynchronous PUT that closes', endpoint: 'items-put', workload: 'move, asynchronous' },
];

const UNFENCED_TARGETS: readonly Target[] = [
  { name: 'create', endpoint: 'campaign-create', workload: 'create, unfenced', unknowable: true },
  { name: 'update', endpoint: 'campaign-update', workload: 'move, unfenced', unknowable: true },
  { name: 'delete', endpoint: 'campaign-delete', workload: 'rename, unfenced' },
];

const ANSWERS: Readonly<Record<string, FaultAction>> = {
  'time-out, not committed': { kind: 'timeout-before' },
  'time-out, committed': { kind: 'timeout-after' },
  'reset, not committed': { kind: 'drop-before' },
  'reset, committed': { kind: 'drop-after' },
  'reset inside the answer, committed': { kind: 'reset-mid-body' },
  '502, not committed': { kind: 'error-before' },
  '502, committed': { kind: 'error-after' },
  'garbled 200, not committed': { kind: 'garbled', commit: false },
  'garbled 200, committed': { kind: 'garbled', commit: true },
  'late, committed late': { kind: 'hold', when: 'before' },
  'late answer, committed': { kind: 'hold', when: 'after' },
  '429': { kind: 'rate-limited' },
  '400, once': { kind: 'refuse', status: 400, body: { message: 'Bad Request' } },
};

/** These are read, and say what happened. */
const READ_ANSWERS: Readonly<Record<string, FaultAction>> = {
  'another id, the old one stays': { kind: 'new-id-on-update', keepOld: true },
  'another id instead of the old one': { kind: 'new-id-on-update', keepOld: false },
};
const TELLING: readonly string[] = ['429', '400, once', ...Object.keys(READ_ANSWERS)];

const LEADERS = ['lives', 'killed', 'paused'] as const;
type Leader = (typeof LEADERS)[number];

/** Longer than the time-out of a call, which is a second. */
const LATE_MS = 2_500;
/** Enough to hear the answer, and maybe to begin what follows from it. */
const KILLED_AFTER_MS = 150;
const WAKES_WITHIN_MS = 20_000;

/** One take-over (crash-points.ts), and for a leader that lives on or wakes up: failures shown, announced again, refused as too old (8). */
const EXTRA_WRITES = 20;

export const ambiguity: Campaign = {
  name: 'ambiguity',
  extraWrites: EXTRA_WRITES,
  workloads: [...new Set(TARGETS.map((target) => workload(target.workload)))],
  plan: () =>
    TARGETS.flatMap((target) => Object.keys(ANSWERS).flatMap((answer) => LEADERS.map((leader) => plannedCell(target, answer, leader)))),
};

/** The same without a fence: what nobody can know must stop for a person, and everything else must not. */
export const ambiguityUnfenced: Campaign = {
  name: 'ambiguity-unfenced',
  extraWrites: EXTRA_WRITES,
  workloads: UNFENCED_TARGETS.map((target) => workload(target.workload)),
  plan: () =>
    UNFENCED_TARGETS.flatMap((target) => {
      const answers = target.endpoint === 'campaign-update' ? { ...ANSWERS, ...READ_ANSWERS } : ANSWERS;
      return Object.keys(answers).flatMap((answer) => LEADERS.map((leader) => plannedCell(target, answer, leader)));
    }),
};

/** A leader that is killed or paused may have written down what it was told, or not. */
function blocks(target: Target, answer: string, leader: Leader): 'may' | 'must' | undefined {
  if (target.unknowable !== true) return undefined;
  if (TELLING.includes(answer)) return leader === 'lives' ? undefined : 'may';
  return leader === 'lives' ? 'must' : 'may';
}

function plannedCell(target: Target, answer: string, leader: Leader): Planned {
  const lived = workload(target.workload);
  const blocking = blocks(target, answer, leader);
  return {
    row: `${target.name}${lived.unfenced === true ? ', unfenced' : ''}; leader ${leader}`,
    name: answer,
    run: (lane, references) => {
      const undisturbed = references.get(lived)?.end;
      const begin = (cell: Cell): Begun =>
        confuse(cell, { endpoint: target.endpoint, action: ANSWERS[answer] ?? READ_ANSWERS[answer] ?? { kind: 'drop-before' }, leader });
      const perturbation = { begin, ...(blocking === undefined ? {} : { blocks: blocking }) };
      return runCell(lane, lived, { perturbation, ...(undisturbed === undefined ? {} : { undisturbed }) });
    },
  };
}

interface Confusion {
  readonly endpoint: Endpoint;
  readonly action: FaultAction;
  readonly leader: Leader;
}

function confuse(cell: Cell, { endpoint, action, leader }: Confusion): Begun {
  const fault = cell.lane.stack.braze.fault({ match: { endpoint, notification: cell.item }, action });
  let paused: Member | undefined;
  const strike = async (): Promise<void> => {
    await fault.struck();
    if (leader === 'paused') paused = cell.lane.leader;
    if (leader === 'lives') await livesOn(cell, fault);
    else await cell.disturb(() => (paused === undefined ? isKilled(cell) : cell.lane.pause(paused)));
  };
  const struck = strike();
  // Its failure is the cell's, heard by who walks next.
  struck.catch(() => {});
  return {
    reached: () => fault.hits.length > 0,
    // A call of the dead or the sleeping takes effect, or is answered, when all is done without it.
    atRest: async () => {
      if (fault.hits.length > 0) await struck;
      fault.release();
      if (paused !== undefined) await wake(cell, paused);
    },
    end: () => fault.remove(),
  };
}

async function livesOn(cell: Cell, fault: Fault): Promise<void> {
  if (fault.rule.action.kind !== 'hold') return;
  await cell.disturb(async () => {
    await sleep(LATE_MS);
    fault.release();
  });
}

async function isKilled(cell: Cell): Promise<void> {
  await sleep(KILLED_AFTER_MS);
  await cell.lane.kill(cell.lane.leader);
  await cell.lane.leading();
}

/** It has lost its lease: whatever it has in hand, it changes nothing and ends with 1. */
async function wake(cell: Cell, { operator }: Member): Promise<void> {
  operator.kill('SIGCONT');
  const exit = await Promise.race([operator.exited, sleep(WAKES_WITHIN_MS, undefined)]);
  if (exit?.code !== 1) cell.lane.ears.blame(`the paused leader woke up and ended with ${JSON.stringify(exit)}, not with 1`);
  if (exit === undefined) await operator.stop({ graceMs: 0 });
}
