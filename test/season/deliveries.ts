/**
 * What fans would be told from the objects that a feed writes: at `sendAt`, when nothing holds the object then, once for each occasion
 * (design §4). How an object becomes exactly one delivered push is proven with Braze elsewhere; here it is taken as given.
 */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Written } from '../fixture-feed/bench.ts';

const RESEND_MS = 6 * 3_600_000;
const DEADLINE_MS = 10 * 60_000;

export class Deliveries {
  readonly sent = new Map<string, number[]>();
  readonly #objects = new Map<string, { readonly object: MatchNotification; readonly sinceMs: number }>();

  written({ at, after }: Written): void {
    const { id } = after.spec.match;
    this.#pass(id, at.epochMilliseconds);
    this.#objects.set(id, { object: after, sinceMs: at.epochMilliseconds });
  }

  /** Every send that was due by then. */
  until(at: Temporal.Instant): void {
    for (const id of this.#objects.keys()) this.#pass(id, at.epochMilliseconds);
  }

  #pass(id: string, nowMs: number): void {
    const known = this.#objects.get(id);
    if (known === undefined || known.object.spec.hold !== undefined) return;
    const sendMs = Date.parse(known.object.spec.sendAt);
    const firesMs = Math.max(sendMs, known.sinceMs);
    const late = firesMs - sendMs > DEADLINE_MS || firesMs >= Date.parse(known.object.spec.kickoff);
    if (firesMs >= nowMs || late) return;
    const sent = this.sent.get(id) ?? [];
    const last = sent.at(-1);
    if (last !== undefined && sendMs < last + RESEND_MS) return;
    this.sent.set(id, [...sent, sendMs]);
  }
}
