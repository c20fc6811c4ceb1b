/** What goes wrong while a change is under way, and ends by itself. */
import type { Fault, FaultAction } from '../../../sandbox/braze/index.ts';
import type { Cell } from '../cell.ts';

export interface Trouble {
  /** Resolves when it was met, or never. */
  readonly met: Promise<unknown>;
  end(): void;
}

interface AtBraze {
  readonly action: FaultAction;
  readonly times: number;
}

const AT_BRAZE: Readonly<Record<string, AtBraze>> = {
  '503 of Braze, three times': { action: { kind: 'error-before', status: 503 }, times: 3 },
  '502 of Braze, committed': { action: { kind: 'error-after' }, times: 1 },
  '429 of Braze, twice': { action: { kind: 'rate-limited' }, times: 2 },
  '401 of Braze': { action: { kind: 'refuse', status: 401, body: { message: 'Invalid API Key' } }, times: 1 },
  '400 of Braze': { action: { kind: 'refuse', status: 400, body: { message: 'Bad Request' } }, times: 1 },
  'time-out of Braze': { action: { kind: 'timeout-before' }, times: 1 },
  'time-out of Braze, committed': { action: { kind: 'timeout-after' }, times: 1 },
};
const AT_API_SERVER: Readonly<Record<string, number>> = { '503 of the API server, once': 1, '503 of the API server, four times': 4 };

export const NO_TROUBLE = 'no trouble';
export const TROUBLES: readonly string[] = [NO_TROUBLE, ...Object.keys(AT_BRAZE), ...Object.keys(AT_API_SERVER)];

export function makeTrouble(cell: Cell, name: string): Trouble {
  const atBraze = AT_BRAZE[name];
  if (atBraze !== undefined) return ofBraze(cell, atBraze);
  const times = AT_API_SERVER[name];
  if (times !== undefined) return cell.lane.refuseWrites({ path: `/matchnotifications/${cell.name}/`, times });
  return { met: new Promise(() => {}), end: () => {} };
}

function ofBraze(cell: Cell, { action, times }: AtBraze): Trouble {
  const fault: Fault = cell.lane.stack.braze.fault({ match: { where: (entry) => isAbout(cell, entry.notifications) }, action, times });
  return { met: fault.struck(), end: () => fault.remove() };
}

/** Whatever its campaign is by now. */
const isAbout = (cell: Cell, notifications: readonly string[]): boolean =>
  notifications.some((name) => name.startsWith(`football-data-${cell.match}-`));
