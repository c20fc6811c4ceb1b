/**
 * The campaign `planted-bugs`: the operator with one thing done wrong, once for each bug, and the named campaign has to notice. A campaign
 * that finds nothing in the operator is worth what it finds in these.
 */
import { makeTiedDirectory } from '../../../sandbox/process/tied-directory.ts';
import type { Entry, Orders, Outcome } from '../entries.ts';
import { randomFrom, shuffled } from '../sampling.ts';
import type { Bug } from './bug.ts';
import { BUGS } from './bugs.ts';
import { isCaught, type Trial, tryBug } from './run.ts';

/** A hunt keeps one core busy. */
const SIDE_BY_SIDE = 2;

export const plantedBugs: Entry = { name: 'planted-bugs', ci: Number.POSITIVE_INFINITY, share: 5, run };

async function run(orders: Orders): Promise<Outcome> {
  const { say, seed, runs, only } = orders;
  await using cache = await makeTiedDirectory({ prefix: 'matchday-planted-' });
  const chosen = shuffled(
    BUGS.filter(({ name, what, hunt }) => `${name} ${what} ${hunt.campaign}`.includes(only)),
    randomFrom(seed),
  ).slice(0, runs);
  const until = performance.now() + orders.minutes * 60_000;
  const trials: Trial[] = [];
  const queue = [...chosen];
  const work = async (): Promise<void> => {
    for (let bug = queue.shift(); bug !== undefined && performance.now() < until; bug = queue.shift()) {
      const trial = await tryBug(bug, cache.path);
      trials.push(trial);
      tell(trial, say);
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, orders.lanes) }, work));
  const caught = trials.filter(isCaught).length;
  const summary = `planted-bugs: ${caught} of ${trials.length} caught; there are ${BUGS.length}`;
  return { cells: trials.length, violations: trials.length - caught, text: `${table(trials)}\n\n${summary}` };
}

function tell(trial: Trial, say: Orders['say']): void {
  const { bug, found, without, seconds } = trial;
  const what = found.violation === undefined ? `NOT CAUGHT ${found.broken ?? ''}` : `caught by "${found.violation}"`;
  say(`  ${bug.name}: ${what} after ${sizeOf(bug, found.size)}, ${seconds.toFixed(1)} s`);
  if (without.broken !== undefined) say(`VIOLATION: the hunt without any bug broke down: ${without.broken}`);
  if (without.violation !== undefined) say(`VIOLATION without any bug: ${without.violation}\n${without.history.join('\n')}`);
}

const UNITS = { exhaustive: 'states', simulation: 'seeds', tests: 'file' } as const satisfies Record<Bug['hunt']['campaign'], string>;
const sizeOf = ({ hunt }: Bug, size: number): string => `${size} ${UNITS[hunt.campaign]}`;

function campaignOf({ hunt }: Bug): string {
  if (hunt.campaign === 'exhaustive') return `exhaustive, scene \`${hunt.scene}\``;
  return hunt.campaign === 'tests' ? `tests, \`${hunt.file}\`` : hunt.campaign;
}

const commandOf = ({ name }: Bug): string => `CAMPAIGN=planted-bugs ONLY=${name} make faults`;

function table(trials: readonly Trial[]): string {
  const rows = trials
    .toSorted((a, b) => BUGS.indexOf(a.bug) - BUGS.indexOf(b.bug))
    .map(({ bug, found, seconds }) => [
      `\`${bug.name}\``,
      bug.what,
      campaignOf(bug),
      found.violation ?? 'NOTHING',
      sizeOf(bug, found.size),
      seconds.toFixed(1),
      `\`${commandOf(bug)}\``,
    ]);
  const head = ['Bug', 'What is done wrong', 'Campaign', 'Caught by', 'After', 'Seconds', 'Command'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
