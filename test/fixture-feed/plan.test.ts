import { describe, expect, it } from 'vitest';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { forget, learn } from '../../src/reconcilers/fixture-feed/learn.ts';
import { conflictsIn, type Plan, type PlanInput, plan, type Settled } from '../../src/reconcilers/fixture-feed/plan.ts';
import { seedFrom } from '../../src/reconcilers/fixture-feed/seed.ts';
import { applied, at, feedWith, known, NOW, row } from './samples.ts';

const mapOf = (...matches: ReturnType<typeof known>[]) => new Map(matches.map((match) => [match.id, match]));
function planned(input: Partial<PlanInput> & { objects?: readonly MatchNotification[] } = {}): Plan {
  const { objects = [] } = input;
  const shown = (id: string) => objects.find(({ spec }) => spec.match.id === id);
  return plan({ feed: feedWith(), known: mapOf(known()), settled: new Map(), now: NOW, shown, ...input });
}
const objectOf = (match = known(), metadata: Partial<MatchNotification['metadata']> = {}): MatchNotification => {
  const [apply] = planned({ known: mapOf(match), feed: feedWith({ window: '400d' }) }).applies;
  if (apply === undefined) throw new Error('the match is not planned');
  return applied(apply.wish.body, metadata);
};
const changesOf = (plan: Plan): readonly (readonly string[])[] => plan.applies.map(({ changes }) => changes);

describe('plan: which matches get an object', () => {
  it.each<[string, Partial<Fixture>, Partial<FixtureFeedSpec>, boolean]>([
    ['one inside the window', {}, {}, true],
    ['one at the end of the window', { kickoff: at('2026-12-31T09:00:00Z') }, {}, true],
    ['one a minute after the window', { kickoff: at('2026-12-31T09:01:00Z') }, {}, false],
    ['one that should have begun', { kickoff: at('2026-12-01T08:59:00Z') }, {}, false],
    ['one within its lead time', { kickoff: at('2026-12-01T09:30:00Z') }, {}, true],
    ['a team by id', {}, { teams: ['57'] }, true],
    ['a team by code', {}, { teams: ['AVL'] }, true],
    ['no such team', {}, { teams: ['CHE'] }, false],
    ['a rough one, held', { status: 'SCHEDULED' }, {}, true],
    ['a played one', { status: 'FINISHED', kickoff: at('2026-11-30T20:00:00Z') }, {}, false],
  ])('%s', (_, fixture, spec, made) => {
    const { applies } = planned({ known: mapOf(known([fixture, fixture])), feed: feedWith(spec) });
    expect(applies.map(({ changes }) => changes)).toEqual(made ? [['new']] : []);
  });

  it('the nearest first', () => {
    const times = { a: '2026-12-09T12:00:00Z', b: '2026-12-02T12:00:00Z', c: '2026-12-05T12:00:00Z' };
    const matches = Object.entries(times).map(([id, kickoff]) => known([{ id, kickoff: at(kickoff) }]));
    const { applies, nextSendAt } = planned({ known: mapOf(...matches) });
    expect(applies.map(({ wish }) => wish.matchId)).toEqual(['b', 'c', 'a']);
    expect(nextSendAt).toEqual(at('2026-12-02T11:00:00Z'));
  });
});

describe('plan: an object that is there', () => {
  it('as wished is not written again', () => {
    const { applies, objects, held } = planned({ objects: [objectOf()] });
    expect({ applies, objects, held }).toEqual({ applies: [], objects: 1, held: 0 });
  });

  it('is followed beyond the window and whatever the teams', () => {
    const far = known([{ kickoff: at('2027-05-01T14:00:00Z') }, { kickoff: at('2027-05-01T14:00:00Z') }]);
    const moved = known([{ kickoff: at('2027-05-02T14:00:00Z') }]);
    expect(changesOf(planned({ objects: [objectOf(far)], known: mapOf(moved), feed: feedWith({ teams: ['CHE'] }) }))).toEqual([
      ['.spec.kickoff', '.spec.sendAt'],
    ]);
  });

  it.each<[string, Partial<Fixture>, readonly string[]]>([
    ['another kickoff', { kickoff: at('2026-12-06T15:00:00Z') }, ['.spec.kickoff', '.spec.sendAt']],
    ['another name', { home: { id: '58', name: 'Villa', tla: 'AVL' } }, ['.spec.match']],
    ['a hold', { status: 'POSTPONED' }, ['.spec.hold']],
    ['another round', { matchday: 16 }, ['.spec.match']],
  ])('is applied for %s', (_, fixture, changes) => {
    expect(changesOf(planned({ objects: [objectOf()], known: mapOf(known([fixture, fixture])) }))).toEqual([changes]);
  });

  it('is applied when its hold ends', () => {
    expect(changesOf(planned({ objects: [objectOf(known([{ status: 'POSTPONED' }]))] }))).toEqual([['.spec.hold']]);
  });

  it('is applied when it lost its finalizer or its label', () => {
    const object = objectOf();
    expect(changesOf(planned({ objects: [{ ...object, metadata: { ...object.metadata, finalizers: [] } }] }))).toEqual([
      ['.metadata.finalizers'],
    ]);
    expect(changesOf(planned({ objects: [{ ...object, metadata: { ...object.metadata, labels: {} } }] }))).toEqual([
      ['.metadata.labels.matchday.dev/feed', '.metadata.labels.matchday.dev/competition'],
    ]);
  });

  it('that is being deleted is left alone, so that its finalizer stays with its own reconciler', () => {
    const deleting = objectOf(known(), { deletionTimestamp: '2026-12-01T08:00:00Z' });
    expect(planned({ objects: [deleting], known: mapOf(known([{ status: 'POSTPONED' }])) }).applies).toEqual([]);
  });

  it('of a match that was played is left as it is', () => {
    const now = at('2026-12-06T15:00:00Z');
    const played = known([{}, { status: 'FINISHED' }, { status: 'FINISHED' }], now);
    expect(planned({ objects: [objectOf()], known: mapOf(played), now })).toMatchObject({ applies: [], objects: 0 });
  });
});

describe('plan: a field that somebody else owns', () => {
  const foreign = (resourceVersion = '7'): MatchNotification => {
    const object = objectOf();
    return { ...object, metadata: { ...object.metadata, resourceVersion }, spec: { ...object.spec, sendAt: '2026-12-06T10:00:00Z' } };
  };
  const first = planned({ objects: [foreign()] });
  const settled = (changes: Partial<Settled> = {}): ReadonlyMap<string, Settled> =>
    new Map([['pl-600123', { hash: first.applies[0]?.hash ?? '', resourceVersion: '7', left: ['.spec.sendAt'], ...changes }]]);

  it('is tried once', () => {
    expect(changesOf(first)).toEqual([['.spec.sendAt']]);
    expect(planned({ objects: [foreign()], settled: settled() }).applies).toEqual([]);
  });

  it('is a conflict while its value is another than the feed’s, also when it is not tried again', () => {
    const tried = settled();
    expect(conflictsIn(planned({ objects: [foreign()], settled: tried }), tried)).toEqual([['.spec.sendAt']]);
    const agreed = { ...foreign(), spec: objectOf().spec };
    expect(conflictsIn(planned({ objects: [agreed], settled: tried }), tried)).toEqual([]);
    expect(conflictsIn(planned({ known: new Map(), settled: tried }), tried)).toEqual([]);
  });

  it.each<[string, Partial<PlanInput> & { objects: readonly MatchNotification[] }]>([
    ['the object changed, if only in who owns what', { objects: [foreign('8')], settled: settled() }],
    ['the fixture changed', { objects: [foreign()], settled: settled({ hash: 'of another wish' }) }],
  ])('is tried again when %s', (_, input) => {
    expect(planned(input).applies).toHaveLength(1);
  });
});

describe('seedFrom', () => {
  it.each<[string, Partial<Fixture>]>([
    ['set', {}],
    ['rough', { status: 'SCHEDULED' }],
    ['postponed', { status: 'POSTPONED' }],
    ['cancelled', { status: 'CANCELLED' }],
    ['without teams', { home: {}, away: {} }],
    ['without a round', { matchday: undefined }],
    ['with an unreadable stamp', { lastUpdated: undefined }],
  ])('after a restart wishes the same for a match that is %s', (_, fixture) => {
    const object = objectOf(known([fixture, fixture]));
    expect(planned({ objects: [object], known: mapOf(seedFrom(object)) }).applies).toEqual([]);
  });

  it('keeps a first answer that is weeks old from undoing a move', () => {
    const object = objectOf(known([{ kickoff: at('2026-12-07T20:00:00Z'), lastUpdated: at('2026-11-28T00:00:00Z') }]));
    const stale = learn(mapOf(seedFrom(object)), [row({ lastUpdated: at('2026-11-01T00:00:00Z') })], { now: NOW, leadTimeMs: 3_600_000 });
    expect(planned({ objects: [object], known: stale }).applies).toEqual([]);
  });

  it('does not take a restart for a second sighting', () => {
    const now = at('2026-12-06T11:00:00Z');
    const once = known([{}], now);
    const { applies } = planned({ known: mapOf(once), now });
    const object = applied(applies[0]?.wish.body ?? expect.fail('not planned'));
    expect(object.spec.hold?.reason).toBe('Unconfirmed');
    expect(planned({ objects: [object], known: mapOf(seedFrom(object)), now }).applies).toEqual([]);
  });

  it('ignores a stamp that somebody broke', () => {
    const object = objectOf(known(), { annotations: { 'matchday.dev/fixture-updated-at': 'yesterday' } });
    expect(seedFrom(object).play.value.state).toBe('timed');
  });
});

describe('learn', () => {
  const options = { now: NOW, leadTimeMs: 3_600_000 };

  it('keeps what an answer leaves out, and everything of an empty one', () => {
    const before = mapOf(known(), known([{ id: '7' }]));
    expect([...learn(before, [row()], options).keys()]).toEqual(['600123', '7']);
    expect(learn(before, [], options)).toEqual(before);
  });

  it('needs two answers for a move, not two rows of one', () => {
    const move = row({ kickoff: at('2026-12-06T15:00:00Z'), lastUpdated: NOW });
    const once = learn(mapOf(known()), [move, move], options);
    expect(once.get('600123')).toMatchObject({ wantsConfirmation: true, play: { value: { kickoff: at('2026-12-06T12:30:00Z') } } });
    expect(learn(once, [move], options).get('600123')?.play.value.kickoff).toEqual(at('2026-12-06T15:00:00Z'));
  });

  it('passes over ids that can be no part of a name', () => {
    expect(learn(new Map(), [row({ id: '../secrets/x' }), row({ id: 'A B' })], options).size).toBe(0);
  });

  it('forgets what is neither listed nor followed', () => {
    expect([...forget(mapOf(known(), known([{ id: '7' }])), new Set(['7'])).keys()]).toEqual(['7']);
  });
});
