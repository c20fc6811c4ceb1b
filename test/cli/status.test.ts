import { describe, expect, it } from 'vitest';
import { nextStep } from '../../src/cli/status/next-step.ts';
import { detailOf } from '../../src/cli/status/one.ts';
import { detailText } from '../../src/cli/status/one-text.ts';
import type { Overview } from '../../src/cli/status/overview.ts';
import { overviewText } from '../../src/cli/status/overview-text.ts';
import { byUrgency, feedProblem, notificationProblem } from '../../src/cli/status/problems.ts';
import type { MatchNotificationSpec, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { FEED_REASONS, NOTIFICATION_REASONS, WORKSPACE_REASONS } from '../../src/crds/words.ts';
import { feedWith } from '../fixture-feed/samples.ts';
import { CAMPAIGN, notification } from '../match-notification/objects.ts';
import { armed } from '../match-notification/situations.ts';

const NOW = Temporal.Instant.from('2026-12-06T08:30:00Z');
const condition = (type: string, reason: string, message = 'Do this.') => ({
  type,
  status: type === 'Ready' ? ('False' as const) : ('True' as const),
  reason,
  message,
  lastTransitionTime: '2026-12-06T08:00:00Z',
});
const SENT = { sendAt: '2026-12-06T07:30:00Z', firesAt: '2026-12-06T07:30:00Z', at: '2026-12-06T07:30:00Z', reason: 'Sent' } as const;
const withStatus = (status: MatchNotificationStatus, spec: Partial<MatchNotificationSpec> = {}) => notification({ status, spec });
const reasonOf = (status: MatchNotificationStatus, spec: Partial<MatchNotificationSpec> = {}, now = NOW): string | undefined =>
  notificationProblem(withStatus(status, spec), now)?.reason;

describe('what needs somebody', () => {
  const ready = { ...condition('Ready', 'Scheduled'), status: 'True' as const };

  it.each<[string, string | undefined, MatchNotificationStatus, Partial<MatchNotificationSpec>?]>([
    ['one that is stalled', 'FenceMissing', { conditions: [condition('Ready', 'FenceMissing'), condition('Stalled', 'FenceMissing')] }],
    ['one that drifted', 'TooLateToMove', { conditions: [ready, condition('Drifted', 'TooLateToMove')] }],
    ['one whose hold only a person can end', 'Held', { conditions: [ready] }, { hold: { reason: 'SendAfterKickoff' } }],
    ['one that may have told nobody', 'SendDoubtful', { conditions: [ready], lastSent: { ...SENT, doubt: 'The item was closed.' } }],
    ['not when a person has said so', undefined, { conditions: [ready], lastSent: { ...SENT, doubt: 'x', disprovedAt: SENT.at } }],
    ['not one whose fixture has another id too', undefined, { conditions: [ready] }, { hold: { reason: 'DuplicateFixture' } }],
    ['not one that is armed', undefined, { conditions: [ready] }],
    ['not one that works on, hours before', undefined, { conditions: [condition('Ready', 'Creating')] }],
    ['not a postponed one', undefined, { conditions: [ready] }, { hold: { reason: 'Postponed' } }],
  ])('%s', (_, reason, status, spec = {}) => {
    expect(reasonOf(status, spec)).toBe(reason);
  });

  it.each<[string, string | undefined]>([
    ['2026-12-06T11:00:00Z', 'Creating'],
    ['2026-12-06T10:00:00Z', undefined],
    ['2026-12-06T12:00:00Z', undefined],
  ])('one that is not ready at %s, for a send at 11:30: %s', (now, reason) => {
    expect(reasonOf({ conditions: [condition('Ready', 'Creating')] }, {}, Temporal.Instant.from(now))).toBe(reason);
  });

  it('what was missed, for a day', () => {
    const missed = { conditions: [condition('Ready', 'Missed'), condition('Stalled', 'Missed')] };
    expect(reasonOf(missed, {}, Temporal.Instant.from('2026-12-07T11:00:00Z'))).toBe('Missed');
    expect(reasonOf(missed, {}, Temporal.Instant.from('2026-12-07T12:00:00Z'))).toBeUndefined();
  });

  it('one that no operator has looked at an hour before its send', () => {
    expect(notificationProblem(notification(), Temporal.Instant.from('2026-12-06T11:00:00Z'))?.message).toContain('is it running?');
  });

  it('a feed that has heard nothing for three intervals, unless it is suspended', () => {
    const heard = (text: string) => ({ ...feedWith(), status: { lastSuccessAt: text } });
    expect(feedProblem(heard('2026-12-06T08:16:00Z'), NOW)).toBeUndefined();
    expect(feedProblem(heard('2026-12-06T08:10:00Z'), NOW)).toMatchObject({ object: 'ff/pl', reason: 'Stale' });
    expect(feedProblem({ ...heard('2026-12-06T08:10:00Z'), spec: { ...feedWith().spec, suspend: true } }, NOW)).toBeUndefined();
  });

  it('a feed whose objects people took, and worse things first', () => {
    const status = { lastSuccessAt: '2026-12-06T08:29:00Z', conditions: [condition('Overridden', 'Overridden')] };
    expect(feedProblem({ ...feedWith(), status }, NOW)?.reason).toBe('Overridden');
    const worse = { ...status, conditions: [...status.conditions, condition('Stalled', 'AuthFailed')] };
    expect(feedProblem({ ...feedWith(), status: worse }, NOW)).toMatchObject({
      reason: 'AuthFailed',
      next: 'Put a valid token into the Secret.',
    });
  });

  it('in the order of the sends at stake; what has none concerns many and comes first', () => {
    const problem = { namespace: 'default', reason: 'r', message: 'm' };
    const late = { ...problem, object: 'mn/b', sendAt: '2026-12-07T11:30:00Z' };
    const soon = { ...problem, object: 'mn/c', sendAt: '2026-12-06T11:30:00Z' };
    const all = { ...problem, object: 'bw/main' };
    expect([late, soon, all].toSorted(byUrgency).map(({ object }) => object)).toEqual(['bw/main', 'mn/c', 'mn/b']);
  });
});

describe('the next step', () => {
  const key = { namespace: 'push', name: 'pl-1' };

  it.each([
    [MATCH_NOTIFICATIONS, NOTIFICATION_REASONS],
    [FIXTURE_FEEDS, FEED_REASONS],
    [BRAZE_WORKSPACES, WORKSPACE_REASONS],
  ])('there is one for each reason, and commands name the object', (kind, reasons) => {
    for (const reason of Object.keys(reasons)) {
      const step = nextStep({ kind, key }, reason);
      expect(step).toMatch(/^[A-Z]/);
      expect(step).not.toContain('NAME');
    }
  });

  it('is a command to copy for what a person must resolve', () => {
    expect(nextStep({ kind: MATCH_NOTIFICATIONS, key }, 'CreateUnresolved')).toBe(
      'Look in Braze, then: matchday resolve pl-1 -n push --schedule-id ID, or --not-created.',
    );
  });
});

describe('the overview', () => {
  const empty: Overview = { problems: [], sends: [], feeds: [], workspaces: [] };
  const options = { now: NOW, wide: false, namespaces: false };
  const send = {
    namespace: 'push',
    name: 'pl-1',
    fixture: 'Aston Villa FC v Arsenal FC',
    kickoff: '2026-12-06T12:30:00Z',
    sendAt: '2026-12-06T11:30:00Z',
    phase: 'Scheduled',
    ready: 'True',
    reason: 'Scheduled',
    taken: ['sendAt (editor)'],
  };

  it('says so when there is nothing', () => {
    expect(overviewText(empty, options)).toBe(
      'Nothing needs you.\n\nNo send is ahead.\n\nThere is no FixtureFeed.\n\nThere is no BrazeWorkspace: nothing can be sent.',
    );
  });

  it('lists problems first, with the remedy', () => {
    const problems = [
      { namespace: 'push', object: 'mn/pl-2', reason: 'OwnedElsewhere', sendAt: send.sendAt, message: 'Open for b.', next: 'Stop b.' },
    ];
    expect(overviewText({ ...empty, problems, sends: [send] }, { ...options, namespaces: true })).toContain(
      [
        'NEEDS SOMEBODY',
        'push/mn/pl-2   OwnedElsewhere   send in 3h',
        '    Open for b.',
        '    → Stop b.',
        '',
        'NEXT SENDS   FIXTURE                       SEND AT             IN   PHASE       READY   TAKEN',
        'push/pl-1    Aston Villa FC v Arsenal FC   2026-12-06 11:30Z   3h   Scheduled   True    sendAt (editor)',
      ].join('\n'),
    );
  });

  it('counts what it does not list', () => {
    const sends = Array.from({ length: 13 }, (_, index) => ({ ...send, name: `pl-${index}` }));
    expect(overviewText({ ...empty, sends }, options)).toContain('\nand 3 more (-o wide shows up to 100)');
    expect(overviewText({ ...empty, sends }, { ...options, wide: true })).not.toContain('more');
  });
});

describe('one fixture', () => {
  const feedMade = { labels: { 'matchday.dev/feed': 'pl' } };
  const editor = {
    manager: 'editor',
    operation: 'Apply' as const,
    time: '2026-12-05T10:00:00Z',
    fieldsV1: { 'f:spec': { 'f:sendAt': {} } },
  };

  it('tells wish, Braze, difference, owners, history and next step', () => {
    const plain = notification();
    const status = armed(plain, {
      fixture: 'Aston Villa FC v Arsenal FC',
      kickoffs: [
        { kickoff: '2026-12-06T12:30:00Z', sendAt: '2026-12-06T11:30:00Z', at: '2026-12-01T00:00:00Z' },
        { kickoff: '2026-12-06T11:30:00Z', sendAt: '2026-12-06T10:30:00Z', at: '2026-12-05T09:00:00Z' },
      ],
      conditions: [condition('Ready', 'UpdateUnresolved'), condition('Stalled', 'UpdateUnresolved')],
      history: {
        '000001': { at: '2026-12-01T00:00:10Z', action: 'created', outcome: 'done', scheduleId: 's1', sendAt: '2026-12-06T11:30:00Z' },
        '000002': {
          at: '2026-12-06T08:00:00Z',
          action: 'updated',
          outcome: 'unknown',
          sendAt: '2026-12-06T10:30:00Z',
          message: 'time-out',
        },
      },
    });
    const object = notification({ status, spec: { sendAt: '2026-12-06T10:30:00Z' }, metadata: { ...feedMade, managedFields: [editor] } });
    const text = detailText(detailOf(object), NOW);
    expect(text).toContain('Aston Villa FC v Arsenal FC   (MatchNotification default/pl-600123)');
    expect(text).toMatch(/send at +2026-12-06 10:30Z \(in 2h\)/);
    expect(text).toMatch(/schedule +s1, fires 2026-12-06 11:30Z \(in 3h\)/);
    expect(text).toContain('wanted at 2026-12-06T10:30:00Z, Braze sends at 2026-12-06T11:30:00Z');
    expect(text).toMatch(/catalog item +football-data-600123-4d1f0d4c: open, read back/);
    expect(text).toMatch(/sendAt +editor, 2026-12-05 10:00Z/);
    expect(text).toMatch(/give back +matchday release pl-600123 -n default/);
    expect(text).toMatch(/2026-12-01 00:00Z +operator +made schedule s1 for 2026-12-06 11:30Z/);
    expect(text).toMatch(/2026-12-05 09:00Z +feed pl +moved the kickoff to 2026-12-06 11:30Z, the send to 2026-12-06 10:30Z/);
    expect(text).toMatch(/2026-12-05 10:00Z +editor +last wrote sendAt/);
    expect(text).toMatch(/2026-12-06 08:00Z +operator +an update for 2026-12-06 10:30Z went out; its answer is not known — time-out/);
    expect(text).toContain('Next step\n  Look in Braze, then: matchday resolve pl-600123 -n default --schedule-id ID, or --not-created.');
  });

  it('differs in nothing when seconds differ', () => {
    const status = armed(notification());
    expect(detailOf(notification({ status, spec: { sendAt: '2026-12-06T11:30:40Z' } })).differences).toEqual([]);
  });

  it('reads well before the operator has looked at it', () => {
    const text = detailText(detailOf(notification()), NOW);
    expect(text).toContain('Aston Villa FC v Arsenal FC');
    expect(text).toMatch(/schedule +none/);
    expect(text).toContain(`campaign   ${CAMPAIGN} of workspace main`);
    expect(text).toContain('is it running?');
  });
});
