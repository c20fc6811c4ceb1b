/**
 * `--dry-run`: what the operator would do, said in the condition DryRun and nowhere else. Calls nothing and writes nothing but that
 * condition; it decides with the very function that the operator decides with.
 */
import { sameJson } from '../../base/hash.ts';
import { toText } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { ObjectKey, ReconcileResult, Reconciler } from '../../controller/types.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { decide } from './decide.ts';
import { Memories } from './memory.ts';
import { observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { fixtureName } from './shown.ts';
import type { Step } from './step.ts';

const TYPE = 'DryRun';
type DryRunPorts = Omit<Ports, 'counts' | 'events' | 'random'>;

export class DryRunReconciler implements Reconciler {
  readonly #ports: DryRunPorts;
  readonly #memories = new Memories();

  constructor(ports: DryRunPorts) {
    this.#ports = ports;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    const { notifications, clock, log } = this.#ports;
    const object = notifications.get(key);
    if (object === undefined) {
      this.#memories.forget(key);
      return {};
    }
    const now = clock.now();
    const { facts } = observe(object, this.#memories.of(object), this.#ports, now);
    const step = decide(object, facts, now);
    const message = sentence(step);
    if (await this.#tell(object, message, now)) log.info(message, { ...key, fixture: fixtureName(object.spec), step: step.kind });
    return step.kind === 'Rest' && step.until !== undefined ? { requeueAt: step.until } : {};
  }

  /** True when the object says something else than before. */
  async #tell(object: MatchNotification, message: string, now: Temporal.Instant): Promise<boolean> {
    const conditions = object.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === TYPE);
    const condition = {
      type: TYPE,
      status: 'True' as const,
      reason: TYPE,
      message,
      lastTransitionTime: before?.lastTransitionTime ?? toText(now),
    };
    if (sameJson(before, condition)) return false;
    const status = { ...object.status, conditions: [...conditions.filter(({ type }) => type !== TYPE), condition] };
    try {
      this.#ports.notifications.written(
        await this.#ports.client.replace<MatchNotification>(MATCH_NOTIFICATIONS, { ...object, status }, { subresource: 'status' }),
      );
      return true;
    } catch (error) {
      // Changed meanwhile: what it is now is decided upon when it arrives.
      if (error instanceof ApiError && (error.isConflict || error.isNotFound)) return false;
      throw error;
    }
  }
}

const WOULD = {
  Rest: 'Would do nothing',
  AddFinalizer: 'Would add the finalizer',
  RemoveFinalizer: 'Would remove the finalizer',
  RecordSent: 'Would record the send',
  Lock: 'Would count the occasion as sent from here on',
  DropOperation: 'Would give up the unfinished call',
  TakeOverItem: 'Would take the catalog item over',
  ReadItem: 'Would read the catalog item',
  WriteFence: 'Would write the catalog item',
  Sweep: 'Would delete a schedule',
  Create: 'Would create a schedule',
  DeleteItem: 'Would delete the catalog item',
  Reopen: 'Would open the occasion again',
  Adopt: 'Would take the schedule over',
  Retire: 'Would give the schedule up and delete it',
  Update: 'Would give the schedule another time',
  ResolveOperation: 'Would settle the unfinished call',
} as const satisfies Record<Step['kind'], string>;

function sentence(step: Step): string {
  return `${WOULD[step.kind]} (${step.why}): ${step.shown.reason}. ${step.shown.message}`;
}
