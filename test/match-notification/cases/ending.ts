import { expect } from 'vitest';
import { instant } from '../../../src/base/instants.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import { notification } from '../objects.ts';
import { armed, closing, factsOf, TOKEN } from '../situations.ts';
import { type Case, DELETING, elsewhere, fenceOf, inFlight, itemRead, locked, nothingRead, ours, sent, unconfirmed } from './case.ts';

const KEY_GONE: Case['facts'] = {
  problem: { reason: 'SecretNotFound', message: 'Secret braze is missing.', stalled: true },
  keyGone: true,
  namespaceEndsSince: instant('2026-12-06T09:00:00Z'),
};

const UNSEEN = { reason: 'BrazeUnavailable', message: 'BrazeWorkspace main is being checked first.', stalled: false, unseen: true };
const READY = {
  type: 'Ready',
  status: 'True',
  reason: 'Scheduled',
  message: 'Braze sends it at 2026-12-06 11:30Z.',
  lastTransitionTime: '2026-12-01T00:00:10Z',
} as const;

/** Held in time, closed and deleted; what was announced did not go out. */
function heldBefore(object: MatchNotification): MatchNotificationStatus {
  const { obsolete: _, occasion: __, ...rest } = closing(object, { confirmed: true });
  return { ...rest, wanted: { sendAt: '2026-12-06T11:30:00Z', since: '2026-12-06T09:00:00Z' } };
}

export const ENDING: readonly Case[] = [
  {
    says: 'waits for the ledger before it lets the object go',
    metadata: DELETING,
    facts: { ledgerWait: instant('2026-12-06T09:10:00Z') },
    step: 'Rest',
    reason: 'Closing',
    also: (step) => expect(step).toHaveProperty('until', instant('2026-12-06T09:10:00Z')),
  },
  {
    says: 'lets the object go without the ledger in the end, and says so',
    now: '2026-12-06T09:10:00Z',
    metadata: DELETING,
    facts: { ledgerWait: instant('2026-12-06T09:10:00Z') },
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ unledgered: true }),
  },
  // Close, Sweep
  {
    says: 'closes a held send',
    spec: { hold: { reason: 'Postponed' } },
    status: armed,
    step: 'WriteFence',
    also: (step) => expect(step).toMatchObject({ retire: { why: 'Postponed' } }),
  },
  {
    says: 'sends all the same when a person overrules the hold',
    spec: { hold: { reason: 'Postponed' }, ignoreHold: ['Postponed'] },
    facts: nothingRead,
    step: 'Create',
  },
  { says: 'closes a suspended send', spec: { suspend: true }, status: armed, step: 'WriteFence' },
  {
    says: 'closes everything when the workspace is suspended',
    status: armed,
    facts: { settings: { ...factsOf(notification()).settings, suspended: true } },
    step: 'WriteFence',
    also: (step) => expect(step).toMatchObject({ retire: { why: 'WorkspaceSuspended' } }),
  },
  {
    says: 'deletes although the catalog is down',
    spec: { hold: { reason: 'Postponed' } },
    status: closing,
    facts: { notBefore: { fence: instant('2026-12-06T09:00:10Z') } },
    step: 'Sweep',
  },
  {
    says: 'closes although the schedule API is down',
    spec: { hold: { reason: 'Postponed' } },
    status: closing,
    facts: { notBefore: { sweep: instant('2026-12-06T09:00:10Z') } },
    step: 'WriteFence',
  },
  { says: 'rests when held and nothing is left', spec: { hold: { reason: 'Postponed' } }, step: 'Rest', reason: 'Held', phase: 'Held' },
  {
    says: 'shows a cancelled match as Cancelled',
    spec: { hold: { reason: 'Cancelled' } },
    step: 'Rest',
    reason: 'Cancelled',
    phase: 'Cancelled',
  },
  {
    says: 'closes inside the margin all the same',
    now: '2026-12-06T11:29:30Z',
    spec: { suspend: true },
    status: locked,
    step: 'WriteFence',
    also: (step) => expect(step.shown.message).toContain('CancelledTooLate'),
  },
  {
    says: 'gives way to the older of two objects for one match',
    facts: { ...nothingRead, twin: 'pl-old' },
    step: 'Rest',
    reason: 'DuplicateMatch',
    phase: 'Blocked',
  },
  { says: 'sweeps what the younger twin owns', status: armed, facts: { twin: 'pl-old' }, step: 'WriteFence' },
  // Around the send
  { says: 'locks the occasion at the margin', now: '2026-12-06T11:29:00Z', status: armed, step: 'Lock' },
  {
    says: 'locks what is only half closed at the margin',
    now: '2026-12-06T11:29:00Z',
    spec: { suspend: true },
    status: closing,
    step: 'Lock',
  },
  {
    says: "goes by Braze's clock at the margin",
    now: '2026-12-06T11:28:50Z',
    status: armed,
    facts: { brazeClock: { kind: 'known', offsetMs: 15_000 } },
    step: 'Lock',
  },
  {
    says: 'records the send when its time passed',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'Sent' }),
  },
  {
    says: 'presumes sent what was not confirmed open',
    now: '2026-12-06T11:30:00Z',
    status: (object) => ({ ...locked(object), fence: unconfirmed(object) }),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'wakes for an armed send although its workspace is gone',
    now: '2026-12-06T10:00:00Z',
    status: armed,
    facts: { fenced: undefined, problem: { reason: 'WorkspaceNotFound', message: 'none', stalled: true } },
    step: 'Rest',
    reason: 'WorkspaceNotFound',
    also: (step) => expect(step).toHaveProperty('until', instant('2026-12-06T11:30:00Z')),
  },
  {
    says: 'goes on saying what it said while this process has not looked at the workspace yet: a take-over writes nothing to what rests',
    now: '2026-12-06T10:00:00Z',
    status: (object) => armed(object, { observedGeneration: 1, conditions: [READY] }),
    facts: { problem: UNSEEN },
    step: 'Rest',
    also: (step) => {
      expect(step.shown).toEqual({ phase: 'Scheduled', ready: true, reason: 'Scheduled', message: READY.message });
      expect(step).toHaveProperty('until', instant('2026-12-06T11:30:00Z'));
    },
  },
  {
    says: 'says that the workspace is being checked first when its spec is new',
    now: '2026-12-06T10:00:00Z',
    metadata: { generation: 2 },
    status: (object) => armed(object, { observedGeneration: 1, conditions: [READY] }),
    facts: { problem: UNSEEN },
    step: 'Rest',
    reason: 'BrazeUnavailable',
  },
  {
    says: 'wakes to say Missed for a send that was moved a moment ago, in a workspace that cannot be used',
    now: '2026-12-06T11:42:00Z',
    status: () => ({ wanted: { sendAt: '2026-12-06T11:30:00Z', since: '2026-12-06T11:40:00Z' } }),
    facts: { problem: { reason: 'BrazeUnavailable', message: 'down', stalled: false } },
    step: 'Rest',
    reason: 'BrazeUnavailable',
    also: (step) => expect(step).toHaveProperty('until', instant('2026-12-06T11:50:00Z')),
  },
  {
    says: 'presumes sent what was read open only after its time',
    now: '2026-12-06T11:30:20Z',
    status: (object) => ({ ...locked(object), fence: { ...fenceOf(object), confirmedAt: '2026-12-06T11:30:10Z' } }),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'presumes sent what was closed too late',
    now: '2026-12-06T11:30:00Z',
    spec: { suspend: true },
    status: closing,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'does not send twice in one occasion',
    now: '2026-12-06T11:30:30Z',
    spec: { sendAt: '2026-12-06T12:10:00Z' },
    status: sent,
    step: 'Rest',
    phase: 'Sent',
  },
  {
    says: 'sends again in a new occasion',
    now: '2026-12-06T12:40:00Z',
    spec: { sendAt: '2026-12-06T17:30:00Z', kickoff: '2026-12-06T18:30:00Z' },
    status: sent,
    facts: itemRead({ ...ours, token: TOKEN, state: 'sent' }, '2026-12-06T12:39:50Z'),
    step: 'Create',
  },
  {
    says: 'counts what another owner sent while this one was held, although it knows the item',
    now: '2026-12-06T11:33:00Z',
    status: heldBefore,
    facts: itemRead({ ...elsewhere, state: 'sent' }, '2026-12-06T11:32:50Z'),
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent', sendAt: '2026-12-06T11:30:00Z' }),
  },
  {
    says: 'looks what others did before it creates again',
    now: '2026-12-06T11:33:00Z',
    status: heldBefore,
    facts: itemRead({ ...elsewhere, state: 'sent' }, '2026-12-06T11:31:50Z'),
    step: 'ReadItem',
  },
  {
    says: 'trusts itself of an item that it closed: what was announced there did not go out',
    now: '2026-12-06T11:33:00Z',
    status: heldBefore,
    facts: itemRead({ ...ours, token: '', state: 'closed' }, '2026-12-06T11:32:50Z'),
    step: 'Create',
  },
  { says: 'looks at the item a minute after', now: '2026-12-06T11:31:00Z', status: sent, step: 'ReadItem' },
  {
    says: 'marks the item after the look',
    now: '2026-12-06T11:31:05Z',
    status: sent,
    facts: itemRead({ ...ours, token: TOKEN }, '2026-12-06T11:31:01Z'),
    step: 'WriteFence',
    also: (step) => expect(step).toMatchObject({ purpose: 'mark-sent', announce: { token: TOKEN, state: 'sent' } }),
  },
  {
    says: "does not mark over somebody else's token: fans may still be rendered with it",
    now: '2026-12-06T11:31:05Z',
    status: sent,
    facts: itemRead({ ...ours, token: 'foreign' }, '2026-12-06T11:31:01Z'),
    step: 'Rest',
    phase: 'Sent',
  },
  { says: 'deletes the item two days later', now: '2026-12-08T11:30:01Z', status: sent, step: 'DeleteItem' },
  {
    says: 'waits with deleting the item while Braze does not answer',
    now: '2026-12-08T11:30:01Z',
    status: sent,
    facts: { notBefore: { fence: instant('2026-12-08T11:30:03Z') } },
    step: 'Rest',
    phase: 'Sent',
    also: (step) => expect(JSON.parse(JSON.stringify(step))).toMatchObject({ until: '2026-12-08T11:30:03Z' }),
  },
  // Resolve
  {
    says: 'waits while a call may still be running',
    status: inFlight,
    facts: { operationSeenAt: instant('2026-12-06T08:59:00Z') },
    step: 'Rest',
    reason: 'Resolving',
  },
  {
    says: 'drops what nobody finished',
    status: inFlight,
    facts: { operationSeenAt: instant('2026-12-06T08:58:49Z') },
    step: 'DropOperation',
  },
  {
    says: 'drops at once what this very process began',
    status: inFlight,
    facts: { operationSeenAt: instant('2026-12-06T09:00:00Z'), operationIsOver: true },
    step: 'DropOperation',
  },
  // Going
  { says: 'lets go when nothing is owned', metadata: DELETING, step: 'RemoveFinalizer' },
  { says: 'closes before it goes', metadata: DELETING, status: armed, step: 'WriteFence' },
  { says: 'does not go before the schedule is gone', metadata: DELETING, status: (o) => closing(o, { confirmed: true }), step: 'Sweep' },
  {
    says: 'goes although the item could not be closed, once nothing is owned',
    metadata: DELETING,
    status: (o) => ({ fence: { ...fenceOf(o), token: '', state: 'closed', confirmed: false } }),
    facts: { notBefore: { fence: instant('2026-12-06T09:01:00Z') } },
    step: 'RemoveFinalizer',
  },
  {
    says: 'leaves Braze alone with deletionPolicy Retain',
    metadata: DELETING,
    spec: { deletionPolicy: 'Retain' },
    status: armed,
    step: 'RemoveFinalizer',
  },
  {
    says: 'abandons when a person says so, and names what it leaves',
    metadata: { ...DELETING, annotations: { 'matchday.dev/abandon': 'true' } },
    status: armed,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [{ id: 's1' }] }),
  },
  {
    says: 'abandons when its namespace has been going for ten minutes and the key is gone, and names what it leaves',
    now: '2026-12-06T09:10:00Z',
    metadata: DELETING,
    status: armed,
    facts: KEY_GONE,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [{ id: 's1', firesAt: '2026-12-06T11:30:00Z' }] }),
  },
  {
    says: 'waits ten minutes before it abandons: the key may be for a moment unreadable',
    now: '2026-12-06T09:09:59Z',
    metadata: DELETING,
    status: armed,
    facts: KEY_GONE,
    step: 'Rest',
    reason: 'SecretNotFound',
    also: (step) => {
      expect(step).toHaveProperty('until', instant('2026-12-06T09:10:00Z'));
      expect(step.shown.message).toContain('The namespace is being removed: at 2026-12-06 09:10');
    },
  },
  {
    says: 'does not abandon in a namespace that lives: it looks again ten minutes later',
    now: '2026-12-06T09:30:00Z',
    metadata: DELETING,
    status: armed,
    facts: { ...KEY_GONE, namespaceEndsSince: undefined },
    step: 'Rest',
    reason: 'SecretNotFound',
    also: (step) => expect(step).toHaveProperty('until', instant('2026-12-06T09:40:00Z')),
  },
  {
    says: 'does not abandon what a key can still clean up, however long the namespace goes',
    now: '2026-12-06T10:30:00Z',
    metadata: DELETING,
    status: armed,
    facts: { namespaceEndsSince: instant('2026-12-06T09:00:00Z') },
    step: 'WriteFence',
  },
  {
    says: 'abandons an open item that it holds no id for, and names it',
    now: '2026-12-06T09:10:00Z',
    metadata: DELETING,
    status: (object) => {
      const { schedule: _, ...rest } = armed(object);
      return rest;
    },
    facts: KEY_GONE,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [], openItem: 'football-data-600123-4d1f0d4c' }),
  },
  // A workspace that can't be used
  {
    says: 'says what is wrong with the workspace and keeps what is armed',
    status: armed,
    facts: { problem: { reason: 'SecretNotFound', message: 'Secret braze is missing.', stalled: true } },
    step: 'Rest',
    reason: 'SecretNotFound',
    phase: 'Scheduled',
  },
  {
    says: 'records a send even when the workspace is unusable',
    now: '2026-12-06T11:30:00Z',
    status: locked,
    facts: { problem: { reason: 'Unauthorized', message: '', stalled: true } },
    step: 'RecordSent',
  },
  {
    says: 'misses a send for which the workspace stayed unusable',
    now: '2026-12-06T11:45:00Z',
    facts: { problem: { reason: 'Unauthorized', message: 'Key refused.', stalled: true } },
    step: 'Rest',
    phase: 'Missed',
  },
];
