/**
 * What the seven scenarios of docs/incident-analysis.md share: two operators, each behind a proxy of its own so that one write of it can be
 * stopped in the middle, with one lease between them or with one each; and the three things that every scenario ends in: what was
 * delivered, what the object remembers, what Braze was asked.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ApiKey, DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import type { Manifest, Operator, Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { story } from '../operator/support.ts';
import { accessThrough } from '../support/access-through.ts';
import type { TestCluster } from '../support/cluster.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import type { ProxiedRequest } from '../support/proxy-faults.ts';

export interface Member {
  readonly operator: Operator;
  /** Its way to the API server. */
  readonly api: FaultProxy;
  /** Name of the lease that it stands for. */
  readonly lease: string;
}

/** Two operators. A leads; B waits for the same lease, or has one of its own. */
export interface Pair extends AsyncDisposable {
  readonly a: Member;
  readonly b: Member;
}

export interface PairOptions {
  readonly cluster: TestCluster;
  readonly stack: Stack;
  /** Start of the names of leases and operators. */
  readonly name: string;
  /** `own`: nothing excludes them from each other, as two runs of the old system that take the lock at once, or two different locks. */
  readonly leases: 'shared' | 'own';
  /** With leases of their own: whether B leads from the start, or once its lease is let go. */
  readonly bLeads?: boolean;
  readonly flags?: readonly string[];
}

export async function pair(options: PairOptions): Promise<Pair> {
  const { stack, name, leases, bLeads = true } = options;
  await using undo = new AsyncDisposableStack();
  const names = leases === 'own' ? [`${name}-1`, `${name}-2`] : [name];
  await stack.apply(names.map(busyLease));
  const starting = [1, 2].map((number) => startMember(options, { name: `${name}-${number}`, lease: names[number - 1] ?? name }));
  const started = (await Promise.allSettled(starting)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  undo.defer(async () => void (await Promise.all(started.map(end))));
  const [first, second] = await Promise.all(starting);
  if (first === undefined || second === undefined) throw new Error(`${name}: two operators were wanted`);
  await letGoOfLease(stack, first);
  const a = await leaderOf(leases === 'own' ? [first] : [first, second]);
  const b = a === first ? second : first;
  if (leases === 'own' && bLeads) {
    await letGoOfLease(stack, b);
    await b.operator.leads();
  }
  const held = undo.move();
  return { a, b, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

const leaderOf = (members: readonly Member[]): Promise<Member> =>
  Promise.any(members.map((member) => member.operator.leads().then(() => member)));

/** Held by nobody who lives, so that the test says when it is taken. */
const busyLease = (name: string): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: { holderIdentity: 'somebody', leaseDurationSeconds: 3_600, leaseTransitions: 0 },
});

async function end({ operator, api }: Member): Promise<void> {
  await operator.stop({ signal: 'SIGKILL' });
  await api.close();
}

interface Names {
  readonly name: string;
  readonly lease: string;
}

async function startMember({ cluster, stack, flags = [] }: PairOptions, { name, lease }: Names): Promise<Member> {
  const api = await startFaultProxy({ server: cluster.kubeConfig.getCurrentCluster()?.server ?? '' });
  // Beside the shared kubeconfig: the directory goes with the control plane.
  const directory = path.dirname(cluster.kubeconfigPath);
  const file = path.join(directory, `kubeconfig-${stack.namespace}-${name}`);
  const env = { NODE_COMPILE_CACHE: path.join(directory, 'compile-cache') };
  try {
    await writeFile(file, accessThrough(api.url, cluster), { mode: 0o600 });
    const own = ['--kubeconfig', file, '--lease-name', lease, ...flags];
    return { api, lease, operator: await stack.startOperator({ name, env, flags: own }) };
  } catch (error) {
    await api.close();
    throw error;
  }
}

interface Names {
  readonly name: string;
  readonly lease: string;
}

/**
 * The lease is nobody's any more, and whoever waits for it has it at once. A holder that lives does not know: its lock was stolen, which
 * the old system's allowed.
 */
export async function letGoOfLease(stack: Stack, { lease }: Member): Promise<void> {
  const free = { spec: { holderIdentity: null, acquireTime: null, leaseDurationSeconds: 1 } };
  await stack.kubectlOrThrow(['patch', 'lease', lease, '--type', 'merge', '--patch', JSON.stringify(free)]);
}

/** Wakes a frozen process up and resolves with its exit code. */
export async function wakeUp({ operator }: Member): Promise<number | null> {
  operator.kill('SIGCONT');
  return (await operator.exited).code;
}

/** A write of an object's status that has left the operator and not reached the API server. */
export interface HeldWrite {
  /** Resolves when it is there. */
  readonly arrived: Promise<void>;
  /** Lets it go on; resolves with what the API server answers, whether or not somebody still waits for it. */
  release(): Promise<number | undefined>;
}

type Status = MatchNotificationStatus;

/** Stops the first write of `name`'s status that `fits`. Others pass. */
export function holdWrite({ api }: Member, name: string, fits: (status: Status) => boolean): HeldWrite {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<number | undefined>();
  let held: ProxiedRequest | undefined;
  api.fault(({ method, url }) => method === 'PUT' && url.pathname.endsWith(`/matchnotifications/${name}/status`), {
    kind: 'stage',
    before: async (request, body) => {
      const { status = {} } = JSON.parse(body) as MatchNotification;
      if (held !== undefined || !fits(status)) return true;
      held = request;
      arrived.resolve();
      await released.promise;
      return true;
    },
    after: async (request) => {
      if (request === held) answered.resolve(request.status);
      return true;
    },
    answered: () => {},
  });
  const release = (): Promise<number | undefined> => {
    released.resolve();
    return answered.promise;
  };
  return { arrived: arrived.promise, release };
}

/** The intent of a create, before the call. */
export const isIntent = ({ operation }: Status): boolean => operation !== undefined;
/** The schedule that a create call answered with. */
export const isRecord = ({ operation, schedule }: Status): boolean => operation === undefined && schedule !== undefined;
/** The close of an armed send, before the first call of a move. */
export const isRetirement = ({ schedule, obsolete }: Status): boolean => schedule === undefined && obsolete !== undefined;

/** The ledger's lines of this object, oldest first: `created done`, `sent done`. */
export function historyOf({ status }: MatchNotification): readonly string[] {
  const entries = Object.entries(status?.history ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, { action, outcome }]) => `${action} ${outcome}`);
}

/**
 * A key that may not read the listing: the workspace looks at it before sends and warns (docs/drift.md), and nothing here may depend on
 * what it shows.
 */
export const BLIND_KEY: ApiKey = {
  name: 'blind',
  key: DEFAULT_API_KEY,
  permissions: [
    ...['create', 'update', 'delete'].map((verb) => `campaigns.trigger.schedule.${verb}`),
    'campaigns.details',
    ...['get', 'create', 'create_fields', 'get_items', 'get_item', 'replace_items', 'replace_item', 'delete_items'].map(
      (verb) => `catalogs.${verb}`,
    ),
  ],
};

/** Calls to Braze about one item; `list` counts every answer from the listing, whoever it was about. */
export interface Calls {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly list: number;
}

export function calls(stack: Stack, item: string): Calls {
  const words = story(stack, item);
  const count = (word: string): number => words.filter((each) => each === word).length;
  const list = stack.braze.log.where({ endpoint: 'scheduled-broadcasts' }).filter(({ status }) => status === 200).length;
  return { create: count('create'), update: count('update'), delete: count('delete'), list };
}

/** Whether the item was told to admit or to refuse, in order; `sent` after the send is another matter. */
export const itemWrites = (stack: Stack, item: string): readonly string[] =>
  story(stack, item).filter((word) => word === 'open' || word === 'close');

/** Each schedule that Braze ever held for the item, oldest first. */
export const schedulesOf = (stack: Stack, item: string) => stack.braze.schedules().filter(({ notification }) => notification === item);

/** Answers of Braze about schedules of the item that were no success. */
export const failures = (stack: Stack, item: string): readonly unknown[] =>
  stack.braze.log
    .where({ notification: item })
    .filter(({ endpoint, status }) => endpoint.startsWith('campaign-') && (status ?? 200) >= 400)
    .map(({ endpoint, status, reply }) => ({ endpoint, status, reply }));

/** Every text that stood in an id field of the object's status from now on. */
export function idsIn(stack: Stack, name: string): ReadonlySet<string> {
  const ids = new Set<string>();
  stack.notifications.onChange((_before, after) => {
    if (after?.metadata.name !== name) return;
    const { schedule, obsolete = [], lastSent, history = {} } = after.status ?? {};
    const all = [
      schedule?.id,
      lastSent?.scheduleId,
      ...obsolete.map(({ id }) => id),
      ...Object.values(history).map((entry) => entry.scheduleId),
    ];
    for (const id of all) if (id !== undefined) ids.add(id);
  });
  return ids;
}
