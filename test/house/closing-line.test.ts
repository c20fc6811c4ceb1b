import { describe, expect, it } from 'vitest';
import { type CountedModule, closingLine, tally } from '../support/closing-line-reporter.ts';

type State = 'passed' | 'failed' | 'skipped' | 'pending';

/** A file as vitest reports it: the states of its tests, and its own. */
function file(states: readonly State[], own: State = states.includes('failed') ? 'failed' : 'passed'): CountedModule {
  const tests = states.map((state) => ({ result: () => ({ state }) }));
  return { children: { allTests: () => tests.values() }, errors: () => [], state: () => own } as unknown as CountedModule;
}

describe('the closing line', () => {
  it.each([
    ['all passed', [file(['passed', 'passed']), file(['passed'])], 0, '3 passed, 0 failed'],
    ['one failed', [file(['passed', 'failed'])], 0, '1 passed, 1 failed'],
    ['some were skipped', [file(['passed', 'skipped'])], 0, '1 passed, 0 failed, 1 skipped'],
    ['a file did not load', [file(['passed']), file([], 'failed')], 0, '1 passed, 1 failed'],
    ['a suite hook failed after its tests passed', [file(['passed'], 'failed')], 0, '1 passed, 1 failed'],
    ['an error was handled by nobody', [file(['passed'])], 1, '1 passed, 1 failed'],
    ['the run was cut off', [file(['passed', 'pending'])], 0, '1 passed, 0 failed, 1 skipped'],
    ['nothing ran', [], 0, '0 passed, 0 failed'],
  ])('says so when %s', (_case, files, unhandled, line) => {
    expect(closingLine(tally(files, unhandled))).toBe(line);
  });
});
