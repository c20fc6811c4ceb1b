import { describe, expect, it } from 'vitest';
import { done } from '../../src/base/outcomes.ts';
import type { FenceItem } from '../../src/braze/types.ts';
import { unconfirmed } from './cases/case.ts';
import { Bench, inSeconds, lost } from './shell/bench.ts';
import { armed, TOKEN } from './situations.ts';

const NOW = '2026-12-06T09:00:00Z';
const announced = (object: Parameters<typeof armed>[0]) => armed(object, { fence: { ...unconfirmed(object), unsettled: [TOKEN] } });

/** An armed send as this process made it. */
async function madeHere(): Promise<Bench> {
  const bench = new Bench(NOW).begin();
  await bench.passes();
  expect(bench.status.phase).toBe('Scheduled');
  bench.calls.length = 0;
  return bench;
}
function itemOf(bench: Bench): FenceItem {
  if (bench.item === undefined) throw new Error('no item was written');
  return bench.item;
}
describe('writing the item', () => {
  it('announces again what another process announced, and keeps that one unsettled', async () => {
    const bench = new Bench(NOW).begin(announced);
    await bench.passes();
    expect(bench.calls.filter((call) => call.startsWith('put'))).toEqual([`put "${TOKEN}"`]);
    expect(bench.status.fence).toMatchObject({ confirmed: true, unsettled: [TOKEN] });
  });

  it('without an answer is announced and written again', async () => {
    const bench = new Bench(NOW).begin(announced);
    bench.putAnswers.push(lost);
    expect(await bench.passes()).toEqual(inSeconds(bench, 2));
    bench.clock.advance(2_000);
    await bench.passes();
    expect(bench.count('put')).toBe(2);
    expect(bench.status.fence?.confirmed).toBe(true);
  });

  it('is not confirmed by an accepted write that cannot be read back, and is written again after half a minute', async () => {
    const bench = new Bench(NOW).begin(announced);
    bench.putAnswers.push(done('accepted'));
    await bench.passes();
    expect(bench.status.fence?.confirmed).toBe(false);
    bench.clock.advance(1_000);
    await bench.passes();
    expect(bench.count('put')).toBe(1);
    bench.clock.advance(30_000);
    await bench.passes();
    expect(bench.count('put')).toBe(2);
    expect(bench.status.fence?.confirmed).toBe(true);
  });

  it('is not begun when the lease does not outlive it', async () => {
    const bench = new Bench(NOW).begin(announced);
    bench.mayStart = false;
    await bench.pass();
    expect(bench.calls).toEqual([]);
    expect(bench.status.fence?.unsettled).toEqual([TOKEN]);
  });
});

describe('an item that somebody else wrote', () => {
  it('is not closed once more when another owner holds it: nothing of ours is admitted', async () => {
    const bench = await madeHere();
    const theirs: FenceItem = { ...itemOf(bench), token: 'theirs', owner: 'cluster-a/default/twin' };
    bench.putAnswers.push(done('accepted'));
    bench.item = theirs;
    bench.twin = true;
    await bench.passes();
    expect(bench.calls.filter((call) => call.startsWith('put'))).toEqual(['put ""']);
    expect(bench.status.fence).toMatchObject({ token: '', state: 'closed', confirmed: true });
    bench.clock.advance(60_000);
    await bench.passes();
    expect(bench.count('put')).toBe(1);
    expect(bench.item).toBe(theirs);
  });

  it('is put right once, then left alone, and believed again when ours is found there', async () => {
    const bench = await madeHere();
    const own = itemOf(bench);
    for (const word of ['1', '2']) {
      bench.clock.advance(1_000);
      bench.item = { ...own, token: 'foreign', owner: 'cluster-b/default/pl-600123' };
      bench.annotations = { 'matchday.dev/requested-at': word };
      await bench.passes();
    }
    expect(bench.calls.filter((call) => call.startsWith('put'))).toEqual([`put "${own.token}"`]);
    const contested = expect.objectContaining({ type: 'Stalled', reason: 'OwnershipContested' });
    expect(bench.status.conditions).toContainEqual(contested);
    bench.clock.advance(1_000);
    bench.item = own;
    bench.annotations = { 'matchday.dev/requested-at': '3' };
    await bench.passes();
    expect(bench.status.conditions).not.toContainEqual(contested);
  });
});

describe('an item that somebody edits', () => {
  const asked = { 'matchday.dev/requested-at': 'now' };

  it.each([
    ['is deleted', () => undefined, 'ItemMissing'],
    ['gets another name', (own: FenceItem) => ({ ...own, content: { ...own.content, home: 'Somebody FC' } }), 'ItemChanged'],
    ['loses a name', ({ content: { home: _, ...content }, ...own }: FenceItem) => ({ ...own, content }), 'ItemChanged'],
    ['is closed', (own: FenceItem) => ({ ...own, token: '', state: 'closed' as const }), 'ItemChanged'],
    ['gets another owner', (own: FenceItem) => ({ ...own, owner: 'somebody' }), 'ItemChanged'],
  ])('that %s is told of once, counted, announced, written and read back', async (_, tamper, kind) => {
    const bench = await madeHere();
    const own = itemOf(bench);
    bench.clock.advance(1_000);
    bench.item = tamper(own);
    bench.annotations = asked;
    bench.told.length = 0;
    await bench.passes();
    expect(bench.calls).toEqual(['read', `put "${own.token}"`, 'read']);
    expect(bench.item).toEqual(own);
    expect(bench.told).toEqual(['Drifted', 'FenceRewritten', 'Refreshed']);
    expect(bench.drifts).toEqual([kind]);
    expect(bench.status.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Ready Scheduled']);
  });

  it('is left as it is when only what we never write is there beside', async () => {
    const bench = await madeHere();
    bench.clock.advance(1_000);
    bench.item = { ...itemOf(bench), content: { ...itemOf(bench).content, home_fr: 'Villa' } };
    bench.annotations = asked;
    await bench.passes();
    expect(bench.calls).toEqual(['read']);
    expect(bench.drifts).toEqual([]);
  });
});
