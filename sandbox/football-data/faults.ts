/** A fault plan per call (contracts 2.8). Faults are served in the order they were added; one call meets one fault. */

export type Fault = {
  /** Only calls whose path contains this. */
  readonly path?: string;
  /** Calls to let pass first. */
  readonly skip?: number;
  /** Calls it lasts; default 1. */
  readonly times?: number;
} & (
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'html'; readonly status?: number }
  /** 2xx, length and all, but the JSON ends in the middle. */
  | { readonly kind: 'truncated' }
  /** 2xx that promises more bytes than come before the connection is reset. */
  | { readonly kind: 'cut' }
  /** The connection is reset without an answer. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** A cached answer: as of so long ago, whichever backend's turn it is. */
  | { readonly kind: 'stale'; readonly lagMs: number }
  | { readonly kind: 'rate-limit'; readonly waitSeconds: number }
  /** 2xx with a body of an error, or of something else. */
  | { readonly kind: 'body'; readonly status?: number; readonly body: string }
  | { readonly kind: 'redirect'; readonly location: string }
);

export class Faults {
  #plan: { readonly fault: Fault; skip: number; left: number }[] = [];

  add(faults: readonly Fault[]): void {
    for (const fault of faults) this.#plan.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#plan = [];
  }

  /** The fault that this call meets, if any. */
  next(path: string): Fault | undefined {
    for (const entry of this.#plan) {
      if (entry.fault.path !== undefined && !path.includes(entry.fault.path)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      if (entry.left <= 0) this.#plan = this.#plan.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  }
}
