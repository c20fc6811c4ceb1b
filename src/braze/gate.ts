/**
 * What may be called at all. A 401 stops every call of the workspace, a 403 those of its endpoint (contracts 1.8: "config; stop
 * all calls"): a wrong key must not burn the hourly limit, nor each object's own attempts. One call a minute is let through as a
 * probe, and every call as soon as the key differs from the one that was refused. What is refused of an optional endpoint stops that one
 * alone, and nobody is told: the calls that carry the sends must not end for want of a permission that they do not need. Nor does its
 * success open anything.
 */
import type { Clock } from '../base/clock.ts';
import type { Outcome, Refusal } from '../base/outcomes.ts';
import { type Endpoint, OPTIONAL_ENDPOINTS } from './endpoints.ts';

const PROBE_EVERY_MS = 60_000;

interface Stop {
  readonly why: string;
  readonly apiKey: string;
  nextProbeMs: number;
}

export class Gate {
  readonly #clock: Clock;
  #everything: Stop | undefined;
  readonly #endpoints = new Map<Endpoint, Stop>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why this call must not be made now; undefined when it may. A probe that is let through moves the next one. */
  refuse(endpoint: Endpoint, apiKey: string): Refusal | undefined {
    return this.#check(this.#everything, apiKey) ?? this.#check(this.#endpoints.get(endpoint), apiKey);
  }

  /** Learns from the outcome of a call that was made with `apiKey`. */
  learn(endpoint: Endpoint, apiKey: string, outcome: Outcome<unknown>): void {
    const reason = outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind;
    if (reason === 'unknown' || reason === 'not-sent') return;
    if (OPTIONAL_ENDPOINTS.has(endpoint)) {
      this.#learnOptional(endpoint, apiKey, outcome);
      return;
    }
    if (reason === 'unauthorized') {
      this.#everything = this.#stop(outcome, apiKey);
      return;
    }
    this.#everything = undefined;
    if (reason === 'forbidden') this.#endpoints.set(endpoint, this.#stop(outcome, apiKey));
    else this.#endpoints.delete(endpoint);
  }

  /** Another key is used from now on: what the old one was told says nothing of it. */
  open(): void {
    this.#everything = undefined;
    this.#endpoints.clear();
  }

  /** What stopped the workspace: the words of the 401. */
  get stopped(): string | undefined {
    return this.#everything?.why;
  }

  /** What stopped an endpoint: the words of the 403. */
  get forbidden(): string | undefined {
    return [...this.#endpoints].find(([endpoint]) => !OPTIONAL_ENDPOINTS.has(endpoint))?.[1].why;
  }

  #learnOptional(endpoint: Endpoint, apiKey: string, outcome: Outcome<unknown>): void {
    const reason = outcome.kind === 'refused' ? outcome.refusal.reason : undefined;
    if (reason === 'unauthorized' || reason === 'forbidden') this.#endpoints.set(endpoint, this.#stop(outcome, apiKey));
    else this.#endpoints.delete(endpoint);
  }

  #stop(outcome: Outcome<unknown>, apiKey: string): Stop {
    const why = outcome.kind === 'refused' ? outcome.refusal.message : '';
    return { why, apiKey, nextProbeMs: this.#clock.monotonicMs() + PROBE_EVERY_MS };
  }

  #check(stop: Stop | undefined, apiKey: string): Refusal | undefined {
    if (stop === undefined || stop.apiKey !== apiKey) return undefined;
    const waitMs = stop.nextProbeMs - this.#clock.monotonicMs();
    if (waitMs <= 0) {
      stop.nextProbeMs = this.#clock.monotonicMs() + PROBE_EVERY_MS;
      return undefined;
    }
    const retryAt = this.#clock.now().add({ milliseconds: Math.ceil(waitMs) });
    return { reason: 'not-sent', status: 0, message: `not called: earlier, ${stop.why}`, retryAt };
  }
}
