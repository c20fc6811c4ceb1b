/** What becomes of an armed send whose catalog item is not as it was confirmed: deleted or edited by other hands. */
import { expect } from 'vitest';
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { Facts } from '../../../src/reconcilers/match-notification/facts.ts';
import { notification } from '../objects.ts';
import { armed, TOKEN } from '../situations.ts';
import { type Case, fenceOf, itemRead, locked, nothingRead, ours } from './case.ts';

const mine = { ...ours, token: TOKEN };
/** The armed item with other content, as read a moment ago. */
const edited = (fields: readonly string[], hash = fenceOf(notification()).contentHash, at?: string): Partial<Facts> =>
  itemRead({ ...mine, content: { hash, differs: fields } }, at);
const insideMargin = '2026-12-06T11:29:30Z';
const beforeMargin = '2026-12-06T11:28:00Z';

/** As another life left it: it said so of the item. */
const saying =
  (reason: string, changes: Partial<MatchNotificationStatus> = {}) =>
  (object: MatchNotification): MatchNotificationStatus => ({
    ...armed(object),
    ...changes,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'Opening', message: 'said before', lastTransitionTime: '2026-12-06T08:00:00Z' },
      { type: 'Drifted', status: 'True', reason, message: 'said before', lastTransitionTime: '2026-12-06T08:00:00Z' },
    ],
  });

const LOCKED = { occasion: { number: 1, announced: [TOKEN], locked: true } };

export const DRIFT: readonly Case[] = [
  {
    says: 'writes an item again that somebody deleted, and says so',
    status: armed,
    facts: nothingRead,
    step: 'WriteFence',
    reason: 'Opening',
    phase: 'Scheduled',
    also: (step) => {
      expect(step).toMatchObject({ purpose: 'reassert', announce: { token: TOKEN, state: 'open' }, retire: undefined });
      expect(step.shown).toMatchObject({
        ready: false,
        drifted: { reason: 'ItemMissing', message: expect.stringContaining('written again') },
      });
    },
  },
  {
    says: 'writes an item again whose token somebody changed, and says so',
    status: armed,
    facts: itemRead({ ...mine, token: 'foreign' }),
    step: 'WriteFence',
    also: ({ shown }) =>
      expect(shown).toMatchObject({ ready: false, drifted: { reason: 'ItemChanged', message: expect.stringContaining('(token)') } }),
  },
  {
    says: 'writes an item again whose names somebody edited; the send stands all the while',
    status: armed,
    facts: edited(['home', 'kickoff']),
    step: 'WriteFence',
    reason: 'Scheduled',
    also: (step) => {
      expect(step).toMatchObject({ purpose: 'reassert', announce: { token: TOKEN } });
      expect(step.shown).toMatchObject({
        ready: true,
        drifted: { reason: 'ItemChanged', message: expect.stringContaining('(home, kickoff)') },
      });
    },
  },
  {
    says: 'writes an item again that is under another name of an owner',
    status: armed,
    facts: itemRead({ ...mine, owner: 'cluster-b/default/pl-600123' }),
    step: 'WriteFence',
    also: ({ shown }) => expect(shown.drifted).toMatchObject({ reason: 'ItemChanged', message: expect.stringContaining('(owner)') }),
  },
  {
    says: 'does not take content for edited that was compared with another wish',
    status: armed,
    facts: edited(['home'], 'of-another-wish'),
    step: 'Rest',
    reason: 'Scheduled',
    also: ({ shown }) => expect(shown.drifted).toBeUndefined(),
  },
  {
    says: 'does not take an item for edited that was read before it was confirmed',
    status: armed,
    facts: itemRead({ ...mine, token: 'foreign' }, '2026-12-01T00:00:11Z'),
    step: 'ReadItem',
    also: ({ shown }) => expect(shown.drifted).toBeUndefined(),
  },
  {
    says: 'says what it waits for while a write that should put the item right backs off',
    status: armed,
    facts: { ...nothingRead, notBefore: { fence: Temporal.Instant.from('2026-12-06T09:00:05Z') } },
    step: 'Rest',
    reason: 'Opening',
    also: (step) => {
      expect(step.shown.drifted?.reason).toBe('ItemMissing');
      expect(step).toHaveProperty('until', Temporal.Instant.from('2026-12-06T09:00:05Z'));
    },
  },
  {
    says: 'keeps what it said of the item while it is written, also where nobody looked since',
    status: (object) => saying('ItemMissing', { fence: { ...fenceOf(object), confirmed: false } })(object),
    facts: { ticket: { announcedAt: '2026-12-01T00:00:10Z', put: undefined } },
    step: 'WriteFence',
    also: ({ shown }) => expect(shown.drifted).toEqual({ reason: 'ItemMissing', message: 'said before' }),
  },
  {
    says: 'looks at an item that another life said is missing, however far the send',
    now: '2026-12-03T09:00:00Z',
    status: saying('ItemMissing'),
    step: 'ReadItem',
    also: (step) => expect(step).toMatchObject({ purpose: 'check', shown: { drifted: { reason: 'ItemMissing' } } }),
  },
  {
    says: 'takes back what another life said when the item is as it should be',
    status: saying('ItemMissing'),
    facts: itemRead(mine),
    step: 'Rest',
    reason: 'Scheduled',
    also: ({ shown }) => expect([shown.ready, shown.drifted]).toEqual([true, undefined]),
  },
  {
    says: 'says inside the margin that nobody is told when the item is gone, and writes nothing',
    now: insideMargin,
    status: locked,
    facts: itemRead(undefined, beforeMargin),
    step: 'Rest',
    reason: 'ItemMissing',
    phase: 'Scheduled',
    also: ({ shown }) =>
      expect(shown).toMatchObject({
        ready: false,
        stalled: true,
        drifted: { reason: 'ItemMissing', message: expect.stringContaining('nobody is told') },
      }),
  },
  {
    says: 'says inside the margin that another token may tell the fans',
    now: insideMargin,
    status: locked,
    facts: itemRead({ ...mine, token: 'foreign' }, beforeMargin),
    step: 'Rest',
    reason: 'ItemChanged',
    also: ({ shown }) => expect(shown.message).toContain('who holds that token may tell the fans'),
  },
  {
    says: 'says inside the margin that edited names go out as they stand',
    now: insideMargin,
    status: locked,
    facts: edited(['home'], undefined, beforeMargin),
    step: 'Rest',
    reason: 'Scheduled',
    also: ({ shown }) =>
      expect(shown).toMatchObject({ ready: true, drifted: { message: expect.stringContaining('goes out with what stands there') } }),
  },
  {
    says: 'says of the item at the margin too',
    now: '2026-12-06T11:29:00Z',
    status: armed,
    facts: itemRead(undefined, beforeMargin),
    step: 'Lock',
    reason: 'ItemMissing',
  },
  {
    says: 'keeps inside the margin what another life said, since nothing is read there any more',
    now: insideMargin,
    status: saying('ItemMissing', LOCKED),
    step: 'Rest',
    reason: 'ItemMissing',
    also: ({ shown }) => expect(shown).toMatchObject({ stalled: true, drifted: { reason: 'ItemMissing' } }),
  },
  {
    says: 'presumes sent, with the reason, what its item was last seen not to admit',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: itemRead(undefined, beforeMargin),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringMatching(/last seen missing.*--not-sent/) }),
  },
  {
    says: 'names no way to send again where another may have told the fans',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: itemRead({ ...mine, token: 'foreign' }, beforeMargin),
    step: 'RecordSent',
    also: (step) => {
      expect(step).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringContaining('with another token') });
      expect(step).not.toMatchObject({ doubt: expect.stringContaining('--not-sent') });
    },
  },
  {
    says: 'records as sent what went out with edited names',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: edited(['home'], undefined, beforeMargin),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'Sent' }),
  },
  {
    says: 'says that its campaign is stopped rather than that its item is gone, and writes the item all the same',
    status: armed,
    facts: { ...nothingRead, campaign: { found: true, live: 'False', fenced: 'True', message: 'it is stopped' } },
    step: 'WriteFence',
    reason: 'CampaignNotLive',
    also: (step) => expect(step).toMatchObject({ purpose: 'reassert', shown: { stalled: true, drifted: { reason: 'ItemMissing' } } }),
  },
  {
    says: 'warns of a schedule that is not listed any more, and makes nothing of it',
    status: armed,
    facts: { ...itemRead(mine), listed: 'gone' },
    step: 'Rest',
    reason: 'Scheduled',
    phase: 'Scheduled',
    also: ({ shown }) => {
      expect(shown).toMatchObject({
        ready: true,
        drifted: { reason: 'ScheduleNotListed', message: expect.stringContaining('kubectl matchday suspend') },
      });
      expect(shown.stalled).toBeUndefined();
    },
  },
  {
    says: 'keeps that warning while nothing is known of the listing',
    status: saying('ScheduleNotListed'),
    facts: itemRead(mine),
    step: 'Rest',
    also: ({ shown }) => expect(shown.drifted).toEqual({ reason: 'ScheduleNotListed', message: 'said before' }),
  },
  {
    says: 'takes that warning back when the schedule is listed',
    status: saying('ScheduleNotListed'),
    facts: { ...itemRead(mine), listed: 'shown' },
    step: 'Rest',
    also: ({ shown }) => expect(shown.drifted).toBeUndefined(),
  },
  {
    says: 'says rather what is known than that the schedule is not listed',
    status: armed,
    facts: { ...itemRead(mine), listed: 'gone', campaign: { found: true, live: 'True', fenced: 'False', message: 'bare' } },
    step: 'Rest',
    also: ({ shown }) => expect(shown.drifted?.reason).toBe('FenceMissing'),
  },
  {
    says: 'presumes sent what was not listed any more',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: { listed: 'gone' },
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringMatching(/listing.*--not-sent/) }),
  },
  {
    says: 'keeps what it said of the item when the workspace cannot be used any more',
    now: insideMargin,
    status: saying('ItemMissing', LOCKED),
    facts: { problem: { reason: 'Unauthorized', message: 'Key refused.', stalled: true } },
    step: 'Rest',
    reason: 'Unauthorized',
    also: ({ shown }) => expect(shown.drifted?.reason).toBe('ItemMissing'),
  },
];
