/**
 * P2 and P3: once the faults have ended, what is wanted goes out on time and once; every object ends in a send, in a stop that somebody
 * wanted, or in a condition that says why not; and then there is silence.
 */
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import { contentOf, desiredOf } from '../../../src/reconcilers/match-notification/content.ts';
import { keyText } from './cluster.ts';
import { type DeliveryOracle, RESEND_AFTER_MS, uidOfToken, uidPart } from './oracle-deliveries.ts';
import type { World } from './world.ts';

/** Enough for every back-off to end, the buffer to begin, and a successor to be made. */
const FAR_MS = 45 * 60_000;
/** The update buffer (design §4). */
const BUFFER_MS = 20 * 60_000;

interface Expectation {
  readonly key: string;
  readonly uid: string;
  readonly sendAtMs: number;
}

export class EndOracle {
  readonly #world: World;
  readonly #deliveries: DeliveryOracle;
  readonly #expected: Expectation[] = [];
  #before = { writes: 0, calls: 0 };

  constructor(world: World, deliveries: DeliveryOracle) {
    this.#world = world;
    this.#deliveries = deliveries;
  }

  /** The faults have ended and nobody edits any more: what can still be sent must be. */
  expect(): void {
    const { cluster, scheduler } = this.#world;
    for (const object of cluster.all()) {
      const sendAtMs = Math.floor(Date.parse(object.spec.sendAt) / 60_000) * 60_000;
      if (sendAtMs - scheduler.nowMs < FAR_MS || !isWanted(object) || this.#isContested(object)) continue;
      if (this.#mayHaveBeenSent(object, sendAtMs)) continue;
      this.#expected.push({ key: keyText(object.metadata), uid: object.metadata.uid, sendAtMs });
    }
  }

  /** Seconds are no change: an object at rest is given other seconds, and nothing may follow but what it shows. */
  nudge(): void {
    const { cluster, scheduler, oracle } = this.#world;
    const atRest = this.#expected.filter(({ key }) => readyReason(cluster.get(key)) === 'Scheduled');
    // The mark after another's send would be taken for an answer.
    const marking = cluster.all().some(({ status }) => status?.lastSent !== undefined && status.fence?.state === 'open');
    if (atRest.length === 0 || marking || this.#world.braze.travelling > 0) return;
    const before = oracle.calls.mutating;
    for (const { key } of atRest)
      cluster.edit(key, (spec) => ({
        ...spec,
        sendAt: spec.sendAt.replace(/:\d\dZ$/, ':41Z'),
        kickoff: spec.kickoff.replace(/:\d\dZ$/, ':43Z'),
      }));
    scheduler.after(60_000, () => {
      if (oracle.calls.mutating !== before)
        this.#world.violation('a change of seconds was a change', `${oracle.calls.mutating - before} calls`);
    });
  }

  /** All sends are past. */
  judge(): void {
    for (const expectation of this.#expected) this.#judgeSend(expectation);
    for (const object of this.#world.cluster.all()) this.#judgeState(object);
  }

  /** Ten minutes follow in which nothing may be written, and nothing asked but reads. */
  beginQuiet(): void {
    this.#before = { writes: this.#world.cluster.writes, calls: this.#world.oracle.calls.mutating };
  }

  endQuiet(): void {
    const writes = this.#world.cluster.writes - this.#before.writes;
    const calls = this.#world.oracle.calls.mutating - this.#before.calls;
    if (writes > 0 || calls > 0) this.#world.violation('no rest in quiet time', `${writes} writes, ${calls} calls: ${this.#say()}`);
  }

  #judgeSend({ key, uid, sendAtMs }: Expectation): void {
    const { cluster, braze, violation } = this.#world;
    const object = cluster.get(key);
    if (object === undefined || object.metadata.uid !== uid) {
      violation('an object vanished', key);
      return;
    }
    const item = desiredOf(object, 'cluster-a').item;
    if (!this.#deliveries.wereTold(object, item, sendAtMs)) violation('not sent although nothing was in the way', this.#tell(object));
    const late = braze.deliveries.find((one) => uidOfToken(one.token) === uidPart(object) && one.firesAtMs > sendAtMs);
    if (late !== undefined) violation('sent late although nothing was in the way', this.#tell(object));
  }

  #judgeState(object: MatchNotification): void {
    const { violation } = this.#world;
    const { phase } = object.status ?? {};
    if (object.metadata.deletionTimestamp !== undefined) violation('a deletion never ended', this.#tell(object));
    else if (phase === 'Pending' || phase === 'Scheduled' || phase === undefined) violation('no end state', this.#tell(object));
    else if (phase === 'Missed' || phase === 'Blocked') this.#judgeStop(object);
    else if (phase === 'Sent' && object.status?.lastSent === undefined) violation('Sent without a send', this.#tell(object));
    else if (phase !== 'Sent' && isWanted(object)) violation('stopped although it is wanted', this.#tell(object));
  }

  #judgeStop(object: MatchNotification): void {
    const stalled = object.status?.conditions?.some(({ type, status }) => type === 'Stalled' && status === 'True') === true;
    if (!stalled) this.#world.violation('stopped without a condition', this.#tell(object));
    const reason = readyReason(object) ?? '';
    const allowed = ['Missed', 'CreateUnresolved', 'UpdateUnresolved', 'DuplicateMatch', 'OwnedElsewhere', 'OwnershipContested'];
    if (!allowed.includes(reason)) this.#world.violation('stopped for no reason of this world', this.#tell(object));
  }

  /** Another object sends the same match: which of them does is not for this part to say. */
  #isContested(object: MatchNotification): boolean {
    const { item } = desiredOf(object, 'cluster-a');
    return this.#world.cluster.all().some((other) => other !== object && desiredOf(other, 'cluster-a').item === item);
  }

  #mayHaveBeenSent(object: MatchNotification, sendAtMs: number): boolean {
    const { lastSent, occasion, operation } = object.status ?? {};
    const { item } = desiredOf(object, 'cluster-a');
    const told = this.#world.braze.deliveries.some((one) => one.item === item || uidOfToken(one.token) === uidPart(object));
    const sentMs = lastSent === undefined ? undefined : Date.parse(lastSent.sendAt);
    const near = sentMs !== undefined && sendAtMs < sentMs + RESEND_AFTER_MS;
    const inDoubt = !this.#world.swarm.fenced && operation !== undefined;
    return told || near || occasion?.locked === true || inDoubt || this.#isRemembered(item) || this.#isUnproven(object, sendAtMs);
  }

  /** Without a fence: a delete proves nothing of a schedule that the update buffer caught up with, so it counts as sent (design §4). */
  #isUnproven({ status }: MatchNotification, sendAtMs: number): boolean {
    if (this.#world.swarm.fenced) return false;
    return (status?.obsolete ?? []).some(({ firesAt }) => {
      const firesAtMs = Date.parse(firesAt);
      return firesAtMs - this.#world.scheduler.nowMs < BUFFER_MS && sendAtMs < firesAtMs + RESEND_AFTER_MS;
    });
  }

  /** The item of an earlier life says that it was told of. */
  #isRemembered(item: string): boolean {
    const found = this.#world.braze.items.get(item);
    const announced = Date.parse(String(found?.['announced_send_at'] ?? ''));
    return announced < this.#world.scheduler.nowMs + FAR_MS / 3;
  }

  #tell(object: MatchNotification): string {
    const { status = {}, spec, metadata } = object;
    const { history: _history, ...rest } = status;
    const wish = { sendAt: spec.sendAt, kickoff: contentOf(spec).kickoff, hold: spec.hold?.reason, suspend: spec.suspend };
    return `${keyText(metadata)} ${JSON.stringify(wish)} ${JSON.stringify(rest)}`;
  }

  #say(): string {
    return this.#world.cluster
      .all()
      .map((object) => this.#tell(object))
      .join('; ');
  }
}

function isWanted({ spec, metadata }: MatchNotification): boolean {
  return spec.hold === undefined && !spec.suspend && metadata.deletionTimestamp === undefined;
}

function readyReason(object: MatchNotification | undefined): string | undefined {
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason;
}
