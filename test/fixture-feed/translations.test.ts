import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/controller/client-errors.ts';
import type { KubeClient, KubeObject, ObjectKey, Resource } from '../../src/controller/types.ts';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { Translations } from '../../src/reconcilers/fixture-feed/translations.ts';
import type { TranslationAnswer } from '../../src/translation/libre-translate.ts';
import { NONE, UNKNOWN } from '../../src/translation/names.ts';
import { Translators } from '../../src/translation/translators.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { feedWith } from './samples.ts';

const PROVIDER = { url: 'https://translate.example', source: 'en', requestsPerMinute: 60, timeout: '30s' };
const KEY_REF = { name: 'translator', key: 'apiKey' };
const question = { teamId: '58', name: 'Aston Villa FC', locale: 'ar' };

/** Objects by `<plural>/<name>`; an Error is what the API server answers. */
let objects: Map<string, object | Error>;
let reads: string[];
let clock: FakeClock;
let keys: (string | undefined)[];
let answer: TranslationAnswer;
let woken: number;
let secrets: string[];
let translations: Translations;
let forget: () => void;

const kube: Pick<KubeClient, 'get'> = {
  get: <T extends KubeObject>(resource: Resource, { name }: ObjectKey): Promise<T> => {
    const what = `${resource.plural}/${name}`;
    reads.push(what);
    const found = objects.get(what) ?? refusal(404, 'NotFound');
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found as T);
  },
};
const refusal = (status: number, reason: string): ApiError => new ApiError('GET of a test', status, { reason, message: 'words' });
const configMap = (data: object, resourceVersion = '1') => ({ metadata: { name: 'team-names', resourceVersion }, data });

beforeEach(() => {
  objects = new Map<string, object | Error>([['configmaps/team-names', configMap({ 'ar.58': 'أستون فيلا' })]]);
  [reads, keys, secrets, woken, clock] = [[], [], [], 0, new FakeClock()];
  answer = { kind: 'done', name: 'من الآلة' };
  const translate = ({ apiKey }: { apiKey: string | undefined }): Promise<TranslationAnswer> => {
    keys.push(apiKey);
    return Promise.resolve(answer);
  };
  const translators = new Translators({ clock, connect: () => ({ translate, close: () => {} }) });
  const wake = (): void => {
    woken += 1;
  };
  const registerSecret = (_owner: string, value: string): void => void secrets.push(value);
  translations = new Translations({ kube, translators, allowTranslators: ['https://translate.example'], registerSecret, wake });
  forget = () => translators.close();
});

type Translation = NonNullable<FixtureFeedSpec['translation']>;
const feed = (over: Partial<Translation>, requestedAt?: string) =>
  feedWith(
    { translation: { locales: ['ar'], ...over } },
    requestedAt === undefined ? {} : { annotations: { 'matchday.dev/requested-at': requestedAt } },
  );
const pass = (over: Partial<Translation>, requestedAt?: string) =>
  translations.of({
    key: { namespace: 'club', name: 'pl' },
    feed: feed(over, requestedAt),
    now: clock.now(),
    signal: new AbortController().signal,
  });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const TABLE = { configMapRef: { name: 'team-names' } };
const named = (name: string) => ({ kind: 'name', name });

describe('a feed with a table', () => {
  it('reads it once a minute at most, and at once when a person asks', async () => {
    for (let n = 0; n < 3; n += 1) expect((await pass(TABLE))?.source.nameOf(question)).toEqual(named('أستون فيلا'));
    expect(reads).toHaveLength(1);
    clock.advance(60_000);
    await pass(TABLE);
    await pass(TABLE, 'now');
    await pass(TABLE, 'now');
    expect(reads).toHaveLength(3);
  });

  it('sees a changed name, and that a removed one has none', async () => {
    await pass(TABLE);
    objects.set('configmaps/team-names', configMap({ 'ar.58': 'فيلا' }, '2'));
    expect((await pass(TABLE, 'a'))?.source.nameOf(question)).toEqual(named('فيلا'));
    objects.set('configmaps/team-names', configMap({}, '3'));
    expect((await pass(TABLE, 'b'))?.source.nameOf(question)).toEqual(NONE);
  });

  it.each([
    ['is not there', refusal(404, 'NotFound'), 'There is no ConfigMap "team-names" in namespace "club"'],
    ['may not be read', refusal(403, 'Forbidden'), 'The operator may not read ConfigMap "team-names"'],
  ])('that %s goes on with what is shown, and says so', async (_what, error, message) => {
    objects.set('configmaps/team-names', error);
    const names = await pass(TABLE);
    expect(names?.source.nameOf(question)).toEqual(UNKNOWN);
    expect(names?.problem).toEqual({ reason: 'TableNotFound', message: expect.stringContaining(message) });
  });

  it('that is deleted keeps the names that it had', async () => {
    await pass(TABLE);
    objects.delete('configmaps/team-names');
    const names = await pass(TABLE, 'now');
    expect([names?.source.nameOf(question), names?.problem?.reason]).toEqual([named('أستون فيلا'), 'TableNotFound']);
  });

  it("that can't be read for a moment changes and says nothing", async () => {
    await pass(TABLE);
    objects.set('configmaps/team-names', new Error('connection reset'));
    const names = await pass(TABLE, 'now');
    expect([names?.source.nameOf(question), names?.problem]).toEqual([named('أستون فيلا'), undefined]);
  });

  it('of which some entries are unusable names the first three', async () => {
    const bad = Object.fromEntries([1, 2, 3, 4, 5].map((id) => [`ar.${id}`, '{{ x }}']));
    objects.set('configmaps/team-names', configMap({ ...bad, 'ar.58': 'فيلا' }));
    const names = await pass(TABLE);
    expect(names?.source.nameOf(question)).toEqual(named('فيلا'));
    expect(names?.problem).toMatchObject({ reason: 'TableInvalid', message: expect.stringMatching(/"ar\.1".*"ar\.3".*And 2 more\./) });
  });
});

describe('a feed with a translator', () => {
  const both = { ...TABLE, provider: PROVIDER };
  const other = { ...question, teamId: '57', name: 'Arsenal FC' };

  it('asks it only for what the table does not have, and is woken when the name is there', async () => {
    const names = await pass(both);
    expect([names?.source.nameOf(question), names?.source.nameOf(other), keys.length]).toEqual([named('أستون فيلا'), UNKNOWN, 1]);
    expect(translations.takeArrived(feed(both))).toBe(false);
    await settled();
    expect([woken, translations.takeArrived(feed(both)), translations.takeArrived(feed(both))]).toEqual([1, true, false]);
    expect(names?.source.nameOf(other)).toEqual(named('من الآلة'));
  });

  it('whose origin is not allowed calls nobody, and takes no name back', async () => {
    const names = await pass({ provider: { ...PROVIDER, url: 'https://elsewhere.example' } });
    expect([names?.source.nameOf(question), keys, reads]).toEqual([UNKNOWN, [], []]);
    expect(names?.problem).toMatchObject({
      reason: 'TranslatorNotAllowed',
      message: expect.stringContaining('--allow-translator https://elsewhere.example'),
    });
  });

  it('uses the key of its Secret, and a new one within a minute', async () => {
    const keyed = { provider: { ...PROVIDER, apiKeySecretRef: KEY_REF } };
    objects.set('secrets/translator', { metadata: {}, data: { apiKey: Buffer.from('first\n').toString('base64') } });
    (await pass(keyed))?.source.nameOf(question);
    objects.set('secrets/translator', { metadata: {}, data: { apiKey: Buffer.from('second').toString('base64') } });
    clock.advance(60_000);
    (await pass(keyed))?.source.nameOf(other);
    expect([keys, secrets]).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
  });

  it('keeps its key, and what it was told, while the Secret can not be read for a moment', async () => {
    const keyed = { provider: { ...PROVIDER, apiKeySecretRef: KEY_REF } };
    objects.set('secrets/translator', { metadata: {}, data: { apiKey: Buffer.from('first').toString('base64') } });
    (await pass(keyed))?.source.nameOf(question);
    await settled();
    objects.set('secrets/translator', new Error('connection reset'));
    clock.advance(60_000);
    const names = await pass(keyed);
    expect([names?.problem, names?.source.nameOf(question), keys]).toEqual([undefined, named('من الآلة'), ['first']]);
  });

  it.each([
    ['no Secret', undefined, 'There is no Secret "translator"'],
    ['no key in it', { metadata: {}, data: {} }, 'has no key "apiKey"'],
    ['no right to read it', refusal(403, 'Forbidden'), 'may not read Secret "translator"'],
  ])('calls nobody with %s', async (_what, found, message) => {
    if (found !== undefined) objects.set('secrets/translator', found);
    const names = await pass({ provider: { ...PROVIDER, apiKeySecretRef: KEY_REF } });
    expect([names?.source.nameOf(question), keys]).toEqual([UNKNOWN, []]);
    expect(names?.problem).toEqual({ reason: 'TranslatorKeyNotFound', message: expect.stringContaining(message) });
  });

  it.each([
    ['does not answer', { kind: 'failed', message: 'it answered 500' }, 'TranslatorUnavailable'],
    ['refuses the key', { kind: 'unauthorized', message: 'it answered 403' }, 'TranslatorUnauthorized'],
  ] as const)('that %s says so, until it does', async (_what, said, reason) => {
    answer = said;
    (await pass({ provider: PROVIDER }))?.source.nameOf(question);
    await settled();
    expect((await pass({ provider: PROVIDER }))?.problem).toMatchObject({ reason });
    answer = { kind: 'done', name: 'x' };
    // A person asks: at once, not after the back-off.
    (await pass({ provider: PROVIDER }, 'now'))?.source.nameOf(question);
    await settled();
    const names = await pass({ provider: PROVIDER }, 'now');
    expect([names?.problem, names?.source.nameOf(question)]).toEqual([undefined, named('x')]);
  });

  it('that asks for no names any more, or is gone, lets it go', async () => {
    const names = await pass({ provider: PROVIDER });
    translations.forget('club/pl');
    expect(names?.source.nameOf(question)).toEqual(UNKNOWN);
    await settled();
    expect([keys, woken]).toEqual([[], 0]);
    forget();
  });
});
