/** The provider is silent before a send: what the feed says of its age, and what `sendWhenStale` makes of it. */
import { describe, expect, it } from 'vitest';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { freshnessOf } from '../../src/reconcilers/fixture-feed/freshness.ts';
import { onSockets } from './bench-on-sockets.ts';
import { feedWith, NOW } from './samples.ts';

const DOWN = [{ kind: 'status', status: 503, times: 100_000 }] as const;

/** A feed heard well until an hour before the first send, and nothing from then on. */
async function silentFrom(spec: Partial<FixtureFeedSpec>) {
  const staged = await onSockets(spec);
  const { bench, provider } = staged;
  const [first] = [...bench.objects.values()].sort((a, b) => (a.spec.sendAt < b.spec.sendAt ? -1 : 1));
  if (first === undefined) throw new Error('no object');
  const sendAt = Temporal.Instant.from(first.spec.sendAt);
  bench.clock.advanceTo(sendAt.subtract({ minutes: 65 }));
  await bench.run({ minutes: 5 });
  await provider.admin.addFaults(DOWN);
  const object = () => bench.notification(first.metadata.name);
  const told = () => bench.events.filter(({ name, reason }) => name === first.metadata.name && reason === 'FeedStale');
  return { ...staged, sendAt, object, told };
}

describe('a provider that is silent before a send', () => {
  it('holds it ten minutes ahead where the feed says so, and lets it go with the first answer', async () => {
    const { bench, provider, sendAt, object } = await silentFrom({ sendWhenStale: false });
    await bench.run({ minutes: 49 });
    expect(object().spec.hold).toBeUndefined();
    await bench.run({ minutes: 2 });
    expect(bench.clock.now().until(sendAt).total('minutes')).toBeCloseTo(9, 1);
    expect(object().spec.hold?.reason).toBe('FeedStale');
    await provider.admin.clearFaults();
    await bench.run({ minutes: 2 });
    expect(object().spec.hold).toBeUndefined();
  });

  it('lets it out as last known by default, and tells so once for each send', async () => {
    const { bench, object, told } = await silentFrom({});
    const writes = bench.writes.length;
    await bench.run({ minutes: 70 });
    expect(bench.writes).toHaveLength(writes);
    expect(object().spec.hold).toBeUndefined();
    expect(told()).toHaveLength(1);
    expect(told()[0]?.note).toContain('It goes out as last known');
  });

  it('keeps a held send held past its time, also through a restart, rather than letting it out late and unconfirmed', async () => {
    const { bench, object } = await silentFrom({ sendWhenStale: false });
    await bench.run({ minutes: 55 });
    bench.restart();
    await bench.run({ minutes: 20 });
    expect(object().spec.hold?.reason).toBe('FeedStale');
  });

  it('shows in the conditions from the first failed poll, and in FeedFresh after a quarter of an hour', async () => {
    const { bench, pl } = await silentFrom({});
    await bench.run({ minutes: 6 });
    expect(bench.conditions(pl)).toEqual([
      'Ready=False ProviderUnavailable',
      'Reconciling=True ProviderUnavailable',
      'FeedFresh=True Fresh',
    ]);
    await bench.run({ minutes: 15 });
    expect(bench.conditions(pl)).toContain('FeedFresh=False Stale');
    expect(bench.message(pl, 'FeedFresh')).toMatch(/last answered with fixtures \d+ minutes ago/);
  });

  it('for a whole day changes no object, and all is well a poll after it came back', { timeout: 60_000 }, async () => {
    const { bench, provider, pl } = await silentFrom({ interval: '30m' });
    const writes = bench.writes.length;
    const lastHeard = bench.succeededAt.get('club/pl');
    await bench.run({ hours: 24 });
    expect(bench.writes).toHaveLength(writes);
    expect(bench.deleted).toEqual([]);
    expect(bench.succeededAt.get('club/pl')).toBe(lastHeard);
    expect(bench.conditions(pl)).toContain('FeedFresh=False Stale');
    await provider.admin.clearFaults();
    await bench.run({ minutes: 35 });
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
  });

  it('but that still answers for single matches leaves no doubt about those', async () => {
    const { bench, provider, object, told } = await silentFrom({ sendWhenStale: false });
    await provider.admin.clearFaults();
    await provider.admin.addFaults([{ kind: 'status', status: 503, times: 100_000, path: '/v4/competitions' }]);
    await bench.run({ minutes: 55 });
    expect(object().spec.hold).toBeUndefined();
    expect(told()).toEqual([]);
  });

  it('when its Secret is gone holds all the same', async () => {
    const { bench, object } = await silentFrom({ sendWhenStale: false });
    bench.tokens.clear();
    await bench.run({ minutes: 52 });
    expect(object().spec.hold?.reason).toBe('FeedStale');
  });
});

describe('the age of a feed', () => {
  it.each<[string, Partial<FixtureFeedSpec>, number | undefined, boolean]>([
    ['that was never heard', {}, undefined, false],
    ['heard a quarter of an hour ago', {}, 15, true],
    ['heard sixteen minutes ago', {}, 16, false],
    ['heard two intervals of an hour ago', { interval: '1h' }, 120, true],
    ['heard more than three of them ago', { interval: '1h' }, 181, false],
  ])('%s', (_, spec, minutes, fresh) => {
    const heardAt = minutes === undefined ? undefined : NOW.subtract({ minutes });
    expect(freshnessOf(feedWith(spec), heardAt, NOW).fresh).toBe(fresh);
  });
});
