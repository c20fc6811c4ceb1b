/**
 * A call in an unfenced workspace whose answer nobody has: Braze may hold what it made, and would deliver it. What happens is the
 * workspace's `spec.unresolved`: Block waits for a person, Recreate may send twice, Abandon may not send (design §3, §4).
 */
import { parseDuration } from '../../base/durations.ts';
import { hasPassed, instant, isBefore, plusMs, toClock } from '../../base/instants.ts';
import { resolutionOf } from '../../crds/annotations.ts';
import type { Operation } from './facts.ts';
import { goalOf } from './goal.ts';
import { missed, rest } from './shown.ts';
import type { Shown, Step } from './step.ts';
import { sweepNext } from './unfenced.ts';
import type { View } from './view.ts';

/** What went out this long ago is over for Braze too: the next occasion has nothing to fear from it. */
const OVER_MS = 15 * 60_000;

/** The step while `operation` is in doubt; undefined when it does not stand in the way: the object is going. */
export function unresolved(view: View, operation: Operation): Step | undefined {
  const resolved = byPerson(view, operation);
  if (resolved) return resolved;
  if (view.deleting) return undefined;
  if (isOtherOccasion(view, operation)) return overtaken(view, operation);
  if (view.facts.settings.unresolved === 'Recreate')
    return {
      kind: 'ResolveOperation',
      resolution: { result: 'not-created' },
      shown: blocked(view, operation),
      why: 'spec.unresolved is Recreate',
    };
  const abandoned = view.facts.settings.unresolved === 'Abandon';
  const shown = abandoned ? given(view, operation) : blocked(view, operation);
  // What we hold the id of can be deleted whatever the other became.
  const unwanted = view.facts.problem === undefined && (abandoned || goalOf(view).kind === 'nothing');
  if (unwanted && view.schedule) return { kind: 'Retire', reserve: false, shown, why: 'Unresolved' };
  if (view.facts.problem === undefined && view.obsolete.length > 0) return sweepNext(view, shown);
  return rest(shown, wake(view, operation), 'unresolved');
}

function byPerson(view: View, operation: Operation): Step | undefined {
  const said = resolutionOf(view.object);
  if (said.kind !== 'said' || said.value.operationId !== operation.id || said.value.result === 'not-sent') return undefined;
  const shown = blocked(view, operation);
  if (said.value.result === 'not-created')
    return { kind: 'ResolveOperation', resolution: { result: 'not-created' }, shown, why: 'a person looked' };
  const scheduleId = said.value.scheduleId ?? operation.scheduleId;
  if (scheduleId === undefined) return undefined;
  return { kind: 'ResolveOperation', resolution: { result: 'created', scheduleId }, shown, why: 'a person looked' };
}

/** The wish is another occasion by now, and what may have been made for this one is past. */
function isOtherOccasion(view: View, operation: Operation): boolean {
  const over = hasPassed(plusMs(instant(operation.firesAt), OVER_MS), view.brazeNow);
  const next = plusMs(instant(operation.sendAt), parseDuration(view.object.spec.resendAfter));
  return over && view.schedule === undefined && !isBefore(view.facts.desired.sendAt, next);
}

function overtaken(view: View, operation: Operation): Step {
  const { sendAt, firesAt, id } = operation;
  const shown = blocked(view, operation);
  return { kind: 'RecordSent', owned: undefined, sendAt, firesAt, reason: 'PresumedSent', settles: id, shown, why: 'its time passed' };
}

/** The times at which the answer changes by itself. */
function wake(view: View, operation: Operation): Temporal.Instant | undefined {
  const { marginMs } = view.facts.settings;
  const times = [operation.firesAt, ...view.owned.map((owned) => owned.firesAt)].map(instant);
  const all = times.flatMap((at) => [plusMs(at, -marginMs), at, plusMs(at, OVER_MS)]).filter((at) => isBefore(view.now, at));
  return all.toSorted(Temporal.Instant.compare)[0];
}

function blocked(view: View, operation: Operation): Shown {
  const reason = operation.kind === 'Create' ? 'CreateUnresolved' : 'UpdateUnresolved';
  return { phase: 'Blocked', ready: false, reason, message: `${evidence(view, operation)} ${remedy(view, operation)}`, stalled: true };
}

function evidence(view: View, operation: Operation): string {
  const { campaignId, firesAt, startedAt, id, token, scheduleId } = operation;
  const when = toClock(instant(firesAt));
  const begun = `operation ${id} of ${startedAt}`;
  if (operation.kind === 'Create')
    return `The answer to a create was lost (${begun}): campaign ${campaignId} may hold a schedule for ${when} with notification=${view.facts.desired.item} and token=${token}. Until somebody says so, nothing else is made for this match.`;
  return `The answer to an update was lost (${begun}): schedule ${scheduleId} of campaign ${campaignId} may be for ${when}, or still for its old time, or another may stand beside it. Until somebody says so, nothing is changed.`;
}

function remedy(view: View, operation: Operation): string {
  const { name, namespace } = view.object.metadata;
  const said = resolutionOf(view.object);
  const command = `kubectl matchday resolve ${name} -n ${namespace}`;
  const ways = `Look in Braze, then: ${command} --schedule-id ID, or ${command} --not-created.`;
  if (said.kind === 'unreadable') return `${ways} ${said.message}`;
  if (said.kind === 'said' && said.value.operationId !== operation.id)
    return `${ways} The annotation matchday.dev/resolve that is there names another operation (${said.value.operationId}).`;
  if (said.kind === 'said' && said.value.result !== 'not-created')
    return `${ways} The annotation matchday.dev/resolve that is there names no scheduleId.`;
  return ways;
}

function given(view: View, operation: Operation): Shown {
  const words = missed(view, `${evidence(view, operation)} spec.unresolved of the workspace is Abandon: no other is made.`);
  return { ...words, stalled: true };
}
