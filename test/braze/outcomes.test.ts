import { describe, expect, it } from 'vitest';
import type { Outcome, RefusalReason } from '../../src/base/outcomes.ts';
import type { Endpoint } from '../../src/braze/endpoints.ts';
import { type Exchange, judge } from '../../src/braze/outcomes.ts';

const retryAt = Temporal.Instant.from('2026-12-06T12:00:00Z');

function judged(endpoint: Endpoint, exchange: Exchange): Outcome<string> {
  return judge(exchange, {
    endpoint,
    read: (body) =>
      endpoint === 'schedule.create' && typeof body['schedule_id'] !== 'string'
        ? undefined
        : { value: String(body['schedule_id'] ?? 'ok') },
    ...(endpoint === 'items.get' && { absent: { value: 'absent' } }),
    retryAt: () => retryAt,
    redact: (text) => text.replaceAll('s3cret', '[key]'),
  });
}

const answer = (status: number, body: unknown): Exchange => ({
  kind: 'answered',
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
});

type Row = readonly [string, Endpoint, Exchange, RefusalReason | 'done' | 'unknown'];

const CONTRACT_1_8: readonly Row[] = [
  ['400 Bad Request', 'schedule.create', answer(400, { message: 'Bad Request' }), 'invalid-request'],
  [
    '400 with the field named error',
    'schedule.create',
    answer(400, { error: 'Error while parsing request body. Please check your syntax.' }),
    'invalid-request',
  ],
  ['400 No Recipients', 'schedule.create', answer(400, { message: 'No Recipients' }), 'invalid-request'],
  ['400 Invalid Campaign ID', 'schedule.create', answer(400, { message: 'Invalid Campaign ID' }), 'campaign-not-found'],
  [
    '400 too many external ids',
    'schedule.create',
    answer(400, { message: 'The max number of external_ids and aliases per request was exceeded' }),
    'invalid-request',
  ],
  ['400 too many ids', 'schedule.create', answer(400, { message: 'The max number of ids per request was exceeded' }), 'invalid-request'],
  ['401 Invalid API Key', 'schedule.create', answer(401, { message: 'Invalid API Key' }), 'unauthorized'],
  ['401 Unauthorized without JSON', 'schedule.create', answer(401, 'Unauthorized'), 'unauthorized'],
  ['403 Access Denied', 'schedule.create', answer(403, { message: 'Access Denied' }), 'forbidden'],
  ['403 Forbidden', 'schedule.create', answer(403, { message: 'Forbidden' }), 'forbidden'],
  ['404 Invalid URL', 'schedule.create', answer(404, { message: 'Invalid URL' }), 'invalid-url'],
  ['413 body too large', 'schedule.create', answer(413, ''), 'invalid-request'],
  ['415 no JSON content type', 'schedule.create', answer(415, ''), 'invalid-request'],
  ['429 Rate Limited', 'schedule.create', answer(429, { message: 'Rate Limited' }), 'rate-limited'],
  ['429 with any body', 'schedule.create', answer(429, '<html>slow down</html>'), 'rate-limited'],
  ['502 before the destination', 'schedule.create', answer(502, '<html>Bad Gateway</html>'), 'unknown'],
  ['503 no capacity', 'schedule.create', answer(503, ''), 'unknown'],
  ['504 upstream silent', 'schedule.create', answer(504, { message: 'Gateway Timeout' }), 'unknown'],
];

const SUCCESSES: readonly Row[] = [
  ['200 success', 'schedule.create', answer(200, { message: 'success', schedule_id: 'a', dispatch_id: 'b' }), 'done'],
  ['201 success', 'schedule.create', answer(201, { message: 'success', schedule_id: 'a' }), 'done'],
  ['success with minor errors', 'schedule.create', answer(201, { message: 'success', errors: ['minor'], schedule_id: 'a' }), 'done'],
  ['202 of an asynchronous write', 'items.put-many', answer(202, { message: 'success' }), 'done'],
  ['a create without schedule_id', 'schedule.create', answer(201, { message: 'success' }), 'unknown'],
  ['a 201 with a fatal message', 'schedule.create', answer(201, { message: 'Invalid Campaign ID' }), 'unknown'],
  ['a 200 with HTML', 'schedule.create', answer(200, '<html>maintenance</html>'), 'unknown'],
  ['a 200 that was cut', 'schedule.create', answer(200, '{"message":"succ'), 'unknown'],
  ['a 200 with a JSON list', 'schedule.create', answer(200, '[]'), 'unknown'],
  ['a 204 without a body', 'schedule.delete', answer(204, ''), 'unknown'],
  ['a redirect', 'schedule.create', answer(302, ''), 'unknown'],
  ['408, a time-out in other words', 'schedule.create', answer(408, { message: 'Request Timeout' }), 'unknown'],
  ['499, a time-out in other words', 'schedule.create', answer(499, ''), 'unknown'],
  ['500', 'schedule.delete', answer(500, { message: 'success' }), 'unknown'],
];

const UNKNOWN_SCHEDULES: readonly Row[] = [
  ['a 200 for an unknown schedule', 'schedule.delete', answer(200, { message: 'success' }), 'done'],
  ['a 404 for an unknown schedule', 'schedule.delete', answer(404, { message: 'Schedule not found' }), 'unknown-id'],
  ['a 400 for an unknown schedule', 'schedule.delete', answer(400, { message: 'Invalid Schedule ID' }), 'unknown-id'],
  ['a 400 that only says Bad Request', 'schedule.delete', answer(400, { message: 'Bad Request' }), 'unknown-id'],
  ['a 400 for the campaign', 'schedule.delete', answer(400, { message: 'Invalid Campaign ID' }), 'campaign-not-found'],
  [
    'a 400 for the syntax, as error',
    'schedule.delete',
    answer(400, { error: 'Error while parsing request body. Please check your syntax.' }),
    'invalid-request',
  ],
  ['a 400 for the syntax, as message', 'schedule.delete', answer(400, { message: 'Error while parsing request body.' }), 'invalid-request'],
  ['a 400 of another kind of request', 'schedule.delete', answer(400, { message: 'No Recipients' }), 'invalid-request'],
  ['a 400 page of a proxy', 'schedule.delete', answer(400, '<html>400</html>'), 'invalid-request'],
  ['a 404 Invalid URL', 'schedule.delete', answer(404, { message: 'Invalid URL' }), 'invalid-url'],
  ['a 404 page of a proxy', 'schedule.delete', answer(404, '<html>404</html>'), 'invalid-url'],
  ['a 404 of something that is no delete', 'schedule.create', answer(404, { message: 'Schedule not found' }), 'invalid-request'],
];

const CATALOG_ROWS: readonly Row[] = [
  [
    'item-not-found on a read',
    'items.get',
    answer(404, { errors: [{ id: 'item-not-found', message: 'Could not find item' }], message: 'Invalid Request' }),
    'done',
  ],
  [
    'catalog-not-found on a read',
    'items.get',
    answer(404, { errors: [{ id: 'catalog-not-found' }], message: 'Invalid Request' }),
    'invalid-request',
  ],
  [
    'invalid-fields on a write',
    'items.put',
    answer(400, { errors: [{ id: 'invalid-fields' }], message: 'Invalid Request' }),
    'invalid-request',
  ],
  ['a 404 Invalid URL on a read', 'items.get', answer(404, { message: 'Invalid URL' }), 'invalid-url'],
];

const NO_ANSWERS: readonly Row[] = [
  ['a connection that was never made', 'schedule.create', { kind: 'failed', delivered: 'no', message: 'refused' }, 'not-sent'],
  ['a reset', 'schedule.create', { kind: 'failed', delivered: 'maybe', message: 'reset' }, 'unknown'],
];

const verdict = (outcome: Outcome<unknown>): string => (outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind);

describe.each([
  ['the error table of contracts 1.8', CONTRACT_1_8],
  ['what counts as success', SUCCESSES],
  ['deleting a schedule that Braze does not know', UNKNOWN_SCHEDULES],
  ['the catalog calls', CATALOG_ROWS],
  ['no answer', NO_ANSWERS],
] as const)('%s', (_, rows) => {
  it.each(rows)('%s to %s', (_name, endpoint, exchange, expected) => {
    expect(verdict(judged(endpoint, exchange))).toBe(expected);
  });
});

describe('the words of an outcome', () => {
  it('carry when to retry only for a 429', () => {
    expect(judged('schedule.create', answer(429, {}))).toMatchObject({ refusal: { retryAt, status: 429 } });
    expect(judged('schedule.create', answer(401, {}))).not.toHaveProperty('refusal.retryAt');
  });

  it('never repeat a key that the answer echoed', () => {
    const outcome = judged('schedule.create', answer(401, { message: 'Invalid API Key s3cret' }));
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
    expect(JSON.stringify(outcome)).toContain('Invalid API Key [key]');
  });

  it('are bounded and free of control characters', () => {
    const outcome = judged('schedule.create', answer(400, { message: `line\u0007\n${'x'.repeat(10_000)}` }));
    const message = outcome.kind === 'refused' ? outcome.refusal.message : '';
    expect(message.length).toBeLessThan(400);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('name the errors that a catalog call lists', () => {
    const outcome = judged('items.put', answer(400, { errors: [{ id: 'invalid-fields' }], message: 'Invalid Request' }));
    expect(JSON.stringify(outcome)).toContain('Invalid Request; invalid-fields');
  });
});
