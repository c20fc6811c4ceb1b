/**
 * `/healthz` and `/readyz` for the kubelet. Alive: the event loop answers. Ready: every check passes; a standby with a fresh cache is
 * ready too, else a rolling update of two replicas would wait for ever. Without secrets, readable by everybody who reaches the port.
 */
import { type HttpAnswer, text } from './http-servers.ts';

export interface ReadyCheck {
  readonly name: string;
  /** What is wrong, as a sentence for people; `undefined` when nothing is. */
  readonly problem: () => string | undefined;
}

/** Sees the newest events of one kind. */
export interface Freshness {
  readonly name: string;
  readonly synced: boolean;
  readonly stale: boolean;
}

/** Not ready before the first complete state was seen, nor while events may be missing. */
export const freshnessCheck = (cache: Freshness): ReadyCheck => ({
  name: cache.name,
  problem: () => {
    if (!cache.synced) return 'the first complete state was not seen yet';
    return cache.stale ? 'the watch is broken: what is known may be out of date' : undefined;
  },
});

export function healthRoutes(checks: readonly ReadyCheck[]): Record<'/healthz' | '/readyz', () => HttpAnswer> {
  return { '/healthz': () => text(200, 'ok'), '/readyz': () => readiness(checks) };
}

function readiness(checks: readonly ReadyCheck[]): HttpAnswer {
  const results = checks.map(({ name, problem }) => ({ name, problem: problem() }));
  const lines = results.map(({ name, problem }) => (problem === undefined ? `ok ${name}` : `not ready: ${name}: ${problem}`));
  const ready = results.every(({ problem }) => problem === undefined);
  return text(ready ? 200 : 503, [...lines, ready ? 'ready' : 'not ready'].join('\n'));
}
