import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, type RawAnswer } from '../../src/football-data/answers.ts';
import type { FixturesAnswer } from '../../src/football-data/types.ts';
import { at, wireRow } from './rows.ts';

const NOW = at('2026-05-02T10:00:00Z');
const read = (answer: Partial<RawAnswer>, shape: 'list' | 'match' = 'list'): FixturesAnswer =>
  classify({ status: 200, headers: {}, body: '', ...answer }, { now: NOW, what: 'PL 2025', shape });
const listBody = (rows: readonly unknown[], more: object = {}): string => JSON.stringify({ matches: rows, ...more });

describe('an error answer (contracts 2.6)', () => {
  it.each<[string, number, unknown, FixturesAnswer['kind']]>([
    ['a wrong token, which the wire calls 400', 400, { message: 'Your API token is invalid.', errorCode: 400 }, 'unauthorized'],
    ['the same in a proxy’s 401', 401, { message: 'no' }, 'unauthorized'],
    [
      'a bad code',
      400,
      {
        message: "Argument 'competitionId' is expected to be either an integer in a specified range or a competition code.",
        errorCode: 400,
      },
      'invalid',
    ],
    ['a bad code in the older text', 400, { message: "Parameter 'competitionId' is expected to be…", errorCode: 400 }, 'invalid'],
    ['a period that is too long', 400, { message: 'Specified period must not exceed 10 days.', errorCode: 400 }, 'invalid'],
    ['outside the plan', 403, { message: 'The resource you are looking for is restricted…', errorCode: 403 }, 'forbidden'],
    ['an unknown id', 404, { message: 'The resource you are looking for does not exist.', error: 404 }, 'not-found'],
    ['the page’s spelling', 404, { error: 'not there' }, 'not-found'],
    ['too many calls', 429, { message: 'You reached your request limit. Wait 48 seconds.', errorCode: 429 }, 'rate-limited'],
    ['their fault', 500, { error: 'internal' }, 'failed'],
    ['a gateway', 502, undefined, 'failed'],
    ['a redirect', 302, undefined, 'failed'],
  ])('for %s is %i → its own kind', (_, status, body, kind) => {
    const answer = read({ status, body: body === undefined ? '' : JSON.stringify(body) });
    expect(answer.kind).toBe(kind);
  });

  it.each([[{ message: 'said so', errorCode: 400 }], [{ error: 'said so' }], [{ message: 'said so', error: 404 }]])(
    'is quoted from %j',
    (body) => {
      expect(read({ status: 400, body: JSON.stringify(body) })).toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('said so'),
      });
    },
  );

  it.each([400, 404, 429])('as a web page with status %i never says that a match is not there', (status) => {
    expect(['failed', 'rate-limited']).toContain(read({ status, body: '<html>nginx</html>' }).kind);
  });

  it('is cut to one short printable line', () => {
    const answer = read({ status: 400, body: JSON.stringify({ message: `a\n\u001b[31mb${'x'.repeat(5000)}` }) });
    expect(answer).toMatchObject({ kind: 'invalid' });
    const message = answer.kind === 'invalid' ? answer.message : '';
    expect(message.length).toBeLessThan(300);
    expect(message).toMatch(/^[\p{L}\p{N}\p{P}\p{S} ]+$/u);
  });
});

describe('how long a 429 says to wait', () => {
  it.each<[string, string, RawAnswer['headers'], number]>([
    ['the text', '{"message":"You reached your request limit. Wait 48 seconds.","errorCode":429}', {}, 48],
    ['the header, where the text has no number', '{"error":"slow down"}', { 'x-requestcounter-reset': '17' }, 17],
    ['the longer of both', '{"message":"Wait 3 seconds."}', { 'x-requestcounter-reset': '9' }, 9],
    ['a whole window, where nothing says', '<html>', {}, 60],
    ['a second at least', '{"message":"Wait 0 seconds."}', {}, 1],
    ['an hour at most', '{"message":"Wait 99999999 seconds."}', {}, 3600],
    ['a whole window, where the header is nonsense', '', { 'x-requestcounter-reset': 'soon' }, 60],
  ])('is read from %s', (_, body, headers, seconds) => {
    expect(read({ status: 429, body, headers })).toMatchObject({ kind: 'rate-limited', retryAt: NOW.add({ seconds }) });
  });
});

describe('the counter headers (contracts 2.1)', () => {
  it.each(['x-requestsavailable', 'x-requests-available-minute', 'x-requests-available'])('are read as %s', (name) => {
    const answer = read({ body: listBody([]), headers: { [name]: '9', 'x-requestcounter-reset': '60' } });
    expect(answer.quota).toEqual({ remaining: 9, resetAt: NOW.add({ seconds: 60 }) });
  });

  it('are unknown when absent or no numbers', () => {
    expect(read({ body: listBody([]), headers: { 'x-requestsavailable': 'many' } }).quota).toEqual({
      remaining: undefined,
      resetAt: undefined,
    });
  });

  it('count the lowest when they disagree', () => {
    const headers = { 'x-requestsavailable': '9', 'x-requests-available-minute': '2' };
    expect(read({ body: listBody([]), headers }).quota.remaining).toBe(2);
  });

  it('never let the account’s name into an answer', () => {
    const headers = { 'x-authenticated-client': 'Jane Doe' };
    for (const status of [200, 400, 403, 404, 429, 500]) {
      expect(JSON.stringify(read({ status, headers, body: listBody([wireRow()]) }))).not.toContain('Jane');
    }
  });
});

describe('a list', () => {
  it('tells its matches, competition and count', () => {
    const body = listBody([wireRow()], {
      resultSet: { count: 1 },
      competition: { code: 'PL', name: 'Premier League' },
      filters: { season: 2025 },
    });
    expect(read({ body })).toMatchObject({
      kind: 'matches',
      dropped: 0,
      announced: 1,
      competition: { code: 'PL', name: 'Premier League' },
    });
  });

  it('tells when its season begins, where all rows agree', () => {
    const of = (...days: readonly string[]) => read({ body: listBody(days.map((startDate) => wireRow({ season: { startDate } }))) });
    expect(of('2026-08-15', '2026-08-15')).toMatchObject({ seasonFrom: Temporal.Instant.from('2026-08-15T00:00:00Z') });
    for (const odd of [of('2026-08-15', '2025-08-15'), of('soon'), read({ body: listBody([wireRow({ season: null })]) })])
      expect(odd.kind === 'matches' && odd.seasonFrom).toBeUndefined();
  });

  it('that is really empty holds no matches', () => {
    expect(read({ body: listBody([], { resultSet: { count: 0 } }) })).toMatchObject({ kind: 'matches', matches: [], announced: 0 });
  });

  it('drops and counts the row that can’t be read', () => {
    const answer = read({ body: listBody([wireRow(), { id: 7 }, null, wireRow({ id: 2, status: 'NEW' })]) });
    expect(answer).toMatchObject({ kind: 'matches', dropped: 2 });
    expect(answer.kind === 'matches' ? answer.matches.map((match) => match.id) : []).toEqual(['600123', '2']);
  });

  it('of which no row can be read is no list', () => {
    expect(read({ body: listBody([{ id: 7 }, {}]) }).kind).toBe('failed');
  });

  it.each([
    ['a web page', '<!DOCTYPE html><title>Just a moment...</title>'],
    ['cut in the middle', listBody([wireRow()]).slice(0, 200)],
    ['empty', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a list without its object', '[]'],
    ['an object without matches', '{"count":0}'],
    ['matches null', '{"matches":null}'],
    ['an error with status 200', '{"message":"You reached your request limit. Wait 48 seconds.","errorCode":429}'],
  ])('that is %s is failed, not empty', (_, body) => {
    expect(read({ body }).kind).toBe('failed');
  });
});

describe('a single match', () => {
  it('is flat and becomes a list of one', () => {
    expect(read({ body: JSON.stringify(wireRow({ minute: null, goals: [] })) }, 'match')).toMatchObject({
      kind: 'matches',
      matches: [{ id: '600123' }],
    });
  });

  it.each(['{}', '{"message":"no"}', '[]', '<html>'])('that is %s is failed', (body) => {
    expect(read({ body }, 'match').kind).toBe('failed');
  });
});

it('any answer at all has a kind, and only a list of matches that was there is one', () => {
  const anyBody = fc.oneof(fc.string(), fc.json(), fc.constant(listBody([wireRow()])));
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), anyBody, (status, body) => {
      const answer = read({ status, body });
      if (answer.kind !== 'matches') return answer.message.length > 0;
      return status >= 200 && status < 300 && Array.isArray(JSON.parse(body).matches);
    }),
    { numRuns: 500 },
  );
});
