/**
 * Every state that careless operators, a lossy network and a changing wish can reach, with the operator's own decisions and records.
 * How far a scene is searched here fits a test run; `CAMPAIGN=exhaustive node test/faults/main.ts` goes further.
 */
import { describe, expect, it } from 'vitest';
import { SCENES } from './search/scene.ts';
import { search } from './search/search.ts';
import { Space } from './search/space.ts';

const LIMIT = 6_000;

describe('in every state of a scene', () => {
  it.each(Object.values(SCENES).map((scene) => [scene.name, scene] as const))(
    'at most one is delivered in an occasion, and peace brings an end: %s',
    { timeout: 60_000 },
    (_, scene) => {
      const { violation, settled } = search(new Space(scene), { limit: LIMIT, peaceEvery: 37 });
      expect(violation?.what, violation?.path.join('\n')).toBeUndefined();
      expect(settled).toBeGreaterThan(30);
    },
  );
});
