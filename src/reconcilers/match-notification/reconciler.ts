/**
 * MatchNotification: one fixture, exactly one scheduled send. A pass observes, decides, applies and records; everything it needs to
 * know about an earlier pass stands in the object, and what it keeps in memory is never needed for safety (see memory.ts).
 */
import { earliest, instant } from '../../base/instants.ts';
import type { ObjectKey, ReconcileResult, Reconciler } from '../../controller/types.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { apply } from './apply.ts';
import { recordAnswer } from './create-call.ts';
import { decide } from './decide.ts';
import { Memories } from './memory.ts';
import { namespaceEndsSince } from './namespace-end.ts';
import { observe } from './observe.ts';
import { FencedOut, type Pass } from './pass.ts';
import type { Ports } from './ports.ts';
import { fixtureName } from './shown.ts';

export class MatchNotificationReconciler implements Reconciler {
  readonly #ports: Ports;
  readonly #memories = new Memories();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    const object = this.#ports.notifications.get(key);
    if (object === undefined) {
      this.#memories.forget(key);
      return {};
    }
    const pass = await this.#begin(object);
    try {
      if (pass.memory.unrecorded) return await recordAnswer(pass);
      const again = await apply(pass, decide(object, pass.facts, this.#ports.clock.now()));
      return this.#showFailure(pass) ? { requeueAt: this.#ports.clock.now() } : again;
    } catch (error) {
      // Overtaken: what is in the object now will arrive, and is decided upon anew.
      if (error instanceof FencedOut) return {};
      throw error;
    }
  }

  /** The send that is nearest: the queue serves these first. Undefined when nothing of the object is due any more. */
  deadlineOf(key: ObjectKey): Temporal.Instant | undefined {
    const object = this.#ports.notifications.get(key);
    if (object === undefined) return undefined;
    const { schedule, obsolete = [], lastSent } = object.status ?? {};
    const wanted = lastSent === undefined ? object.spec.sendAt : undefined;
    const [first, ...rest] = [schedule?.firesAt, wanted, ...obsolete.map((entry) => entry.firesAt)]
      .filter((at) => at !== undefined)
      .map(instant);
    return first === undefined ? undefined : earliest(first, ...rest);
  }

  /**
   * A call that failed wrote nothing, and by the time it is tried again the wait is over: only a pass in between can say why the object
   * waits. One such pass, which rests; should it fail too, the pace of the back-off holds.
   */
  #showFailure({ memory }: Pass): boolean {
    const first = memory.failedInPass && !memory.showingFailure;
    memory.showingFailure = first;
    return first;
  }

  async #begin(object: MatchNotification): Promise<Pass> {
    const ports = this.#ports;
    const memory = this.#memories.of(object);
    memory.readInPass = false;
    memory.failedInPass = false;
    memory.namespaceEndsSince = await namespaceEndsSince(object, ports);
    const { namespace, name } = object.metadata;
    const log = ports.log.child({ kind: 'MatchNotification', namespace, name, fixture: fixtureName(object.spec) });
    return { ports, memory, object, log, ...observe(object, memory, ports, ports.clock.now()) };
  }
}
