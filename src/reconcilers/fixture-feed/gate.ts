/**
 * The last look before a send: was its match in an answer lately? With `sendWhenStale: false` it is held, by a write of its own if need be,
 * because in an outage there is no answer whose applies would bring it. Otherwise people are told, once for each send.
 *
 * The hold is taken back by the first answer that has the match. A crash between the two leaves it held, and the next process does the same.
 */
import { instant, toClock } from '../../base/instants.ts';
import type { KubeClient, Store } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import type { Log } from '../../telemetry/log.ts';
import { applyAll } from './apply-all.ts';
import { isDoubtful, lastAnswer } from './freshness.ts';
import type { FeedMemory } from './memory.ts';
import { type PlanInput, plan } from './plan.ts';
import { seedFrom } from './seed.ts';

export interface Gated {
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  readonly own: readonly MatchNotification[];
  readonly now: Temporal.Instant;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface GatePorts {
  readonly kube: Pick<KubeClient, 'patch'>;
  readonly notifications: Store<MatchNotification>;
  readonly events: EventRecorder;
  readonly planning: () => PlanInput;
}

export async function gate(pass: Gated, ports: GatePorts): Promise<void> {
  const { feed, own, memory, now } = pass;
  const heardAt = (object: MatchNotification) => memory.heardAt.get(object.spec.match.id) ?? lastAnswer(feed, undefined);
  const doubtful = own.filter((object) => isGateable(object) && isDoubtful({ object, heardAt: heardAt(object), now }));
  if (doubtful.length === 0) return;
  if (feed.spec.sendWhenStale) for (const object of doubtful) tellOnce(pass, object, ports.events);
  else await hold(pass, doubtful, ports);
}

/** What went out, or is going, has nothing to be held. */
const isGateable = ({ metadata, spec, status }: MatchNotification): boolean =>
  metadata.deletionTimestamp === undefined && spec.hold === undefined && status?.phase !== 'Sent';

function tellOnce({ memory }: Gated, object: MatchNotification, events: EventRecorder): void {
  const { namespace, name, uid } = object.metadata;
  const told = `${name} ${object.spec.sendAt}`;
  if (memory.toldStale.has(told)) return;
  // Of sends that are over nothing is asked any more.
  if (memory.toldStale.size > 1_000) memory.toldStale.clear();
  memory.toldStale.add(told);
  const note =
    `The fixture provider has not confirmed this match for a quarter of an hour, and its send is at ${toClock(instant(object.spec.sendAt))}. ` +
    'It goes out as last known; with spec.sendWhenStale of the feed false it would be held.';
  events.record({ apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid }, { type: 'Warning', reason: 'FeedStale', note });
}

async function hold(pass: Gated, doubtful: readonly MatchNotification[], { planning: begin, ...ports }: GatePorts): Promise<void> {
  const planning = begin();
  const known = new Map(
    doubtful.map((object) => [object.spec.match.id, planning.known.get(object.spec.match.id) ?? seedFrom(object)] as const),
  );
  const { applies } = plan({ ...planning, known });
  const holds = applies.filter(({ wish }) => wish.body.spec.hold?.reason === 'FeedStale');
  await applyAll(holds, { ...ports, ...pass, settled: pass.memory.settled });
}
