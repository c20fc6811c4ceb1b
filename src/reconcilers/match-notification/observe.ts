/** Reads everything a decision needs, once, into `Facts`. Asks no remote side. */
import { instant, isBefore, plusMs } from '../../base/instants.ts';
import { audienceKey } from '../../braze/audience-key.ts';
import type { Claim } from '../../braze/types.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { audienceOf, desiredOf, MATCH_INDEX, matchKey } from './content.ts';
import type { ClockFacts, Facts, Listed, Settings } from './facts.ts';
import type { Memory } from './memory.ts';
import { othersTurnUntil } from './others-turn.ts';
import type { Ports, UnusableWorkspace, UsableWorkspace } from './ports.ts';

/** Used for waiting only, while a workspace was never read. */
const DEFAULT_SETTINGS: Settings = {
  marginMs: 60_000,
  requestTimeoutMs: 10_000,
  updateBufferMs: 20 * 60_000,
  horizonMs: 30 * 86_400_000,
  suspended: false,
  unresolved: 'Block',
};
/** After this long without a sample Braze's clock counts as unknown (design §4). */
const CLOCK_FRESH_MS = 600_000;

type Sources = Pick<Ports, 'workspace' | 'ownerId' | 'leadership' | 'notifications' | 'ledger'>;

export interface Observation {
  readonly facts: Facts;
  readonly workspace: UsableWorkspace | UnusableWorkspace;
}

export function observe(object: MatchNotification, memory: Memory, ports: Sources, now: Temporal.Instant): Observation {
  const workspace = ports.workspace(object.metadata.namespace, object.spec.workspaceRef.name);
  const usable = workspace.kind === 'usable' ? workspace : undefined;
  const fenced = usable === undefined ? (workspace.kind === 'unusable' ? workspace.fenced : undefined) : usable.fence !== undefined;
  const desired = desiredOf(object, ports.ownerId, { fenced: fenced !== false, fields: usable?.contentFields });
  noteOperation(object, memory, now);
  const settings = workspace.settings ?? DEFAULT_SETTINGS;
  const facts: Facts = {
    settings,
    problem: workspace.kind === 'unusable' ? workspace.problem : undefined,
    fenced,
    campaign: usable?.campaign(object.spec.campaignId),
    listed: listedOf(object, usable),
    sends: sendsSeen(object, usable),
    desired,
    brazeClock: clockFacts(usable, now),
    createBudget: usable === undefined ? { granted: true } : usable.budgets.peek(createClaim(object, desired.sendAt)),
    itemRead: memory.itemRead,
    ticket: memory.ticket,
    othersTurnUntil: othersTurnUntil(object.status ?? {}, { ticket: memory.ticket, settings, now }),
    notBefore: memory.notBefore,
    lastFailure: memory.lastFailure,
    operationSeenAt: memory.operationSeen?.at,
    operationIsOver: object.status?.operation?.holder === ports.leadership.identity,
    twin: olderTwin(object, ports),
    keyGone: workspace.kind === 'unusable' && workspace.keyGone === true,
    namespaceEndsSince: memory.namespaceEndsSince,
    foreignWrites: memory.foreignWrites,
    ledgerWait: ledgerWait(object, ports.ledger),
  };
  return { facts, workspace };
}

function sendsSeen({ status }: MatchNotification, workspace: UsableWorkspace | undefined): Facts['sends'] {
  const campaignId = status?.lastSent?.campaignId;
  return campaignId === undefined ? undefined : workspace?.sends(campaignId);
}

/** The place in the line for a create: by its own send time, in the buckets of contracts 1.9. */
export function createClaim(object: MatchNotification, firesAt: Temporal.Instant): Claim {
  const audience = audienceKey(object.spec.campaignId, audienceOf(object.spec));
  const key = `create ${object.metadata.uid}`;
  return audience === undefined ? { key, firesAt, buckets: ['hour'] } : { key, firesAt, buckets: ['broadcast', 'audience_min'], audience };
}

/** What happened last must be in the ledger before the object goes: it is the only place that knows. */
function ledgerWait(object: MatchNotification, ledger: Ports['ledger']): Temporal.Instant | undefined {
  const { deletionTimestamp } = object.metadata;
  if (ledger === undefined || deletionTimestamp === undefined || ledger.holds(object)) return undefined;
  return plusMs(instant(deletionTimestamp), ledger.graceMs);
}

function listedOf({ status }: MatchNotification, workspace: UsableWorkspace | undefined): Listed {
  return (status?.schedule && workspace?.listed?.(status.schedule)) ?? 'unknown';
}

function clockFacts(workspace: UsableWorkspace | undefined, now: Temporal.Instant): ClockFacts {
  const reading = workspace?.clock.reading();
  if (reading === undefined || isBefore(plusMs(reading.at, CLOCK_FRESH_MS), now)) return { kind: 'unknown' };
  return { kind: 'known', offsetMs: reading.offsetMs };
}

function noteOperation(object: MatchNotification, memory: Memory, now: Temporal.Instant): void {
  const id = object.status?.operation?.id;
  if (id === undefined) memory.operationSeen = undefined;
  else if (memory.operationSeen?.id !== id) memory.operationSeen = { id, at: now };
}

function olderTwin(object: MatchNotification, ports: Pick<Ports, 'notifications'>): string | undefined {
  const twins = ports.notifications.byIndex(MATCH_INDEX, matchKey(object)).filter((other) => other.metadata.uid !== object.metadata.uid);
  return twins.find((other) => isOlder(other, object))?.metadata.name;
}

/** The older wins; the smaller uid among those of one second. */
function isOlder(a: MatchNotification, b: MatchNotification): boolean {
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return createdA === createdB ? a.metadata.uid < b.metadata.uid : createdA < createdB;
}
