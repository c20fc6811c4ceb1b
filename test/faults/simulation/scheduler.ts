/**
 * Virtual time. Everything that happens in a simulated world is a task with a time; tasks run one by one in the order of their times, and
 * after each all promises that follow from it are run to their end. So a whole world is one sequence that its seed decides.
 *
 * A task may belong to an actor (one life of an operator): while that is stopped its tasks are held back, once it is dead they are
 * dropped. What a life sets off while it runs belongs to it as well (virtual-timers.ts).
 */

export interface Actor {
  readonly name: string;
  state: 'running' | 'stopped' | 'dead';
  /** What would have happened to it while it was stopped. */
  held: Task[];
}

export interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly actor: Actor | undefined;
  readonly act: () => void;
  cancelled: boolean;
}

const macroTurn = setImmediate;

export class Scheduler {
  readonly #heap: Task[] = [];
  readonly #onThrow: (error: unknown) => void;
  #order = 0;
  nowMs: number;
  /** Whose task runs. */
  current: Actor | undefined;

  constructor(startMs: number, onThrow: (error: unknown) => void) {
    this.nowMs = startMs;
    this.#onThrow = onThrow;
  }

  after(ms: number, act: () => void, actor?: Actor): Task {
    const task: Task = { atMs: this.nowMs + Math.max(0, Math.ceil(ms)), order: this.#order++, actor, act, cancelled: false };
    this.#push(task);
    return task;
  }

  at(atMs: number, act: () => void, actor?: Actor): Task {
    return this.after(atMs - this.nowMs, act, actor);
  }

  /** A task that was held back; it stays the same, so that who holds it can still cancel it. */
  again(task: Task, ms: number): void {
    this.after(
      ms,
      () => {
        if (!task.cancelled) task.act();
      },
      task.actor,
    );
  }

  /** Runs what is due until `endMs`, or until `ended` says so. */
  async runUntil(endMs: number, ended: () => boolean): Promise<void> {
    for (let task = this.#heap[0]; task !== undefined && task.atMs <= endMs; task = this.#heap[0]) {
      this.#pop();
      if (task.cancelled) continue;
      this.nowMs = Math.max(this.nowMs, task.atMs);
      const { actor } = task;
      if (actor === undefined) this.#act(task.act);
      else if (actor.state === 'running') await this.#actAs(actor, task.act);
      else if (actor.state === 'stopped') actor.held.push(task);
      if (ended()) return;
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  async #actAs(actor: Actor, act: () => void): Promise<void> {
    this.current = actor;
    this.#act(act);
    await new Promise<void>((resolve) => macroTurn(resolve));
    this.current = undefined;
  }

  #act(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#onThrow(error);
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(task, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const child = this.#earlierChild(at);
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }

  #earlierChild(at: number): number {
    const left = 2 * at + 1;
    const [a, b] = [this.#heap[left], this.#heap[left + 1]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
