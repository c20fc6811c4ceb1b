/** What promtool itself says of the rules and of their tests. The first run on a machine builds it: some four minutes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkRules, findPromtool, testRules } from '../../sandbox/prometheus/promtool.ts';

const DIRECTORY = path.join(import.meta.dirname, '../../deploy/prometheus');

describe('promtool', () => {
  beforeAll(() => findPromtool().then(() => {}), 30 * 60_000);

  it('finds nothing wrong with the rules', async () => {
    expect(await checkRules(path.join(DIRECTORY, 'rules.yaml'))).toMatchObject({ code: 0, stdout: expect.stringContaining('SUCCESS') });
  });

  it('passes their tests', async () => {
    expect(await testRules(path.join(DIRECTORY, 'rules.test.yaml'))).toMatchObject({ code: 0, stdout: expect.stringContaining('SUCCESS') });
  });
});

it('without Go and without a cache, promtool is missed in words that help: one that is installed is not used', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'matchday-test-promtool-'));
  try {
    const env = { HOME: home, PATH: home };
    await expect(findPromtool({ env, progress: () => {} })).rejects.toThrow(
      /promtool can't be had: .*\.cache\/matchday\/prometheus.*no "go"/,
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
