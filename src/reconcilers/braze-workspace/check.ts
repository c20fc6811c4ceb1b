/**
 * Whether a key may be used: read it from its Secret, and see that it leads to the catalog that is ours.
 *
 * A new key is tried with a client of its own; until it proved itself all other calls are made with the old one, so that no pass in
 * flight ever deletes "unknown" schedules in somebody else's Braze workspace. A crash in between leaves the old state.
 */
import { hasPassed, plusMs } from '../../base/instants.ts';
import { type CatalogFailure, type CatalogState, ensureCatalog } from '../../braze/catalog.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import { TAKE_OVER, type WorkspaceReason } from '../../crds/words.ts';
import type { WorkspaceMemory } from './memory.ts';
import type { WorkspacePorts } from './ports.ts';
import { type ApiKey, readApiKey } from './secret.ts';

export interface Pass {
  readonly object: BrazeWorkspace;
  readonly memory: WorkspaceMemory;
  readonly ports: WorkspacePorts;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
  /** A person asked for it (matchday.dev/requested-at). */
  readonly forced: boolean;
}

/** The Secret is read by `get` only, so a change is seen within this. */
export const SECRET_EVERY_MS = 60_000;
/** A state that a person must change is looked at again after this. */
const PERSON_MS = 60_000;
/** How soon after an asynchronous change the catalog is looked at again. */
const PENDING_MS = 1_000;
const FIRST_RETRY_MS = 2_000;

/** Reads the Secret when that is due. A key that needs no proof is used at once. */
export async function readSecret({ object, memory, ports, now, signal, forced }: Pass): Promise<void> {
  const fresh = memory.secretReadAt !== undefined && !hasPassed(plusMs(memory.secretReadAt, SECRET_EVERY_MS), now);
  if (fresh && !forced) return;
  const read = await readApiKey(ports.kube, object, signal);
  memory.secretReadAt = now;
  memory.secretMissing = 'missing' in read ? read.missing : undefined;
  if ('missing' in read) {
    memory.candidate = undefined;
    // While schedules are owned, the last key that worked is what cleans them up.
    if (!memory.usage.owning) memory.key = undefined;
    return;
  }
  if (read.key.version === memory.key?.version || read.key.version === memory.candidate?.version) return;
  ports.registerSecret(
    `${object.metadata.namespace}/${object.spec.apiKeySecretRef.name}/${object.spec.apiKeySecretRef.key}`,
    read.key.value,
  );
  // A changed Secret is looked at now, whatever was said of the one before.
  if (memory.problem !== undefined) memory.checkAt = undefined;
  memory.failures = 0;
  if (needsNoProof(object, memory, read.key)) accept(memory, read.key);
  else memory.candidate = read.key;
}

function needsNoProof(object: BrazeWorkspace, memory: WorkspaceMemory, key: ApiKey): boolean {
  if (object.spec.fence === undefined || key.value === memory.key?.value) return true;
  // A restart: a former life of the operator saw where this very Secret leads.
  return memory.key === undefined && memory.fenceReady && object.status?.identity?.secretVersion === key.version;
}

function accept(memory: WorkspaceMemory, key: ApiKey): void {
  memory.key = key;
  memory.candidate = undefined;
  memory.link.use(key.value);
}

/** Looks at the catalog when there is a new key, work left to do, or a person asks. */
export async function checkCatalog(pass: Pass): Promise<void> {
  const { object, memory, now, forced } = pass;
  const key = memory.candidate ?? memory.key;
  if (object.spec.fence === undefined || key === undefined) return;
  const unproven = memory.candidate !== undefined || memory.problem !== undefined || !memory.fenceReady;
  const due = memory.checkAt === undefined ? unproven : hasPassed(memory.checkAt, now);
  if (!due && !forced) return;
  const calls = memory.candidate === undefined ? memory.link.client : memory.link.trial(key.value);
  const state = await ensureCatalog(calls, memory.link.budgets, {
    catalog: object.spec.fence.catalog,
    owner: `${pass.ports.ownerId}/${object.metadata.namespace}/${object.metadata.name}`,
    uid: object.metadata.uid,
    known: memory.holder,
    takeOver: object.metadata.annotations?.[TAKE_OVER],
  });
  learn(pass, key, state);
  tell(pass, state);
}

function learn({ memory, now }: Pass, key: ApiKey, state: CatalogState): void {
  switch (state.kind) {
    case 'ready':
      accept(memory, key);
      memory.contentChanged ||= state.fields.symmetricDifference(memory.link.fields).size > 0;
      memory.link.learnFields(state.fields);
      Object.assign(memory, { fenceReady: true, holder: state.holder, problem: undefined, checkAt: undefined, failures: 0 });
      return;
    case 'pending':
      Object.assign(memory, {
        problem: { reason: 'Checking', message: `${capital(state.message)}.` },
        checkAt: plusMs(now, PENDING_MS),
        failures: 0,
      });
      return;
    case 'failed':
      memory.problem = { reason: REASONS[state.failure], message: state.message };
      if (state.failure === 'changed') memory.fenceReady = false;
      memory.checkAt =
        state.retryAt ?? plusMs(now, state.failure === 'unavailable' ? FIRST_RETRY_MS * 2 ** Math.min(memory.failures, 5) : PERSON_MS);
      memory.failures += 1;
  }
}

const REASONS = {
  unavailable: 'BrazeUnavailable',
  unauthorized: 'Unauthorized',
  forbidden: 'Forbidden',
  invalid: 'CatalogInvalid',
  changed: 'WorkspaceChanged',
} as const satisfies Record<CatalogFailure, WorkspaceReason>;

function tell({ object, ports }: Pass, state: CatalogState): void {
  if (state.kind === 'failed') return;
  const { created, added } = state.changes;
  const subject = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    uid: object.metadata.uid,
  };
  const catalog = object.spec.fence?.catalog ?? '';
  if (created) ports.events.record(subject, { type: 'Normal', reason: 'CatalogCreated', note: `Catalog ${catalog} was created in Braze.` });
  if (added.length > 0)
    ports.events.record(subject, {
      type: 'Normal',
      reason: 'CatalogExtended',
      note: `Catalog ${catalog} got the fields ${added.join(', ')}.`,
    });
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
