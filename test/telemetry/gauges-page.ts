/** `/metrics` of a process whose caches hold the given objects. */
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { KubeObject } from '../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { readGauges } from '../../src/process/gauges.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';

interface Cached {
  readonly feeds?: readonly FixtureFeed[];
  readonly notifications?: readonly MatchNotification[];
  readonly now: Temporal.Instant;
  /** What the process did before the page is asked for. */
  readonly did?: (gauges: ReturnType<typeof readGauges>, metrics: Metrics) => void;
}

export async function gaugesPage({ feeds = [], notifications = [], now, did = () => {} }: Cached): Promise<string> {
  const kinds = {
    feeds: await storeWith<FixtureFeed>(feeds),
    notifications: await storeWith<MatchNotification>(notifications),
    workspaces: await storeWith<BrazeWorkspace>([]),
    steps: [],
    ready: [],
  };
  const metrics = createMetrics();
  did(readGauges(kinds, metrics, new FakeClock(now)), metrics);
  return (await metrics.page()).body;
}

async function storeWith<T extends KubeObject>(objects: readonly KubeObject[]): Promise<ObjectStore<T>> {
  const onHandlerFailure = ({ error }: { error: unknown }): never => {
    throw error;
  };
  const store = new ObjectStore<T>({ transform: keepWhole(), onHandlerFailure });
  const snapshot = store.feed().snapshot();
  for (const object of objects) snapshot.object(object);
  await snapshot.commit('10');
  return store;
}
