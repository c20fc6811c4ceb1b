/**
 * While a world runs, `setTimeout` is its scheduler: the queue, the gathering of fence writes and the election sleep in virtual time.
 * The timer belongs to the life whose task sets it. Put back when the returned object is disposed of; one world at a time.
 */
import type { Scheduler, Task } from './scheduler.ts';

class VirtualTimer {
  readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }

  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }
}

export function installTimers(scheduler: Scheduler): Disposable {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const virtual = {
    setTimeout: (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): VirtualTimer | NodeJS.Timeout => {
      // Of nobody in this world: the test runner's own.
      if (scheduler.current === undefined) return real.setTimeout(act, ms, ...args);
      return new VirtualTimer(scheduler.after(ms, () => act(...args), scheduler.current));
    },
    clearTimeout: (timer: unknown): void => {
      if (timer instanceof VirtualTimer) timer.task.cancelled = true;
      else if (timer !== undefined && timer !== null) real.clearTimeout(timer as NodeJS.Timeout);
    },
  };
  Object.assign(globalThis, virtual);
  return { [Symbol.dispose]: () => void Object.assign(globalThis, real) };
}
