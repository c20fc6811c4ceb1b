import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matchday-ci-'));
  mkdirSync(join(folder, '.ci'));
  cpSync(join(ROOT, '.ci/run'), join(folder, '.ci/run'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `.ci/run` in a checkout whose `make test` is `recipe`. */
function ci(recipe: string) {
  writeFileSync(join(folder, 'Makefile'), `test:\n\t@${recipe}\n`);
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', cwd: tmpdir() });
  return { status, last: stdout.trimEnd().split('\n').at(-1) };
}

describe('.ci/run', () => {
  it.each([
    ['all is well', 'echo; echo "12 passed, 0 failed"', 0, '12 passed, 0 failed'],
    ['some tests were skipped', 'echo "12 passed, 0 failed, 1 skipped"', 0, '12 passed, 0 failed, 1 skipped'],
    ['a test fails: the word of make does not come last', 'echo "11 passed, 1 failed"; exit 1', 2, '11 passed, 1 failed'],
    ['lint fails before any test', 'echo "src/x.ts: bad"; exit 1', 2, '0 passed, 1 failed'],
    ['the run fails although each test passed', 'echo "12 passed, 0 failed"; exit 1', 2, '0 passed, 1 failed'],
  ])('ends with the count and the exit code when %s', (_case, recipe, status, last) => {
    expect(ci(recipe)).toEqual({ status, last });
  });

  it('gives nothing to standard input', () => {
    expect(ci('read line || echo "1 passed, 0 failed"').last).toBe('1 passed, 0 failed');
  });
});

describe('make', () => {
  it('without a target lists every target with a line of help', () => {
    const { stdout } = spawnSync('make', { cwd: ROOT, encoding: 'utf8' });
    const [, targets = ''] = /^\.PHONY: (.*)$/m.exec(readFileSync(join(ROOT, 'Makefile'), 'utf8')) ?? [];
    for (const target of targets.split(' ')) expect(stdout).toMatch(new RegExp(`^make ${target} +\\S`, 'm'));
    expect(stdout.trimEnd().split('\n')).toHaveLength(targets.split(' ').length);
  });
});

describe('the lockfile', () => {
  it('names no host to fetch from', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"|:\/\/[^"]*\.tgz/);
  });
});
