/**
 * The operator process, put together: connection, caches, reconcilers, election, servers. Nothing is decided here.
 *
 * One instance per process life. Two processes run the same; the election keeps them from doing the work twice, the objects' versions
 * keep them from doing harm.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { Address } from '../config/values.ts';
import { type Connection, connect } from '../controller/client.ts';
import { Controller } from '../controller/controller.ts';
import { LeaderElection } from '../controller/election.ts';
import { WatchedLease } from '../controller/election-feed.ts';
import { leaseTimings } from '../controller/election-timings.ts';
import { type ExitCode, Manager } from '../controller/manager.ts';
import type { ObjectKey, Reconciler, Resource } from '../controller/types.ts';
import { PHASES } from '../crds/match-notification.ts';
import { FootballDataClient } from '../football-data/client.ts';
import { passwordsOf } from '../ledger/connection.ts';
import { BrazeWorkspaceReconciler } from '../reconcilers/braze-workspace/reconciler.ts';
import { Workspaces } from '../reconcilers/braze-workspace/workspaces.ts';
import { FixtureFeedReconciler } from '../reconcilers/fixture-feed/reconciler.ts';
import { DryRunReconciler } from '../reconcilers/match-notification/dry-run.ts';
import type { LedgerView } from '../reconcilers/match-notification/ports.ts';
import { MatchNotificationReconciler } from '../reconcilers/match-notification/reconciler.ts';
import { bornFor, controllerMetrics } from '../telemetry/controller-metrics.ts';
import { Events } from '../telemetry/events.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { Secrets } from '../telemetry/secrets.ts';
import { startTracing, type Tracing } from '../telemetry/tracing.ts';
import type { Translators } from '../translation/translators.ts';
import { dryWorkspaces } from './dry-run.ts';
import { bearExternalRequests, countRequests } from './external-requests.ts';
import { DRIFT_KINDS, type Gauges, readGauges } from './gauges.ts';
import { type Kinds, watchKinds } from './kinds.ts';
import { ledgerOf } from './ledger.ts';
import { translatorsOf } from './translators.ts';
import { type Controllers, wakeNotificationsOf, wakeOnChange } from './wake.ts';

const EVENTS: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };
const CONTROLLERS = ['match-notification', 'braze-workspace', 'fixture-feed'] as const;
/** A competition is read whole: few feeds at once are enough, and kinder to the provider. */
const FEEDS_AT_ONCE = 4;

export interface OperatorOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What everything below shares. */
interface Base {
  readonly config: Config;
  readonly env: OperatorOptions['env'];
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly log: Log;
  readonly connection: Connection;
  readonly translators: Translators;
  readonly failed: AbortController;
}

/** Runs until `stop` is aborted, the lease is lost, or a part fails. Throws when it can't begin (kubeconfig, API server). */
export async function runOperator(config: Config, options: OperatorOptions, stop: AbortSignal): Promise<ExitCode> {
  const base = await beginWith(config, options);
  try {
    return await assemble(base, config.ownerId ?? (await clusterId(base.connection))).run(stop);
  } finally {
    await Promise.all([base.connection.close(), base.tracing.stop()]);
  }
}

async function beginWith(config: Config, { clock, env }: OperatorOptions): Promise<Base> {
  const secrets = new Secrets();
  const log = createLog({ level: config.logLevel, secrets, now: () => clock.now() });
  const tracing = await startTracing({ env, secrets, log });
  const metrics = createMetrics({
    born: { ...bornFor(CONTROLLERS), notifications: { phase: PHASES }, drift: { kind: DRIFT_KINDS }, drifts: { kind: DRIFT_KINDS } },
    processMetrics: true,
  });
  bearExternalRequests(metrics);
  const connection = connect({
    ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
    ...(config.context === undefined ? {} : { context: config.context }),
    env,
    observe: ({ name, method, host, code, seconds }) => {
      metrics.apiRequests.inc({ code, method, host });
      metrics.apiRequestSeconds.observe({ verb: method, host }, seconds);
      tracing.called({ api: 'kubernetes', operation: name, code, seconds });
    },
  });
  if (config.database !== undefined)
    for (const [index, password] of passwordsOf(config.database, env).entries()) secrets.register(`ledger password ${index + 1}`, password);
  const translators = translatorsOf({ config, clock, metrics, tracing });
  return { config, env, clock, secrets, metrics, tracing, log, connection, translators, failed: new AbortController() };
}

/** Who owns fence items: one cluster is one owner. */
async function clusterId(connection: Connection): Promise<string> {
  const { metadata } = await connection.get(NAMESPACES, { namespace: '', name: 'kube-system' });
  if (metadata.uid === undefined) throw new Error('namespace kube-system has no uid; give --owner-id');
  return metadata.uid;
}

function assemble(base: Base, ownerId: string): Manager {
  const { config, env, clock, metrics, log, connection, failed } = base;
  const wentBack = (kind: string): void => {
    log.error('the API server went back in time (a restored backup?); the process ends and starts with what is true now', { kind });
    failed.abort(new Error('the API server went back in time'));
  };
  const kinds = watchKinds({ connection, namespaces: config.watchNamespaces, log, metrics, clock, onWentBack: wentBack });
  const election = electionOf(base, wentBack);
  const events = new Events({
    sink: eventSink(connection),
    clock,
    log,
    scrub: (text) => base.secrets.scrub(text),
    instance: election.identity,
  });
  const made: { controllers?: Controllers } = {};
  const ledger = ledgerOf({
    config,
    env,
    secrets: base.secrets,
    kinds,
    ownerId,
    clock,
    log,
    metrics,
    enqueue: (key) => made.controllers?.notifications.enqueue(key),
  });
  const gauges = readGauges(kinds, metrics, clock);
  const { controllers, workspaces } = controllersOf(base, { kinds, gauges, election, events, ownerId, ledger: ledger?.view });
  made.controllers = controllers;
  wakeOnChange(kinds, controllers);
  const manager = new Manager({
    clock,
    log,
    election,
    // A dry run asks nobody: only what stands in the objects is decided upon.
    controllers: config.dryRun ? [controllers.notifications] : [controllers.workspaces, controllers.feeds, controllers.notifications],
    always: [
      {
        name: 'addresses in the log',
        why: 'both servers listen now, maybe on ports that the system chose',
        start: () => log.info('listening', { metricsPort: manager.metricsPort, healthPort: manager.healthPort }),
      },
      { name: 'Braze connections', why: 'calls in flight end before their sockets do', stop: () => workspaces.close() },
      { name: 'translators', why: 'nobody waits for a name that is still asked for', stop: () => base.translators.close() },
      { name: 'events', why: 'the last words are written while the API server can still be reached', stop: () => events.drained() },
      ...kinds.steps,
    ],
    leading: ledger === undefined ? [] : [ledger.step],
    ready: kinds.ready,
    healthAddress: addressText(config.healthAddress),
    metricsAddress: addressText(config.metricsAddress),
    failed: failed.signal,
    renderMetrics: () => metrics.page(),
  });
  return manager;
}

function electionOf({ config, clock, metrics, log, connection }: Base, wentBack: (kind: string) => void): LeaderElection {
  const { namespace, name, durationMs, renewDeadlineMs, retryPeriodMs } = config.lease;
  return new LeaderElection({
    client: connection,
    clock,
    namespace,
    name,
    timings: leaseTimings({ leaseDurationMs: durationMs, renewDeadlineMs, retryPeriodMs }),
    feed: new WatchedLease({ connection, namespace, name, onStoreWentBack: () => wentBack('Lease') }),
    log,
    onLeading: (leading) => metrics.leader.set({ name }, leading ? 1 : 0),
  });
}

interface Parts {
  readonly kinds: Kinds;
  readonly gauges: Gauges;
  readonly election: LeaderElection;
  readonly events: Events;
  readonly ownerId: string;
  readonly ledger: LedgerView | undefined;
}

function controllersOf(base: Base, parts: Parts): { controllers: Controllers; workspaces: Workspaces } {
  const { config, clock } = base;
  const controllers: Partial<Record<keyof Controllers, Controller>> = {};
  const enqueueWorkspace = (key: ObjectKey): void => controllers.workspaces?.enqueue(key);
  const workspaces = new Workspaces({
    workspaces: parts.kinds.workspaces,
    clock,
    longestCallMs: parts.election.timings.longestCallMs,
    allowEndpoints: config.allowedEndpoints,
    enqueue: enqueueWorkspace,
  });
  const notification = notificationReconciler(base, parts, workspaces);
  const made: Controllers = {
    notifications: controllerOf(base, parts, {
      name: 'match-notification',
      reconciler: config.dryRun ? dryRunReconciler(base, parts) : notification,
      concurrency: config.concurrency,
      deadlineOf: (key) => notification.deadlineOf(key),
    }),
    workspaces: controllerOf(base, parts, {
      name: 'braze-workspace',
      reconciler: workspaceReconciler(base, parts, workspaces, controllers),
      concurrency: config.concurrency,
    }),
    feeds: controllerOf(base, parts, {
      name: 'fixture-feed',
      reconciler: feedReconciler(base, parts, controllers),
      concurrency: FEEDS_AT_ONCE,
    }),
  };
  Object.assign(controllers, made);
  return { controllers: made, workspaces };
}

interface OneController {
  readonly name: (typeof CONTROLLERS)[number];
  readonly reconciler: Reconciler;
  readonly concurrency: number;
  readonly deadlineOf?: (key: ObjectKey) => Temporal.Instant | undefined;
}

function controllerOf({ clock, log, metrics, tracing }: Base, { election }: Parts, one: OneController): Controller {
  const hooks = controllerMetrics(metrics, one.name);
  const reconciler: Reconciler = {
    reconcile: (key, signal) => tracing.pass({ controller: one.name, ...key }, () => one.reconciler.reconcile(key, signal)),
  };
  const controller = new Controller({ ...one, reconciler, clock, leadership: election, log, metrics: hooks });
  hooks.readQueue(() => controller.read());
  return controller;
}

function notificationReconciler(
  { clock, log, metrics, connection, tracing }: Base,
  { kinds, election, events, ownerId, ledger }: Parts,
  workspaces: Workspaces,
): MatchNotificationReconciler {
  return new MatchNotificationReconciler({
    client: connection,
    notifications: kinds.notifications,
    workspace: workspaces.lookup,
    clock,
    leadership: election,
    events,
    log,
    counts: {
      sent: (result) => metrics.sends.inc({ result }),
      fenceRewritten: () => metrics.fenceRewrites.inc(),
      drifted: (kind) => metrics.drifts.inc({ kind }),
      compensated: () => metrics.compensations.inc(),
    },
    traced: (operationId) => tracing.operation(operationId),
    ledger,
    ownerId,
    random: () => randomBytes(8).toString('hex'),
  });
}

function dryRunReconciler({ clock, log, connection }: Base, { kinds, election, ownerId }: Parts): DryRunReconciler {
  const { notifications, workspaces } = kinds;
  const workspace = dryWorkspaces({ workspaces, clock, longestCallMs: election.timings.longestCallMs });
  return new DryRunReconciler({ client: connection, notifications, workspace, clock, leadership: election, log, ownerId });
}

function workspaceReconciler(
  base: Base,
  parts: Parts,
  workspaces: Workspaces,
  controllers: Partial<Controllers>,
): BrazeWorkspaceReconciler {
  const { config, clock, log, metrics, connection, secrets } = base;
  const { kinds, election, events, ownerId } = parts;
  return new BrazeWorkspaceReconciler(
    {
      kube: connection,
      workspaces: kinds.workspaces,
      notifications: kinds.notifications,
      feeds: kinds.feeds,
      clock,
      leadership: election,
      longestCallMs: election.timings.longestCallMs,
      ownerId,
      allowEndpoints: config.allowedEndpoints,
      ...(config.extraCa === undefined ? {} : { ca: config.extraCa }),
      registerSecret: (owner, value) => secrets.register(owner, value),
      events,
      log,
      metrics: {
        called: countRequests(base, 'braze'),
        remaining: ({ namespace, name }, bucket, calls) => metrics.rateLimitRemaining.set({ namespace, name, bucket }, calls),
        clockSkew: ({ namespace, name }, seconds) => metrics.clockSkew.set({ namespace, name }, seconds),
        gone: (key) => metrics.forget({ kind: 'BrazeWorkspace', ...key }),
      },
      enqueue: (key) => controllers.workspaces?.enqueue(key),
      enqueueNotifications: (namespace, name) => {
        const { notifications } = controllers;
        if (notifications) wakeNotificationsOf(kinds, { notifications }, { namespace, name });
      },
      enqueueNotification: (key) => controllers.notifications?.enqueue(key),
    },
    workspaces,
  );
}

function feedReconciler(base: Base, { kinds, gauges, events, ledger }: Parts, controllers: Partial<Controllers>): FixtureFeedReconciler {
  const { config, clock, log, metrics, connection, secrets, translators } = base;
  return new FixtureFeedReconciler({
    kube: connection,
    feeds: kinds.feeds,
    notifications: kinds.notifications,
    footballData: ({ token }) =>
      new FootballDataClient({
        token,
        clock,
        baseUrl: config.footballDataUrl,
        observe: countRequests(base, 'football-data'),
      }),
    wake: (key) => controllers.feeds?.enqueue(key),
    recorded: (object) => ledger?.holds(object) ?? true,
    translators,
    allowTranslators: config.allowedTranslators,
    registerSecret: (owner, value) => secrets.register(owner, value),
    clock,
    log,
    events,
    metrics: {
      succeeded: (key, at) => gauges.feedSucceeded(key, at),
      remaining: ({ namespace, name }, calls) => metrics.rateLimitRemaining.set({ namespace, name, bucket: 'feed' }, calls),
      gone: (key) => {
        gauges.feedGone(key);
        metrics.forget({ kind: 'FixtureFeed', ...key });
      },
    },
    random: Math.random,
  });
}

function eventSink(connection: Connection) {
  return {
    create: (namespace: string, body: object) => connection.create(EVENTS, namespace, body),
    patch: (namespace: string, name: string, body: object) => connection.patch(EVENTS, { namespace, name }, { type: 'merge', body }),
  };
}

function addressText(address: Address | undefined): string | undefined {
  if (address === undefined) return undefined;
  const host = address.host ?? '';
  return `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
