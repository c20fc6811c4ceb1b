/**
 * The ConfigMap with a feed's team names, read by name and by get alone, at most once a minute. It is data of people: what is wrong in it,
 * or with it, is said and costs translations only. One that can't be read keeps what was read before.
 */
import { hasPassed, plusMs } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, KubeObject, ObjectKey, Resource } from '../../controller/types.ts';
import type { NameReason } from '../../crds/words.ts';
import { NameTable } from '../../translation/name-table.ts';
import type { NameSource } from '../../translation/names.ts';
import { AS_SHOWN } from './team-names.ts';

const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
const EVERY_MS = 60_000;
/** A slow API server must not hold the fixtures up for names. */
const TIMEOUT_MS = 5_000;
const SHOWN_COMPLAINTS = 3;

export interface NameProblem {
  readonly reason: NameReason;
  readonly message: string;
}

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface TableRead {
  readonly kube: Pick<KubeClient, 'get'>;
  readonly key: ObjectKey;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
  /** A person asked: read now. */
  readonly forced: boolean;
}

/** The table of one feed. */
export class FeedTable {
  #name: string | undefined;
  #readAt: Temporal.Instant | undefined;
  #version: string | undefined;
  #table: NameTable | undefined;
  #problem: NameProblem | undefined;

  get source(): NameSource {
    // Not known is not empty: names of a table that can't be read stay where they are shown.
    return this.#table ?? AS_SHOWN;
  }

  get problem(): NameProblem | undefined {
    return this.#problem;
  }

  /** Never throws. */
  async read({ kube, key, now, signal, forced }: TableRead): Promise<void> {
    if (this.#name !== key.name) this.#forget(key.name);
    if (!forced && this.#readAt !== undefined && !hasPassed(plusMs(this.#readAt, EVERY_MS), now)) return;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      this.#take(await kube.get<ConfigMap>(CONFIG_MAPS, key, { signal: limited }));
    } catch (error) {
      this.#problem = problemOf(error, key) ?? this.#problem;
    }
    this.#readAt = now;
  }

  #forget(name: string): void {
    this.#name = name;
    this.#readAt = undefined;
    this.#version = undefined;
    this.#table = undefined;
    this.#problem = undefined;
  }

  #take({ metadata, data = {} }: ConfigMap): void {
    if (this.#table !== undefined && this.#version === metadata.resourceVersion && this.#problem?.reason !== 'TableNotFound') return;
    const table = new NameTable(data);
    this.#table = table;
    this.#version = metadata.resourceVersion;
    this.#problem = table.complaints.length === 0 ? undefined : invalid(metadata.name, table.complaints);
  }
}

function invalid(name: string, complaints: readonly string[]): NameProblem {
  const rest = complaints.length - SHOWN_COMPLAINTS;
  const more = rest > 0 ? ` And ${rest} more.` : '';
  return {
    reason: 'TableInvalid',
    message: `ConfigMap "${name}": ${complaints.slice(0, SHOWN_COMPLAINTS).join(' ')}${more}`.slice(0, 1_024),
  };
}

/** Undefined for what goes away by itself. */
function problemOf(error: unknown, { namespace, name }: ObjectKey): NameProblem | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const where = `ConfigMap "${name}" in namespace "${namespace}"`;
  if (error.isNotFound) {
    return { reason: 'TableNotFound', message: `There is no ${where}: create it, or correct spec.translation.configMapRef.` };
  }
  if (!error.isForbidden) return undefined;
  return { reason: 'TableNotFound', message: `The operator may not read ${where}: allow its service account to get ConfigMaps there.` };
}
