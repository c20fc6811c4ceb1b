/** Fifty worlds at every desk; the campaign `simulation` (test/faults/main.ts) runs as many as one likes. */
import { describe, expect, it } from 'vitest';
import { runSimulation } from './simulation/index.ts';

const SEEDS = 25;

describe('in simulated worlds where much goes wrong', () => {
  it.each([
    ['a fence', true],
    ['no fence', false],
  ])('with %s, nobody is told twice, nothing is lost in silence, and rest returns', { timeout: 240_000 }, async (_name, fenced) => {
    const { violations, seeds, deliveries } = await runSimulation({ seeds: SEEDS, fenced, shrink: true, stopAtFirst: true });
    expect(violations).toEqual([]);
    expect(seeds).toBe(SEEDS);
    // Worlds in which nothing was ever sent would prove little.
    expect(deliveries).toBeGreaterThan(SEEDS);
  });

  it('a seed gives the same world each time', { timeout: 120_000 }, async () => {
    const [first, again] = [await runSimulation({ seeds: 3, firstSeed: 900 }), await runSimulation({ seeds: 3, firstSeed: 900 })];
    expect(again.passes).toBe(first.passes);
    expect([...again.counts]).toEqual([...first.counts]);
  });
});
