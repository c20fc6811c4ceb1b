import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { WorkQueue } from '../../src/controller/queue.ts';
import { retryDelayMs } from '../../src/controller/queue-backoff.ts';
import type { QueueMetrics } from '../../src/controller/runtime-metrics.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

let clock: FakeClock;
let deadlines: Map<string, Temporal.Instant>;
let metrics: { [Name in keyof QueueMetrics]: Mock<QueueMetrics[Name]> };
let queue: WorkQueue;

beforeEach(() => {
  clock = new FakeClock('2026-12-06T09:00:00Z');
  deadlines = new Map();
  metrics = { depth: vi.fn(), added: vi.fn(), waited: vi.fn(), worked: vi.fn(), retried: vi.fn() };
  const backoff = { firstMs: 100, maxMs: 1_000, random: () => 0.999_999 };
  queue = new WorkQueue({ clock, deadlineOf: (key) => deadlines.get(key), backoff, metrics });
});
afterEach(() => queue.close());

/** What can be taken without waiting. */
async function takeAll(): Promise<string[]> {
  const taken: string[] = [];
  while (queue.read().depth > 0) taken.push((await queue.take())!);
  return taken;
}

/** A taker, and what it got so far. */
function taker(): { got: string | undefined; closed: boolean } {
  const state = { got: undefined as string | undefined, closed: false };
  void queue.take().then((key) => {
    state.got = key;
    state.closed = key === undefined;
  });
  return state;
}

describe('order', () => {
  it('is by nearest deadline, then by arrival; keys without a deadline go last', async () => {
    deadlines.set('late', at('2026-12-07T12:00:00Z')).set('soon', at('2026-12-06T10:00:00Z')).set('soon too', at('2026-12-06T10:00:00Z'));
    for (const key of ['none', 'late', 'soon', 'soon too', 'none either']) queue.add(key);
    expect(await takeAll()).toEqual(['soon', 'soon too', 'late', 'none', 'none either']);
  });

  it('of a burst of adds holds for workers that wait already', async () => {
    deadlines.set('soon', at('2026-12-06T10:00:00Z'));
    const first = taker();
    queue.add('none');
    queue.add('soon');
    await settled();
    expect(first.got).toBe('soon');
  });

  it('follows a deadline that moved when the key is added again', async () => {
    deadlines.set('a', at('2026-12-06T11:00:00Z')).set('b', at('2026-12-06T12:00:00Z'));
    queue.add('a');
    queue.add('b');
    deadlines.set('b', at('2026-12-06T10:00:00Z'));
    queue.add('b');
    expect(await takeAll()).toEqual(['b', 'a']);
  });
});

describe('one worker per key', () => {
  it('holds a key once however often it is added', async () => {
    for (let times = 0; times < 5; times++) queue.add('a');
    expect(await takeAll()).toEqual(['a']);
    expect(metrics.added).toHaveBeenCalledTimes(1);
  });

  it('gives a key that was added during its pass out again only after the pass', async () => {
    queue.add('a');
    await queue.take();
    queue.add('a');
    const second = taker();
    await settled();
    expect(second.got).toBeUndefined();
    queue.done('a');
    await settled();
    expect(second.got).toBe('a');
  });

  it('never gives one key to two workers and loses none, whatever is added, taken, finished and failed in whatever order', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({ type: fc.constantFrom('add', 'addAt', 'take', 'done', 'fail', 'settle', 'wait'), key, ms: fc.nat(500) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const running = new Set<string>();
        const wanted = new Set<string>();
        const own = new FakeClock();
        const subject = new WorkQueue({ clock: own });
        const begin = async (): Promise<void> => {
          const taken = await subject.take();
          if (taken === undefined) return;
          expect(running.has(taken)).toBe(false);
          running.add(taken);
          wanted.delete(taken);
        };
        for (const { type, key: name, ms } of steps) {
          if (type === 'add') wanted.add(name);
          if (type === 'add') subject.add(name);
          if (type === 'addAt') subject.addAt(name, own.now().add({ milliseconds: ms }));
          if (type === 'take') void begin();
          if (type === 'wait') await own.pass(ms, 250);
          if (!running.has(name)) continue;
          if (type === 'fail') subject.retry(name);
          if (type === 'settle') subject.settle(name, undefined);
          if (['done', 'fail', 'settle'].includes(type)) {
            running.delete(name);
            subject.done(name);
          }
        }
        for (let round = 0; round < 20 && (wanted.size > 0 || running.size > 0); round++) {
          void begin();
          await settled(1);
          for (const name of [...running]) {
            running.delete(name);
            subject.done(name);
          }
        }
        expect([...wanted]).toEqual([]);
        subject.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('delayed adds', () => {
  it('come at their time on the wall clock, the earliest of several', async () => {
    queue.addAt('a', at('2026-12-06T11:00:00Z'));
    queue.addAt('a', at('2026-12-06T10:00:00Z'));
    queue.addAt('a', at('2026-12-06T12:00:00Z'));
    clock.advanceTo('2026-12-06T09:59:59.999Z');
    expect(queue.read().depth).toBe(0);
    clock.advanceTo('2026-12-06T10:00:00Z');
    expect(await takeAll()).toEqual(['a']);
  });

  it('give way to what the newest pass wants, be it earlier, later or nothing', async () => {
    queue.addAt('a', at('2026-12-06T10:00:00Z'));
    queue.add('a');
    await queue.take();
    queue.settle('a', at('2026-12-06T11:00:00Z'));
    queue.done('a');
    expect(queue.plannedMsOf('a')).toBe(at('2026-12-06T11:00:00Z').epochMilliseconds);
    queue.add('a');
    await queue.take();
    queue.settle('a', undefined);
    queue.done('a');
    expect(queue.plannedMsOf('a')).toBeUndefined();
  });

  it('stay when the pass failed: what was to be done at that time is still to be done', async () => {
    queue.addAt('a', at('2026-12-06T09:00:00.020Z'));
    queue.add('a');
    await queue.take();
    queue.retry('a');
    queue.done('a');
    clock.advance(20);
    expect(await takeAll()).toEqual(['a']);
  });

  it('that came while the pass ran outlive its plan', async () => {
    queue.add('a');
    await queue.take();
    queue.addAt('a', at('2026-12-06T10:00:00Z'));
    queue.settle('a', at('2026-12-06T11:00:00Z'));
    queue.done('a');
    expect(queue.plannedMsOf('a')).toBe(at('2026-12-06T10:00:00Z').epochMilliseconds);
  });
});

describe('retries', () => {
  async function failOnce(): Promise<number> {
    queue.add('a');
    await queue.take();
    const delayMs = queue.retry('a');
    queue.done('a');
    return Math.round(delayMs);
  }

  it('wait twice as long after each failure in a row, up to a bound, and start over after a success', async () => {
    expect([await failOnce(), await failOnce(), await failOnce(), await failOnce(), await failOnce()]).toEqual([100, 200, 400, 800, 1_000]);
    queue.add('a');
    await queue.take();
    queue.settle('a', undefined);
    queue.done('a');
    expect(queue.failuresOf('a')).toBe(0);
    expect(await failOnce()).toBe(100);
  });

  it('come on the monotonic clock: a wall clock stepped back does not put them off', async () => {
    await failOnce();
    clock.step(-3_600_000);
    clock.advance(100);
    expect(await takeAll()).toEqual(['a']);
  });

  it('are dropped by a pass that starts sooner for another reason', async () => {
    await failOnce();
    queue.add('a');
    await queue.take();
    queue.settle('a', undefined);
    queue.done('a');
    clock.advance(5_000);
    expect(queue.read().depth).toBe(0);
  });

  it('are spread between half of the pause and all of it', () => {
    const spread = (random: number): number => retryDelayMs(3, { firstMs: 100, maxMs: 1_000, random: () => random });
    expect([spread(0), spread(0.5)]).toEqual([200, 300]);
  });
});

describe('the end', () => {
  it('answers undefined to who waits and takes nothing more', async () => {
    const waiting = taker();
    await settled();
    queue.close();
    queue.add('a');
    await settled();
    expect(waiting.closed).toBe(true);
    expect(await queue.take()).toBeUndefined();
    expect(clock.listeners).toBe(0);
  });

  it('leaves a pass that runs alone', async () => {
    queue.add('a');
    await queue.take();
    queue.close();
    expect(queue.running).toBe(1);
    queue.done('a');
    expect(queue.running).toBe(0);
  });
});

describe('what is measured', () => {
  it('are depth, waits, work, and the passes that still run', async () => {
    queue.add('a');
    queue.add('b');
    expect(metrics.depth).toHaveBeenLastCalledWith(2);
    clock.advance(1_500);
    await queue.take();
    expect(metrics.waited).toHaveBeenLastCalledWith(1.5);
    clock.advance(2_000);
    await queue.take();
    clock.advance(1_000);
    expect(queue.read()).toEqual({ depth: 0, unfinishedSeconds: 4, longestRunningSeconds: 3 });
    queue.retry('a');
    queue.done('a');
    expect(metrics.worked).toHaveBeenLastCalledWith(3);
    expect(metrics.retried).toHaveBeenCalledTimes(1);
  });
});
