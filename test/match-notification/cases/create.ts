import { expect } from 'vitest';
import { instant } from '../../../src/base/instants.ts';
import type { MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import { type Case, elsewhere, itemRead, nothingRead, ours, sent } from './case.ts';

/** What the item said of 11:30 counts already. */
const remembersSend = (): MatchNotificationStatus => ({
  lastSent: { sendAt: '2026-12-06T11:30:00Z', firesAt: '2026-12-06T11:30:00Z', at: '2026-12-06T11:35:00Z', reason: 'PresumedSent' },
});

export const CREATE: readonly Case[] = [
  {
    says: 'counts the send that the item remembers beside a later one that it announced and closed',
    facts: itemRead({
      ...ours,
      token: '',
      state: 'closed',
      announcedSendAt: instant('2026-12-06T18:00:00Z'),
      sentAt: instant('2026-12-06T08:55:00Z'),
    }),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ firesAt: '2026-12-06T08:55:00Z', reason: 'PresumedSent' }),
  },
  // Create
  { says: 'adds the finalizer before anything else', metadata: { finalizers: [] }, step: 'AddFinalizer' },
  { says: 'reads the item before the first create', step: 'ReadItem', reason: 'Creating' },
  {
    says: 'creates when nothing is owned and the item is absent',
    facts: nothingRead,
    step: 'Create',
    also: (step) => expect(step).toMatchObject({ late: false }),
  },
  { says: 'waits for the horizon', now: '2026-10-01T00:00:00Z', step: 'Rest', reason: 'BeyondHorizon', phase: 'Pending' },
  { says: 'asks about the campaign first', facts: { ...nothingRead, campaign: undefined }, step: 'Rest', reason: 'Creating' },
  {
    says: 'does not create in a campaign that Braze does not know',
    facts: { ...nothingRead, campaign: { found: false, live: 'Unknown', fenced: 'Unknown', message: '' } },
    step: 'Rest',
    reason: 'CampaignNotFound',
    phase: 'Blocked',
  },
  {
    says: 'does not create in a stopped campaign',
    facts: { ...nothingRead, campaign: { found: true, live: 'False', fenced: 'True', message: '' } },
    step: 'Rest',
    reason: 'CampaignNotLive',
  },
  {
    says: 'does not create in a campaign without the fence',
    facts: { ...nothingRead, campaign: { found: true, live: 'True', fenced: 'False', message: '' } },
    step: 'Rest',
    reason: 'FenceMissing',
  },
  {
    says: 'says when the budget is expected',
    facts: { ...nothingRead, createBudget: { granted: false, eta: instant('2026-12-06T09:07:00Z') } },
    step: 'Rest',
    reason: 'WaitingForBudget',
    also: (step) => expect(step.shown.message).toContain('09:07Z'),
  },
  {
    says: 'backs off after a refused create',
    facts: { ...nothingRead, notBefore: { create: instant('2026-12-06T09:00:05Z') } },
    step: 'Rest',
    reason: 'BrazeUnavailable',
  },
  {
    says: 'creates late, at the first whole minute that can still be made',
    now: '2026-12-06T11:31:10Z',
    facts: itemRead(undefined, '2026-12-06T11:31:00Z'),
    step: 'Create',
    also: (step) => expect(JSON.parse(JSON.stringify(step))).toMatchObject({ late: true, firesAt: '2026-12-06T11:33:00Z' }),
  },
  {
    says: 'misses what startingDeadline forbids',
    now: '2026-12-06T11:39:00Z',
    facts: nothingRead,
    step: 'Rest',
    reason: 'Missed',
    phase: 'Missed',
  },
  {
    says: 'never sends late with startingDeadline 0s',
    now: '2026-12-06T11:29:30Z',
    spec: { startingDeadline: '0s' },
    facts: nothingRead,
    step: 'Rest',
    phase: 'Missed',
  },
  {
    says: 'never sends at or after the kickoff',
    now: '2026-12-06T11:31:10Z',
    spec: { kickoff: '2026-12-06T11:32:00Z' },
    facts: nothingRead,
    step: 'Rest',
    phase: 'Missed',
  },
  {
    says: 'does not create late by a clock that is off',
    now: '2026-12-06T11:31:10Z',
    facts: { ...nothingRead, brazeClock: { kind: 'known', offsetMs: 21_000 } },
    step: 'Rest',
    reason: 'ClockSkew',
  },
  {
    says: 'asks Braze for its clock before a late create',
    now: '2026-12-06T11:31:10Z',
    facts: { ...nothingRead, brazeClock: { kind: 'unknown' } },
    step: 'ReadItem',
  },
  // The item's memory
  { says: 'stays away from an item that another owner holds open', facts: itemRead(elsewhere), step: 'Rest', reason: 'OwnedElsewhere' },
  {
    says: 'takes an item over when a person says so',
    metadata: { annotations: { 'matchday.dev/take-over': 'cluster-b/default/pl-600123' } },
    facts: itemRead(elsewhere),
    step: 'TakeOverItem',
  },
  {
    says: "stays away from an item that another owner left open until 24 hours after that one's send",
    now: '2026-12-07T11:29:59Z',
    spec: { sendAt: '2026-12-07T12:30:00Z', kickoff: '2026-12-07T13:30:00Z' },
    status: remembersSend,
    facts: itemRead(elsewhere, '2026-12-07T11:29:50Z'),
    step: 'Rest',
    reason: 'OwnedElsewhere',
  },
  {
    says: "takes an item that another owner left open 24 hours after that one's send",
    now: '2026-12-07T11:30:00Z',
    spec: { sendAt: '2026-12-07T12:30:00Z', kickoff: '2026-12-07T13:30:00Z' },
    status: remembersSend,
    facts: itemRead(elsewhere, '2026-12-07T11:29:50Z'),
    step: 'Create',
  },
  {
    says: 'takes an item at once that its other owner marked as sent',
    now: '2026-12-07T09:00:00Z',
    spec: { sendAt: '2026-12-07T11:30:00Z', kickoff: '2026-12-07T12:30:00Z' },
    status: remembersSend,
    facts: itemRead({ ...elsewhere, state: 'sent' }, '2026-12-07T09:00:00Z'),
    step: 'Create',
  },
  { says: 'closes what an earlier life of the same object left open', facts: itemRead(ours), step: 'TakeOverItem' },
  {
    says: 'counts as sent what the item says was announced for a time that is past',
    now: '2026-12-06T11:35:00Z',
    facts: itemRead({ ...ours, token: '', state: 'closed' }, '2026-12-06T11:34:50Z'),
    step: 'RecordSent',
  },
  {
    says: 'counts as sent what the item calls sent',
    now: '2026-12-06T11:35:00Z',
    facts: itemRead({ ...ours, state: 'sent' }, '2026-12-06T11:34:50Z'),
    step: 'RecordSent',
  },
  {
    says: 'opens nothing for a new occasion while fans of the last may still be rendered',
    now: '2026-12-06T11:32:00Z',
    spec: { sendAt: '2026-12-06T18:00:00Z', kickoff: '2026-12-06T19:00:00Z' },
    status: sent,
    facts: itemRead(undefined, '2026-12-06T11:32:00Z'),
    step: 'Rest',
    reason: 'Creating',
    also: (step) => expect(JSON.parse(JSON.stringify(step))).toMatchObject({ until: '2026-12-06T11:45:00Z' }),
  },
  {
    says: 'does not wait for the last when the new occasion is near',
    now: '2026-12-06T11:32:00Z',
    spec: { sendAt: '2026-12-06T11:50:00Z', kickoff: '2026-12-06T13:00:00Z', resendAfter: '10m' },
    status: sent,
    facts: itemRead(undefined, '2026-12-06T11:32:00Z'),
    step: 'Create',
  },
  {
    says: 'sends a new occasion although the item remembers the last',
    now: '2026-12-07T09:00:00Z',
    spec: { sendAt: '2026-12-07T11:30:00Z', kickoff: '2026-12-07T12:30:00Z' },
    status: remembersSend,
    facts: itemRead({ ...ours, state: 'sent' }, '2026-12-07T09:00:00Z'),
    step: 'Create',
  },
];
