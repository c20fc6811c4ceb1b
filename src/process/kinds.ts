/** The caches of the three kinds: one store each, filled by one reflector per watched namespace. */

import type { Clock } from '../base/clock.ts';
import type { Connection } from '../controller/client.ts';
import { freshnessCheck, type ReadyCheck } from '../controller/health.ts';
import type { Step } from '../controller/manager.ts';
import { Reflector, type ReflectorNote } from '../controller/reflector.ts';
import { keepWhole, ObjectStore } from '../controller/store.ts';
import type { IndexFunction } from '../controller/store-table.ts';
import type { KubeObject, Resource } from '../controller/types.ts';
import type { BrazeWorkspace } from '../crds/braze-workspace.ts';
import type { FixtureFeed } from '../crds/fixture-feed.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { WORKSPACE_INDEX, workspaceIndex } from '../reconcilers/braze-workspace/ports.ts';
import { FEED_INDEX, feedIndex } from '../reconcilers/fixture-feed/identity.ts';
import { MATCH_INDEX, matchIndex } from '../reconcilers/match-notification/content.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { tellSilence } from './silence.ts';

export interface KindsOptions {
  readonly connection: Connection;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** The API server's store went back in time: nothing that is cached can be trusted. */
  readonly onWentBack: (kind: string) => void;
}

export interface Kinds {
  readonly notifications: ObjectStore<MatchNotification>;
  readonly workspaces: ObjectStore<BrazeWorkspace>;
  readonly feeds: ObjectStore<FixtureFeed>;
  readonly steps: readonly Step[];
  readonly ready: readonly ReadyCheck[];
}

export function watchKinds(options: KindsOptions): Kinds {
  const notifications = storeOf<MatchNotification>(options, {
    [WORKSPACE_INDEX]: workspaceIndex,
    [FEED_INDEX]: feedIndex,
    [MATCH_INDEX]: matchIndex,
  });
  const workspaces = storeOf<BrazeWorkspace>(options);
  const feeds = storeOf<FixtureFeed>(options);
  const reflectors = [
    ...reflectorsOf(options, BRAZE_WORKSPACES, workspaces),
    ...reflectorsOf(options, FIXTURE_FEEDS, feeds),
    ...reflectorsOf(options, MATCH_NOTIFICATIONS, notifications),
  ];
  options.metrics.beforePage(() => tellSilence(reflectors, options));
  return {
    notifications,
    workspaces,
    feeds,
    steps: reflectors.map((reflector) => ({
      name: `cache of ${reflector.name}`,
      why: 'a standby keeps its caches warm, and a leader decides from complete ones',
      start: async () => {
        reflector.start();
        await reflector.whenSynced;
      },
      stop: () => reflector.stop(),
    })),
    ready: reflectors.map(freshnessCheck),
  };
}

function storeOf<T extends KubeObject>({ log }: KindsOptions, indexes: Readonly<Record<string, IndexFunction<T>>> = {}): ObjectStore<T> {
  return new ObjectStore<T>({
    transform: keepWhole<T>(),
    indexes,
    onHandlerFailure: ({ what, key, error }) => log.error('a change could not be handled; it is told again', { what, key, error }),
  });
}

type AnyReflector = Pick<Reflector<KubeObject>, 'name' | 'synced' | 'stale' | 'silentForMs' | 'whenSynced' | 'start' | 'stop'>;

function reflectorsOf<T extends KubeObject>(options: KindsOptions, resource: Resource, store: ObjectStore<T>): AnyReflector[] {
  const namespaces = options.namespaces.length === 0 ? [undefined] : options.namespaces;
  return namespaces.map(
    (namespace) =>
      new Reflector<T>({
        connection: options.connection,
        clock: options.clock,
        store,
        resource,
        ...(namespace === undefined ? {} : { namespace }),
        report: (note) => report(options.log, resource.plural, note),
        onStoreWentBack: () => options.onWentBack(resource.kind),
      }),
  );
}

function report(log: Log, kind: string, note: ReflectorNote): void {
  if (note.type === 'failed')
    log.warn('a watch failed and is begun again', { kind, error: note.error, retryInMs: Math.round(note.retryInMs) });
  else if (note.type === 'relisting') log.info('the state is read anew', { kind, why: note.why });
  else if (note.type === 'complete') log.info('the state is complete', { kind, objects: note.objects });
  else log.debug('watching on', { kind });
}
