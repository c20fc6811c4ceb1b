/**
 * The search has teeth: each rule that is broken on purpose is found by it, where that takes seconds. All bugs, with the same hunts in the
 * sound operator: `CAMPAIGN=planted-bugs node test/faults/main.ts`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runTied } from '../../../sandbox/process/run-tied.ts';
import { makeTiedDirectory } from '../../../sandbox/process/tied-directory.ts';
import { BUGS } from './bugs.ts';
import { patched } from './plant.ts';
import { huntApart } from './run.ts';

const MOST_STATES = 20_000;
const quick = BUGS.filter(({ hunt }) => hunt.campaign === 'exhaustive' && hunt.limit <= MOST_STATES);

describe('planted bugs', () => {
  it.each(BUGS.map((bug) => [bug.name, bug] as const))('%s still fits the sources', (_, { patches }) => {
    for (const [file, mine] of Map.groupBy(patches, (patch) => patch.file)) {
      const source = readFileSync(file, 'utf8');
      expect(mine.reduce(patched, source)).not.toBe(source);
    }
  });

  it('have names of their own', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
  });

  it('are at least 25, and old ones are refused when their text is gone or there twice', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(25);
    const patch = { file: 'src/x.ts', find: 'a', replace: 'b' };
    expect(() => patched('xyz', patch)).toThrow('0 times instead of once');
    expect(() => patched('a a', patch)).toThrow('2 times instead of once');
    expect(patched('xaz', patch)).toBe('xbz');
  });

  it('that touch no file of the hunt are an error, not a bug that was not caught', { timeout: 60_000 }, async () => {
    const patches = JSON.stringify([{ file: 'src/main.ts', find: 'a', replace: 'b' }]);
    const hunt = JSON.stringify({ campaign: 'exhaustive', scene: 'made', limit: 10 });
    const { code, stderr } = await runTied({ command: process.execPath, args: ['test/faults/planted/child.ts', hunt, patches] });
    expect(code).not.toBe(0);
    expect(stderr).toContain('never loaded');
  });
});

describe('the search finds', () => {
  it.each(quick.map((bug) => [bug.name, bug] as const))('%s', { timeout: 120_000 }, async (_, { hunt, patches }) => {
    await using cache = await makeTiedDirectory({ prefix: 'matchday-planted-' });
    const { violation, history } = await huntApart({ hunt, patches, compileCache: cache.path });
    expect(violation).toBeDefined();
    expect(history.length).toBeGreaterThan(5);
  });
});
