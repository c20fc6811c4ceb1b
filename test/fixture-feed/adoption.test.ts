/** A feed that was renamed, deleted or deleted together with its objects. */
import { describe, expect, it } from 'vitest';
import { SCHEDULE_FINALIZER } from '../../src/crds/words.ts';
import { onSockets, type Socketed } from './bench-on-sockets.ts';

/** The feed of `onSockets` is gone and another one is there. */
async function renamed(name: string, spec: object = {}): Promise<Socketed> {
  const staged = await onSockets();
  const { bench } = staged;
  bench.feeds.delete('club/pl');
  bench.addFeed(name, { competition: 'PL', window: '60d', ...spec });
  return staged;
}
const feedOf = ({ object }: Socketed): string | undefined => object().metadata.labels?.['matchday.dev/feed'];

describe('objects whose feed is gone', () => {
  it('are adopted by a feed of the same competition, workspace and campaign: no match gets a second one', async () => {
    const staged = await renamed('premier');
    const { bench, id } = staged;
    const before = [...bench.objects.keys()];
    await bench.run({ minutes: 11 });
    expect([...bench.objects.keys()]).toEqual(before);
    expect(feedOf(staged)).toBe('premier');
    expect(staged.object().metadata.finalizers).toEqual([SCHEDULE_FINALIZER]);
    expect(bench.events).toContainEqual(expect.objectContaining({ name: `pl-${id}`, reason: 'FixtureAdopted' }));
    expect(bench.feed({ namespace: 'club', name: 'premier' }).status).toMatchObject({ applied: before.length });
  });

  it('follow the moves that the new feed hears of', async () => {
    const { bench, provider, id, object } = await renamed('premier');
    await bench.run({ minutes: 11 });
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-25T19:00:00Z' }]);
    await bench.run({ minutes: 11 });
    expect(object().spec).toMatchObject({ kickoff: '2026-01-25T19:00:00Z', sendAt: '2026-01-25T18:00:00Z' });
  });

  it('are not adopted through another campaign: that feed makes its own', async () => {
    const template = { spec: { workspaceRef: { name: 'main' }, campaignId: 'campaign-2', audience: { broadcast: true } } };
    const staged = await renamed('premier', { template });
    await staged.bench.run({ minutes: 11 });
    expect(feedOf(staged)).toBe('pl');
    expect(staged.bench.notification(`premier-${staged.id}`).spec.campaignId).toBe('campaign-2');
  });

  it('that are older take the place of those which the new feed made beside them; these go when they own nothing', async () => {
    const staged = await onSockets();
    const { bench, id } = staged;
    bench.addFeed('premier', { competition: 'PL', window: '60d' });
    await bench.run({ minutes: 1 });
    const twin = bench.notification(`premier-${id}`);
    const condition = {
      type: 'Stalled',
      status: 'True',
      reason: 'DuplicateMatch',
      message: '',
      lastTransitionTime: '2026-01-12T09:00:00Z',
    } as const;
    bench.put({ ...twin, status: { phase: 'Blocked', conditions: [condition] } });
    await bench.run({ minutes: 11 });
    expect(bench.deleted).toEqual([]);
    bench.feeds.delete('club/pl');
    await bench.run({ minutes: 11 });
    expect(feedOf(staged)).toBe('premier');
    expect(bench.deleted).toEqual([`premier-${id}`]);
  });
});

describe('a feed that is deleted', () => {
  const gone = { deletionTimestamp: '2026-01-12T10:00:00Z' };

  it('leaves its objects as they are by default, and waits for nobody', async () => {
    const { bench, pl } = await onSockets();
    const writes = bench.writes.length;
    expect(bench.feed(pl).metadata.finalizers).toBeUndefined();
    bench.touch(pl, gone);
    await bench.run({ minutes: 11 });
    expect([bench.writes.length, bench.deleted]).toEqual([writes, []]);
  });

  it('with deletionPolicy Cancel takes its objects with it, and goes after them', async () => {
    const { bench, pl } = await onSockets({ deletionPolicy: 'Cancel' });
    const names = [...bench.objects.values()].map(({ metadata }) => metadata.name);
    expect(bench.feed(pl).metadata.finalizers).toEqual(['matchday.dev/feed-objects']);
    bench.touch(pl, gone);
    await bench.pass('club/pl');
    expect(bench.deleted.toSorted()).toEqual(names.toSorted());
    expect(bench.feed(pl).metadata.finalizers).toEqual(['matchday.dev/feed-objects']);
    await bench.run({ minutes: 1 });
    expect(bench.feed(pl).metadata.finalizers).toEqual([]);
  });

  it('is let go with its objects untouched when the policy is changed back first', async () => {
    const { bench, pl } = await onSockets({ deletionPolicy: 'Cancel' });
    bench.change(pl, { deletionPolicy: 'Retain' });
    await bench.run({ minutes: 1 });
    expect(bench.feed(pl).metadata.finalizers).toEqual([]);
    bench.touch(pl, gone);
    await bench.run({ minutes: 11 });
    expect(bench.deleted).toEqual([]);
  });
});
