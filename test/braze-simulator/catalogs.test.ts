import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, CAMPAIGN, type Harness, harness } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const ITEMS = '/catalogs/matchday/items';
const one = (method: string, id: string, members?: object) =>
  h.call(method, `${ITEMS}/${id}`, members === undefined ? undefined : { items: [members] });
const bulk = (method: string, items: readonly unknown[]) => h.call(method, ITEMS, { items });
const stored = (id: string) => h.sim.item('matchday', id);
const errorIds = (answer: Answer) => (answer.json['errors'] as { id: string }[]).map((error) => error.id);
const settle = () => h.clock.advance({ seconds: 1 });

describe('contracts 1.12: one item, synchronously', () => {
  it('PUT creates, then replaces whole, and answers 200', async () => {
    h = await harness();
    const answer = await one('PUT', 'fd-1', { token: 't1', home: 'Villa' });
    expect([answer.status, answer.json]).toEqual([200, { message: 'success' }]);
    await one('PUT', 'fd-1', { token: 't2' });
    expect(stored('fd-1')).toEqual({ token: 't2' });
  });

  it('GET answers the item with its id, or 404 item-not-found', async () => {
    h = await harness();
    await one('PUT', 'fd-1', { token: 't1' });
    expect((await one('GET', 'fd-1')).json).toEqual({ items: [{ id: 'fd-1', token: 't1' }], message: 'success' });
    const missing = await one('GET', 'fd-2');
    expect([missing.status, errorIds(missing), missing.json['message']]).toEqual([404, ['item-not-found'], 'Invalid Request']);
  });

  it('PATCH edits, POST creates, DELETE removes', async () => {
    h = await harness();
    expect((await one('PATCH', 'fd-1', { home: 'x' })).status).toBe(404);
    expect((await one('POST', 'fd-1', { token: 't1', home: 'Villa' })).status).toBe(201);
    expect(errorIds(await one('POST', 'fd-1', { token: 't1' }))).toEqual(['item-already-exists']);
    expect((await one('PATCH', 'fd-1', { home: 'Aston Villa' })).status).toBe(200);
    expect(stored('fd-1')).toEqual({ token: 't1', home: 'Aston Villa' });
    expect((await one('DELETE', 'fd-1')).status).toBe(200);
    expect((await one('DELETE', 'fd-1')).status).toBe(404);
  });

  it.each([
    ['an unknown field', 'fd-1', { token: 't1', home_ar: 'x' }, 'invalid-fields'],
    ['an id in the body', 'fd-1', { id: 'fd-1', token: 't1' }, 'id-in-body'],
    ['a space in the id', 'fd%201', { token: 't1' }, 'invalid-ids'],
    ['an id of 251 characters', 'x'.repeat(251), { token: 't1' }, 'invalid-ids'],
    ['more than 5,000 characters', 'fd-1', { home: 'x'.repeat(5_000) }, 'items-too-large'],
    ['a value of another type', 'fd-1', { home: { name: 'Villa' } }, 'unable-to-coerce-value'],
  ])('refuses %s, in words', async (_, id, members, error) => {
    h = await harness();
    const answer = await one('PUT', id, members);
    expect([answer.status, errorIds(answer)]).toEqual([400, [error]]);
    expect(answer.json['errors']).toEqual([
      { id: error, message: expect.any(String), parameters: expect.any(Array), parameter_values: expect.any(Array) },
    ]);
    expect(stored(decodeURIComponent(id))).toBeUndefined();
  });

  it('takes an id of 250 letters, digits, hyphens and underscores', async () => {
    h = await harness();
    expect((await one('PUT', `A-_9${'x'.repeat(246)}`, { token: 't' })).status).toBe(200);
  });

  it('refuses two items, none, and an unknown catalog', async () => {
    h = await harness();
    expect(errorIds(await h.call('PUT', `${ITEMS}/a`, { items: [{}, {}] }))).toEqual(['request-includes-too-many-items']);
    expect(errorIds(await h.call('PUT', `${ITEMS}/a`, {}))).toEqual(['item-array-invalid']);
    const nowhere = await h.call('PUT', '/catalogs/other/items/a', { items: [{ token: 't' }] });
    expect([nowhere.status, errorIds(nowhere)]).toEqual([404, ['catalog-not-found']]);
  });
});

describe('contracts 1.12: many items, asynchronously', () => {
  it('PUT answers 202 at once and is applied later', async () => {
    h = await harness();
    const answer = await bulk('PUT', [
      { id: 'a', token: 't1' },
      { id: 'b', token: 't2' },
    ]);
    expect([answer.status, answer.json]).toEqual([202, { message: 'success' }]);
    expect(stored('a')).toBeUndefined();
    h.clock.advance({ milliseconds: 499 });
    expect((await one('GET', 'a')).status).toBe(404);
    h.clock.advance({ milliseconds: 1 });
    expect([stored('a'), stored('b')]).toEqual([{ token: 't1' }, { token: 't2' }]);
  });

  it('PATCH edits what is there, POST creates what is not, DELETE removes; the rest is nobody told', async () => {
    h = await harness();
    await bulk('PUT', [{ id: 'a', token: 't1', home: 'Villa' }]);
    settle();
    expect(
      (
        await bulk('PATCH', [
          { id: 'a', token: 't2' },
          { id: 'b', token: 't2' },
        ])
      ).status,
    ).toBe(202);
    expect(
      (
        await bulk('POST', [
          { id: 'a', token: 't3' },
          { id: 'c', token: 't3' },
        ])
      ).status,
    ).toBe(202);
    settle();
    expect([stored('a'), stored('b'), stored('c')]).toEqual([{ token: 't2', home: 'Villa' }, undefined, { token: 't3' }]);
    expect((await bulk('DELETE', [{ id: 'a' }, { id: 'nothing' }])).status).toBe(202);
    settle();
    expect(stored('a')).toBeUndefined();
  });

  it.each([
    ['an unknown field', { id: 'bad', token: 't1', home_ar: 'x' }],
    ['a bad id', { id: 'bad id', token: 't1' }],
    ['no id', { token: 't1' }],
    ['more than 5,000 characters', { id: 'bad', home: 'x'.repeat(5_000) }],
    ['no object', 'bad'],
  ])('an item with %s is dropped whole, the others are kept, and the answer is 202', async (_, bad) => {
    h = await harness();
    expect((await bulk('PUT', [{ id: 'a', token: 't1' }, bad])).status).toBe(202);
    settle();
    expect(Object.keys(h.sim.catalogs()[0]?.items ?? {})).toEqual(['a']);
  });

  it('takes 50 items and not 51', async () => {
    h = await harness();
    const items = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `i${index}`, token: 't' }));
    expect((await bulk('PUT', items(50))).status).toBe(202);
    expect(errorIds(await bulk('PUT', items(51)))).toEqual(['request-includes-too-many-items']);
  });

  it('keeps the order of the calls, unless asyncReorder lets the second one land first', async () => {
    h = await harness();
    await bulk('PUT', [{ id: 'a', token: 'old' }]);
    await bulk('PUT', [{ id: 'a', token: 'new' }]);
    settle();
    expect(stored('a')).toEqual({ token: 'new' });
    h.sim.setOptions({ asyncReorder: true });
    await bulk('PUT', [{ id: 'a', token: 'older' }]);
    await bulk('PUT', [{ id: 'a', token: 'newer' }]);
    settle();
    expect(stored('a')).toEqual({ token: 'older' });
  });

  it('an asynchronous write may land after a later synchronous one, and wins', async () => {
    h = await harness({ asyncLagMs: 30_000 });
    await bulk('PUT', [{ id: 'a', token: 'async' }]);
    await one('PUT', 'a', { token: 'sync' });
    expect(stored('a')).toEqual({ token: 'sync' });
    h.clock.advance({ seconds: 30 });
    expect(stored('a')).toEqual({ token: 'async' });
  });

  it('lands before a send of a later moment, also within one jump of the clock', async () => {
    h = await harness({ asyncLagMs: 60_000 });
    await h.create({
      campaign_id: CAMPAIGN,
      trigger_properties: { notification: 'fd-1', token: 't1' },
      schedule: { time: '2026-12-06T09:00:59Z' },
    });
    await h.create({
      campaign_id: CAMPAIGN,
      trigger_properties: { notification: 'fd-1', token: 't1' },
      schedule: { time: '2026-12-06T09:01:01Z' },
    });
    await bulk('PUT', [{ id: 'fd-1', token: 't1' }]);
    h.clock.advance({ hours: 1 });
    expect([h.sim.aborts().length, h.sim.deliveries().length]).toEqual([5, 5]);
  });
});

describe('contracts 1.12: reading', () => {
  it('pages of 50 with the way on in the Link header', async () => {
    h = await harness();
    for (let index = 0; index < 120; index++) h.sim.setItem('matchday', `i${String(index).padStart(3, '0')}`, { token: 't' });
    const seen: string[] = [];
    let next: string | undefined = ITEMS;
    while (next !== undefined) {
      const page: Answer = await h.call('GET', next);
      const ids = (page.json['items'] as { id: string }[]).map((item) => item.id);
      expect(ids.length).toBeLessThanOrEqual(50);
      seen.push(...ids);
      const link = /^<(.+\?cursor=.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      next = link?.slice(h.sim.url.length);
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  it('may show the past: readLagMs', async () => {
    h = await harness({ readLagMs: 10_000 });
    await one('PUT', 'a', { token: 't1' });
    expect((await one('GET', 'a')).status).toBe(404);
    h.clock.advance({ seconds: 10 });
    await one('PUT', 'a', { token: 't2' });
    expect((await one('GET', 'a')).json['items']).toEqual([{ id: 'a', token: 't1' }]);
  });

  it('all catalogs with their fields', async () => {
    h = await harness();
    const catalogs = (await h.call('GET', '/catalogs')).json['catalogs'] as { name: string; fields: { name: string; type: string }[] }[];
    expect(catalogs.map((catalog) => [catalog.name, catalog.fields[0]])).toEqual([['matchday', { name: 'id', type: 'string' }]]);
  });
});

describe('contracts 1.12: catalogs and fields', () => {
  const catalog = (change: object = {}) => ({
    catalogs: [
      {
        name: 'other',
        description: 'd',
        fields: [
          { name: 'id', type: 'string' },
          { name: 'at', type: 'time' },
        ],
        ...change,
      },
    ],
  });

  it('a catalog is created with 201', async () => {
    h = await harness();
    expect((await h.call('POST', '/catalogs', catalog())).status).toBe(201);
    expect((await h.call('PUT', '/catalogs/other/items/a', { items: [{ at: '2026-12-06T09:00:00Z' }] })).status).toBe(200);
    expect((await h.call('DELETE', '/catalogs/other')).status).toBe(200);
    expect((await h.call('GET', '/catalogs/other/items')).status).toBe(404);
  });

  it.each([
    ['one that exists', catalog({ name: 'matchday' }), 'catalog-name-already-exists'],
    ['a bad name', catalog({ name: 'a b' }), 'invalid-catalog-name'],
    ['an id that is not first', catalog({ fields: [{ name: 'at', type: 'time' }] }), 'id-not-first-column'],
    [
      'an unknown type',
      catalog({
        fields: [
          { name: 'id', type: 'string' },
          { name: 'x', type: 'date' },
        ],
      }),
      'invalid-fields',
    ],
    ['two at once', { catalogs: [...catalog().catalogs, ...catalog().catalogs] }, 'catalog-array-invalid'],
  ])('%s is refused', async (_, body, error) => {
    h = await harness();
    const answer = await h.call('POST', '/catalogs', body);
    expect([answer.status, errorIds(answer)]).toEqual([400, [error]]);
  });

  it('a field is added later and may then be written; removed, it may not', async () => {
    h = await harness();
    const added = await h.call('POST', '/catalogs/matchday/fields', { fields: [{ name: 'home_ar', type: 'string' }] });
    expect(added.status).toBe(202);
    expect((await one('PUT', 'a', { home_ar: 'x' })).status).toBe(400);
    settle();
    expect((await one('PUT', 'a', { home_ar: 'x' })).status).toBe(200);
    expect((await h.call('DELETE', '/catalogs/matchday/fields/home_ar')).status).toBe(202);
    settle();
    expect((await one('PUT', 'a', { home_ar: 'x' })).status).toBe(400);
  });

  it('a field that exists can not be added, one that does not can not be removed, the id never', async () => {
    h = await harness();
    const added = await h.call('POST', '/catalogs/matchday/fields', { fields: [{ name: 'home', type: 'string' }] });
    expect([added.status, errorIds(added)]).toEqual([400, ['field-already-exists']]);
    expect((await h.call('DELETE', '/catalogs/matchday/fields/none')).status).toBe(404);
    expect((await h.call('DELETE', '/catalogs/matchday/fields/id')).status).toBe(400);
  });
});
