import { describe, expect, it } from 'vitest';
import { answerable, type Claim } from '../../src/cli/resolvable.ts';
import { resolutionOf } from '../../src/crds/annotations.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { CAMPAIGN, notification } from '../match-notification/objects.ts';

const NOW = Temporal.Instant.from('2026-12-06T12:00:00Z');
const OPERATION = {
  id: 'op-1',
  kind: 'Create',
  attempt: 1,
  token: 't',
  campaignId: CAMPAIGN,
  sendAt: '2026-12-06T11:30:00Z',
  firesAt: '2026-12-06T11:30:00Z',
  audienceHash: 'a',
  propertiesHash: 'p',
  startedAt: '2026-12-06T10:00:00Z',
  holder: 'operator-1',
} as const;
const stalled = (reason: string) => [
  { type: 'Ready', status: 'False' as const, reason, message: 'look', lastTransitionTime: '2026-12-06T10:00:00Z' },
  { type: 'Stalled', status: 'True' as const, reason, message: 'look', lastTransitionTime: '2026-12-06T10:00:00Z' },
];
const blocked = (changes: MatchNotificationStatus = {}): MatchNotification =>
  notification({ status: { phase: 'Blocked', operation: OPERATION, conditions: stalled('CreateUnresolved'), ...changes } });
const SENT = {
  sendAt: '2026-12-06T11:30:00Z',
  firesAt: '2026-12-06T11:30:00Z',
  scheduleId: 's1',
  at: '2026-12-06T11:30:01Z',
  reason: 'PresumedSent',
} as const;
const sent = (changes: MatchNotificationStatus = {}): MatchNotification =>
  notification({ status: { phase: 'Sent', lastSent: SENT, ...changes } });

const NOT_CREATED: Claim = { kind: 'not-created' };
const CREATED: Claim = { kind: 'created', scheduleId: 'braze-7' };
const NOT_SENT: Claim = { kind: 'not-sent' };

describe('a claim that the object waits for is written as the operator reads it', () => {
  it.each<[string, MatchNotification, Claim, object]>([
    ['nothing was made', blocked(), NOT_CREATED, { operationId: 'op-1', result: 'not-created' }],
    ['it was made', blocked(), CREATED, { operationId: 'op-1', result: 'created', scheduleId: 'braze-7' }],
    [
      'an update took effect',
      blocked({ operation: { ...OPERATION, kind: 'Update', scheduleId: 'braze-7' }, conditions: stalled('UpdateUnresolved') }),
      CREATED,
      { operationId: 'op-1', result: 'created', scheduleId: 'braze-7' },
    ],
    ['it was not sent', sent(), NOT_SENT, { operationId: 's1', result: 'not-sent' }],
    [
      'it was not sent and its id was never known',
      sent({ lastSent: { sendAt: SENT.sendAt, firesAt: SENT.firesAt, at: SENT.at, reason: 'PresumedSent' } }),
      NOT_SENT,
      { operationId: '2026-12-06T11:30:00Z', result: 'not-sent' },
    ],
  ])('%s', (_, object, claim, resolution) => {
    const { resolution: said, evidence, effect } = answerable(object, claim, NOW);
    expect(said).toEqual(resolution);
    const annotated = { metadata: { annotations: { 'matchday.dev/resolve': JSON.stringify(said) } } };
    expect(resolutionOf(annotated)).toEqual({ kind: 'said', value: resolution });
    expect(evidence.length).toBeGreaterThan(2);
    expect(effect).toMatch(/^The operator /);
  });

  it('shows what to look for in Braze', () => {
    const shown = new Map(answerable(blocked(), NOT_CREATED, NOW).evidence);
    expect(shown.get('campaign')).toBe(CAMPAIGN);
    expect(shown.get('told to send at')).toBe('2026-12-06 11:30Z (30m ago)');
    expect(shown.get('lost answer')).toContain('made by operator-1');
  });
});

describe('a claim that the object does not wait for is refused, with what it waits for', () => {
  it.each<[string, MatchNotification, Claim, string]>([
    ['no call', notification({ status: { phase: 'Scheduled' } }), NOT_CREATED, 'no call of it waits for an answer'],
    ['no status', notification(), CREATED, 'no call of it waits for an answer'],
    ['a call under way', blocked({ conditions: stalled('Resolving') }), NOT_CREATED, 'still finds out by itself'],
    ['a placeholder', blocked(), { kind: 'created', scheduleId: 'pending-42' }, '"pending-42" is no id of a schedule'],
    ['an empty id', blocked(), { kind: 'created', scheduleId: '' }, 'is no id of a schedule'],
    [
      'an old id',
      blocked({ obsolete: [{ id: 'braze-7', campaignId: CAMPAIGN, firesAt: SENT.firesAt, recordedAt: SENT.at, why: 'Moved' }] }),
      CREATED,
      'an older one of its own that is being deleted (Moved)',
    ],
    ['nothing sent', notification(), NOT_SENT, 'nothing of it counts as sent'],
    ['said already', sent({ lastSent: { ...SENT, disprovedAt: '2026-12-06T11:50:00Z' } }), NOT_SENT, 'was said already'],
    ['too early', sent({ lastSent: { ...SENT, firesAt: '2026-12-06T11:46:00Z' } }), NOT_SENT, 'ask again in 1m'],
    ['something is left', sent({ operation: OPERATION }), NOT_SENT, 'may still be in Braze (a call without an answer)'],
    ['a token is open', sent({ occasion: { number: 1, announced: ['t'] } }), NOT_SENT, 'may still be in Braze'],
  ])('%s', (_, object, claim, message) => {
    expect(() => answerable(object, claim, NOW)).toThrow(message);
  });

  it('names the object and what it says', () => {
    expect(() => answerable(blocked({ conditions: stalled('Resolving') }), NOT_CREATED, NOW)).toThrow(
      /^MatchNotification default\/pl-600123: .* It says: Resolving: look$/s,
    );
  });
});
