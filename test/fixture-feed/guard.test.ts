import { describe, expect, it } from 'vitest';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { type ExpiryInput, expired } from '../../src/reconcilers/fixture-feed/expire.ts';
import { guard } from '../../src/reconcilers/fixture-feed/guard.ts';
import { type Plan, plan } from '../../src/reconcilers/fixture-feed/plan.ts';
import { applied, at, feedWith, known, NOW } from './samples.ts';

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => String(1000 + index));
const knownOf = (rows: readonly Partial<Fixture>[]) => new Map(rows.map((row) => [row.id ?? '', known([row, row])]));
const planOf = (rows: readonly Partial<Fixture>[], objects: readonly MatchNotification[] = [], feed = feedWith()): Plan => {
  const shown = (id: string) => objects.find(({ spec }) => spec.match.id === id);
  return plan({ feed, known: knownOf(rows), settled: new Map(), now: NOW, shown });
};
/** Objects for `before`, then what the guard says when the provider says `after`. */
function verdict(before: readonly Partial<Fixture>[], after: readonly Partial<Fixture>[], feed: FixtureFeed = feedWith()) {
  const objects = planOf(before).applies.map(({ wish }) => applied(wish.body));
  const { applies, objects: count } = planOf(after, objects, feed);
  return guard({ feed, applies, objects: count });
}
const moved = { kickoff: at('2026-12-08T20:00:00Z') };
const change = (total: number, changed: number, how: Partial<Fixture>): [readonly Partial<Fixture>[], readonly Partial<Fixture>[]] => [
  ids(total).map((id) => ({ id })),
  ids(total).map((id, index) => (index < changed ? { id, ...how } : { id })),
];

describe('guard', () => {
  it.each<[string, boolean, ReturnType<typeof change>]>([
    ['a fifth moves', false, change(50, 10, moved)],
    ['more than a fifth moves', true, change(50, 11, moved)],
    ['five of six move', false, change(6, 5, moved)],
    ['six of six move', true, change(6, 6, moved)],
    ['six of six are held', true, change(6, 6, { status: 'POSTPONED' })],
    ['every club is renamed', false, change(50, 50, { home: { id: '58', name: 'Villa', tla: 'AVL' } })],
    ['a round gets its times', false, [ids(10).map((id) => ({ id, status: 'SCHEDULED' })), ids(10).map((id) => ({ id, ...moved }))]],
    ['a season is published', false, [[], ids(100).map((id) => ({ id }))]],
  ])('when %s, stops it: %s', (_, stopped, [before, after]) => {
    expect(verdict(before, after)?.reason).toBe(stopped ? 'TooManyChanges' : undefined);
  });

  it('never stops a feed that says 100 %', () => {
    expect(verdict(...change(50, 50, moved), feedWith({ maxChangesPerPoll: '100%' }))).toBeUndefined();
  });

  it('lets exactly the approved changes through', () => {
    const asked = verdict(...change(50, 20, moved))?.message ?? '';
    expect(asked).toContain('20 of 50 sends moved or held at once');
    expect(asked).toContain('pl-1000 2026-12-06T12:30:00Z → 2026-12-08T20:00:00Z');
    const hash = /matchday\.dev\/approve=(h[0-9a-f]{12})$/.exec(asked)?.[1] ?? expect.fail(asked);
    const approved = feedWith({}, { annotations: { 'matchday.dev/approve': hash } });
    expect(verdict(...change(50, 20, moved), approved)).toBeUndefined();
    expect(verdict(...change(50, 21, moved), approved)?.reason).toBe('TooManyChanges');
  });
});

const OPERATION = {
  id: 'op-1',
  kind: 'Create' as const,
  attempt: 1,
  token: 't',
  campaignId: 'campaign-1',
  sendAt: '2026-12-06T11:30:00Z',
  firesAt: '2026-12-06T11:30:00Z',
  audienceHash: 'a',
  propertiesHash: 'p',
  startedAt: '2026-12-01T00:00:00Z',
  holder: 'one',
};
const OBSOLETE = { id: 's', campaignId: 'campaign-1', firesAt: '2026-12-06T11:30:00Z', recordedAt: '2026-12-01T00:00:00Z', why: 'moved' };

describe('expired', () => {
  const [body] = planOf([{ id: '1000' }]).applies.map(({ wish }) => wish.body);
  const object = (status: MatchNotification['status'], metadata: Partial<MatchNotification['metadata']> = {}): MatchNotification => {
    if (body === undefined) throw new Error('not planned');
    return { ...applied(body, metadata), ...(status === undefined ? {} : { status }) };
  };
  const sentAt = (text: string) => ({ sendAt: text, firesAt: text, at: text, reason: 'Sent' as const });
  const after30Days = at('2027-01-05T12:30:00Z');

  it.each<[string, boolean, MatchNotification, Temporal.Instant]>([
    ['a sent one after its time', true, object({ phase: 'Sent' }), after30Days],
    ['a sent one a minute before', false, object({ phase: 'Sent' }), after30Days.subtract({ minutes: 1 })],
    [
      'one that was sent later than its kickoff says',
      false,
      object({ phase: 'Sent', lastSent: sentAt('2026-12-20T12:00:00Z') }),
      after30Days,
    ],
    ['a cancelled one', true, object({ phase: 'Cancelled' }), after30Days],
    ['a missed one', true, object({ phase: 'Missed' }), after30Days],
    ['a held one', false, object({ phase: 'Held' }), after30Days],
    ['a blocked one', false, object({ phase: 'Blocked' }), after30Days],
    ['one without a status', false, object(undefined), after30Days],
    ['one with a call that nobody finished', false, object({ phase: 'Sent', operation: OPERATION }), after30Days],
    ['one with a schedule still to delete', false, object({ phase: 'Cancelled', obsolete: [OBSOLETE] }), after30Days],
    ['one that is going already', false, object({ phase: 'Sent' }, { deletionTimestamp: '2027-01-05T00:00:00Z' }), after30Days],
  ])('%s: removed is %s', (_, removed, candidate, now) => {
    const input = { feed: feedWith(), own: [candidate], season: undefined, now, recorded: () => true };
    expect(expired(input)).toHaveLength(removed ? 1 : 0);
    expect(expired({ ...input, recorded: () => false })).toEqual([]);
  });

  const nextSeason = { from: at('2027-08-01T00:00:00Z'), ids: new Set(['2000']) };
  const postponed = object({ phase: 'Held' });
  it.each<[string, boolean, Partial<ExpiryInput>]>([
    ['a season that began after it and does not have it', true, { season: nextSeason }],
    ['a season that has it all the same', false, { season: { ...nextSeason, ids: new Set(['1000']) } }],
    ['the season that it is of', false, { season: { ...nextSeason, from: at('2026-08-01T00:00:00Z') } }],
    ['a later season, not in the ledger yet', false, { season: nextSeason, recorded: () => false }],
    ['a later season, still in Braze', false, { season: nextSeason, own: [object({ phase: 'Held', obsolete: [OBSOLETE] })] }],
  ])('a held one, listed is %s: removed is %s', (_, removed, input) => {
    const all = { feed: feedWith(), own: [postponed], season: undefined, now: at('2027-09-15T00:00:00Z'), recorded: () => true, ...input };
    expect(expired(all)).toHaveLength(removed ? 1 : 0);
  });

  it('many at once go in the order of their kickoffs, fifty a poll', () => {
    const own = planOf(ids(60).map((id, index) => ({ id, kickoff: at('2026-12-06T12:00:00Z').add({ minutes: -index }) }))).applies.map(
      ({ wish }): MatchNotification => ({ ...applied(wish.body), status: { phase: 'Sent' } }),
    );
    const over = expired({
      feed: feedWith(),
      own: own.reverse(),
      season: undefined,
      now: after30Days.add({ hours: 1 }),
      recorded: () => true,
    });
    expect(over).toHaveLength(50);
    expect(over.map(({ spec }) => spec.kickoff)).toEqual(over.map(({ spec }) => spec.kickoff).toSorted());
    expect(over[0]?.spec.kickoff).toBe('2026-12-06T11:01:00Z');
  });
});
