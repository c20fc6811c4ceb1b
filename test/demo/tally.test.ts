import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../sandbox/braze/index.ts';
import { itemOf, tally } from '../../sandbox/demo/tally.ts';
import type { MatchNotification, MatchNotificationSpec } from '../../src/crds/match-notification.ts';
import { CAMPAIGN, notification } from '../match-notification/objects.ts';

const USERS = ['fan-1', 'fan-2'];
const SEND_AT = '2026-12-06T11:30:00Z';
const AFTER = Temporal.Instant.from('2026-12-06T11:30:05Z');

function delivery(object: MatchNotification, user: string, at = SEND_AT): Delivery {
  const firedMs = Temporal.Instant.from(at).epochMilliseconds;
  const ids = { scheduleId: 's', dispatchId: 'd', sendId: '', campaignId: CAMPAIGN, token: 't' };
  return {
    ...ids,
    user,
    notification: itemOf(object),
    properties: {},
    firedMs,
    renderedMs: firedMs,
    outcome: 'delivered',
    reason: '',
    messages: [],
  };
}

const toAll = (object: MatchNotification, at?: string): Delivery[] => USERS.map((user) => delivery(object, user, at));
const judged = (object: MatchNotification, deliveries: readonly Delivery[], now = AFTER) =>
  tally({ notifications: [object], deliveries, users: USERS, now });

describe('the closing table of the demo', () => {
  const object = notification();
  const cases: readonly {
    name: string;
    deliveries: readonly Delivery[];
    now?: string;
    spec?: Partial<MatchNotificationSpec>;
    is: object;
  }[] = [
    { name: 'counts a fixture of which each fan heard once, at its time', deliveries: toAll(object), is: { once: 1, twice: 0, lost: 0 } },
    {
      name: 'counts as twice what one fan alone heard again',
      deliveries: [...toAll(object), delivery(object, 'fan-2')],
      is: { once: 0, twice: 1, lost: 0 },
    },
    { name: 'counts as lost what nobody heard of after its time', deliveries: [], is: { once: 0, twice: 0, lost: 1 } },
    { name: 'counts as lost what only some heard of', deliveries: [delivery(object, 'fan-1')], is: { once: 0, twice: 0, lost: 1 } },
    {
      name: 'counts as lost what went out at another time',
      deliveries: toAll(object, '2026-12-06T10:30:00Z'),
      is: { once: 0, twice: 0, lost: 1 },
    },
    { name: 'counts nothing before the time', deliveries: [], now: '2026-12-06T11:29:59Z', is: { once: 0, twice: 0, lost: 0 } },
    {
      name: 'does not call lost what is held',
      deliveries: [],
      spec: { hold: { reason: 'Postponed', message: 'The match is postponed.' } },
      is: { once: 0, twice: 0, lost: 0 },
    },
    { name: 'does not call lost what a person suspended', deliveries: [], spec: { suspend: true }, is: { once: 0, twice: 0, lost: 0 } },
  ];
  it.each(cases)('$name', ({ deliveries, now, spec = {}, is }) => {
    const { once, twice, lost } = judged(notification({ spec }), deliveries, now === undefined ? AFTER : Temporal.Instant.from(now));
    expect({ once: once.length, twice: twice.length, lost: lost.length }).toEqual(is);
  });

  it('calls a wrong fixture by its name', () => {
    expect(judged(object, []).lost).toEqual(['pl-600123']);
  });

  it('does not take one fixture for another', () => {
    const other = notification({ metadata: { name: 'pl-2' }, spec: { match: { provider: 'football-data', id: '2', competition: 'PL' } } });
    const result = tally({ notifications: [object, other], deliveries: toAll(other), users: USERS, now: AFTER });
    expect(result).toMatchObject({ once: ['pl-2'], lost: ['pl-600123'] });
  });
});
