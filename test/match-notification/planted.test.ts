/** The search has teeth: each rule that is broken on purpose lets a message out twice, and the search shows how. */
import { describe, expect, it } from 'vitest';
import { PLANTED } from './search/planted.ts';
import { SCENES } from './search/scene.ts';
import { search } from './search/search.ts';
import { Space } from './search/space.ts';

/** The scene in which it shows with the fewest states. */
const SHOWN_IN = {
  'every delete is believed': 'made',
  'deletes inside the buffer are believed': 'armed',
  'deletes inside the buffer are believed once closed, whatever is unsettled': 'loose',
  'nothing counts as sent because it was near': 'amnesia',
  'the next is made beside leftovers': 'made',
  'a close read inside the margin is believed': 'amnesia',
  'opened without announcement': 'made',
  'the memory of the item is ignored': 'amnesia',
  'a read-back settles a write that was only accepted': 'refreshed',
  'a late create needs no proof': 'released',
} as const satisfies Record<keyof typeof PLANTED, keyof typeof SCENES>;

describe('a message goes out twice when', () => {
  it.each(Object.entries(SHOWN_IN))('%s', { timeout: 120_000 }, (name, scene) => {
    const found = search(new Space(SCENES[scene], PLANTED[name as keyof typeof SHOWN_IN]), { limit: 60_000 });
    expect(found.verdict).toBe('delivered twice');
    expect(found.path.length).toBeGreaterThan(5);
  });
});
