/**
 * What the tests of many fixtures at once share: a sandbox of their own, a clock that goes from minute to minute, and Braze's log read by
 * the minute.
 *
 * How fast the clock may run. Braze's budgets are windows of the clock, so what takes real time (a status write or a call: 5–20 ms, many
 * times that on busy cores; gathering read-backs: up to a second) must be short against a minute, or a call is counted in another window
 * than the operator counted it in. So the clock runs at 10 virtual seconds a real one while something happens, and is set to the next
 * minute only when this minute's creates are spent and nothing else is under way: no call is ever jumped over or pushed to an edge.
 * Nothing is asserted of real time.
 */
import { until } from '../../sandbox/process/until.ts';
import { isReady, type Stack, type StackOptions } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { stage } from './support.ts';

/** Hundreds of writes at once wait longer than a call may. */
const REMOVED_AT_ONCE = 50;
const RATE = 10;
const LOOK_EVERY_MS = 25;
/** Braze's for one audience (contracts 1.9). */
const CREATES_A_MINUTE = 10;
export const MINUTE_MS = 60_000;

/** One fan for each campaign: what is counted here is fixtures. */
export const ONE_FAN = ['fan'] as const;

export async function scaleStage(options: StackOptions = {}): Promise<Stack> {
  return await stage({ ...options, workspace: false });
}

/** All of it at an end, objects first: with kubectl hundreds of finalizers take minutes. */
export async function endScale(stack: Stack): Promise<void> {
  const { operators, notifications, connection, namespace } = stack;
  await Promise.all(operators.map((operator) => operator.stop()));
  const remove = async ({ metadata: { name } }: MatchNotification): Promise<void> => {
    const key = { namespace, name };
    await connection.patch(MATCH_NOTIFICATIONS, key, { type: 'merge', body: { metadata: { finalizers: null } } });
    await connection.delete(MATCH_NOTIFICATIONS, key);
  };
  const objects = notifications.list();
  for (let from = 0; from < objects.length; from += REMOVED_AT_ONCE)
    await Promise.all(objects.slice(from, from + REMOVED_AT_ONCE).map(remove));
  await stack.stop();
}

/** Lets time pass minute by minute until every object fits `atRest`; those that wait for the next minute's budget do not hold it up. */
export async function minuteByMinute(
  stack: Stack,
  {
    atRest,
    what,
    timeoutMs = 240_000,
  }: { readonly atRest: (object: MatchNotification) => boolean; readonly what: string; readonly timeoutMs?: number },
): Promise<void> {
  const { clock, notifications } = stack;
  const isThere = (): boolean => notifications.list().every(atRest);
  const isSpent = (minute: number): boolean =>
    creates(stack).filter(({ atMs }) => minuteOf(atMs) === minute).length >= CREATES_A_MINUTE &&
    notifications.list().every((object) => atRest(object) || isReady(object, 'WaitingForBudget'));
  const look = (): true | undefined => {
    if (isThere()) return true;
    const minute = minuteOf(clock.now().epochMilliseconds);
    if (isSpent(minute)) clock.set(Temporal.Instant.fromEpochMilliseconds((minute + 1) * MINUTE_MS));
    return undefined;
  };
  clock.setRate(RATE);
  try {
    await until(look, { what, timeoutMs, everyMs: LOOK_EVERY_MS });
  } catch (error) {
    throw new Error(`${what}: ${JSON.stringify(countReasons(notifications.list()))}`, { cause: error });
  } finally {
    clock.setRate(1);
  }
}

/** Over a send, at the pace at which nothing is jumped over: from before its margin to after the look at its item. */
export async function walkOver(stack: Stack, sendAt: Temporal.Instant): Promise<void> {
  const { clock } = stack;
  clock.move({ instant: sendAt.subtract({ seconds: 80 }), rate: RATE });
  const end = sendAt.add({ seconds: 100 });
  while (Temporal.Instant.compare(clock.now(), end) < 0) await new Promise((resolve) => setTimeout(resolve, clock.delayMs(end)));
  clock.setRate(1);
  await stack.braze.settled();
}

export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS);
/** Past the quiet reporter's notice: a table is for people. */
export const tell = (text: string): void => void process.stdout.write(`${text}\n`);

export const reasonOf = (object: MatchNotification): string =>
  object.status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? 'new';

/** `{ Scheduled: 312, WaitingForBudget: 68 }` */
export function countReasons(objects: readonly MatchNotification[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const object of objects) counts[reasonOf(object)] = (counts[reasonOf(object)] ?? 0) + 1;
  return counts;
}

export const isArmed = (object: MatchNotification): boolean =>
  isReady(object, 'Scheduled') && object.status?.observedGeneration === object.metadata.generation;

/** What Braze counted against its limits, for `toEqual`: the most creates of an audience in a minute, and the calls it turned away. */
export const spent = ({ braze }: Stack) => ({ mostCreates: braze.mostInWindow('audience'), refused: braze.rateLimited().total });

/** Creates that Braze carried out, in the order of their arrival. */
export function creates({ braze }: Stack, afterSeq = 0) {
  return braze.log.where({ endpoint: 'campaign-create', afterSeq }).filter((entry) => entry.status === 201);
}

/** Rows of equal keys, each with one number: printed in columns. */
export function table(title: string, rows: readonly Readonly<Record<string, number | string>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  '));
  return [title, ...lines].join('\n');
}
