import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/controller/client-errors.ts';
import { Controller, type ControllerOptions } from '../../src/controller/controller.ts';
import { parseKey } from '../../src/controller/object-key.ts';
import { silentControllerMetrics } from '../../src/controller/runtime-metrics.ts';
import type { ObjectKey, ReconcileResult } from '../../src/controller/types.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { type RecordingLog, recordingLog } from '../support/recording-log.ts';

const key = (name: string): ObjectKey => ({ namespace: 'default', name });

/** A reconciler whose passes a test ends one by one. */
class Passes {
  readonly begun: string[] = [];
  readonly signals = new Map<string, AbortSignal>();
  readonly #open = new Map<string, PromiseWithResolvers<ReconcileResult>>();

  reconcile({ name }: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const pass = Promise.withResolvers<ReconcileResult>();
    this.begun.push(name);
    this.signals.set(name, signal);
    this.#open.set(name, pass);
    return pass.promise;
  }

  async end(name: string, how: ReconcileResult | Error = {}): Promise<void> {
    const pass = this.#open.get(name)!;
    if (how instanceof Error) pass.reject(how);
    else pass.resolve(how);
    await settled();
  }
}

let clock: FakeClock;
let passes: Passes;
let log: RecordingLog;
let controllers: Controller[];

beforeEach(() => {
  clock = new FakeClock('2026-12-06T09:00:00Z');
  passes = new Passes();
  log = recordingLog();
  controllers = [];
});
afterEach(() => {
  for (const controller of controllers) controller.stop();
});

function make(options: Partial<ControllerOptions> = {}): Controller {
  const defaults = { name: 'test', reconciler: passes, clock, log, backoff: { firstMs: 100, maxMs: 1_000, random: () => 0 } };
  const controller = new Controller({ ...defaults, ...options });
  controllers.push(controller);
  return controller;
}

async function started(options: Partial<ControllerOptions> = {}): Promise<Controller> {
  const controller = make(options);
  controller.start();
  await settled();
  return controller;
}

describe('passes', () => {
  it('run up to the given number at once', async () => {
    const controller = await started({ concurrency: 2 });
    for (const name of ['a', 'b', 'c']) controller.enqueue(key(name));
    await settled();
    expect(passes.begun).toEqual(['a', 'b']);
    await passes.end('a');
    expect(passes.begun).toEqual(['a', 'b', 'c']);
  });

  it('start with the nearest deadline among what was added before the start', async () => {
    const deadlineOf = ({ name }: ObjectKey) => (name === 'soon' ? Temporal.Instant.from('2026-12-06T10:00:00Z') : undefined);
    const controller = make({ concurrency: 1, deadlineOf });
    controller.enqueue(key('none'));
    controller.enqueue(key('soon'));
    controller.start();
    await settled();
    expect(passes.begun).toEqual(['soon']);
  });

  it('come again at the instant that the last one asked for', async () => {
    const controller = await started();
    controller.enqueue(key('a'));
    await settled();
    await passes.end('a', { requeueAt: Temporal.Instant.from('2026-12-06T09:30:00Z') });
    await clock.pass(29 * 60_000, 60_000);
    expect(passes.begun).toEqual(['a']);
    await clock.pass(60_000, 60_000);
    expect(passes.begun).toEqual(['a', 'a']);
  });

  it('do not come again without a reason', async () => {
    const controller = await started();
    controller.enqueue(key('a'));
    await settled();
    await passes.end('a');
    await clock.pass(86_400_000, 3_600_000);
    expect(passes.begun).toEqual(['a']);
  });
});

describe('a pass that throws', () => {
  it('is logged and made again after a pause, without an unhandled rejection', async () => {
    const controller = await started();
    controller.enqueue(key('a'));
    await settled();
    await passes.end('a', new Error('the store is away'));
    expect(log.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { controller: 'test', namespace: 'default', name: 'a', failures: 1 },
    });
    await clock.pass(100, 50);
    expect(passes.begun).toEqual(['a', 'a']);
  });

  it('may throw before its first await', async () => {
    const reconciler = {
      reconcile: (): Promise<ReconcileResult> => {
        throw new Error('a bug');
      },
    };
    const controller = await started({ reconciler });
    controller.enqueue(key('a'));
    await settled();
    expect(log.lines.at(-1)?.level).toBe('error');
    await clock.pass(100, 50);
    expect(log.lines.at(-1)?.fields['failures']).toBe(2);
  });

  it('leaves the worker free for others', async () => {
    const controller = await started({ concurrency: 1 });
    controller.enqueue(key('a'));
    controller.enqueue(key('b'));
    await settled();
    await passes.end('a', new Error('no'));
    expect(passes.begun).toEqual(['a', 'b']);
  });

  it('because of a conflict is normal, and worth a line of error only when it goes on', async () => {
    const controller = await started();
    const conflict = new ApiError('PUT things/a', 409, { reason: 'Conflict' });
    controller.enqueue(key('a'));
    await settled();
    for (let round = 0; round < 5; round++) {
      await passes.end('a', conflict);
      await clock.pass(1_000, 500);
    }
    expect(log.lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug', 'debug', 'error']);
  });
});

describe('stopping', () => {
  it('takes nothing more and waits for the passes under way, whose signal stays quiet', async () => {
    const controller = await started({ concurrency: 1 });
    controller.enqueue(key('a'));
    controller.enqueue(key('b'));
    await settled();
    controller.stop();
    const drained = vi.fn();
    void controller.drained().then(drained);
    await settled();
    expect(drained).not.toHaveBeenCalled();
    expect(passes.signals.get('a')?.aborted).toBe(false);
    await passes.end('a');
    expect(drained).toHaveBeenCalled();
    expect(passes.begun).toEqual(['a']);
    expect(clock.listeners).toBe(0);
  });

  it('tells passes that do not end when no time is left', async () => {
    const controller = await started();
    controller.enqueue(key('a'));
    await settled();
    controller.stop();
    controller.abandon('the process must end');
    expect(passes.signals.get('a')?.aborted).toBe(true);
    expect(controller.underWay).toBe(1);
    await passes.end('a');
  });

  it('happens by itself when the lease is lost', async () => {
    const lost = new AbortController();
    const controller = await started({ concurrency: 1, leadership: { lost: lost.signal } });
    controller.enqueue(key('a'));
    controller.enqueue(key('b'));
    await settled();
    lost.abort();
    await passes.end('a');
    await controller.drained();
    expect(passes.begun).toEqual(['a']);
  });

  it('has happened already when the lease was lost before the start', async () => {
    const controller = await started({ leadership: { lost: AbortSignal.abort() } });
    controller.enqueue(key('a'));
    await controller.drained();
    expect(passes.begun).toEqual([]);
  });
});

it('what is measured are results, durations and busy workers', async () => {
  const reconciled = vi.fn();
  const activeWorkers = vi.fn();
  const maxConcurrent = vi.fn();
  const controller = await started({ metrics: { ...silentControllerMetrics, reconciled, activeWorkers, maxConcurrent }, concurrency: 3 });
  for (const name of ['a', 'b', 'c']) controller.enqueue(key(name));
  await settled();
  clock.advance(2_000);
  await passes.end('a');
  await passes.end('b', { requeueAt: clock.now().add({ hours: 1 }) });
  await passes.end('c', new Error('no'));
  expect(reconciled.mock.calls).toEqual([
    ['success', 2],
    ['requeue_after', 2],
    ['error', 2],
  ]);
  expect(activeWorkers.mock.calls.flat()).toEqual([0, 1, 2, 3, 2, 1, 0]);
  expect(maxConcurrent).toHaveBeenCalledWith(3);
});

it('a key survives its spelling as text, also one without a namespace', () => {
  expect(parseKey('default/pl-1')).toEqual({ namespace: 'default', name: 'pl-1' });
  expect(parseKey('/node-1')).toEqual({ namespace: '', name: 'node-1' });
});
