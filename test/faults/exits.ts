/** How an operator ends that lost its lease, or was told to end: whatever it has in hand, it finishes and says so with its exit code. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from './cell.ts';
import type { Member } from './lane.ts';

const ENDS_WITHIN_MS = 25_000;

/** On a busy machine, and not by what was done to it. */
const LATE_RENEWAL = /no renewal was acknowledged/;

/** Waits for its end, and blames it when it is another one. */
export async function endsWith({ lane }: Cell, { operator }: Member, code: number): Promise<void> {
  const exit = await Promise.race([operator.exited, sleep(ENDS_WITHIN_MS, undefined)]);
  if (code === 0 && exit?.code === 1 && LATE_RENEWAL.test(operator.output.tail(20)))
    lane.endedAlone.push(`${operator.name} lost its lease before it could stop`);
  else if (exit?.code !== code) lane.ears.blame(`${operator.name} should have ended with ${code}, and ended with ${JSON.stringify(exit)}`);
  if (exit === undefined) await operator.stop({ graceMs: 0 });
}

/** Its lease is lost since it slept. */
export async function wakesUp(cell: Cell, member: Member): Promise<void> {
  member.operator.kill('SIGCONT');
  await endsWith(cell, member, 1);
}

/** It may have lost its lease or kept it: only another end than that of a lost lease is wrong. */
export function mayHaveEnded({ lane }: Cell, { operator }: Member): void {
  const exit = operator.exit();
  if (exit !== undefined && exit.code !== 1) lane.ears.blame(`${operator.name} ended with ${JSON.stringify(exit)}, not with 1`);
}
