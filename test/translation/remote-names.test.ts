import { beforeEach, describe, expect, it } from 'vitest';
import type { Translation, TranslationAnswer } from '../../src/translation/libre-translate.ts';
import { NameCache } from '../../src/translation/name-cache.ts';
import { firstOf, NONE, UNKNOWN } from '../../src/translation/names.ts';
import { RemoteNames, type RemoteSettings } from '../../src/translation/remote-names.ts';
import { Translators } from '../../src/translation/translators.ts';
import { FakeClock } from '../support/fake-clock.ts';

const SETTINGS: RemoteSettings = { source: 'en', apiKey: undefined, requestsPerMinute: 60, timeoutMs: 20_000 };

/** A translator whose answers the test gives, in the order of its calls. */
class Scripted {
  readonly calls: Translation[] = [];
  readonly #open: ((answer: TranslationAnswer) => void)[] = [];

  translate(wanted: Translation): Promise<TranslationAnswer> {
    this.calls.push(wanted);
    return new Promise((resolve) => void this.#open.push(resolve));
  }

  get unanswered(): number {
    return this.#open.length;
  }

  async answer(answer: TranslationAnswer): Promise<void> {
    this.#open.shift()?.(answer);
    await settled();
  }

  close(): void {}
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const done = (text: string): TranslationAnswer => ({ kind: 'done', name: text });
const name = (text: string) => ({ kind: 'name', name: text });
const failed: TranslationAnswer = { kind: 'failed', message: 'it answered 500' };

let clock: FakeClock;
let service: Scripted;
let news: number;
let names: RemoteNames;
const tellNews = (): void => {
  news += 1;
};
const begin = (over: Partial<RemoteSettings> = {}): void => {
  clock = new FakeClock();
  service = new Scripted();
  news = 0;
  names = new RemoteNames({ ...SETTINGS, ...over }, { service, clock, onNews: tellNews });
};
beforeEach(() => begin());
const of = (text: string, locale = 'ar') => names.nameOf({ teamId: '58', name: text, locale });

describe('a name from a translator', () => {
  it('is unknown at first and asked for once, whoever asks, until the answer is there', async () => {
    expect([of('Villa'), of('Villa'), of('Villa')]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    expect(service.calls).toEqual([{ text: 'Villa', source: 'en', target: 'ar', apiKey: undefined, timeoutMs: 20_000 }]);
    await service.answer(done('فيلا'));
    expect(news).toBe(1);
    expect([of('Villa'), of('Villa')]).toEqual([name('فيلا'), name('فيلا')]);
    expect(service.calls).toHaveLength(1);
  });

  it('is asked for no more than four at a time, and one after the other beyond', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) of(text);
    expect(service.calls.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
    await service.answer(done('A'));
    expect(service.calls.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is told of when all is answered, not one by one', async () => {
    for (const text of ['a', 'b', 'c']) of(text);
    await service.answer(done('A'));
    await service.answer(done('B'));
    expect(news).toBe(0);
    await service.answer(done('C'));
    expect(news).toBe(1);
  });

  it('is told of every half minute while a slow translator is at work', async () => {
    for (const text of ['a', 'b', 'c']) of(text);
    clock.advance(15_000);
    await service.answer(done('A'));
    expect(news).toBe(0);
    clock.advance(15_000);
    await service.answer(done('B'));
    expect(news).toBe(1);
  });

  it('falls back from a region to its language when the translator lacks the region, and remembers that for a day', async () => {
    expect(of('Villa', 'ar-EG')).toEqual(UNKNOWN);
    await service.answer({ kind: 'refused', message: 'ar-EG is not supported' });
    expect(of('Villa', 'ar-EG')).toEqual(UNKNOWN);
    await service.answer(done('فيلا'));
    expect(of('Villa', 'ar-EG')).toEqual({ kind: 'name', name: 'فيلا' });
    expect(service.calls.map(({ target }) => target)).toEqual(['ar-EG', 'ar']);
    clock.advance(86_400_000);
    expect(of('Villa', 'ar-EG')).toEqual(UNKNOWN);
    expect(service.calls.map(({ target }) => target)).toEqual(['ar-EG', 'ar', 'ar-EG']);
  });

  it('that is refused in every form is none, and is asked for again when a person says so', async () => {
    of('Villa');
    await service.answer({ kind: 'refused', message: 'too long' });
    expect(of('Villa')).toEqual(NONE);
    names.retry();
    expect(of('Villa')).toEqual(UNKNOWN);
    expect(service.calls).toHaveLength(2);
  });
});

describe('the budget', () => {
  it('is never exceeded in any minute, and what waits for it goes out when it is renewed', async () => {
    begin({ requestsPerMinute: 3 });
    for (const text of ['a', 'b', 'c', 'd']) of(text);
    for (let n = 0; n < 3; n += 1) await service.answer(done('x'));
    expect(service.calls).toHaveLength(3);
    clock.advance(59_999);
    expect(of('d')).toEqual(UNKNOWN);
    expect(service.calls).toHaveLength(3);
    clock.advance(2);
    of('d');
    expect(service.calls.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a translator that is down', () => {
  it('costs a call now and then, not one for each team, and is the problem of nobody else', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) of(text);
    for (let n = 0; n < 4; n += 1) await service.answer(failed);
    expect(names.problem).toEqual({ kind: 'unavailable', message: 'it answered 500' });
    // Five seconds, then ten, twenty …: in the first hour after it.
    for (let second = 0; second < 3_600; second += 1) {
      clock.advance(1_000);
      for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) expect(of(text)).toEqual(UNKNOWN);
      if (service.unanswered > 0) await service.answer(failed);
    }
    expect(service.calls.length).toBeGreaterThan(8);
    expect(service.calls.length).toBeLessThan(20);
  });

  it('is asked by one call whether it is back, and then by all', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e']) of(text);
    for (let n = 0; n < 4; n += 1) await service.answer(failed);
    clock.advance(5_000);
    for (const text of ['a', 'b', 'c', 'd', 'e']) of(text);
    expect(service.calls).toHaveLength(5);
    await service.answer(done('x'));
    expect(names.problem).toBeUndefined();
    expect(service.unanswered).toBe(4);
  });

  it('is left alone for as long as it asks', async () => {
    of('a');
    await service.answer({ kind: 'busy', message: 'it answered 429', waitMs: 120_000 });
    clock.advance(119_999);
    of('a');
    expect(service.calls).toHaveLength(1);
    clock.advance(1);
    of('a');
    expect(service.calls).toHaveLength(2);
  });

  it('because of its key is asked again after ten minutes, or at once with another key', async () => {
    of('a');
    await service.answer({ kind: 'unauthorized', message: 'it answered 403' });
    expect(names.problem?.kind).toBe('unauthorized');
    clock.advance(599_000);
    of('a');
    expect(service.calls).toHaveLength(1);
    names.configure({ ...SETTINGS, apiKey: 'new' });
    of('a');
    expect(service.calls.map(({ apiKey }) => apiKey)).toEqual([undefined, 'new']);
  });

  it('asks nobody after it was closed', async () => {
    of('a');
    names.close();
    await service.answer(done('x'));
    expect([news, of('b'), service.calls.length]).toEqual([0, UNKNOWN, 1]);
  });
});

describe('what is remembered', () => {
  it('is bounded: what was not asked for longest goes', () => {
    const cache = new NameCache(3);
    for (const key of ['a', 'b', 'c']) cache.set(key, { kind: 'name', name: key });
    cache.get('a');
    cache.set('d', { kind: 'name', name: 'd' });
    expect([cache.size, cache.get('a')?.kind, cache.get('b')]).toEqual([3, 'name', undefined]);
  });
});

describe('sources in order', () => {
  const fixed = (answer: ReturnType<RemoteNames['nameOf']>) => ({ nameOf: () => answer });
  const question = { teamId: '58', name: 'Villa', locale: 'ar' };
  it.each([
    ['the first that knows wins', [fixed(NONE), fixed({ kind: 'name', name: 'x' })], name('x')],
    ["a table that can't be read is waited for", [fixed(UNKNOWN), fixed({ kind: 'name', name: 'x' })], UNKNOWN],
    ['nobody knows', [fixed(NONE)], NONE],
    ['nobody is there', [], NONE],
  ] as const)('%s', (_what, sources, answer) => {
    expect(firstOf(sources).nameOf(question)).toEqual(answer);
  });
});

describe('translators of several feeds', () => {
  const use = (namespace: string, over: object = {}) => ({
    ...SETTINGS,
    namespace,
    base: 'https://t.example',
    keyFrom: 'ns/t/k',
    onNews: tellNews,
    ...over,
  });

  it('are one for feeds that name the same, with the least of their budgets, and none for other namespaces', async () => {
    const made: string[] = [];
    const translators = new Translators({
      clock,
      connect: (base) => {
        made.push(base);
        return service;
      },
    });
    const first = translators.use('a/pl', use('a', { requestsPerMinute: 1 }));
    expect(translators.use('a/cl', use('a', { requestsPerMinute: 60 }))).toBe(first);
    expect(translators.use('b/pl', use('b'))).not.toBe(first);
    expect(made).toHaveLength(2);
    first.nameOf({ teamId: '1', name: 'x', locale: 'ar' });
    first.nameOf({ teamId: '2', name: 'y', locale: 'ar' });
    expect(service.calls).toHaveLength(1);
    await service.answer(done('X'));
    // Both feeds of it hear the news.
    expect(news).toBe(2);
  });

  it('are let go when the last feed leaves', () => {
    const translators = new Translators({ clock, connect: () => service });
    const first = translators.use('a/pl', use('a'));
    translators.use('a/cl', use('a'));
    translators.leave('a/pl');
    expect(translators.use('a/cl', use('a'))).toBe(first);
    translators.leave('a/cl');
    expect(translators.use('a/pl', use('a'))).not.toBe(first);
  });
});
