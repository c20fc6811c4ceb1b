/** The applies of one pass, nearest kickoff first, some at a time. One that is refused keeps no other from being made. */
import { ApiUnreachable } from '../../controller/client-errors.ts';
import { FEED_LABEL } from '../../crds/words.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import { type Log, logFor } from '../../telemetry/log.ts';
import { type Applier, applyOne } from './apply.ts';
import type { PlannedApply, Settled } from './plan.ts';

/** Enough to hide the round trips of a first poll; small enough to leave the API server to the sends. */
const AT_A_TIME = 8;

export interface ApplyAll extends Applier {
  readonly settled: Map<string, Settled>;
  readonly log: Log;
  readonly events: EventRecorder;
}

export interface AppliedAll {
  /** Objects that a write changed. */
  readonly changed: number;
  /** What the first of the refused said. */
  readonly failure: string | undefined;
  readonly failed: number;
}

export async function applyAll(applies: readonly PlannedApply[], to: ApplyAll): Promise<AppliedAll> {
  const queue = [...applies];
  let changed = 0;
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !to.signal.aborted; next = queue.shift()) {
      const outcome = await applyAndNote(next, to);
      if (outcome.changed) changed += 1;
      if (outcome.failure !== undefined) failures.push(outcome.failure);
      // No answer: the others would wait for theirs as long. What is left comes with the next pass.
      if (outcome.unreachable) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, queue.length) }, worker));
  return { changed, failure: failures[0], failed: failures.length };
}

interface Outcome {
  readonly changed: boolean;
  readonly failure?: string;
  readonly unreachable?: boolean;
}

async function applyAndNote(planned: PlannedApply, to: ApplyAll): Promise<Outcome> {
  const { shown, hash, wish } = planned;
  const { name, namespace } = wish.body.metadata;
  const log = logFor(to.log, { kind: 'MatchNotification', namespace, name, fixture: fixtureOf(planned) });
  try {
    const { object, left } = await applyOne(planned, to);
    const before = to.settled.get(name);
    to.settled.set(name, { hash, resourceVersion: (object ?? shown)?.metadata.resourceVersion, left });
    const isNew = left.filter((path) => before?.left.includes(path) !== true);
    if (shown !== undefined && isNew.length > 0) tellOverridden(planned, isNew, to);
    const changed = object !== undefined && object.metadata.resourceVersion !== shown?.metadata.resourceVersion;
    if (changed) {
      tellMoved(planned, to);
      tellAdopted(planned, to);
      log.info('fixture applied', { changes: planned.changes, kickoff: wish.kickoff.toString(), sendAt: wish.sendAt.toString() });
    }
    return { changed };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    log.warn('a fixture could not be applied; the next poll tries again', { error });
    return { changed: false, failure, unreachable: error instanceof ApiUnreachable };
  }
}

const fixtureOf = ({ known }: PlannedApply): string =>
  `${known.home.value.name ?? 'to be decided'} v ${known.away.value.name ?? 'to be decided'}`;

/** So that people see what moved without comparing versions; the object's own reconciler keeps the history in its status. */
function tellMoved({ shown, wish, changes }: PlannedApply, { events }: ApplyAll): void {
  if (shown === undefined || !changes.some((path) => path === '.spec.kickoff' || path === '.spec.sendAt')) return;
  const { namespace, name, uid } = shown.metadata;
  const before = `kickoff ${shown.spec.kickoff}, send ${shown.spec.sendAt}`;
  const after = `kickoff ${wish.body.spec.kickoff ?? shown.spec.kickoff}, send ${wish.body.spec.sendAt ?? shown.spec.sendAt}`;
  events.record(
    { apiVersion: shown.apiVersion, kind: shown.kind, namespace, name, uid },
    { type: 'Normal', reason: 'KickoffMoved', note: `The provider moved the match: ${before} → ${after}.` },
  );
}

/** It was made by a feed that is gone. */
function tellAdopted({ shown, wish }: PlannedApply, { events }: ApplyAll): void {
  const [before, after] = [shown?.metadata.labels?.[FEED_LABEL], wish.body.metadata.labels[FEED_LABEL]];
  if (shown === undefined || before === undefined || before === after) return;
  const { namespace, name, uid } = shown.metadata;
  const note = `Feed ${after} goes on with this object: feed ${before}, which made it, is gone.`;
  events.record(
    { apiVersion: shown.apiVersion, kind: shown.kind, namespace, name, uid },
    { type: 'Normal', reason: 'FixtureAdopted', note },
  );
}

function tellOverridden({ shown }: PlannedApply, paths: readonly string[], { events }: ApplyAll): void {
  if (shown === undefined) return;
  const { namespace, name, uid } = shown.metadata;
  const fields = paths.map((path) => path.replace(/^\./, '')).join(', ');
  events.record(
    { apiVersion: shown.apiVersion, kind: shown.kind, namespace, name, uid },
    { type: 'Normal', reason: 'FieldOverridden', note: `Somebody else owns ${fields}; the feed leaves it alone and applies the rest.` },
  );
}
