/**
 * Everything together: a control plane (or a given cluster) with the kinds of matchday, one clock that can be moved, Braze and
 * football-data simulated on it, a namespace with their Secrets, and as many operators as wanted. The demo, `make sandbox` and the tests
 * of the whole operator stand on it.
 *
 * All processes are tied to this one, and all servers run in it: whatever ends it, nothing is left behind. On a cluster that was given,
 * the namespace and what is in it are removed when the stack is disposed of.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Connection, connect } from '../../src/controller/client.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import {
  type BrazeSimulator,
  type BrazeSimulatorConfig,
  type CampaignSpec,
  DEFAULT_API_KEY,
  fencedTemplate,
  startBrazeSimulator,
} from '../braze/index.ts';
import { SandboxClock } from '../clock/sandbox-clock.ts';
import { serveClock } from '../clock/serve-clock.ts';
import { type OpenOptions, openCluster } from '../control-plane/existing-cluster.ts';
import { SANDBOX_ACCOUNT } from '../football-data/accounts.ts';
import { type FootballDataSimulator, type SimulatorOptions, startFootballDataSimulator } from '../football-data/simulator.ts';
import type { RunResult } from '../process/run-tied.ts';
import { applyDefinitions, removeDefinitions, throwUnlessDone, type UsableCluster } from './definitions.ts';
import * as manifests from './manifests.ts';
import { type Operator, type OperatorOptions, startOperator } from './operators.ts';
import { emptyNamespace, makeNamespace } from './tidy.ts';
import { Watched } from './watched.ts';

export interface StackOptions {
  /** What the clock reads first, and its speed; the machine's time at real speed unless told. */
  readonly instant?: Temporal.Instant;
  readonly rate?: number;
  /** A cluster that runs already and is shared with others: it stays, and so do the definitions on it. */
  readonly cluster?: UsableCluster;
  /** How to come by a cluster otherwise; a control plane of our own unless told. */
  readonly open?: OpenOptions;
  /** Made new. Unless told: `default` on a control plane of our own, where nobody else is; elsewhere a fresh name. */
  readonly namespace?: string;
  readonly braze?: Omit<BrazeSimulatorConfig, 'clock'>;
  readonly footballData?: Omit<SimulatorOptions, 'clock'>;
  /** How many to start at once; they share `operatorFlags`. */
  readonly operators?: number;
  /** For each operator of this stack. */
  readonly operatorFlags?: readonly string[];
  /** A bundle of sandbox/operator.ts, which starts sooner than the sources; those unless told. */
  readonly operatorProgram?: string;
}

/** Short enough for tests that wait for a take-over. The lease bounds a call too, so `requestTimeout` is clamped to about a second. */
export const SHORT_LEASE: readonly string[] = ['--lease-duration', '3s', '--renew-deadline', '2s', '--retry-period', '1s'];

/** Starts everything, and takes down what was started when a part fails. Dispose of it with `await using` or `stop()`. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await using undo = new AsyncDisposableStack();
  const cluster = options.cluster ?? undo.use(await openCluster(options.open ?? {}));
  const madeDefinitions = await applyDefinitions(cluster);
  if (madeDefinitions && options.open?.existing !== undefined) undo.defer(() => removeDefinitions(cluster));
  const clock = new SandboxClock({
    ...(options.instant === undefined ? {} : { instant: options.instant }),
    ...(options.rate === undefined ? {} : { rate: options.rate }),
  });
  const served = undo.use(await serveClock(clock));
  const braze = await startBrazeSimulator({ clock, ...options.braze });
  undo.defer(() => braze.stop());
  const footballData = await startFootballDataSimulator({ clock, ...options.footballData });
  undo.defer(() => footballData.stop());
  const isOurs = options.cluster === undefined && options.open?.existing === undefined;
  const namespace = options.namespace ?? (isOurs ? 'default' : `matchday-${randomBytes(4).toString('hex')}`);
  await makeNamespace(cluster, namespace);
  if (!isOurs) undo.defer(() => emptyNamespace(cluster, namespace));
  const connection = connect({ kubeconfig: cluster.kubeconfigPath, env: {} });
  undo.defer(() => connection.close());
  const { operatorFlags = [], operatorProgram } = options;
  const stack = new Stack({
    cluster,
    clock,
    clockUrl: served.url,
    braze,
    footballData,
    namespace,
    connection,
    operatorFlags,
    operatorProgram,
    undo,
  });
  await stack.begin(options.operators ?? 0);
  return stack;
}

interface Parts {
  readonly cluster: UsableCluster;
  readonly clock: SandboxClock;
  readonly clockUrl: string;
  readonly braze: BrazeSimulator;
  readonly footballData: FootballDataSimulator;
  readonly namespace: string;
  readonly connection: Connection;
  readonly operatorFlags: readonly string[];
  readonly operatorProgram: string | undefined;
  readonly undo: AsyncDisposableStack;
}

export class Stack implements AsyncDisposable {
  readonly cluster: UsableCluster;
  readonly clock: SandboxClock;
  /** The admin port of the clock: `curl -X PUT <url> -d '{"advanceMs":60000}'`. */
  readonly clockUrl: string;
  readonly braze: BrazeSimulator;
  readonly footballData: FootballDataSimulator;
  readonly namespace: string;
  /** Admin rights. */
  readonly connection: Connection;
  readonly notifications: Watched<MatchNotification>;
  readonly workspaces: Watched<BrazeWorkspace>;
  readonly feeds: Watched<FixtureFeed>;
  readonly #operatorFlags: readonly string[];
  readonly #operatorProgram: string | undefined;
  readonly #undo: AsyncDisposableStack;
  readonly #operators: Operator[] = [];

  constructor(parts: Parts) {
    this.cluster = parts.cluster;
    this.clock = parts.clock;
    this.clockUrl = parts.clockUrl;
    this.braze = parts.braze;
    this.footballData = parts.footballData;
    this.namespace = parts.namespace;
    this.connection = parts.connection;
    this.#operatorFlags = parts.operatorFlags;
    this.#operatorProgram = parts.operatorProgram;
    this.notifications = new Watched<MatchNotification>(parts.connection, MATCH_NOTIFICATIONS, parts.namespace);
    this.workspaces = new Watched<BrazeWorkspace>(parts.connection, BRAZE_WORKSPACES, parts.namespace);
    this.feeds = new Watched<FixtureFeed>(parts.connection, FIXTURE_FEEDS, parts.namespace);
    this.#undo = parts.undo.move();
  }

  /** Called once by `startStack`. */
  async begin(operators: number): Promise<void> {
    try {
      for (const watched of [this.notifications, this.workspaces, this.feeds]) {
        await watched.start();
        this.#undo.defer(() => watched.stop());
      }
      const { BRAZE_SECRET, FOOTBALL_DATA_SECRET, secret } = manifests;
      await this.apply([secret(BRAZE_SECRET, DEFAULT_API_KEY), secret(FOOTBALL_DATA_SECRET, SANDBOX_ACCOUNT.token)]);
      for (let number = 1; number <= operators; number += 1) await this.startOperator({ name: `operator-${number}` });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Those that were started, ended ones included, oldest first. */
  get operators(): readonly Operator[] {
    return this.#operators;
  }

  /** Resolves when it serves metrics and health; whether it leads is another question (`leads()`). */
  async startOperator(options: OperatorOptions = {}): Promise<Operator> {
    const { namespace, cluster, braze, footballData, clockUrl } = this;
    const flags = [
      ...['--kubeconfig', cluster.kubeconfigPath, '--watch-namespaces', namespace, '--lease-namespace', namespace],
      ...['--allow-endpoint', braze.url, '--football-data-url', footballData.url],
      ...['--metrics-address', '127.0.0.1:0', '--health-address', '127.0.0.1:0'],
      ...this.#operatorFlags,
    ];
    const operator = await startOperator({ clockUrl, program: this.#operatorProgram, flags }, options);
    this.#operators.push(operator);
    this.#undo.use(operator);
    return operator;
  }

  /** kubectl in the stack's namespace; resolves whatever its exit code is. */
  kubectl(args: readonly string[], options: { readonly input?: string; readonly timeoutMs?: number } = {}): Promise<RunResult> {
    return this.cluster.kubectl(['--namespace', this.namespace, ...args], options);
  }

  /** What kubectl prints. Throws with its own words when it fails. */
  async kubectlOrThrow(args: readonly string[], options: { readonly input?: string } = {}): Promise<string> {
    const result = await this.kubectl(args, options);
    throwUnlessDone(result, `kubectl ${args.join(' ')}`);
    return result.stdout;
  }

  /** `kubectl apply --server-side` of YAML, of an object or of several; takes fields that others own when told to `force`. */
  async apply(what: string | manifests.Manifest | readonly manifests.Manifest[], { force = false } = {}): Promise<void> {
    const list = typeof what === 'string' ? what : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [what].flat() });
    await this.kubectlOrThrow(['apply', '--server-side', ...(force ? ['--force-conflicts'] : []), '-f', '-'], { input: list });
  }

  /** A live campaign of fenced messages in the simulated Braze; returns its id. */
  campaign(spec: Partial<CampaignSpec> = {}): string {
    const id = spec.id ?? randomUUID();
    this.braze.addCampaign({ template: fencedTemplate('matchday'), ...spec, id });
    return id;
  }

  /** Applies a BrazeWorkspace that leads to the simulator, and resolves when it is Ready (unless told not to wait). */
  async workspace(options: Partial<manifests.WorkspaceManifest> & { readonly wait?: boolean } = {}): Promise<string> {
    const { wait = true, ...given } = options;
    const manifest = manifests.workspace({ endpoint: this.braze.url, ...given });
    const { name } = manifest.metadata;
    await this.apply(manifest);
    if (wait) await this.workspaces.waitFor(name, isReady, { what: `workspace ${name} to be Ready` });
    return name;
  }

  /** Applies a FixtureFeed. */
  async feed(options: manifests.FeedManifest): Promise<string> {
    const manifest = manifests.feed(options);
    await this.apply(manifest);
    return manifest.metadata.name;
  }

  /** Applies a MatchNotification of one's own, without a feed. */
  async notify(options: manifests.NotificationManifest): Promise<string> {
    const manifest = manifests.notification(options);
    await this.apply(manifest);
    return manifest.metadata.name;
  }

  /** The object as the API server has it now. */
  notification(name: string): Promise<MatchNotification> {
    return this.connection.get<MatchNotification>(MATCH_NOTIFICATIONS, { namespace: this.namespace, name });
  }

  async stop(): Promise<void> {
    // Together: each may take its time to drain.
    await Promise.all(this.#operators.map((operator) => operator.stop()));
    await this.#undo.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

interface WithConditions {
  readonly status?:
    | { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[] | undefined }
    | undefined;
}

/** Whether `Ready` is True; with a reason, whether it is True or False for that reason. */
export function isReady(object: WithConditions, reason?: string): boolean {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return reason === undefined ? ready?.status === 'True' : ready?.reason === reason;
}
