import { describe, expect, it } from 'vitest';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { matchNotificationSpec } from '../../src/crds/match-notification.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { bodyHash, type Wish, type WishInput, wishFor } from '../../src/reconcilers/fixture-feed/wish.ts';
import { applied, at, feedWith, known, NOW } from './samples.ts';

function wish(input: Partial<WishInput> = {}): Wish {
  const made = wishFor({ feed: feedWith(), known: known(), now: NOW, ...input });
  if (made === undefined) throw new Error('nothing is wished');
  return made;
}

describe('wishFor', () => {
  it('says all of a match that is set', () => {
    const { body } = wish();
    expect(body).toEqual({
      apiVersion: 'matchday.dev/v1alpha1',
      kind: 'MatchNotification',
      metadata: {
        name: 'pl-600123',
        namespace: 'club',
        labels: { 'matchday.dev/feed': 'pl', 'matchday.dev/competition': 'PL' },
        annotations: { 'matchday.dev/fixture-updated-at': '2026-11-20T00:20:29Z' },
        finalizers: ['matchday.dev/braze-schedule'],
      },
      spec: {
        workspaceRef: { name: 'main' },
        campaignId: 'campaign-1',
        match: {
          provider: 'football-data',
          id: '600123',
          competition: 'PL',
          matchday: 15,
          home: { id: '58', name: 'Aston Villa FC', tla: 'AVL' },
          away: { id: '57', name: 'Arsenal FC', tla: 'ARS' },
        },
        kickoff: '2026-12-06T12:30:00Z',
        sendAt: '2026-12-06T11:30:00Z',
        audience: { broadcast: true },
      },
    });
  });

  it.each<[string, Partial<Fixture>, Partial<FixtureFeedSpec>, string | undefined]>([
    ['a kickoff that is set', {}, {}, undefined],
    ['a rough kickoff', { status: 'SCHEDULED' }, {}, 'KickoffUnconfirmed'],
    ['a rough kickoff that is to be scheduled', { status: 'SCHEDULED' }, { unconfirmedKickoff: 'Schedule' }, undefined],
    ['an unknown home team', { home: {} }, {}, 'TeamsUnknown'],
    ['an away team without a name', { away: { id: '57' } }, {}, 'TeamsUnknown'],
    ['a postponed match', { status: 'POSTPONED' }, {}, 'Postponed'],
    ['a suspended match', { status: 'SUSPENDED' }, {}, 'Postponed'],
    ['a cancelled match', { status: 'CANCELLED' }, {}, 'Cancelled'],
    ['a match awarded without play', { status: 'AWARDED' }, {}, 'Cancelled'],
    ['a status without a meaning', { status: 'unknown' }, {}, 'KickoffUnconfirmed'],
  ])('holds as it should for %s', (_, fixture, spec, reason) => {
    const made = wish({ feed: feedWith(spec), known: known([fixture, fixture]) });
    expect(made.body.spec.hold?.reason).toBe(reason);
    expect(made.held).toBe(reason !== undefined);
  });

  it('says nothing of a match that was played', () => {
    const played = known([{}, { status: 'FINISHED' }, { status: 'FINISHED' }], at('2026-12-06T15:00:00Z'));
    expect(wishFor({ feed: feedWith(), known: played, now: at('2026-12-06T15:00:00Z') })).toBeUndefined();
  });

  it('takes the labels of the template, but never the name of the feed from it', () => {
    const feed = feedWith({ template: { ...feedWith().spec.template, metadata: { labels: { team: 'push' } } } });
    expect(wish({ feed }).body.metadata.labels).toEqual({ team: 'push', 'matchday.dev/feed': 'pl', 'matchday.dev/competition': 'PL' });
  });

  it('leaves out what is not known instead of saying null', () => {
    const { spec } = wish({ known: known([{ home: {}, away: {}, matchday: undefined }]) }).body;
    expect(Object.keys(spec.match ?? {})).toEqual(['provider', 'id', 'competition']);
  });

  it('cuts what would be too long for the kind', () => {
    const long = { id: '1'.repeat(99), name: 'n'.repeat(300), tla: 't'.repeat(30) };
    const odd = { home: long, competition: 'Premier League', matchday: -3 };
    const { body } = wish({ known: known([odd]) });
    expect(() => matchNotificationSpec.parse(body.spec)).not.toThrow();
    expect(body.metadata.labels['matchday.dev/competition']).toBe('PL');
  });

  it('hashes the same while only the stamp of the provider moves', () => {
    const later = known([{}, { lastUpdated: at('2026-11-30T00:00:00Z') }]);
    expect(wish({ known: later }).body.metadata.annotations).not.toEqual(wish().body.metadata.annotations);
    expect(bodyHash(wish({ known: later }).body)).toBe(bodyHash(wish().body));
  });
});

describe('wishFor, when somebody else owns a field', () => {
  const owned = (spec: Partial<ReturnType<typeof applied>['spec']>) => {
    const object = applied(wish().body);
    return { ...object, spec: { ...object.spec, ...spec } };
  };
  const moved = known([
    {},
    { kickoff: at('2026-12-06T10:00:00Z'), lastUpdated: NOW },
    { kickoff: at('2026-12-06T10:00:00Z'), lastUpdated: NOW },
  ]);

  it('leaves it out and says the rest', () => {
    const { spec } = wish({ shown: owned({ sendAt: '2026-12-06T09:00:00Z' }), left: new Set(['.spec.sendAt']), known: moved }).body;
    expect(spec).not.toHaveProperty('sendAt');
    expect(spec.kickoff).toBe('2026-12-06T10:00:00Z');
    expect(spec).not.toHaveProperty('hold');
  });

  it('keeps the old kickoff and holds when the new one is before the foreign send time: the API server would refuse it', () => {
    const { spec } = wish({ shown: owned({ sendAt: '2026-12-06T12:00:00Z' }), left: new Set(['.spec.sendAt']), known: moved }).body;
    expect(spec.kickoff).toBe('2026-12-06T12:30:00Z');
    expect(spec.hold).toEqual({
      reason: 'SendAfterKickoff',
      message: 'The send time 2026-12-06T12:00:00Z is not before the kick-off 2026-12-06T10:00:00Z; set an earlier send time.',
    });
  });

  it('counts the send time from a foreign kickoff', () => {
    const { spec } = wish({ shown: owned({ kickoff: '2026-12-06T20:00:00Z' }), left: new Set(['.spec.kickoff']), known: moved }).body;
    expect(spec).not.toHaveProperty('kickoff');
    expect(spec.sendAt).toBe('2026-12-06T19:00:00Z');
  });

  it('leaves out a foreign label alone', () => {
    const left = new Set(['.metadata.labels.matchday.dev/competition']);
    expect(wish({ shown: owned({}), left }).body.metadata.labels).toEqual({ 'matchday.dev/feed': 'pl' });
  });
});
