/**
 * The campaign `exhaustive`: an explicit-state search with the operator's own decisions and records, scene by scene. `RUNS` is how many
 * states of a scene are visited, `all` means as many as memory and `MINUTES` allow. Needs no API server.
 */
import path from 'node:path';
import { runTied } from '../../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../../sandbox/process/tied-directory.ts';
import { SCENES } from '../../match-notification/search/scene.ts';
import type { Result } from '../../match-notification/search/search.ts';
import type { Entry, Orders, Outcome } from '../entries.ts';
import { aligned } from '../report.ts';

/** A search keeps one core busy. */
const SIDE_BY_SIDE = 2;
/** What fits three minutes on two cores for all scenes together. */
const CI_STATES = 100_000;
const CI_PEACE_EVERY = 97;
/** What a process may keep on its heap, so that two of them fit 20 GB with their tables. */
const HEAP_MB = 7_000;
/** No more than these fit beside such a heap. */
const MOST_STATES = 40_000_000;
const LONGEST_SECONDS = 6 * 3_600;

type SceneName = keyof typeof SCENES;
interface Found extends Result {
  readonly scene: SceneName;
  readonly seconds: number;
  readonly megabytes: number;
}

export const exhaustive: Entry = { name: 'exhaustive', ci: CI_STATES, share: 3, run };

async function run(orders: Orders): Promise<Outcome> {
  await using cache = await makeTiedDirectory({ prefix: 'matchday-searched-' });
  const names = Object.keys(SCENES).filter((name): name is SceneName => name.includes(orders.only));
  const queue = [...names];
  const seconds = Math.min(LONGEST_SECONDS, (orders.minutes * 60 * SIDE_BY_SIDE) / Math.max(SIDE_BY_SIDE, names.length));
  const results: Found[] = [];
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const found = await searchApart(name, { orders, seconds, compileCache: cache.path });
      results.push(found);
      tell(found, orders.say);
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, orders.lanes) }, work));
  const violations = results.filter(({ violation }) => violation !== undefined).length;
  return { cells: results.length, violations, text: table(results) };
}

async function searchApart(
  scene: SceneName,
  { orders, seconds, compileCache }: { orders: Orders; seconds: number; compileCache: string },
): Promise<Found> {
  const everything = orders.runs > MOST_STATES;
  const limit = Math.min(orders.runs, MOST_STATES);
  const child = path.join(import.meta.dirname, 'child.ts');
  const { code, stdout, stderr } = await runTied({
    command: process.execPath,
    args: [`--max-old-space-size=${HEAP_MB}`, child, scene, String(limit), String(everything ? 1 : CI_PEACE_EVERY), String(seconds)],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    timeoutMs: (seconds + 600) * 1_000,
  });
  if (code !== 0) throw new Error(`the search of ${scene} ended with code ${code}: ${stderr.slice(0, 2_000)}`);
  return { scene, ...JSON.parse(stdout) };
}

function tell({ scene, states, complete, violation }: Found, say: Orders['say']): void {
  if (violation === undefined) say(`  ${scene}: ${states} states${complete ? ', all there are' : ''}`);
  else say(`VIOLATION in ${scene}: ${violation.what}\n${violation.path.map((step) => `  ${step}`).join('\n')}`);
}

function table(results: readonly Found[]): string {
  const names = Object.keys(SCENES);
  const rows = results
    .toSorted((a, b) => names.indexOf(a.scene) - names.indexOf(b.scene))
    .map(({ scene, states, complete, settled, seconds, megabytes, violation }) => [
      `${scene}: ${SCENES[scene].name}`,
      String(states),
      complete ? 'all' : '',
      String(settled),
      seconds.toFixed(1),
      String(megabytes),
      violation?.what ?? '0',
    ]);
  const sum = (of: (one: Found) => number): number => results.reduce((total, one) => total + of(one), 0);
  const all = [
    'together',
    String(sum((one) => one.states)),
    '',
    String(sum((one) => one.settled)),
    sum((one) => one.seconds).toFixed(1),
    '',
    '',
  ];
  return aligned([['scene', 'states', 'of', 'left in peace', 'seconds', 'MB', 'violations'], ...rows, all]).join('\n');
}
