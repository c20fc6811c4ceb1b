import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectKey, Patch, Resource } from '../../src/controller/types.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Knowledge } from '../../src/football-data/knowledge.ts';
import { applyNames } from '../../src/reconcilers/fixture-feed/apply-names.ts';
import { emptyMemory } from '../../src/reconcilers/fixture-feed/memory.ts';
import { wishFor } from '../../src/reconcilers/fixture-feed/wish.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { applied, feedWith, known, NOW } from './samples.ts';

const feed = feedWith({ translation: { locales: ['ar'] } });
const names = { nameOf: () => ({ kind: 'name', name: 'أستون فيلا' }) as const };

function objectOf(of: Knowledge): MatchNotification {
  const wish = wishFor({ feed, known: of, now: NOW });
  return applied(wish?.body ?? expect.fail('nothing is wished'));
}

/** The objects that are written when names arrive while these matches are known and these objects are there. */
async function written(knowledge: readonly Knowledge[], objects: readonly MatchNotification[]): Promise<readonly string[]> {
  const memory = emptyMemory(feed.metadata.uid);
  const patched: string[] = [];
  const kube = {
    patch: <T extends KubeObject>(_resource: Resource, { name }: ObjectKey, { body }: Patch): Promise<T> => {
      patched.push(name);
      return Promise.resolve({ ...objects.find(({ metadata }) => metadata.name === name), ...(body as object) } as unknown as T);
    },
  };
  const shown = (id: string) => objects.find(({ spec }) => spec.match.id === id);
  const planning = { feed, known: new Map(knowledge.map((each) => [each.id, each])), shown, settled: memory.settled, now: NOW, names };
  const notifications = { get: () => undefined, list: () => objects, byIndex: () => objects, written: () => {}, synced: true };
  await applyNames(
    { feed, memory, own: objects, now: NOW, log: silentLog, signal: new AbortController().signal },
    { kube, notifications, events: { record: () => {} }, planning: () => planning },
  );
  return patched;
}

describe('names that arrive between two polls', () => {
  it('are applied at once', async () => {
    expect(await written([known()], [objectOf(known())])).toEqual(['pl-600123']);
  });

  it('bring nothing else: an object of which more would change waits for its poll', async () => {
    const moved = known([{ kickoff: NOW.add({ hours: 30 }) }, { kickoff: NOW.add({ hours: 30 }) }]);
    expect(await written([moved], [objectOf(known())])).toEqual([]);
  });

  it('make no object', async () => {
    expect(await written([known()], [])).toEqual([]);
  });

  it('that an object shows already are no write', async () => {
    const wish = wishFor({ feed, known: known(), now: NOW, names });
    expect(await written([known()], [applied(wish?.body ?? expect.fail('nothing is wished'))])).toEqual([]);
  });
});
