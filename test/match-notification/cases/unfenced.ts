/** Decisions in an unfenced workspace, and what people say in annotations. */
import { expect } from 'vitest';
import { instant } from '../../../src/base/instants.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../../src/crds/match-notification.ts';
import { desiredOf } from '../../../src/reconcilers/match-notification/content.ts';
import type { Facts } from '../../../src/reconcilers/match-notification/facts.ts';
import { notification } from '../objects.ts';
import { armed, factsOf, TOKEN } from '../situations.ts';
import { type Case, DELETING, inFlight, itemRead, nothingRead, ours, sent } from './case.ts';

const PLAIN = { found: true, live: 'True', fenced: 'False', rendersKickoff: 'False', message: 'no message reads one' } as const;

/** As in a workspace without a fence; `desired` as it is there. */
const bare = (one: Case): Facts['desired'] =>
  desiredOf(notification({ ...(one.spec ? { spec: one.spec } : {}) }), 'cluster-a', { fenced: false });

function inUnfenced(one: Case): Case {
  return { ...one, says: `unfenced: ${one.says}`, facts: { fenced: false, campaign: PLAIN, desired: bare(one), ...one.facts } };
}

/** Armed without a fence: Braze holds it, and that is all. */
function plain(object: MatchNotification, changes: Partial<MatchNotificationStatus> = {}): MatchNotificationStatus {
  const { fence: _, schedule, ...rest } = armed(notification({ metadata: object.metadata }));
  if (schedule === undefined) throw new Error('armed() has a schedule');
  const { propertiesHash } = desiredOf(notification(), 'cluster-a', { fenced: false });
  return { ...rest, schedule: { ...schedule, propertiesHash, kickoff: '2026-12-06T12:30:00Z' }, ...changes };
}

function retired(object: MatchNotification): MatchNotificationStatus {
  const { schedule, ...rest } = plain(object);
  if (schedule === undefined) throw new Error('plain() has a schedule');
  const { id, campaignId, token, firesAt, recordedAt } = schedule;
  return { ...rest, obsolete: [{ id, campaignId, token, firesAt, recordedAt, why: 'Moved' }] };
}

/** An update to 12:10 that nobody answered. */
function updating(object: MatchNotification): MatchNotificationStatus {
  const { operation } = inFlight(object);
  if (operation === undefined) throw new Error('inFlight() has an operation');
  const to = { sendAt: '2026-12-06T12:10:00Z', firesAt: '2026-12-06T12:10:00Z' };
  return plain(object, { operation: { ...operation, ...to, kind: 'Update', scheduleId: 's1' } });
}

const moved = { sendAt: '2026-12-06T12:10:00Z' };
const resolve = (value: object) => ({ annotations: { 'matchday.dev/resolve': JSON.stringify(value) } });
const adopt = (text: string) => ({ annotations: { 'matchday.dev/adopt-schedule': text } });
const OLD = JSON.stringify({ id: 'old1', campaignId: notification().spec.campaignId, sendAt: '2026-12-06T11:30:04Z' });
const policy = (unresolved: Facts['settings']['unresolved']): Partial<Facts> => ({
  operationIsOver: true,
  settings: { ...factsOf(notification()).settings, unresolved },
});
const over = { operationIsOver: true };

const DECISIONS: readonly Case[] = [
  { says: 'creates without reading an item', step: 'Create' },
  {
    says: 'does not create in a campaign that reads a fence nobody writes',
    facts: { campaign: { ...PLAIN, fenced: 'True', message: 'message "iOS" reads a fence' } },
    step: 'Rest',
    reason: 'FenceMissing',
  },
  { says: 'rests when Braze holds what is wanted', status: plain, step: 'Rest', reason: 'Scheduled', phase: 'Scheduled' },
  {
    says: 'moves by an update of the same id',
    spec: moved,
    status: plain,
    step: 'Update',
    also: (step) => expect(step).toMatchObject({ schedule: { id: 's1' }, firesAt: instant('2026-12-06T12:10:00Z') }),
  },
  {
    says: 'moves by an update although the kickoff moved too, where no message shows it',
    spec: { ...moved, kickoff: '2026-12-06T13:10:00Z' },
    status: plain,
    step: 'Update',
  },
  {
    says: 'makes it anew when the kickoff moved and a message shows it',
    spec: { ...moved, kickoff: '2026-12-06T13:10:00Z' },
    status: plain,
    facts: { campaign: { ...PLAIN, rendersKickoff: 'True' } },
    step: 'Retire',
  },
  {
    says: 'touches nothing when only the kickoff moved and no message shows it',
    spec: { kickoff: '2026-12-06T13:10:00Z' },
    status: plain,
    step: 'Rest',
    reason: 'Scheduled',
  },
  {
    says: 'keeps what is inside the buffer, and says so',
    now: '2026-12-06T11:15:00Z',
    spec: moved,
    status: plain,
    step: 'Rest',
    reason: 'Scheduled',
    also: (step) => expect(step.shown.drifted?.reason).toBe('InsideUpdateBuffer'),
  },
  {
    says: 'gives up what would come after the kickoff, even inside the buffer',
    now: '2026-12-06T11:15:00Z',
    spec: { sendAt: '2026-12-06T10:30:00Z', kickoff: '2026-12-06T11:30:00Z' },
    status: plain,
    step: 'Retire',
  },
  {
    says: 'gives the schedule up for another content',
    spec: { match: { ...notification().spec.match, home: { id: '58', name: 'Villa' } } },
    status: plain,
    step: 'Retire',
    also: (step) => expect(step).toMatchObject({ why: 'Moved', reserve: true }),
  },
  {
    says: 'keeps the old content while no budget is left for the new',
    spec: { triggerProperties: { sponsor: 'x' } },
    status: plain,
    facts: { createBudget: { granted: false, eta: instant('2026-12-06T09:07:00Z') } },
    step: 'Rest',
    reason: 'WaitingForBudget',
  },
  { says: 'deletes what it gave up', spec: moved, status: retired, step: 'Sweep' },
  {
    says: 'makes no other before that is confirmed',
    spec: moved,
    status: retired,
    facts: { notBefore: { sweep: instant('2026-12-06T09:00:10Z') } },
    step: 'Rest',
    reason: 'Moving',
  },
  { says: 'gives a held send up', spec: { hold: { reason: 'Postponed' } }, status: plain, step: 'Retire' },
  {
    says: 'deletes beside the wanted one what an update left',
    status: (object) => ({ ...plain(object), obsolete: retired(object).obsolete?.map((entry) => ({ ...entry, id: 's0' })) }),
    step: 'Sweep',
    also: (step) => expect(step).toMatchObject({ target: { id: 's0' } }),
  },
  {
    says: 'locks inside the margin',
    now: '2026-12-06T11:29:10Z',
    status: plain,
    step: 'Lock',
  },
  {
    says: 'says Sent when its time passed',
    now: '2026-12-06T11:30:00Z',
    status: plain,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'Sent' }),
  },
  {
    says: 'presumes sent what it tried to delete too late',
    now: '2026-12-06T11:30:00Z',
    spec: { suspend: true },
    status: retired,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'gives up what is armed beside one that went out',
    now: '2026-12-06T11:29:00Z',
    status: (object) => ({ ...plain(object), occasion: { number: 2 }, lastSent: sent(object).lastSent }),
    spec: moved,
    step: 'Retire',
    also: (step) => expect(step).toMatchObject({ why: 'AlreadySent' }),
  },
  {
    says: 'waits while the call of another process may still run',
    status: inFlight,
    facts: { operationSeenAt: instant('2026-12-06T08:59:00Z') },
    step: 'Rest',
    reason: 'Resolving',
  },
  {
    says: 'stops for a person when a create was lost',
    status: inFlight,
    facts: over,
    step: 'Rest',
    reason: 'CreateUnresolved',
    phase: 'Blocked',
    also: (step) => expect(step.shown.message).toMatch(/op1.*kubectl matchday resolve pl-600123 -n default --schedule-id ID/),
  },
  {
    says: 'stays blocked when another process takes over',
    status: (object) => ({
      ...inFlight(object),
      conditions: [
        { type: 'Ready', status: 'False', reason: 'CreateUnresolved', message: 'lost', lastTransitionTime: '2026-12-06T08:00:00Z' },
      ],
    }),
    facts: { operationSeenAt: instant('2026-12-06T08:59:59Z') },
    step: 'Rest',
    reason: 'CreateUnresolved',
    phase: 'Blocked',
  },
  {
    says: 'stays blocked when it is held',
    spec: { suspend: true },
    status: inFlight,
    facts: over,
    step: 'Rest',
    reason: 'CreateUnresolved',
  },
  { says: 'goes when it is deleted all the same', metadata: DELETING, status: inFlight, facts: over, step: 'RemoveFinalizer' },
  {
    says: 'goes on when a person says that nothing was made',
    metadata: resolve({ operationId: 'op1', result: 'not-created' }),
    status: inFlight,
    facts: over,
    step: 'ResolveOperation',
    also: (step) => expect(step).toMatchObject({ resolution: { result: 'not-created' } }),
  },
  {
    says: 'goes on when a person names the schedule',
    metadata: resolve({ operationId: 'op1', result: 'created', scheduleId: 's7' }),
    status: inFlight,
    facts: over,
    step: 'ResolveOperation',
    also: (step) => expect(step).toMatchObject({ resolution: { result: 'created', scheduleId: 's7' } }),
  },
  {
    says: 'does not take the answer to another question',
    metadata: resolve({ operationId: 'op0', result: 'not-created' }),
    status: inFlight,
    facts: over,
    step: 'Rest',
    reason: 'CreateUnresolved',
    also: (step) => expect(step.shown.message).toContain('names another operation (op0)'),
  },
  {
    says: 'does not take an answer that cannot be read',
    metadata: { annotations: { 'matchday.dev/resolve': '{"operationId":"op1"}' } },
    status: inFlight,
    facts: over,
    step: 'Rest',
    reason: 'CreateUnresolved',
    also: (step) => expect(step.shown.message).toContain("can't be read"),
  },
  { says: 'goes on by itself under Recreate', status: inFlight, facts: policy('Recreate'), step: 'ResolveOperation' },
  { says: 'sends nothing under Abandon', status: inFlight, facts: policy('Abandon'), step: 'Rest', reason: 'Missed', phase: 'Missed' },
  {
    says: 'drops the doubt for another occasion, as sent',
    now: '2026-12-06T12:00:00Z',
    spec: { sendAt: '2026-12-09T11:30:00Z', kickoff: '2026-12-09T12:30:00Z' },
    status: inFlight,
    facts: over,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent', settles: 'op1' }),
  },
  {
    says: 'stops for a person when an update was lost',
    spec: moved,
    status: updating,
    facts: over,
    step: 'Rest',
    reason: 'UpdateUnresolved',
  },
  {
    says: 'deletes what it knows of when it is held with an update in doubt',
    spec: { suspend: true },
    status: updating,
    facts: over,
    step: 'Retire',
  },
  {
    says: 'takes the earlier of two possible times for near',
    now: '2026-12-06T11:29:10Z',
    spec: moved,
    status: updating,
    facts: over,
    step: 'Lock',
  },
  {
    says: 'does not say Sent between two possible times',
    now: '2026-12-06T11:45:00Z',
    spec: moved,
    status: (object) => ({ ...updating(object), occasion: { number: 1, announced: [TOKEN], locked: true } }),
    facts: over,
    step: 'Rest',
    reason: 'UpdateUnresolved',
  },
  {
    says: 'presumes it sent after both',
    now: '2026-12-06T12:10:00Z',
    spec: moved,
    status: updating,
    facts: over,
    step: 'RecordSent',
    also: (step) => expect(step).toMatchObject({ reason: 'PresumedSent' }),
  },
  {
    says: 'makes no call while its workspace cannot be used',
    spec: { suspend: true },
    status: updating,
    facts: { ...over, problem: { reason: 'Unauthorized', message: 'no', stalled: true } },
    step: 'Rest',
    reason: 'UpdateUnresolved',
  },
  {
    says: 'owns what it takes over',
    metadata: adopt(OLD),
    step: 'Adopt',
    also: (step) => expect(step).toMatchObject({ keeps: true, announced: true, schedule: { id: 'old1' } }),
  },
];

const EITHER: readonly Case[] = [
  {
    says: 'takes over a schedule to delete it, in a fenced campaign',
    metadata: adopt(OLD),
    facts: nothingRead,
    step: 'Adopt',
    also: (step) => expect(step).toMatchObject({ keeps: false, announced: false }),
  },
  {
    says: 'counts on a schedule of another campaign to be delivered',
    metadata: adopt(OLD.replace('4d1f0d4c', '5e2a1b3c')),
    facts: nothingRead,
    step: 'Adopt',
    also: (step) => expect(step).toMatchObject({ keeps: false, announced: true }),
  },
  {
    says: 'counts on a schedule to be delivered that is inside the margin when it is taken over',
    now: '2026-12-06T11:29:30Z',
    metadata: adopt(OLD),
    facts: nothingRead,
    step: 'Adopt',
    also: (step) => expect(step).toMatchObject({ announced: true }),
  },
  {
    says: 'takes a schedule over once',
    metadata: adopt(OLD),
    status: () => ({ adopted: { id: 'old1', at: '2026-12-06T08:00:00Z' } }),
    facts: nothingRead,
    step: 'Create',
  },
  {
    says: 'makes nothing while the annotation that names a schedule cannot be read',
    metadata: adopt('{"id":"old1"'),
    facts: nothingRead,
    step: 'Rest',
    reason: 'AnnotationInvalid',
    phase: 'Blocked',
  },
  {
    says: 'gives nothing up while there is no workspace to tell whether it has a fence',
    status: inFlight,
    facts: { ...over, fenced: undefined, problem: { reason: 'WorkspaceNotFound', message: 'none', stalled: true } },
    step: 'Rest',
    reason: 'WorkspaceNotFound',
  },
  {
    says: 'opens the occasion again when a person says that it was not sent',
    now: '2026-12-06T11:46:00Z',
    metadata: resolve({ operationId: 's1', result: 'not-sent' }),
    status: sent,
    step: 'Reopen',
  },
  {
    says: 'believes that no sooner than Braze is surely done with it',
    now: '2026-12-06T11:44:00Z',
    metadata: resolve({ operationId: 's1', result: 'not-sent' }),
    status: sent,
    step: 'ReadItem',
  },
  {
    says: 'believes that of the send that was named, not of a later one',
    now: '2026-12-06T11:46:00Z',
    metadata: resolve({ operationId: 's0', result: 'not-sent' }),
    status: sent,
    step: 'ReadItem',
  },
  {
    says: 'makes another after that when it is moved',
    now: '2026-12-06T11:46:00Z',
    spec: { sendAt: '2026-12-06T12:10:00Z' },
    status: (object) => {
      const status = sent(object);
      return { ...status, ...(status.lastSent ? { lastSent: { ...status.lastSent, disprovedAt: '2026-12-06T11:46:00Z' } } : {}) };
    },
    facts: itemRead({ ...ours, state: 'sent' }, '2026-12-06T11:45:50Z'),
    step: 'Create',
  },
];

export const UNFENCED: readonly Case[] = [...DECISIONS.map(inUnfenced), ...EITHER];
