/**
 * What a candidate has seen of the Lease, and since when on its own monotonic clock. Times written inside the record are not looked
 * at: clocks differ, and may be stepped. Seeing a change late (a slow watch, a lost event) only makes the wait longer.
 */
import { isReleased, type Lease, type LeaseSpec } from './election-lease.ts';
import { isOlder } from './resource-version.ts';

export class LeaseObservation {
  #lease: Lease | undefined;
  #looked = false;
  #sinceMs = 0;
  #held = false;
  #changes = 0;
  #lastSpec: LeaseSpec | undefined;

  /** The record as last seen; `undefined` before the first look and while the Lease is absent. */
  get lease(): Lease | undefined {
    return this.#lease;
  }
  /** False before anything was seen. */
  get looked(): boolean {
    return this.#looked;
  }
  /** Monotonic time since when what is seen stands unchanged. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
  /** A holder was seen in this life, so that an absent Lease was probably deleted under it. */
  get held(): boolean {
    return this.#held;
  }
  /** Grows with each change: whoever started a look can tell whether something newer was learned meanwhile. */
  get changes(): number {
    return this.#changes;
  }
  /** The last spec seen, kept over a deletion. */
  get lastSpec(): LeaseSpec | undefined {
    return this.#lastSpec;
  }

  /** Takes note of a record (or of its absence). An older version of the same Lease says nothing. */
  see(lease: Lease | undefined, nowMs: number): void {
    if (this.#looked && isSame(this.#lease, lease)) return;
    if (lease !== undefined && this.#lease !== undefined && isStale(lease, this.#lease)) return;
    this.#looked = true;
    this.#lease = lease;
    this.#sinceMs = nowMs;
    this.#changes += 1;
    if (lease === undefined) return;
    this.#lastSpec = lease.spec;
    this.#held = !isReleased(lease);
  }

  /** How long what is seen must stand before it may be taken: the longer of our lease and the one that the holder wrote. */
  waitMs(leaseDurationMs: number): number {
    return Math.max(leaseDurationMs, (this.#lease?.spec?.leaseDurationSeconds ?? 0) * 1000);
  }
}

function isSame(a: Lease | undefined, b: Lease | undefined): boolean {
  return a?.metadata.uid === b?.metadata.uid && a?.metadata.resourceVersion === b?.metadata.resourceVersion;
}

function isStale(lease: Lease, known: Lease): boolean {
  return lease.metadata.uid === known.metadata.uid && isOlder(lease.metadata.resourceVersion ?? '', known.metadata.resourceVersion ?? '');
}
