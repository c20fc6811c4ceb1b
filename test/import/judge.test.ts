/** What becomes of each match of an old table, and that nothing in it can make a send go out twice. */
import { describe, expect, it } from 'vitest';
import { type Judged, judge, type Setting } from '../../src/cli/import/judge.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { matchNotificationSpec } from '../../src/crds/match-notification-spec.ts';
import type { OldRow } from '../../src/ledger/old-system.ts';
import type { ApplyBody } from '../../src/reconcilers/fixture-feed/wish.ts';

const NOW = Temporal.Instant.from('2026-12-06T08:00:00Z');
const setting = (ground: Setting['ground'] = 'fenced'): Setting => ({
  ground,
  oldCampaign: 'old',
  now: NOW,
  nearMs: 22 * 60_000,
  resendAfterMs: 6 * 3_600_000,
});

const SENT = { sendAt: '2026-12-06T07:00:00Z', firesAt: '2026-12-06T07:00:00Z', at: '2026-12-06T07:00:00Z', reason: 'Sent' } as const;

const row = (scheduleId: string, time = '11:30', status = 'scheduled'): OldRow => ({
  matchId: '1',
  scheduleId,
  status,
  signature: '',
  sendAt: time === '' ? undefined : Temporal.Instant.from(`2026-12-06T${time}:00Z`),
});

const wish = (sendAt = '11:30'): ApplyBody => ({
  apiVersion: 'matchday.dev/v1alpha1',
  kind: 'MatchNotification',
  metadata: { name: 'pl-1', namespace: 'default', labels: {}, finalizers: [] },
  spec: { sendAt: `2026-12-06T${sendAt}:00Z` },
});

const judged = (rows: readonly OldRow[], options: { ground?: Setting['ground']; sendAt?: string } = {}): Judged =>
  judge({ rows, wish: wish(options.sendAt), shown: undefined }, setting(options.ground));

const adopting = (id: string, time = '11:30') => ({ adopt: { id, campaignId: 'old', sendAt: `2026-12-06T${time}:00Z` } });

describe('a match of the old table', () => {
  it.each<[string, Judged, string, Judged['write']]>([
    ['with a live schedule is taken over', judged([row('s1')]), 'adopt', adopting('s1')],
    ['whose row says deleted is taken over all the same', judged([row('s1', '11:30', 'deleted')]), 'adopt', adopting('s1')],
    ['whose real id still says pending is taken over', judged([row('s1', '11:30', 'pending')]), 'adopt', adopting('s1')],
    ['that moved is taken over as it was', judged([row('s1')], { sendAt: '13:30' }), 'adopt', adopting('s1')],
    ['with a placeholder is made, and shown to a person', judged([row('pending-a')]), 'unresolved', {}],
    ['with several takes over the last', judged([row('s1', '11:00'), row('s2')]), 'unresolved', adopting('s2')],
    ['that was sent counts as sent', judged([row('s1', '07:30', 'sent')], { sendAt: '08:30' }), 'sent', adopting('s1', '07:30')],
    ['due in the past counts as sent, whatever its row says', judged([row('s1', '07:30', 'failed')]), 'sent', adopting('s1', '07:30')],
    ['that was sent is not taken for live by a second row', judged([row('s1', '07:30'), row('s2')]), 'sent', adopting('s1', '07:30')],
    ['with an old placeholder that may have been sent is suspended', judged([row('pending-a', '07:30')]), 'unresolved', { suspend: true }],
    ['with an old placeholder of an earlier occasion is made', judged([row('pending-a', '04:00')]), 'unresolved', {}],
    ['without a readable time is suspended', judged([row('s1', '')]), 'unresolved', { suspend: true }],
    ['that says sent ahead of its time is suspended', judged([row('s1', '11:30', 'sent')]), 'unresolved', { suspend: true }],
    ['too near to delete for sure is left to the fence', judged([row('s1', '08:10')], { sendAt: '08:10' }), 'new', {}],
  ])('%s', (_what, { verdict, write }, expected, writes) => {
    expect({ verdict, write }).toEqual({ verdict: expected, write: writes });
  });
});

describe('without a fence, where Braze delivers whatever it holds', () => {
  const ground = 'nothing';
  it('owns a single live schedule', () => {
    expect(judged([row('s1')], { ground })).toMatchObject({ verdict: 'adopt', write: adopting('s1') });
  });

  it('makes nothing beside a placeholder', () => {
    expect(judged([row('pending-a')], { ground })).toMatchObject({ verdict: 'unresolved', write: { suspend: true } });
  });

  it.each([
    ['two live ones', [row('s1', '11:00'), row('s2')]],
    ['one that was sent and a live one', [row('s1', '07:30', 'sent'), row('s2')]],
    ['a placeholder beside a live one', [row('pending-a'), row('s2')]],
  ])('makes nothing beside %s, and has the one it knows deleted', (_what, rows) => {
    expect(judged(rows, { ground })).toMatchObject({ verdict: 'unresolved', write: { suspend: true, ...adopting('s2') } });
  });
});

describe('a match whose object is there', () => {
  const object = (status: MatchNotification['status'] = {}, annotations: Readonly<Record<string, string>> = {}): MatchNotification => ({
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'MatchNotification',
    metadata: {
      name: 'pl-1',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: NOW.toString(),
      annotations,
    },
    spec: matchNotificationSpec.parse({
      workspaceRef: { name: 'main' },
      campaignId: 'new-campaign',
      match: { provider: 'football-data', id: '1', competition: 'PL' },
      kickoff: '2026-12-06T12:30:00Z',
      sendAt: '2026-12-06T11:30:00Z',
      audience: { broadcast: true },
    }),
    status,
  });
  const adopted = { 'matchday.dev/adopt-schedule': JSON.stringify({ id: 's1', campaignId: 'old', sendAt: '2026-12-06T11:30:00Z' }) };

  it.each<[string, readonly OldRow[], MatchNotification, Pick<Judged, 'verdict' | 'write'>]>([
    ['is taken over when it was not', [row('s1')], object(), { verdict: 'adopt', write: adopting('s1') }],
    ['is left alone when its annotation says so', [row('s1')], object({}, adopted), { verdict: 'done' }],
    [
      'and whose annotation was removed since, is left alone',
      [row('s1')],
      object({ adopted: { id: 's1', at: NOW.toString() } }),
      { verdict: 'done' },
    ],
    ['waits for another schedule, is shown', [row('s2')], object({}, adopted), { verdict: 'unresolved' }],
    ['was sent by us, is given no older send', [row('s1', '07:30')], object({ lastSent: SENT }), { verdict: 'done' }],
    ['is not suspended a second time', [row('pending-a', '07:30')], object(), { verdict: 'unresolved' }],
    ['has a placeholder, is shown and not written', [row('pending-a')], object(), { verdict: 'unresolved' }],
  ])('%s', (_what, rows, shown, expected) => {
    const { verdict, write } = judge({ rows, wish: wish(), shown }, setting());
    expect({ verdict, write }).toEqual(expected);
  });
});

describe('a match without a wish', () => {
  const rows = [row('s1')];
  it('that is over is left alone', () => {
    expect(judge({ rows, wish: 'over', shown: undefined }, setting())).toMatchObject({ verdict: 'over' });
  });

  it('that no feed has is named, with why it can not be delivered', () => {
    const { verdict, write, says } = judge({ rows, wish: 'unknown', shown: undefined }, setting('stopped'));
    expect([verdict, write, says]).toEqual(['no-fixture', undefined, expect.stringContaining('s1: its campaign is stopped')]);
  });
});
