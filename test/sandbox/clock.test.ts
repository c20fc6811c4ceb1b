import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FollowedClock, followClock } from '../../sandbox/clock/follow-clock.ts';
import { SandboxClock } from '../../sandbox/clock/sandbox-clock.ts';
import { type ServedClock, serveClock } from '../../sandbox/clock/serve-clock.ts';
import { until } from '../../sandbox/process/until.ts';

const KICKOFF = Temporal.Instant.from('2026-12-06T12:30:00Z');
const HOUR_MS = 3_600_000;

describe('a sandbox clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads the machine time unless told', () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    const clock = new SandboxClock();
    vi.advanceTimersByTime(1_500);
    expect(clock.now().epochMilliseconds).toBe(1_700_000_001_500);
  });

  it('runs from where it was set, at its rate', () => {
    vi.useFakeTimers({ now: 0 });
    const clock = new SandboxClock({ instant: KICKOFF, rate: 60 });
    vi.advanceTimersByTime(1_000);
    expect(clock.now().toString()).toBe('2026-12-06T12:31:00Z');
    clock.set(KICKOFF);
    expect(clock.now().equals(KICKOFF)).toBe(true);
    vi.advanceTimersByTime(500);
    expect(clock.now().toString()).toBe('2026-12-06T12:30:30Z');
  });

  it('stands still at rate 0, is advanced by hand, and goes on from there', () => {
    vi.useFakeTimers({ now: 0 });
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    vi.advanceTimersByTime(HOUR_MS);
    expect(clock.now().equals(KICKOFF)).toBe(true);
    clock.advance(2 * HOUR_MS);
    clock.advance(-HOUR_MS);
    clock.setRate(1);
    vi.advanceTimersByTime(1_000);
    expect(clock.now().toString()).toBe('2026-12-06T13:30:01Z');
  });

  it('does not jump when only its rate changes', () => {
    vi.useFakeTimers({ now: 0 });
    const clock = new SandboxClock({ instant: KICKOFF, rate: 10 });
    vi.advanceTimersByTime(60_000);
    const before = clock.now();
    clock.setRate(0);
    expect(clock.now().equals(before)).toBe(true);
  });

  it('tells how many real milliseconds a wait takes', () => {
    vi.useFakeTimers({ now: 0 });
    const clock = new SandboxClock({ instant: KICKOFF, rate: 60 });
    const later = KICKOFF.add({ hours: 1 });
    expect(clock.delayMs(later)).toBe(60_000);
    expect(clock.delayMs(KICKOFF.add({ milliseconds: 1 }))).toBe(1);
    expect(clock.delayMs(KICKOFF.subtract({ hours: 1 }))).toBe(0);
    clock.setRate(0);
    expect(clock.delayMs(later)).toBe(Number.POSITIVE_INFINITY);
    expect(clock.delayMs(KICKOFF)).toBe(0);
  });

  it('never moves the monotonic reading', () => {
    vi.useFakeTimers({ now: 0, toFake: ['Date', 'performance'] });
    const clock = new SandboxClock({ instant: KICKOFF, rate: 1_000 });
    const before = clock.monotonicMs();
    clock.advance(-24 * HOUR_MS);
    vi.advanceTimersByTime(5);
    expect(clock.monotonicMs() - before).toBe(5);
  });

  it('calls each listener once per move, until it is taken back, although another one throws', () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const heard = vi.fn();
    clock.onMoved(() => {
      throw new Error('a bad listener');
    });
    const undo = clock.onMoved(heard);
    expect(() => clock.move({ instant: KICKOFF, advanceMs: HOUR_MS, rate: 1 })).toThrow('a bad listener');
    expect(heard).toHaveBeenCalledTimes(1);
    undo();
    expect(() => clock.advance(1)).toThrow('a bad listener');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001])('refuses the rate %s and keeps the one it has', (rate) => {
    const clock = new SandboxClock({ rate: 2 });
    expect(() => clock.setRate(rate)).toThrow(RangeError);
    expect(clock.state.rate).toBe(2);
  });
});

describe('the admin port', () => {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
  });

  async function serve(clock: SandboxClock, port?: number): Promise<ServedClock> {
    const served = await serveClock(clock, port === undefined ? {} : { port });
    open.push(served);
    return served;
  }

  async function follow(url: string): Promise<FollowedClock> {
    const followed = await followClock(url, { onProblem: () => {} });
    open.push(followed);
    return followed;
  }

  const put = (url: string, body: unknown): Promise<Response> => fetch(url, { method: 'PUT', body: JSON.stringify(body) });

  it('shows the state and moves the clock', async () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const { url } = await serve(clock);
    expect(await (await fetch(url)).json()).toMatchObject({ instant: '2026-12-06T12:30:00Z', rate: 0 });
    expect(await (await put(url, { advanceMs: HOUR_MS })).json()).toMatchObject({ instant: '2026-12-06T13:30:00Z' });
    expect(clock.now().toString()).toBe('2026-12-06T13:30:00Z');
    await put(url, { instant: '2027-01-01T00:00:00Z', advanceMs: 1_000, rate: 0 });
    expect(clock.now().toString()).toBe('2027-01-01T00:00:01Z');
  });

  it.each([
    ['an instant without a zone', { instant: '2026-12-06T12:30:00' }],
    ['a negative rate', { rate: -1 }],
    ['an unknown word', { advance: 5 }],
    ['an advance out of all time', { advanceMs: 1e300 }],
  ])('refuses %s with 400 and moves nothing', async (_what, body) => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const { url } = await serve(clock);
    const response = await put(url, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('error');
    expect(clock.now().equals(KICKOFF)).toBe(true);
  });

  it('lets another clock follow each move', async () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const { url } = await serve(clock);
    const follower = await follow(url);
    expect(follower.now().equals(KICKOFF)).toBe(true);
    const moved = new Promise<void>((resolve) => follower.onMoved(resolve));
    await put(url, { advanceMs: HOUR_MS });
    await moved;
    expect(follower.now().toString()).toBe('2026-12-06T13:30:00Z');
    expect(follower.delayMs(KICKOFF.add({ hours: 2 }))).toBe(Number.POSITIVE_INFINITY);
  });

  it('agrees with its followers to the millisecond while it runs fast', async () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 3_600 });
    const { url } = await serve(clock);
    const follower = await follow(url);
    vi.spyOn(Date, 'now').mockReturnValue(clock.state.anchoredAt + 12_345);
    expect(follower.now().equals(clock.now())).toBe(true);
    expect(follower.now().equals(KICKOFF.add({ milliseconds: 12_345 * 3_600 }))).toBe(true);
  });

  it('is followed again after the stream broke, and what happened meanwhile counts as one move', async () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const served = await serve(clock);
    const follower = await follow(served.url);
    const heard = vi.fn();
    follower.onMoved(heard);
    await served.close();
    clock.advance(HOUR_MS);
    clock.advance(HOUR_MS);
    expect(follower.now().equals(KICKOFF)).toBe(true);
    await serve(clock, Number(new URL(served.url).port));
    await until(() => (follower.now().equals(KICKOFF.add({ hours: 2 })) ? true : undefined), {
      what: 'the follower to catch up',
      timeoutMs: 5_000,
    });
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('is not told of a move when the stream broke and nothing happened', async () => {
    const clock = new SandboxClock({ instant: KICKOFF, rate: 0 });
    const served = await serve(clock);
    const follower = await follow(served.url);
    const heard = vi.fn();
    follower.onMoved(heard);
    const streams = vi.spyOn(clock, 'onMoved');
    await served.close();
    await serve(clock, Number(new URL(served.url).port));
    await until(() => streams.mock.calls[0], { what: 'the follower to connect again', timeoutMs: 5_000 });
    clock.advance(1);
    await until(() => (follower.now().equals(clock.now()) ? true : undefined), { what: 'the move to be heard', timeoutMs: 5_000 });
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('is reported as unreachable, with its address, when nobody serves it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const url = `http://127.0.0.1:${port}/clock`;
    await expect(followClock(url, { timeoutMs: 300, onProblem: () => {} })).rejects.toThrow(url);
  });
});
