import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { close, listen, originOf } from '../../sandbox/football-data/listening.ts';
import { SandboxTranslator } from '../../sandbox/translator/translator.ts';
import { allowedUrl } from '../../src/translation/allowed-url.ts';
import { LibreTranslate } from '../../src/translation/libre-translate.ts';

const KEY = 'a-key-nobody-may-see';
let server: SandboxTranslator;
let client: LibreTranslate;
beforeEach(async () => {
  server = await SandboxTranslator.start({ words: { ar: { 'Aston Villa FC': 'أستون فيلا' } }, targets: ['ar', 'es'], apiKey: KEY });
  client = new LibreTranslate({ base: server.url, ca: undefined });
});
afterEach(async () => {
  client.close();
  await server.stop();
});

const ask = (over: Partial<Parameters<LibreTranslate['translate']>[0]> = {}) =>
  client.translate(
    { text: 'Aston Villa FC', source: 'en', target: 'ar', apiKey: KEY, timeoutMs: 5_000, ...over },
    new AbortController().signal,
  );

describe('a translator', () => {
  it('is asked for plain text, with the key in the body', async () => {
    expect(await ask()).toEqual({ kind: 'done', name: 'أستون فيلا' });
    expect(server.asked).toEqual([{ q: 'Aston Villa FC', source: 'en', target: 'ar', format: 'text', apiKey: KEY }]);
  });

  it('that lacks the language refuses this text alone', async () => {
    expect(await ask({ target: 'tlh' })).toEqual({ kind: 'refused', message: 'it answered 400: "tlh is not supported"' });
  });

  it('that refuses the key says so, and the key is in no message', async () => {
    const answer = await ask({ apiKey: 'another-key-of-ours' });
    expect(answer.kind).toBe('unauthorized');
    expect(JSON.stringify(answer)).not.toContain('another-key-of-ours');
    expect(await ask({ apiKey: undefined })).toMatchObject({ kind: 'unauthorized' });
  });

  it('that asks to wait says how long, where it does', async () => {
    server.mood = 'busy';
    expect(await ask()).toMatchObject({ kind: 'busy', waitMs: undefined });
    server.retryAfter = 90;
    expect(await ask()).toMatchObject({ kind: 'busy', waitMs: 90_000 });
  });

  it.each([
    ['fails', 'break', 'it answered 500'],
    ['breaks off', 'cut', 'could not be reached'],
    ['never answers', 'hang', 'no complete answer in time'],
  ] as const)('that %s is a failure of the server', async (_how, mood, message) => {
    server.mood = mood;
    expect(await ask({ timeoutMs: 300 })).toEqual({ kind: 'failed', message: expect.stringContaining(message) });
  });

  it('that is slower than allowed is not waited for', async () => {
    server.latencyMs = 60_000;
    expect(await ask({ timeoutMs: 100 })).toEqual({ kind: 'failed', message: expect.stringContaining('in time') });
  });

  it('that is not there is a failure too', async () => {
    await server.stop();
    expect(await ask()).toEqual({ kind: 'failed', message: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['an instruction to a template', { translatedText: '{{ token }}' }, 'refused'],
    ['a text that is no name', { translatedText: 'x'.repeat(500) }, 'refused'],
    ['no text', { translated: 'x' }, 'failed'],
    ['a list', { translatedText: ['x'] }, 'failed'],
    ['no object', 'x', 'failed'],
  ] as const)('that answers with %s gives no name', async (_what, body, kind) => {
    server.body = JSON.stringify(body);
    expect(await ask()).toMatchObject({ kind });
  });

  it('that answers with more than a name could be is not read to the end', async () => {
    server.body = JSON.stringify({ translatedText: 'x', more: 'y'.repeat(200_000) });
    expect(await ask()).toEqual({ kind: 'failed', message: expect.stringContaining('larger than 64 kB') });
  });

  it('that redirects is not followed: the key stays with who was allowed', async () => {
    const elsewhere = createServer((_request, response) => void response.writeHead(307, { location: `${server.url}/translate` }).end());
    await listen(elsewhere, 0);
    const redirected = new LibreTranslate({ base: originOf(elsewhere), ca: undefined });
    const wanted = { text: 'x', source: 'en', target: 'ar', apiKey: KEY, timeoutMs: 5_000 };
    expect(await redirected.translate(wanted, new AbortController().signal)).toEqual({ kind: 'failed', message: 'it answered 307' });
    expect(server.asked).toEqual([]);
    redirected.close();
    await close(elsewhere);
  });
});

describe('the URL of a translator', () => {
  const allowed = ['https://translate.example', 'http://127.0.0.1:5000'];
  it.each([
    ['https://translate.example', 'https://translate.example'],
    ['https://translate.example/', 'https://translate.example'],
    ['https://translate.example/libre/', 'https://translate.example/libre'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ])('%s is called when its origin is allowed', (url, base) => {
    expect(allowedUrl(url, allowed)).toEqual({ base });
  });

  it.each([
    ['another host', 'https://translate.example.org'],
    ['another port', 'https://translate.example:8443'],
    ['another scheme', 'http://translate.example'],
    ['the metadata service of a cloud', 'http://169.254.169.254/latest'],
    ['a host that begins like it', 'https://translate.example.evil.test'],
    ['a password', 'https://u:p@translate.example'],
    ['a query', 'https://translate.example/?x=1'],
    ['no URL', 'translate.example'],
  ])('with %s is not', (_what, url) => {
    expect(allowedUrl(url, allowed)).toEqual({ refused: expect.any(String) });
  });
});
