import { describe, expect, it } from 'vitest';
import { ObjectStore } from '../../src/controller/store.ts';
import type { HandlerFailure } from '../../src/controller/store-delivery.ts';
import type { KubeObject } from '../../src/controller/types.ts';
import { until } from './harness.ts';
import { note } from './scripted-api.ts';

interface Flat extends KubeObject {
  readonly text: string;
}

function bareStore() {
  const failures: HandlerFailure[] = [];
  const heard: string[] = [];
  const store = new ObjectStore<Flat>({
    transform: (object) => {
      const { name, namespace, uid, resourceVersion } = object.metadata;
      const text = (object as ReturnType<typeof note>).spec.text;
      if (text === 'poison') throw new Error('can not shrink');
      return {
        metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
        text,
      };
    },
    indexes: {
      text: ({ text }) => {
        if (text === 'unindexable') throw new Error('no index of this');
        return [text];
      },
    },
    onHandlerFailure: (failure) => failures.push(failure),
    redelivery: { baseMs: 5, capMs: 10 },
  });
  store.subscribe((type, old, current) => heard.push(`${type} ${old?.text ?? '-'} ${current?.text ?? '-'}`));
  return { store, failures, heard };
}

function flatStore() {
  const made = bareStore();
  return { ...made, feed: made.store.feed() };
}

/** Complete up to version 10, with `a` at 5. */
async function filled() {
  const made = flatStore();
  const snapshot = made.feed.snapshot();
  snapshot.object(note('a', 5));
  await snapshot.commit('10');
  made.heard.length = 0;
  return made;
}
const a = { namespace: 'ns', name: 'a' };

describe('a store', () => {
  it('is synced only after a complete state, and not before it has a feed', async () => {
    const { store, feed } = flatStore();
    expect(store.synced).toBe(false);
    const snapshot = feed.snapshot();
    snapshot.object(note('a', 5));
    expect(store.synced).toBe(false);
    await snapshot.commit('10');
    expect(store.synced).toBe(true);
    expect(feed.highWater).toBe('10');
  });

  it('keeps what the transform keeps, frozen to the leaves and without managedFields', async () => {
    const { store } = await filled();
    const object = store.get(a)!;
    expect(object).toEqual({ metadata: { name: 'a', namespace: 'ns', uid: 'uid-a', resourceVersion: '5' }, text: 'v5' });
    expect(Object.isFrozen(object) && Object.isFrozen(object.metadata)).toBe(true);
  });

  it('finds objects by index, follows changes, and leaves no empty entry behind', async () => {
    const { store, feed } = await filled();
    expect(store.byIndex('text', 'v5')).toHaveLength(1);
    feed.changed(note('a', 11, { text: 'new' }));
    expect(store.byIndex('text', 'v5')).toEqual([]);
    expect(store.byIndex('text', 'new').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(() => store.byIndex('colour', 'red')).toThrow('there are: text');
  });

  it('ignores the event that our own write has replaced, and hears of the write once', async () => {
    const { store, feed, heard } = await filled();
    store.written(note('a', 14, { text: 'mine' }));
    feed.changed(note('a', 12, { text: 'before mine' }));
    expect(store.get(a)?.text).toBe('mine');
    feed.changed(note('a', 14, { text: 'mine' }));
    expect(heard).toEqual(['updated v5 mine']);
    feed.changed(note('a', 15, { text: 'theirs' }));
    expect(heard).toEqual(['updated v5 mine', 'updated mine theirs']);
  });

  it('lets no late answer of an old write resurrect what was deleted since', async () => {
    const { store, feed } = await filled();
    feed.deleted(note('a', 13));
    store.written(note('a', 12));
    expect(store.get(a)).toBeUndefined();
    store.written(note('a', 16, { uid: 'second life' }));
    expect(store.get(a)?.metadata.uid).toBe('second life');
  });

  it('lets no late event resurrect a deleted object', async () => {
    const { store, feed } = await filled();
    feed.deleted(note('a', 13));
    expect(feed.changed(note('a', 12))).toBe(false);
    expect(store.list()).toEqual([]);
  });

  it('does not take the deletion of a former life for one of the present', async () => {
    const { store, feed, heard } = await filled();
    store.written(note('a', 20, { uid: 'second life' }));
    feed.deleted(note('a', 15));
    expect(store.get(a)?.metadata.uid).toBe('second life');
    expect(heard).toEqual(['deleted v5 -', 'added - v20']);
  });

  it('deletes what a newer complete state lacks, but not what we wrote after it', async () => {
    const { store, feed } = await filled();
    feed.changed(note('b', 11));
    store.written(note('c', 30));
    const snapshot = feed.snapshot();
    snapshot.object(note('b', 11));
    expect(await snapshot.commit('20')).toBe(true);
    expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
  });

  it('takes nothing from a complete state that is older than what it knows', async () => {
    const { store, feed, heard } = await filled();
    const snapshot = feed.snapshot();
    snapshot.object(note('gone', 3));
    snapshot.object(note('a', 4));
    expect(await snapshot.commit('9')).toBe(false);
    expect(heard).toEqual([]);
    expect(store.list().map(({ text }) => text)).toEqual(['v5']);
    expect(feed.highWater).toBe('10');
  });

  it('heals a hole: an object that it should have known is taken from a complete state that is not older', async () => {
    const { store, feed } = await filled();
    const snapshot = feed.snapshot();
    snapshot.object(note('a', 5));
    snapshot.object(note('missed', 7));
    expect(store.get({ namespace: 'ns', name: 'missed' })).toBeUndefined();
    await snapshot.commit('10');
    expect(store.get({ namespace: 'ns', name: 'missed' })?.text).toBe('v7');
  });

  it('does not keep an object that is deleted between a snapshot and its end mark', async () => {
    const { store, feed } = flatStore();
    const snapshot = feed.snapshot();
    snapshot.object(note('a', 5));
    snapshot.deleted(note('a', 6));
    await snapshot.commit('6');
    expect(store.list()).toEqual([]);
  });

  it('compares versions longer than a number holds', async () => {
    const { store, feed } = await filled();
    feed.changed(note('a', '90071992547409930001', { text: 'long' }));
    feed.changed(note('a', '90071992547409930000', { text: 'one less' }));
    expect(store.get(a)?.text).toBe('long');
  });

  it('with a feed for each of two namespaces is synced when both are, and each has its own high-water mark', async () => {
    const { store } = bareStore();
    const [one, two] = [store.feed('ns'), store.feed('other')];
    await one.snapshot().commit('50');
    expect(store.synced).toBe(false);
    await two.snapshot().commit('10');
    expect(store.synced).toBe(true);
    expect(two.changed({ ...note('b', 20), metadata: { name: 'b', namespace: 'other', resourceVersion: '20' } })).toBe(true);
    expect(one.changed(note('a', 20))).toBe(false);
  });

  it('reports a transform or an index that throws and keeps the state it had', async () => {
    const { store, feed, failures } = await filled();
    feed.changed(note('a', 11, { text: 'poison' }));
    expect(failures).toMatchObject([{ what: 'transform', key: a }]);
    expect(store.get(a)?.text).toBe('v5');
    feed.changed(note('a', 12, { text: 'unindexable' }));
    expect(failures).toHaveLength(2);
    expect(store.byIndex('text', 'v5')).toHaveLength(1);
    feed.changed(note('a', 13, { text: 'fine' }));
    expect(store.get(a)?.text).toBe('fine');
  });

  it('tells a new subscriber what is there, and after its undo nothing', async () => {
    const { store, feed } = await filled();
    const heard: string[] = [];
    const undo = store.subscribe((type, _, current) => heard.push(`${type} ${current?.text}`));
    undo();
    feed.changed(note('a', 11));
    expect(heard).toEqual(['added v5']);
  });

  it('tells a handler that threw again, with the first state it missed and the newest', async () => {
    const { store, feed, failures } = await filled();
    const heard: string[] = [];
    let broken = true;
    store.subscribe((type, old, current) => {
      if (broken && current?.text !== 'v5') throw new Error('no');
      heard.push(`${type} ${old?.text ?? '-'} ${current?.text ?? '-'}`);
    });
    feed.changed(note('a', 11));
    feed.changed(note('a', 12));
    expect(failures).toHaveLength(2);
    broken = false;
    await until('told again', () => heard.length === 2);
    expect(heard).toEqual(['added - v5', 'updated v5 v12']);
    store.close();
  });
});
