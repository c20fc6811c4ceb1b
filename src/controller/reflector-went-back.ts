/**
 * Notices an API server whose store went back in time (an etcd restored from a backup). Our cache then holds states that never
 * were, and watches resumed from our high-water mark say nothing until history has caught up. Only a quorum list is proof: a
 * lagging server also answers old states, for a while. Proof that lasts `wentBackMs` ends the process, which starts afresh.
 */

import type { Clock } from '../base/clock.ts';
import type { Connection } from './client.ts';
import type { Selection } from './reflector-session.ts';
import { isOlder } from './resource-version.ts';

/** What was seen: a quorum list at `version`, while the store knows of `highWater`. */
export interface StoreWentBack {
  readonly plural: string;
  readonly highWater: string;
  readonly version: string;
}

export interface WentBackOptions {
  readonly connection: Connection;
  readonly selection: Selection;
  /** How long the quorum must stay behind, in ms. */
  readonly wentBackMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onStoreWentBack: (evidence: StoreWentBack) => void;
}

export class WentBackWatch {
  readonly #options: WentBackOptions;
  #behindSince: number | undefined;
  #told = false;

  constructor(options: WentBackOptions) {
    this.#options = options;
  }

  /** Asks a quorum whether it is behind `highWater`. Never throws. */
  async check(highWater: string, signal: AbortSignal): Promise<'behind' | 'fine' | 'unknown'> {
    const { connection, selection, clock } = this.#options;
    const { resource, ...where } = selection;
    const list = await connection.list(resource, { ...where, limit: 1, signal }).catch(() => undefined);
    if (list === undefined) return 'unknown';
    const version = list.metadata.resourceVersion;
    if (!isOlder(version, highWater)) {
      this.#behindSince = undefined;
      return 'fine';
    }
    this.#behindSince ??= clock.monotonicMs();
    if (clock.monotonicMs() - this.#behindSince >= this.#options.wentBackMs) this.#tell({ plural: resource.plural, highWater, version });
    return 'behind';
  }

  #tell(evidence: StoreWentBack): void {
    if (this.#told) return;
    this.#told = true;
    this.#options.onStoreWentBack(evidence);
  }
}
