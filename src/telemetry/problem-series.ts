/**
 * The series of `matchday_resource_condition`: one for each problem of an object, none for a healthy one. A reason that changes must
 * take its old series away, or an alert keeps firing for a problem that is over.
 */
import type { Gauge } from 'prom-client';

export interface ObjectLabels {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Problem {
  /** Condition type, such as `Stalled`. */
  readonly type: string;
  readonly reason: string;
}

export class ProblemSeries {
  readonly #gauge: Gauge<'kind' | 'namespace' | 'name' | 'type' | 'reason'>;
  /** What is shown per object; only objects with problems are in it. */
  readonly #shown = new Map<string, readonly Problem[]>();

  constructor(gauge: Gauge<'kind' | 'namespace' | 'name' | 'type' | 'reason'>) {
    this.#gauge = gauge;
  }

  /** From now on the object has exactly these problems. Cheap when nothing changed. */
  set(object: ObjectLabels, problems: readonly Problem[]): void {
    const key = `${object.kind}/${object.namespace}/${object.name}`;
    const same = (a: Problem, b: Problem) => a.type === b.type && a.reason === b.reason;
    for (const old of this.#shown.get(key) ?? []) {
      if (!problems.some((problem) => same(problem, old))) this.#gauge.remove(labels(object, old));
    }
    for (const problem of problems) this.#gauge.set(labels(object, problem), 1);
    if (problems.length === 0) this.#shown.delete(key);
    else this.#shown.set(key, [...problems]);
  }
}

function labels({ kind, namespace, name }: ObjectLabels, { type, reason }: Problem) {
  return { kind, namespace, name, type, reason };
}
