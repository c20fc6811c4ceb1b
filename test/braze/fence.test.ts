import { describe, expect, it, onTestFinished } from 'vitest';
import { refused, unknown } from '../../src/base/outcomes.ts';
import { type Limits, WindowBudgets } from '../../src/braze/budgets.ts';
import { SampledBrazeClock } from '../../src/braze/clock.ts';
import { CatalogFence } from '../../src/braze/fence.ts';
import { fromCatalogItem, toCatalogItem } from '../../src/braze/fence-item.ts';
import type { FenceItem } from '../../src/braze/types.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryCatalog } from './memory-catalog.ts';

const FIELDS = new Set(['id', 'token', 'state', 'owner', 'send_at', 'sent_at', 'announced_send_at', 'home', 'away']);
const LIMITS: Limits = { hour: 250_000, broadcast: 250, audience_min: 10, catalog_sync: 45, catalog_async: 16_000 };

const item = (id: string, change: Partial<FenceItem> = {}): FenceItem => ({
  id,
  token: `${id}.token`,
  state: 'open',
  owner: 'o/ns/n',
  sendAt: '2026-12-06T11:30:00Z',
  sentAt: '',
  announcedSendAt: '2026-12-06T11:30:00Z',
  content: { home: 'Aston Villa FC', away: 'Arsenal FC' },
  ...change,
});
const urgency = (key: string, minute = 0) => ({ key, firesAt: Temporal.Instant.from('2026-12-06T11:30:00Z').add({ minutes: minute }) });

function fence(limits: Partial<Limits> = {}) {
  const catalog = new MemoryCatalog();
  const clock = new FakeClock('2026-12-06T10:00:10Z');
  const budgets = new WindowBudgets({ clock, brazeClock: new SampledBrazeClock(), limits: () => ({ ...LIMITS, ...limits }) });
  const made = new CatalogFence({ braze: catalog.api, budgets, catalog: 'fx', fields: () => FIELDS, now: () => clock.now(), gatherMs: 5 });
  onTestFinished(() => made.close());
  return { catalog, budgets, clock, fence: made };
}
const many = (count: number) => Array.from({ length: count }, (_, n) => `i${String(n).padStart(3, '0')}`);

describe('an item', () => {
  it('survives the way to the catalog and back', () => {
    expect(fromCatalogItem(toCatalogItem(item('a'), FIELDS))).toEqual(item('a'));
  });

  it('leaves out content that the catalog has no field for, never the token', () => {
    const stored = toCatalogItem(item('a', { content: { home: 'A', home_ar: 'أ', token: 'forged' } }), new Set(['home']));
    expect(stored).toMatchObject({ token: 'a.token', home: 'A' });
    expect(stored).not.toHaveProperty('home_ar');
  });

  it('leaves out content that would make it too long', () => {
    const stored = toCatalogItem(item('a', { content: { home: 'x'.repeat(6_000), away: 'B' } }), FIELDS);
    expect(JSON.stringify(stored).length).toBeLessThanOrEqual(5_000);
    expect(stored).toMatchObject({ token: 'a.token', away: 'B' });
  });

  it('is read as the template reads it when somebody else wrote it', () => {
    expect(fromCatalogItem({ id: 'a' })).toMatchObject({ token: '', state: 'closed', owner: '' });
    expect(fromCatalogItem({ id: 'a', token: 'x', state: null })).toMatchObject({ token: 'x', state: 'open' });
  });
});

describe('writing', () => {
  it('is synchronous for one item', async () => {
    const { fence: f, catalog } = fence();
    expect(await f.put(item('a'), urgency('a'))).toEqual({ kind: 'done', value: 'stored' });
    expect(catalog.calls).toEqual(['put a']);
    expect(catalog.items.get('a')).toMatchObject({ token: 'a.token', send_at: '2026-12-06T11:30:00Z' });
  });

  it('gathers what comes together into calls of at most 50', async () => {
    const { fence: f, catalog } = fence();
    const outcomes = await Promise.all(many(130).map((id) => f.put(item(id), urgency(id))));
    expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(130);
    expect(catalog.calls.filter((call) => call.startsWith('put-many'))).toEqual(['put-many ×50', 'put-many ×50', 'put-many ×22']);
    expect(catalog.items.size).toBe(130);
  });

  it('leaves synchronous calls for the reads that confirm it', async () => {
    const { fence: f, catalog } = fence();
    for (const id of many(40)) await f.put(item(id), urgency(id));
    expect(catalog.calls.filter((call) => call.startsWith('put i'))).toHaveLength(30);
    expect(catalog.items.size).toBe(40);
  });

  it('takes the asynchronous way when Braze says that the synchronous calls are spent', async () => {
    const { fence: f, catalog } = fence();
    catalog.instead = (call) => (call === 'put' ? refused({ reason: 'rate-limited', status: 429, message: '' }) : undefined);
    expect(await f.put(item('a'), urgency('a'))).toEqual({ kind: 'done', value: 'accepted' });
  });

  it('never lets two writes of one item travel at once, and the later one lands last', async () => {
    const { fence: f, catalog } = fence();
    const held = Promise.withResolvers<void>();
    catalog.before = (call) => (call === 'put' ? held.promise : Promise.resolve());
    const opening = f.put(item('a'), urgency('a'));
    const closing = f.put(item('a', { token: '', state: 'closed' }), urgency('a'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(catalog.calls).toEqual(['put a']);
    held.resolve();
    expect([await opening, await closing]).toEqual([
      { kind: 'done', value: 'stored' },
      { kind: 'done', value: 'accepted' },
    ]);
    expect(catalog.items.get('a')).toMatchObject({ token: '' });
  });

  it('replaces a write that has not left, and says so to who asked for it', async () => {
    const { fence: f, catalog } = fence({ catalog_sync: 0 });
    const old = f.put(item('a'), urgency('a'));
    const later = f.put(item('a', { token: '' }), urgency('a'));
    expect(await old).toMatchObject({ kind: 'refused', refusal: { reason: 'not-sent' } });
    expect(await later).toMatchObject({ kind: 'done' });
    expect(catalog.calls).toEqual(['put-many a']);
  });

  it('does not let one bad item keep the others from being written', async () => {
    const { fence: f, catalog } = fence({ catalog_sync: 0 });
    catalog.instead = (call, ids) =>
      call === 'put-many' && ids.includes('i003') ? refused({ reason: 'invalid-request', status: 400, message: 'bad' }) : undefined;
    const outcomes = await Promise.all(many(20).map((id) => f.put(item(id), urgency(id))));
    expect(outcomes.map((outcome) => outcome.kind).filter((kind) => kind !== 'done')).toEqual(['refused']);
    expect(catalog.items.size).toBe(19);
  });

  it('tells each of a gathered call that its outcome is unknown', async () => {
    const { fence: f, catalog } = fence({ catalog_sync: 0 });
    catalog.instead = () => unknown('time-out');
    const outcomes = await Promise.all(many(3).map((id) => f.put(item(id), urgency(id))));
    expect(outcomes).toEqual(Array(3).fill({ kind: 'unknown', message: 'time-out' }));
  });

  it('says when to come back when no call is left', async () => {
    const { fence: f } = fence({ catalog_sync: 0, catalog_async: 0 });
    expect(await f.put(item('a'), urgency('a'))).toMatchObject({ refusal: { reason: 'rate-limited', retryAt: expect.anything() } });
    expect(await f.delete(['a'])).toMatchObject({ refusal: { reason: 'rate-limited', retryAt: expect.anything() } });
  });

  it('tells who waits that nothing was sent when it is closed', async () => {
    const { fence: f, catalog } = fence({ catalog_sync: 0 });
    const write = f.put(item('a'), urgency('a'));
    const read = f.read('a', urgency('a'));
    f.close();
    expect([await write, await read]).toMatchObject([{ refusal: { reason: 'not-sent' } }, { refusal: { reason: 'not-sent' } }]);
    expect(catalog.calls).toEqual([]);
  });
});

describe('reading', () => {
  it('gets one item, and believes Braze that it is absent', async () => {
    const { fence: f, catalog } = fence();
    catalog.items.set('a', toCatalogItem(item('a'), FIELDS));
    expect(await f.read('a', urgency('a'))).toEqual({ kind: 'done', value: item('a') });
    expect(await f.read('b', urgency('b'))).toEqual({ kind: 'done', value: undefined });
  });

  it('turns pages once for all when many wait', async () => {
    const { fence: f, catalog } = fence();
    for (const id of many(120)) catalog.items.set(id, toCatalogItem(item(id), FIELDS));
    const outcomes = await Promise.all(many(120).map((id) => f.read(id, urgency(id))));
    expect(outcomes.every((outcome) => outcome.kind === 'done' && outcome.value?.token !== '')).toBe(true);
    expect(catalog.calls).toEqual(['list ', 'list 50', 'list 100']);
  });

  it('stops turning when everybody is served', async () => {
    const { fence: f, catalog } = fence();
    for (const id of many(200)) catalog.items.set(id, toCatalogItem(item(id), FIELDS));
    await Promise.all(many(20).map((id) => f.read(id, urgency(id))));
    expect(catalog.calls).toEqual(['list ']);
  });

  it('does not take a missing row for a missing item', async () => {
    const { fence: f, catalog } = fence();
    for (const id of many(9)) catalog.items.set(id, toCatalogItem(item(id), FIELDS));
    const late = many(10).at(-1) ?? '';
    catalog.before = (call) => {
      if (call === 'get') catalog.items.set(late, toCatalogItem(item(late), FIELDS));
      return Promise.resolve();
    };
    const outcomes = await Promise.all(many(10).map((id) => f.read(id, urgency(id))));
    expect(outcomes.at(-1)).toMatchObject({ kind: 'done', value: { id: late } });
    expect(catalog.calls).toEqual(['list ', `get ${late}`]);
  });

  it('answers from a request that began after it was asked', async () => {
    const { fence: f, catalog } = fence();
    const held = Promise.withResolvers<void>();
    catalog.items.set('a', toCatalogItem(item('a', { token: 'old' }), FIELDS));
    let first = true;
    catalog.before = () => {
      const wait = first ? held.promise : Promise.resolve();
      first = false;
      return wait;
    };
    const early = f.read('a', urgency('a'));
    await expect.poll(() => catalog.calls).toEqual(['get a']);
    const late = f.read('a', urgency('b'));
    held.resolve();
    await early;
    catalog.items.set('a', toCatalogItem(item('a', { token: 'new' }), FIELDS));
    expect(await late).toMatchObject({ value: { token: 'new' } });
    expect(catalog.calls).toEqual(['get a', 'get a']);
  });

  it('serves the nearest sends when few calls are left, and tells the others when to come back', async () => {
    const { fence: f, catalog } = fence({ catalog_sync: 2 });
    const outcomes = await Promise.all(['far', 'near', 'mid'].map((id, n) => f.read(id, urgency(id, [90, 5, 30][n]))));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['refused', 'done', 'done']);
    expect(outcomes[0]).toMatchObject({ refusal: { reason: 'rate-limited', retryAt: expect.anything() } });
    expect(catalog.calls).toEqual(['get near', 'get mid']);
  });

  it('passes on what stopped the pages to those not yet served', async () => {
    const { fence: f, catalog } = fence();
    for (const id of many(60)) catalog.items.set(id, toCatalogItem(item(id), FIELDS));
    catalog.instead = (call, ids) => (call === 'list' && ids[0] === '50' ? unknown('reset') : undefined);
    const outcomes = await Promise.all(many(60).map((id) => f.read(id, urgency(id))));
    expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(50);
    expect(outcomes.filter((outcome) => outcome.kind === 'unknown')).toHaveLength(10);
  });
});

describe('deleting', () => {
  it('goes in calls of 50 and ends at the first that is not done', async () => {
    const { fence: f, catalog } = fence();
    expect(await f.delete(many(120))).toEqual({ kind: 'done', value: undefined });
    expect(catalog.calls).toEqual(['delete-many ×50', 'delete-many ×50', 'delete-many ×20']);
    catalog.instead = () => unknown('time-out');
    expect(await f.delete(many(120))).toMatchObject({ kind: 'unknown' });
    expect(catalog.calls).toHaveLength(4);
  });
});

describe('what a page showed beside', () => {
  /** 500 items were written a second ago; some of them were read back by pages. */
  async function pagesTurned() {
    const made = fence();
    for (const id of many(500)) made.catalog.items.set(id, { id, token: `${id}.token` });
    const written = made.clock.now();
    made.clock.advance(1_000);
    await Promise.all(many(16).map((n) => made.fence.read(`i${String(499 - Number(n.slice(1))).padStart(3, '0')}`, urgency(n))));
    made.catalog.calls.length = 0;
    return { ...made, written };
  }

  it('answers who wants to know what was there after a moment before it, without a call', async () => {
    const { fence: f, catalog, written } = await pagesTurned();
    const outcomes = await Promise.all(many(480).map((id) => f.read(id, urgency(id), written)));
    expect(outcomes.every((outcome) => outcome.kind === 'done' && outcome.value?.token.endsWith('.token') === true)).toBe(true);
    expect(catalog.calls).toEqual([]);
  });

  it('is no answer for who wants to know what is there now, or what was there later', async () => {
    const { fence: f, catalog, clock } = await pagesTurned();
    await f.read('i000', urgency('a'));
    await f.read('i001', urgency('b'), clock.now());
    expect(catalog.calls).toEqual(['get i000', 'get i001']);
  });

  it('is told once: who did not find there what it waits for is answered by a call', async () => {
    const { fence: f, catalog, written } = await pagesTurned();
    await f.read('i000', urgency('a'), written);
    await f.read('i000', urgency('a'), written);
    expect(catalog.calls).toEqual(['get i000']);
  });

  it('is forgotten by who turns the pages a minute later', async () => {
    const { fence: f, catalog, clock, written } = await pagesTurned();
    clock.advance(61_000);
    await Promise.all(many(16).map((id) => f.read(id, urgency(id))));
    catalog.calls.length = 0;
    await f.read('i499', urgency('a'), written);
    expect(catalog.calls).toEqual(['get i499']);
  });
});
