/**
 * Every state that two careless operators, a lossy network and a changing wish can reach, with the operator's own decisions and
 * records. SEARCH_LIMIT sets how many states of each scene are visited; without it, as many as CI has time for.
 */
import { describe, expect, it } from 'vitest';
import { REAL } from './search/rules.ts';
import { SCENES } from './search/scene.ts';
import { search } from './search/search.ts';
import { settle } from './search/settle.ts';
import { Space } from './search/space.ts';

const LIMIT = Number(process.env['SEARCH_LIMIT'] ?? 20_000);
const ENDS = ['Sent', 'Held', 'Missed', 'Cancelled', 'gone'];

describe('in every state of a scene', () => {
  it.each(Object.values(SCENES).map((scene) => [scene.name, scene] as const))(
    'at most one is delivered, and peace brings an end: %s',
    { timeout: 60_000 + LIMIT },
    (name, scene) => {
      const space = new Space(scene, REAL);
      const found = search(space, { limit: LIMIT, sampleEvery: Math.max(7, Math.ceil(LIMIT / 300)) });
      expect(found.verdict, found.path.join('\n')).not.toBe('delivered twice');
      for (const state of found.sample) {
        const end = settle(space, state);
        const told = `${JSON.stringify(space.things.get(state.thing))}\n${end.steps.join('\n')}`;
        expect(ENDS, told).toContain(end.phase);
        expect(end.delivered, told).toBeLessThanOrEqual(1);
        // Nearer to the send a late write may have taken away what was confirmed, too late to be written again: that is SendDoubtful.
        if (end.lastSent === 'Sent' && state.time === 0) expect(end.delivered, told).toBe(1);
      }
      process.stdout.write(`${name}: ${found.states} states, ${found.verdict}; ${found.sample.length} of them left in peace\n`);
    },
  );
});
