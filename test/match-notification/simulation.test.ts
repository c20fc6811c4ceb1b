import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './simulation/world.ts';

const tape = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 30, maxLength: 400 });

async function run(numbers: readonly number[], rules: { faults: boolean; asyncPuts: boolean }): Promise<World> {
  const world = new World(numbers, rules);
  while (!world.finished) await world.step();
  await world.calm();
  return world;
}

/** What an object may end as when everything was tried on it and then left in peace. */
const ENDS = new Set(['Sent', 'Held', 'Missed', 'Cancelled']);

describe('two operators that never exclude each other, under faults', () => {
  it('never deliver twice, and end in a send, a wanted stop or a condition', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tape, async (numbers) => {
        const world = await run(numbers, { faults: true, asyncPuts: true });
        expect(world.braze.deliveries.length).toBeLessThanOrEqual(1);
        const status = world.api.object?.status;
        if (world.api.object) expect(ENDS, JSON.stringify(status)).toContain(status?.phase);
        if (status?.lastSent?.reason === 'Sent') expect(world.braze.deliveries).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });
});
