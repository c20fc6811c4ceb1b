/** What becomes of an armed send whose campaign is not as it was when the send was armed. */
import { expect } from 'vitest';
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import type { Facts } from '../../../src/reconcilers/match-notification/facts.ts';
import { armed, closing, TOKEN } from '../situations.ts';
import { type Case, itemRead, locked, ours } from './case.ts';

const STOPPED: Facts['campaign'] = { found: true, live: 'False', fenced: 'True', message: 'it is stopped' };
const GONE: Facts['campaign'] = { found: false, live: 'False', fenced: 'Unknown', message: 'none' };
const BARE: Facts['campaign'] = { found: true, live: 'True', fenced: 'False', message: 'ios_push A reads nothing' };
const CUT: Facts['campaign'] = { found: true, live: 'Unknown', fenced: 'Unknown', message: 'no answer' };
const readBack = itemRead({ ...ours, token: TOKEN });

const drifted =
  (reason: string) =>
  (object: MatchNotification): MatchNotificationStatus => ({
    ...locked(object),
    conditions: [{ type: 'Drifted', status: 'True', reason, message: 'said before', lastTransitionTime: '2026-12-06T08:00:00Z' }],
  });

/** The schedule is gone and nothing is announced; the item's close was announced, and perhaps never written. */
function leftBehind(object: MatchNotification): MatchNotificationStatus {
  const { obsolete: _gone, occasion: _none, ...status } = closing(object);
  return { ...status, ...(status.fence === undefined ? {} : { fence: { ...status.fence, item: 'another' } }) };
}

export const CAMPAIGN_CASES: readonly Case[] = [
  {
    says: 'says of an armed send that its campaign is stopped, and keeps it',
    status: armed,
    facts: { ...readBack, campaign: STOPPED },
    step: 'Rest',
    reason: 'CampaignNotLive',
    phase: 'Scheduled',
    also: ({ shown }) => expect(shown).toMatchObject({ ready: false, stalled: true, drifted: { reason: 'CampaignNotLive' } }),
  },
  {
    says: 'says of an armed send that its campaign is gone',
    status: armed,
    facts: { ...readBack, campaign: GONE },
    step: 'Rest',
    reason: 'CampaignNotFound',
    phase: 'Scheduled',
  },
  {
    says: 'says of an armed send that its campaign lost the fence; it goes out all the same',
    status: armed,
    facts: { ...readBack, campaign: BARE },
    step: 'Rest',
    reason: 'Scheduled',
    phase: 'Scheduled',
    also: ({ shown }) => expect(shown).toMatchObject({ ready: true, drifted: { reason: 'FenceMissing' } }),
  },
  {
    says: 'keeps what it said of the campaign while nothing is known of it',
    now: '2026-12-06T11:29:30Z',
    status: drifted('CampaignNotLive'),
    facts: { campaign: CUT },
    step: 'Rest',
    reason: 'CampaignNotLive',
    also: ({ shown }) => expect(shown.drifted?.message).toBe('said before'),
  },
  {
    says: 'says nothing of another campaign that the send is to move to',
    spec: { campaignId: '4d1f0d4c-0000-4000-8000-000000000002' },
    status: (object) => {
      const { schedule, ...rest } = locked(object);
      return { ...rest, ...(schedule ? { schedule: { ...schedule, campaignId: 'another' } } : {}) };
    },
    now: '2026-12-06T11:29:30Z',
    facts: { campaign: STOPPED },
    step: 'Rest',
    reason: 'Scheduled',
  },
  {
    says: 'closes the item of the campaign before, which a process that died left announced, ahead of the next create',
    spec: { campaignId: '4d1f0d4c-0000-4000-8000-000000000002' },
    status: leftBehind,
    step: 'WriteFence',
    reason: 'Moving',
    also: (step) => expect(step).toMatchObject({ announce: { item: 'another', state: 'closed' } }),
  },
  {
    says: 'leaves such an item half an hour before the next send',
    now: '2026-12-06T11:00:00Z',
    spec: { campaignId: '4d1f0d4c-0000-4000-8000-000000000002' },
    status: leftBehind,
    step: 'ReadItem',
    also: (step) => expect(step).toMatchObject({ purpose: 'memory' }),
  },
  {
    says: 'says of a stopped campaign at the margin too',
    now: '2026-12-06T11:29:00Z',
    status: armed,
    facts: { campaign: STOPPED },
    step: 'Lock',
    reason: 'CampaignNotLive',
  },
  {
    says: 'presumes sent, with the reason, what its campaign was last seen not to send',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: { campaign: STOPPED },
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringContaining('--not-sent') }),
  },
  {
    says: 'presumes so after a restart too, before it knows the campaign',
    now: '2026-12-06T11:30:00Z',
    status: drifted('CampaignNotFound'),
    facts: { campaign: undefined },
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'records as sent what went out of a campaign without its fence',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: { campaign: BARE },
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'Sent' }),
  },
  {
    says: 'keeps what it said of the campaign when the workspace cannot be used any more',
    now: '2026-12-06T11:29:30Z',
    status: drifted('CampaignNotLive'),
    facts: { campaign: undefined, problem: { reason: 'Unauthorized', message: 'Key refused.', stalled: true } },
    step: 'Rest',
    reason: 'Unauthorized',
    also: ({ shown }) => expect(shown.drifted?.reason).toBe('CampaignNotLive'),
  },
];
