import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { IndexedHeap } from '../../src/controller/indexed-heap.ts';
import { epochMsUp, monotonicTime, Timers, wallTime } from '../../src/controller/timers.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the indexed heap', () => {
  it('gives keys out by priority, equals in the order in which they came', () => {
    const heap = new IndexedHeap<string>();
    for (const [key, priority] of [
      ['b1', 2],
      ['c', 3],
      ['b2', 2],
      ['a', 1],
    ] as const)
      heap.set(key, priority);
    expect([heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual(['a', 'b1', 'b2', 'c', undefined]);
  });

  it('agrees with a sorted list whatever is set, moved, deleted and popped', () => {
    const operation = fc.oneof(
      fc.record({ type: fc.constant('set' as const), key: fc.nat(20), priority: fc.nat(5) }),
      fc.record({ type: fc.constant('delete' as const), key: fc.nat(20) }),
      fc.record({ type: fc.constant('pop' as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const heap = new IndexedHeap<number>();
        let model: { key: number; priority: number; arrival: number }[] = [];
        let arrivals = 0;
        const sorted = () => model.sort((a, b) => a.priority - b.priority || a.arrival - b.arrival);
        for (const step of operations) {
          if (step.type === 'pop') expect(heap.pop()).toBe(sorted().shift()?.key);
          if (step.type === 'delete') {
            expect(heap.delete(step.key)).toBe(model.some(({ key }) => key === step.key));
            model = model.filter(({ key }) => key !== step.key);
          }
          if (step.type === 'set') {
            heap.set(step.key, step.priority);
            const known = model.find(({ key }) => key === step.key);
            if (known) known.priority = step.priority;
            else model.push({ key: step.key, priority: step.priority, arrival: arrivals++ });
          }
          expect(heap.size).toBe(model.length);
          expect(heap.peek()?.key).toBe(sorted()[0]?.key);
          for (const { key, priority } of model) expect(heap.priorityOf(key)).toBe(priority);
        }
      }),
    );
  });
});

describe('timers', () => {
  let clock: FakeClock;
  let fired: string[];
  let timers: Timers<string>;
  beforeEach(() => {
    clock = new FakeClock();
    fired = [];
    timers = new Timers({ time: wallTime(clock), onDue: (key) => fired.push(key) });
  });
  afterEach(() => {
    timers.stop();
    vi.useRealTimers();
  });
  const inMs = (ms: number): number => epochMsUp(clock.now()) + ms;

  it('fire once, nearest first, and not before their time', () => {
    timers.set('b', inMs(2_000));
    timers.set('a', inMs(1_000));
    clock.advance(999);
    expect(fired).toEqual([]);
    clock.advance(1_001);
    expect(fired).toEqual(['a', 'b']);
    clock.advance(10_000);
    expect(fired).toEqual(['a', 'b']);
  });

  it('are replaced by a second set, and only brought forward by setEarlier', () => {
    timers.set('a', inMs(1_000));
    timers.set('a', inMs(3_000));
    timers.setEarlier('a', inMs(5_000));
    clock.advance(2_999);
    expect(fired).toEqual([]);
    timers.setEarlier('a', inMs(0));
    clock.advance(0);
    expect(fired).toEqual(['a']);
  });

  it('can be cancelled, also by the callback of a neighbour that is due at the same time', () => {
    const pair = new Timers<string>({
      time: wallTime(clock),
      onDue: (key) => {
        fired.push(key);
        pair.cancel(key === 'a' ? 'b' : 'a');
      },
    });
    pair.set('a', inMs(10));
    pair.set('b', inMs(10));
    clock.advance(10);
    expect(fired).toEqual(['a']);
    pair.stop();
  });

  it('that a callback sets for the past wait for the next turn instead of holding the event loop', () => {
    const again = new Timers<string>({
      time: wallTime(clock),
      onDue: (key) => {
        fired.push(key);
        again.set(key, 0);
      },
    });
    again.set('a', 0);
    clock.advance(1);
    expect(fired).toEqual(['a']);
    again.stop();
  });

  it('on the wall clock fire when that is stepped forward, on the monotonic clock do not care', () => {
    const monotonic = new Timers<string>({ time: monotonicTime(clock), onDue: (key) => fired.push(key) });
    timers.set('wall', inMs(60_000));
    monotonic.set('monotonic', clock.monotonicMs() + 60_000);
    clock.step(3_600_000);
    expect(fired).toEqual(['wall']);
    clock.step(-7_200_000);
    clock.advance(60_000);
    expect(fired).toEqual(['wall', 'monotonic']);
    monotonic.stop();
  });

  it('sleep at most a minute at a time, so that 90 days neither fire at once nor miss a stepped clock', () => {
    vi.useFakeTimers();
    const sleeps = vi.spyOn(globalThis, 'setTimeout');
    const days = new Timers<string>({ time: wallTime(systemClock), onDue: (key) => fired.push(key) });
    days.set('far', Date.now() + 90 * 86_400_000);
    vi.advanceTimersByTime(3_600_000);
    expect(fired).toEqual([]);
    expect(Math.max(...sleeps.mock.calls.map(([, ms]) => ms ?? 0))).toBe(60_000);
    vi.setSystemTime(Date.now() + 90 * 86_400_000);
    vi.advanceTimersByTime(60_000);
    expect(fired).toEqual(['far']);
    days.stop();
  });

  it('use one sleep for many keys', () => {
    vi.useFakeTimers();
    const many = new Timers<number>({ time: wallTime(systemClock), onDue: () => {} });
    for (let key = 0; key < 1_000; key++) many.set(key, Date.now() + 1_000 + key);
    expect(vi.getTimerCount()).toBe(1);
    many.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('round an instant up to a millisecond, so that none fires before it', () => {
    expect(epochMsUp(Temporal.Instant.from('1970-01-01T00:00:01.000000001Z'))).toBe(1_001);
    expect(epochMsUp(Temporal.Instant.from('1970-01-01T00:00:01Z'))).toBe(1_000);
  });

  it('let the clock go when they are stopped', () => {
    timers.set('a', inMs(1));
    timers.stop();
    timers.set('b', inMs(1));
    clock.advance(10);
    expect(fired).toEqual([]);
    expect(clock.listeners).toBe(0);
  });
});
