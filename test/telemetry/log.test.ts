import { AxiosError, AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { createLog, fieldsFirst, type LogLevel, logFor, silentLog } from '../../src/telemetry/log.ts';
import { Secrets } from '../../src/telemetry/secrets.ts';

const KEY = 'b7c1f0de-0000-4000-8000-5ec2e70f0a11';

function setUp(level: LogLevel = 'info') {
  const text: string[] = [];
  const secrets = new Secrets();
  secrets.register('default/braze/apiKey', KEY);
  const now = () => Temporal.Instant.from('2026-12-06T11:30:00.5Z');
  const log = createLog({ level, secrets, now, base: { identity: 'one' }, write: (line) => text.push(line) });
  return { log, secrets, text, lines: () => text.map((line): Record<string, unknown> => JSON.parse(line)) };
}

describe('a log line', () => {
  it('is one JSON object with level, time, message, base and own fields', () => {
    const { log, text, lines } = setUp();
    log.info('schedule created', { scheduleId: 's-1', attempt: 3, firesAt: Temporal.Instant.from('2026-12-06T11:30:00Z') });
    expect(text[0]).toMatch(/^\{.*\}\n$/);
    expect(lines()).toEqual([
      {
        level: 'info',
        time: '2026-12-06T11:30:00.500Z',
        identity: 'one',
        message: 'schedule created',
        scheduleId: 's-1',
        attempt: 3,
        firesAt: '2026-12-06T11:30:00Z',
      },
    ]);
  });

  it('carries the object and its fixture, also from a child of a child', () => {
    const { log, lines } = setUp();
    const subject = { kind: 'MatchNotification', namespace: 'default', name: 'pl-600123', fixture: 'Aston Villa FC v Arsenal FC' };
    logFor(log, subject).child({ step: 'Create' }).warn('refused');
    expect(lines()[0]).toMatchObject({
      kind: 'MatchNotification',
      object: 'default/pl-600123',
      fixture: 'Aston Villa FC v Arsenal FC',
      step: 'Create',
    });
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('is written from level %s up', (level, count) => {
    const { log, text } = setUp(level);
    for (const one of ['debug', 'info', 'warn', 'error'] as const) log[one](one);
    expect(text).toHaveLength(count);
  });

  it('can be had with the fields first', () => {
    const { log, lines } = setUp();
    fieldsFirst(log).error({ resource: 'leases' }, 'lost');
    expect(lines()[0]).toMatchObject({ level: 'error', message: 'lost', resource: 'leases' });
  });

  it('may be nothing at all', () => {
    expect(silentLog.child({ a: 1 }).info('x')).toBeUndefined();
  });
});

describe('secrets', () => {
  it('never appear, wherever they stand', () => {
    const { log, text } = setUp();
    log.info(`the answer was: bad key ${KEY}`, { note: KEY, deep: { list: [`x${KEY}x`] }, url: `https://x/?k=${encodeURIComponent(KEY)}` });
    log.child({ note: KEY }).error('failed', { error: new Error(`inner ${KEY}`, { cause: new Error(KEY) }) });
    expect(text).toHaveLength(2);
    expect(text.join('')).not.toContain(KEY);
    expect(text.join('')).toContain('[redacted]');
  });

  it('do not come out with the error of an HTTP library', () => {
    const { log, text, lines } = setUp();
    const headers = new AxiosHeaders({ Authorization: 'Bearer another-key-nobody-registered' });
    const config = { headers, url: 'https://rest.iad-01.braze.com/catalogs', data: '{"x":"another-key-nobody-registered"}' };
    log.error('call failed', { error: new AxiosError('timeout of 10000ms exceeded', 'ECONNABORTED', config) });
    expect(text.join('')).not.toContain('another-key-nobody-registered');
    expect(lines()[0]).toMatchObject({ error: { type: 'AxiosError', message: 'timeout of 10000ms exceeded', code: 'ECONNABORTED' } });
  });

  it.each(['apiKey', 'api_key', 'X-Auth-Token', 'Authorization', 'password', 'databaseUrl', 'Set-Cookie', 'client-key-data'])(
    'are not printed under the name %s',
    (name) => {
      const { log, text } = setUp();
      log.info('x', { request: { [name]: 'hunter2-hunter2' } });
      expect(text.join('')).not.toContain('hunter2');
    },
  );

  it('leave fields that only sound like them', () => {
    const { log, lines } = setUp();
    log.info('x', { apiKeySecretRef: { name: 'braze', key: 'apiKey' }, token: 'a1b2.3.random' });
    expect(lines()[0]).toMatchObject({ apiKeySecretRef: { name: 'braze', key: 'apiKey' }, token: 'a1b2.3.random' });
  });
});

describe('odd values', () => {
  it('never break a line', () => {
    const { log, lines } = setUp();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const trap = Object.defineProperty({}, 'boom', { enumerable: true, get: () => expect.unreachable('thrown by a getter') });
    log.info('x', { circle, trap, big: 10n, fn: () => 1, sym: Symbol('s'), nan: Number.NaN, gone: undefined, map: new Map([[1, 2]]) });
    expect(lines()[0]).toMatchObject({ trap: '[unprintable]', big: '10', nan: 'NaN', gone: null, map: '[Map]' });
  });

  it('are clipped when they are huge', () => {
    const { log, text } = setUp();
    log.info('x', { body: 'y'.repeat(1_000_000), many: Array.from({ length: 1_000 }, (_, index) => index) });
    expect(text[0]!.length).toBeLessThan(6_000);
  });
});
