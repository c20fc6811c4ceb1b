/**
 * One pass over one object: what was observed, and the one place that writes status.
 *
 * Every write carries the resourceVersion that the decision was made from: a second writer gets a 409 and nothing else happens. What
 * comes back goes into the store at once, so that the next pass can't start from the state that was just replaced.
 */
import { plusMs, toText } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { REQUESTED_AT } from '../../crds/words.ts';
import type { Log } from '../../telemetry/log.ts';
import { conditionsOf } from './conditions.ts';
import { wantedSince } from './create.ts';
import { decide } from './decide.ts';
import { deliveredOf } from './delivery.ts';
import type { Facts } from './facts.ts';
import { kickoffsAfter } from './kickoffs.ts';
import type { Memory } from './memory.ts';
import { tellMissed } from './missed.ts';
import { observe } from './observe.ts';
import type { Ports, UnusableWorkspace, UsableWorkspace } from './ports.ts';
import type { Reading } from './record.ts';
import { recordMissed } from './record.ts';
import { fixtureName } from './shown.ts';
import type { Shown } from './step.ts';
import { tellDrift } from './tell-drift.ts';
import { View } from './view.ts';

export interface Pass {
  readonly ports: Ports;
  readonly memory: Memory;
  readonly object: MatchNotification;
  readonly facts: Facts;
  readonly workspace: UsableWorkspace | UnusableWorkspace;
  readonly log: Log;
}

/** What `apply` asks the queue for. */
export type Again = { readonly requeueAt?: Temporal.Instant };
/** A write comes back as a change of the object, and that starts the next pass; otherwise nothing is to do. */
export const settled: Again = {};

const LEASE_AGAIN_MS = 1_000;
/** The lease does not outlive a call: nothing is started. Asked again soon, since a late renewal may still come. */
export const mayNotStart = (pass: Pass): Again | undefined =>
  pass.ports.leadership.mayStart(pass.facts.settings.requestTimeoutMs)
    ? undefined
    : { requeueAt: plusMs(pass.ports.clock.now(), LEASE_AGAIN_MS) };

/** Our own write was overtaken: somebody else changed the object, or an earlier write of ours went through unanswered. */
export class FencedOut extends Error {
  override readonly name = 'FencedOut';
}

export const statusOf = (pass: Pass): MatchNotificationStatus => pass.object.status ?? {};

/** A new reading of the clocks, for a record (design §4: record takes a new reading when the answer is in hand). */
export function readClocks(pass: Pass): Reading {
  const now = pass.ports.clock.now();
  const offsetMs = pass.workspace.kind === 'usable' ? (pass.workspace.clock.reading()?.offsetMs ?? 0) : 0;
  const ledgered = pass.ports.ledger?.heldUpTo(pass.object.metadata.uid);
  return { now, brazeNow: plusMs(now, offsetMs), settings: pass.facts.settings, ledgered };
}

/** Writes `next` with the conditions of `shown`, under the version that this pass started from. Throws `FencedOut` on a 409. */
export async function writeStatus(pass: Pass, next: MatchNotificationStatus, shown: Shown): Promise<MatchNotification> {
  const written = await putStatus(pass.ports, pass.object, compose(pass, next, shown));
  tellMissed(pass, written);
  tellDrift(pass, shown);
  return written;
}

/** As `writeStatus`, showing what the object will do next: an outcome and the conditions that follow from it are one write. */
export async function writeOutcome(pass: Pass, next: MatchNotificationStatus): Promise<MatchNotification> {
  return writeStatus(pass, next, shownAfter(pass, pass.object, next));
}

/** What a decision made from `next` would show. */
export function shownAfter(pass: Pass, object: MatchNotification, next: MatchNotificationStatus): Shown {
  const after: MatchNotification = { ...object, status: next };
  const now = pass.ports.clock.now();
  const { facts } = observe(after, pass.memory, pass.ports, now);
  return decide(after, facts, now).shown;
}

export function putStatus(ports: Ports, object: MatchNotification, status: MatchNotificationStatus): Promise<MatchNotification> {
  return written(ports, object, () =>
    ports.client.replace<MatchNotification>(MATCH_NOTIFICATIONS, { ...object, status }, { subresource: 'status' }),
  );
}

/** Changes metadata under the version that the pass started from. Throws `FencedOut` as a status write does. */
export function putFinalizers(ports: Ports, object: MatchNotification, finalizers: readonly string[]): Promise<MatchNotification> {
  const { namespace, name, resourceVersion } = object.metadata;
  const body = { metadata: { resourceVersion, finalizers } };
  return written(ports, object, () =>
    ports.client.patch<MatchNotification>(MATCH_NOTIFICATIONS, { namespace, name }, { type: 'merge', body }),
  );
}

async function written(ports: Ports, object: MatchNotification, write: () => Promise<MatchNotification>): Promise<MatchNotification> {
  try {
    const answer = await write();
    ports.notifications.written(answer);
    return answer;
  } catch (error) {
    if (error instanceof ApiError && (error.isConflict || error.isNotFound)) {
      throw new FencedOut(`${object.metadata.namespace}/${object.metadata.name} changed while it was worked on`, { cause: error });
    }
    throw error;
  }
}

/** The whole status: `next` with generation, phase, conditions, and the wish that startingDeadline counts from. */
export function compose(pass: Pass, next: MatchNotificationStatus, shown: Shown): MatchNotificationStatus {
  const { object, facts, ports } = pass;
  const now = ports.clock.now();
  const view = new View(object, facts, now);
  const sendAt = toText(facts.desired.sendAt);
  const becomesMissed = shown.phase === 'Missed' && object.status?.phase !== 'Missed';
  const told = becomesMissed ? recordMissed(next, facts.desired, shown.message, readClocks(pass)) : next;
  const asked = object.metadata.annotations?.[REQUESTED_AT];
  const kickoffs = kickoffsAfter(object, now);
  const delivered = deliveredOf({ object, next, phase: shown.phase, sends: facts.sends, now });
  const handled = asked !== undefined && (next.schedule === undefined || facts.fenced === false || requestHandled(pass));
  return {
    ...told,
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
    phase: shown.phase,
    fixture: fixtureName(object.spec),
    conditions: conditionsOf({ shown, delivered, before: object.status?.conditions ?? [], generation: object.metadata.generation, now }),
    ...(facts.problem === undefined ? { wanted: { sendAt, since: toText(wantedSince(view)) } } : {}),
    ...(kickoffs === undefined ? {} : { kickoffs }),
    ...(handled ? { lastHandledReconcileAt: asked } : {}),
  };
}

/** A read-back of this pass answers the request. */
function requestHandled(pass: Pass): boolean {
  return pass.memory.readInPass;
}
