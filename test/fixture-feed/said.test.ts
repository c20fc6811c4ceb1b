import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/controller/client-errors.ts';
import type { FixturesAnswer } from '../../src/football-data/types.ts';
import { conflictsOf } from '../../src/reconcilers/fixture-feed/apply.ts';
import { isWorthWriting, type StatusInput, statusFor } from '../../src/reconcilers/fixture-feed/status.ts';
import { readToken } from '../../src/reconcilers/fixture-feed/token.ts';
import { verdictOn } from '../../src/reconcilers/fixture-feed/verdict.ts';
import { feedWith, NOW, row } from './samples.ts';

const quota = { remaining: undefined, resetAt: undefined };
const message = 'football-data.org said so.';
const matches = { kind: 'matches', matches: [row()], competition: undefined, dropped: 0, announced: undefined, quota } as const;

describe('verdictOn', () => {
  it.each<[string, FixturesAnswer, string | undefined, string]>([
    ['fixtures', matches, undefined, ''],
    ['no fixtures', { ...matches, matches: [] }, 'NoFixtures', 'lists no match for PL 2026. Check spec.source.competition'],
    ['half of what was announced', { ...matches, announced: 380 }, 'ProviderUnavailable', 'announced 380 matches of PL 2026 and sent 1'],
    ['a limit', { kind: 'rate-limited', retryAt: NOW, message, quota }, 'RateLimited', 'Raise spec.interval'],
    ['a wrong token', { kind: 'unauthorized', message, quota }, 'AuthFailed', 'The Secret is "football-data", the key in it "token".'],
    ['a plan without it', { kind: 'forbidden', message, quota }, 'Forbidden', 'Check that the plan of the token includes PL 2026.'],
    ['no such competition', { kind: 'not-found', message, quota }, 'CompetitionNotFound', 'Check spec.source.competition'],
    ['a bad request', { kind: 'invalid', message, quota }, 'CompetitionNotFound', 'Check spec.source.competition'],
    ['a web page', { kind: 'failed', message, quota }, 'ProviderUnavailable', 'It is tried again by itself.'],
  ])('on %s', (_, answer, reason, says) => {
    const verdict = verdictOn(answer, feedWith());
    expect(verdict?.reason).toBe(reason);
    expect(verdict?.message ?? '').toContain(says);
    if (verdict !== undefined) expect(verdict.message).toContain('Nothing is cancelled by it');
  });
});

describe('the status of a feed', () => {
  const counts = { fixtures: 380, applied: 10, held: 1, conflicts: 0, foreignSendAt: 0 };
  const input = (changes: Partial<StatusInput> = {}): StatusInput => ({
    feed: feedWith(),
    verdict: { reason: 'Fresh', message: '380 fixtures known.' },
    counts,
    polledAt: NOW,
    succeededAt: NOW,
    freshness: { fresh: true, message: 'lately' },
    missing: [],
    now: NOW,
    ...changes,
  });
  const before = statusFor(input());
  const typesOf = (changes: Partial<StatusInput>) =>
    statusFor(input(changes)).conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

  it.each<[string, Partial<StatusInput>, readonly string[]]>([
    ['fresh', {}, ['Ready=True Fresh', 'FeedFresh=True Fresh']],
    [
      'waiting',
      { verdict: { reason: 'RateLimited', message } },
      ['Ready=False RateLimited', 'Reconciling=True RateLimited', 'FeedFresh=True Fresh'],
    ],
    [
      'stuck',
      { verdict: { reason: 'AuthFailed', message } },
      ['Ready=False AuthFailed', 'Stalled=True AuthFailed', 'FeedFresh=True Fresh'],
    ],
    [
      'fresh, with two foreign send times in ten',
      { counts: { ...counts, foreignSendAt: 2 } },
      ['Ready=True Fresh', 'FeedFresh=True Fresh'],
    ],
    [
      'fresh, with three',
      { counts: { ...counts, foreignSendAt: 3 } },
      ['Ready=True Fresh', 'FeedFresh=True Fresh', 'Overridden=True Overridden'],
    ],
    ['fresh, but the lists are old', { freshness: { fresh: false, message: 'long ago' } }, ['Ready=True Fresh', 'FeedFresh=False Stale']],
    [
      'fresh, with a match that is nowhere',
      { missing: ['pl-7'] },
      ['Ready=True Fresh', 'FeedFresh=True Fresh', 'FixturesMissing=True NotFound'],
    ],
    ['suspended', { verdict: { reason: 'Suspended', message } }, ['Ready=True Suspended']],
  ])('that is %s has these conditions', (_, changes, wanted) => {
    expect(typesOf(changes)).toEqual(wanted);
  });

  it('keeps the time of a transition while the status of the condition stays', () => {
    const feed = { ...feedWith(), status: before };
    const later = NOW.add({ hours: 1 });
    expect(statusFor(input({ feed, now: later, verdict: { reason: 'Suspended', message } })).conditions?.[0]?.lastTransitionTime).toBe(
      '2026-12-01T09:00:00Z',
    );
    expect(statusFor(input({ feed, now: later, verdict: { reason: 'AuthFailed', message } })).conditions?.[0]?.lastTransitionTime).toBe(
      '2026-12-01T10:00:00Z',
    );
  });

  it('keeps numbers and Overridden in a pass that saw no objects', () => {
    const overridden = statusFor(input({ counts: { ...counts, foreignSendAt: 9 } }));
    const next = statusFor(
      input({ feed: { ...feedWith(), status: overridden }, counts: undefined, verdict: { reason: 'RateLimited', message } }),
    );
    expect(next).toMatchObject({ fixtures: 380, applied: 10 });
    expect(next.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Reconciling', 'FeedFresh', 'Overridden']);
  });

  it.each<[string, boolean, Partial<StatusInput>]>([
    ['nothing changed', false, {}],
    ['four minutes passed', false, { polledAt: NOW.add({ minutes: 4 }), succeededAt: NOW.add({ minutes: 4 }) }],
    ['five minutes passed', true, { polledAt: NOW.add({ minutes: 5 }) }],
    ['a number changed', true, { counts: { ...counts, held: 2 } }],
    ['the reason changed', true, { verdict: { reason: 'AuthFailed', message } }],
    ['only a number in the message changed', false, { verdict: { reason: 'Fresh', message: '381 fixtures known.' } }],
    ['the message changed', true, { verdict: { reason: 'Fresh', message: 'No fixtures known.' } }],
    ['the spec changed', true, { feed: feedWith({}, { generation: 2 }) }],
  ])('when %s, is written: %s', (_, worth, changes) => {
    expect(isWorthWriting(before, statusFor(input(changes)))).toBe(worth);
  });

  it('is written at first', () => {
    expect(isWorthWriting(undefined, before)).toBe(true);
  });
});

describe('readToken', () => {
  const answering = (data: Record<string, string>) => ({ get: async <T>() => ({ metadata: { name: 'football-data' }, data }) as T });
  const refusing = (status: number) => ({
    get: async () => {
      throw new ApiError('GET secrets club/football-data', status, { reason: 'x', message: 'no' });
    },
  });
  const read = (kube: Parameters<typeof readToken>[0]) => readToken(kube, feedWith(), AbortSignal.timeout(5_000));
  const encoded = (text: string) => ({ token: Buffer.from(text).toString('base64') });

  it('takes the token without the line end', async () => {
    expect(await read(answering(encoded('abc123\n')))).toEqual({ token: 'abc123' });
  });

  it.each([
    ['no Secret', refusing(404), 'There is no Secret "football-data" in namespace "club": create it'],
    ['no permission', refusing(403), 'allow its service account to get Secrets'],
    ['another key', answering({ other: 'eA==' }), 'has no key "token"'],
    ['an empty key', answering(encoded(' \n')), 'has no key "token", or it is empty'],
    ['two lines', answering(encoded('abc\r\ninjected: header')), 'holds no token'],
  ])('says what to do about %s', async (_, kube, says) => {
    expect(await read(kube)).toEqual({ missing: expect.stringContaining(says) });
  });

  it('throws what is neither: the pass is tried again', async () => {
    await expect(read(refusing(500))).rejects.toThrow(ApiError);
  });
});

describe('conflictsOf', () => {
  const refusal = (said: string) => conflictsOf(new ApiError('PATCH', 409, { reason: 'Conflict', message: said }));

  it('reads one path', () => {
    expect(refusal('Apply failed with 1 conflict: conflict with "editor" using matchday.dev/v1alpha1: .spec.sendAt')).toEqual([
      '.spec.sendAt',
    ]);
  });

  it('reads paths of several owners, labels with their whole key', () => {
    const said =
      'Apply failed with 3 conflicts: conflicts with "kubectl-edit" using matchday.dev/v1alpha1:\n- .spec.kickoff\n- .spec.sendAt\nconflicts with "x":\n- .metadata.labels.matchday.dev/competition';
    expect(refusal(said)).toEqual(['.spec.kickoff', '.spec.sendAt', '.metadata.labels.matchday.dev/competition']);
  });

  it('finds none in other errors', () => {
    expect(conflictsOf(new ApiError('PATCH', 422, { reason: 'Invalid', message: 'x: .spec.sendAt' }))).toEqual([]);
    expect(conflictsOf(new Error('.spec.sendAt'))).toEqual([]);
  });
});
