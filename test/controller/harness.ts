/** What the tests of the request path and the reflector share: a kind of their own, a connection, a cache beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Connection, type ConnectOptions, connect } from '../../src/controller/client.ts';
import { Reflector, type ReflectorNote, type ReflectorOptions, type ReflectorTiming } from '../../src/controller/reflector.ts';
import type { StoreWentBack } from '../../src/controller/reflector-went-back.ts';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { HandlerFailure } from '../../src/controller/store-delivery.ts';
import type { KubeObject, Resource } from '../../src/controller/types.ts';

export const NOTES: Resource = { group: 'test.matchday.dev', version: 'v1', plural: 'notes', kind: 'Note' };

export interface Note extends KubeObject {
  readonly spec?: { readonly text?: string; readonly pad?: string };
}

export const NOTES_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'notes.test.matchday.dev' },
  spec: {
    group: NOTES.group,
    scope: 'Namespaced',
    names: { plural: 'notes', singular: 'note', kind: 'Note' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
        },
      },
    ],
  },
};

/** Minutes become tenths of seconds; the proportions are the production ones. */
export const QUICK: Partial<ReflectorTiming> = {
  backoffBaseMs: 10,
  backoffCapMs: 375,
  shortStreamMs: 50,
  probeEveryMs: 1_000,
  startTimeoutMs: 2_000,
  initialIdleMs: 1_000,
  wentBackMs: 600,
};

export interface Access {
  readonly kubeconfig: string;
  readonly directory: string;
  remove(): void;
}

/** A kubeconfig in a directory of its own. */
export function kubeconfigFor(server: string, user: object): Access {
  const directory = mkdtempSync(path.join(tmpdir(), 'matchday-kubeconfig-'));
  const kubeconfig = path.join(directory, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return { kubeconfig, directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly store: ObjectStore<Note>;
  readonly reflector: Reflector<Note>;
  readonly notes: ReflectorNote[];
  readonly failures: HandlerFailure[];
  readonly wentBack: StoreWentBack[];
  /** `<type> <name> <text>` for each change that handlers heard of. */
  readonly changes: string[];
}

export interface RigOptions {
  readonly server: string;
  readonly user?: object;
  readonly connect?: Partial<ConnectOptions>;
  readonly timing?: Partial<ReflectorTiming>;
  readonly reflector?: Partial<ReflectorOptions<Note>>;
}

/** A connection, a store and a started reflector; ends all of them when disposed of. */
export function rig(options: RigOptions): Rig {
  const access = kubeconfigFor(options.server, options.user ?? { token: 't' });
  const connection = connect({ kubeconfig: access.kubeconfig, ...options.connect });
  const failures: HandlerFailure[] = [];
  const notes: ReflectorNote[] = [];
  const wentBack: StoreWentBack[] = [];
  const changes: string[] = [];
  const store = new ObjectStore<Note>({
    transform: keepWhole(),
    onHandlerFailure: (failure) => failures.push(failure),
    indexes: { text: (note) => (note.spec?.text === undefined ? [] : [note.spec.text]) },
    redelivery: { baseMs: 10, capMs: 50 },
  });
  store.subscribe((type, old, current) => {
    const about = current ?? old;
    changes.push(`${type} ${about?.metadata.name} ${about?.spec?.text ?? ''}`.trim());
  });
  const reflector = new Reflector<Note>({
    connection,
    store,
    resource: NOTES,
    timing: { ...QUICK, ...options.timing },
    report: (note) => notes.push(note),
    onStoreWentBack: (evidence) => wentBack.push(evidence),
    ...options.reflector,
  });
  reflector.start();
  const dispose = async () => {
    await reflector.stop();
    store.close();
    await connection.close();
    access.remove();
  };
  return { connection, store, reflector, notes, failures, wentBack, changes, [Symbol.asyncDispose]: dispose };
}

/** Polls until `condition` holds; throws with `what` after the deadline. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs = 5_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await setTimeout(10);
  }
}

/** `name@resourceVersion`, sorted: what a cache and a quorum list are compared by. */
export function versions(objects: Iterable<KubeObject>): string[] {
  return [...objects].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
}
