/** One cell from its first object to its verdict. */
import { NotInTime } from '../../sandbox/process/until.ts';
import type { Finding } from './assumptions/sweep.ts';
import { Cell, dealtWith, type Seen } from './cell.ts';
import { type Effect, Effects, type Strike, story } from './effects.ts';
import { differences, type EndState, endState, told } from './end-state.ts';
import type { Lane } from './lane.ts';
import { hasTimeForQuiet, quietTime } from './quiet.ts';
import { isBlocked, isMarkedSent, type Workload } from './workloads.ts';

/** What is done to a cell; told of it before the part that counts begins. */
export interface Perturbation {
  readonly strike?: (cell: Cell) => Strike;
  /** Anything else, such as a rule of Braze's fault plan. */
  readonly begin?: (cell: Cell) => Begun;
  /** Whether it may leave, or must leave, what only a person can resolve: in an unfenced workspace alone. */
  readonly blocks?: 'may' | 'must';
}

export interface Begun {
  reached(): boolean;
  /** The object rests, and its send is still ahead. */
  atRest(): Promise<void>;
  end(): void;
}

export interface Run {
  readonly workload: Workload;
  readonly effects: readonly Effect[];
  readonly end?: EndState;
  /** Of a campaign that measures. */
  readonly finding?: Finding;
  readonly violations: readonly string[];
  /** Among them one that nothing excuses, not even an operator that ended beside the plan: told twice, a crash, a secret. */
  readonly unforgivable: boolean;
  /** What was disturbed was reached. */
  readonly reached: boolean;
  /** For people, when something was violated. */
  readonly history: string;
  readonly seconds: number;
}

export async function runCell(
  lane: Lane,
  workload: Workload,
  { perturbation, undisturbed }: { readonly perturbation?: Perturbation; readonly undisturbed?: EndState } = {},
): Promise<Run> {
  const began = performance.now();
  await lane.pair();
  const cell = new Cell(lane, workload);
  const effects = new Effects(cell, () => cell.now.toString({ smallestUnit: 'millisecond' }).slice(11));
  const begun: Begun[] = [];
  const life: Life = { workload, effects, perturbation, undisturbed, begun, blocked: false };
  const failures = await live(cell, life);
  await lane.stack.braze.settled();
  const end = endState(cell);
  const heard = lane.ears.take();
  const unforgivable = heard.length > 0 || toldTooOften(cell, workload).length > 0;
  const judged = perturbation?.blocks === undefined ? judge(cell, { workload, end, undisturbed }) : judgeBlocking(cell, life, end);
  const ledger = (await lane.ledger?.judge(cell.name)) ?? [];
  const violations = [...failures, ...judged, ...heard, ...ledger];
  const history = violations.length === 0 ? '' : historyOf(cell, effects);
  await tidy(cell);
  const reached = begun.some((each) => each.reached()) || effects.list.some(({ struck }) => struck !== undefined);
  return { workload, effects: effects.list, end, violations, unforgivable, reached, history, seconds: (performance.now() - began) / 1000 };
}

interface Life {
  readonly workload: Workload;
  readonly effects: Effects;
  readonly perturbation: Perturbation | undefined;
  readonly undisturbed: EndState | undefined;
  readonly begun: Begun[];
  /** It waited for a person before its send. */
  blocked: boolean;
}

/** What did not come about in time, or came about in quiet time. */
async function live(cell: Cell, life: Life): Promise<readonly string[]> {
  const { workload, effects, perturbation, undisturbed, begun } = life;
  const { lane } = cell;
  const rests = (object: Seen): boolean =>
    workload.rests(object) || (cell.isNear && isBeyondHelp(object)) || (perturbation?.blocks !== undefined && isBlocked(object));
  try {
    await workload.before?.(cell);
    lane.watch(effects);
    effects.count(perturbation?.strike?.(cell));
    begun.push(...(perturbation?.begin === undefined ? [] : [perturbation.begin(cell)]));
    await workload.act(cell);
    cell.isNear = workload.near === true;
    await cell.until(`at rest after ${workload.name}`, rests);
    for (const each of begun) await each.atRest();
    await cell.until('at rest all the same', rests);
    life.blocked = isBlocked(cell.seen);
    const [first, ...later] = timesOf(cell);
    const restless = hasTimeForQuiet(cell, first) ? await quietTime(cell, effects, 'at rest before its send') : [];
    for (const at of [first, ...later]) await cell.passSend(at);
    cell.isNear = false;
    const isOver = (): boolean =>
      life.blocked
        ? isBlocked(cell.seen) || dealtWith('Sent')(cell.seen)
        : undisturbed === undefined || workload.near
          ? ended(cell, workload)
          : isAs(cell, undisturbed);
    await cell.until('as it should end', isOver, { beyond: true });
    const unquiet = await quietTime(cell, effects, 'in the end');
    await cell.disturbanceOver();
    return [...restless, ...unquiet];
  } catch (error) {
    if (error instanceof NotInTime) return [error.message];
    throw error;
  } finally {
    lane.watch(undefined);
    for (const each of begun) each.end();
  }
}

const isAs = (cell: Cell, undisturbed: EndState): boolean => differences(endState(cell), undisturbed).length === 0;
/** Locked, sent or missed: what was wanted near the send came too late. */
const isBeyondHelp = (object: Seen): boolean =>
  object?.status?.occasion?.locked === true || object?.status?.lastSent !== undefined || object?.status?.phase === 'Missed';

/** When it may be sent: an update in doubt leaves two times, and the object is at its end after the later one (design §4). */
function timesOf(cell: Cell): readonly [Temporal.Instant, ...Temporal.Instant[]] {
  const { schedule, operation } = cell.seen?.status ?? {};
  if (schedule === undefined) return [cell.sendAt];
  const first = Temporal.Instant.from(schedule.firesAt);
  if (operation?.kind !== 'Update') return [first];
  const second = Temporal.Instant.from(operation.firesAt);
  return Temporal.Instant.compare(first, second) < 0 ? [first, second] : [second, first];
}

/** At an end: sent and marked, or resting without a send. */
function ended(cell: Cell, workload: Workload): boolean {
  const object = cell.seen;
  if (workload.sends > 0 || workload.near === true) return isMarkedSent(object) || isOver(cell) || workload.rests(object);
  return workload.rests(object);
}

/** It can't be sent any more, and says so. */
function isOver(cell: Cell): boolean {
  const { status } = cell.seen ?? {};
  return status?.phase === 'Missed';
}

function toldTooOften(cell: Cell, workload: Workload): readonly string[] {
  const allowed = Math.max(1, workload.sends);
  const often = Object.entries(told(cell)).filter(([, at]) => at.length > allowed);
  return often.map(([user, at]) => `${user} was told ${at.length} times`);
}

function judge(
  cell: Cell,
  { workload, end, undisturbed }: { workload: Workload; end: EndState; undisturbed: EndState | undefined },
): readonly string[] {
  const twice = toldTooOften(cell, workload);
  const anybody = Object.keys(end.told).length > 0;
  if (undisturbed === undefined) return [...twice, ...(anybody === workload.sends > 0 ? [] : ['undisturbed, its sends are wrong'])];
  if (!workload.near) return [...twice, ...differences(end, undisturbed)];
  return [...twice, ...nearJudged(end, workload)];
}

/** Where only a person can tell: nobody is told twice, and the object waits for that person before its send. */
function judgeBlocking(cell: Cell, { workload, perturbation, undisturbed, blocked }: Life, end: EndState): readonly string[] {
  if (!blocked && perturbation?.blocks === 'must') return ['it went on although nobody can know what became of the call'];
  return blocked ? toldTooOften(cell, workload) : judge(cell, { workload, end, undisturbed });
}

/** Near the send: whoever was told, the object says so; whoever was not, it says that too. */
function nearJudged(end: EndState, workload: Workload): readonly string[] {
  const delivered = Object.keys(end.told).length > 0;
  const saysSent = end.phase === 'Sent';
  const wrong: string[] = [];
  if (delivered && !saysSent) wrong.push(`fans were told, and the object says ${end.phase}`);
  if (!delivered && saysSent && end.lastSent?.startsWith('Sent')) wrong.push('nobody was told, and the object says Sent');
  if (!delivered && workload.sends > 0 && !saysSent && end.phase !== 'Missed')
    wrong.push(`nobody was told, and the object says ${end.phase}`);
  if (end.leftovers.length > 0) wrong.push(`left over: ${end.leftovers.join(', ')}`);
  return wrong;
}

function historyOf(cell: Cell, effects: Effects): string {
  const { braze } = cell.lane.stack;
  const since = cell.base.subtract({ minutes: 2 }).epochMilliseconds;
  const calls = braze.log.where({ notification: cell.item, sinceMs: since });
  return [
    story(effects.list),
    `object: ${JSON.stringify({ spec: cell.seen?.spec, status: cell.seen?.status }, undefined, 1)}`,
    `item: ${JSON.stringify(braze.item(cell.catalog, cell.item))}`,
    `schedules: ${JSON.stringify(braze.schedules().filter(({ notification }) => notification === cell.item))}`,
    `deliveries: ${JSON.stringify(told(cell))}`,
    `calls: ${calls.map(({ endpoint, sentStatus, result }) => `${endpoint} ${sentStatus ?? result}`).join(', ')}`,
    ...cell.lane.members.map(({ operator }) => `the last words of ${operator.name}:\n${operator.output.tail(15)}`),
  ].join('\n');
}

/** The next cell begins without it. */
async function tidy(cell: Cell): Promise<void> {
  if (cell.seen === undefined) return;
  cell.lane.ears.read(`object ${cell.name}`, JSON.stringify(cell.seen));
  await cell.delete();
}
