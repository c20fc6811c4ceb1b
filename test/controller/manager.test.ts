import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Controller } from '../../src/controller/controller.ts';
import { LeaderElection } from '../../src/controller/election.ts';
import { freshLease } from '../../src/controller/election-lease.ts';
import { leaseTimings } from '../../src/controller/election-timings.ts';
import { freshnessCheck } from '../../src/controller/health.ts';
import { HttpServer, parseAddress } from '../../src/controller/http-servers.ts';
import { type ExitCode, Manager, type ManagerOptions, type Step } from '../../src/controller/manager.ts';
import { stopSignal } from '../../src/controller/stop-signal.ts';
import type { ReconcileResult } from '../../src/controller/types.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { FakeLeases } from '../support/fake-leases.ts';
import { type RecordingLog, recordingLog } from '../support/recording-log.ts';

let clock: FakeClock;
let leases: FakeLeases;
let log: RecordingLog;
let events: string[];
let pass: PromiseWithResolvers<ReconcileResult>;
let stop: AbortController;
let runs: Promise<unknown>[];

beforeEach(async () => {
  clock = new FakeClock();
  leases = new FakeLeases();
  await leases.create({} as never, 'default', freshLease('matchday'));
  log = recordingLog();
  events = [];
  pass = Promise.withResolvers();
  stop = new AbortController();
  runs = [];
});
afterEach(async () => {
  stop.abort();
  pass.resolve({});
  await whileTimePasses(Promise.all(runs));
});

const step = (name: string): Step => ({
  name,
  why: 'to see when',
  start: () => void events.push(`start ${name}`),
  stop: () => void events.push(`stop ${name}`),
});

function make(options: Partial<ManagerOptions> = {}) {
  const election = new LeaderElection({ client: leases, clock, namespace: 'default', name: 'matchday', timings: leaseTimings(), log });
  const reconcile = (): Promise<ReconcileResult> => {
    events.push('pass');
    return pass.promise.finally(() =>
      events.push(`pass over, ${leases.current?.spec?.holderIdentity === election.identity ? 'leading' : 'released'}`),
    );
  };
  const controller = new Controller({ name: 'test', reconciler: { reconcile }, clock, log, leadership: election });
  const manager = new Manager({
    clock,
    log,
    election,
    controllers: [controller],
    always: [step('cache')],
    leading: [step('poller')],
    healthAddress: '127.0.0.1:0',
    metricsAddress: '127.0.0.1:0',
    renderMetrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    ...options,
  });
  return { election, controller, manager };
}

/** Lets time pass until `work` is over. */
async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  let over = false;
  void work.then(
    () => (over = true),
    () => (over = true),
  );
  for (let turn = 0; turn < 1_000 && !over; turn++) await clock.pass(200, 200);
  return work;
}

/** Starts, and waits until the controllers have begun. */
async function running(options: Partial<ManagerOptions> = {}) {
  const parts = make(options);
  const code: Promise<ExitCode> = parts.manager.run(stop.signal);
  runs.push(code);
  await whileTimePasses(vi.waitUntil(() => events.includes('start poller') && parts.election.leading, { timeout: 5_000 }));
  await settled();
  return { ...parts, code };
}

const get = (port: number | undefined, path: string) => fetch(`http://127.0.0.1:${port}${path}`);

describe('the order', () => {
  it('is told with a reason beside each step', () => {
    expect(
      make()
        .manager.steps()
        .map(({ name }) => name),
    ).toEqual(['health server', 'metrics server', 'cache', 'leader election', 'poller', 'controllers']);
    for (const { why } of make().manager.steps()) expect(why).not.toBe('');
  });

  it('on SIGTERM is: no new work, the pass under way to its end, then the lease, then the rest; exit 0', async () => {
    const { controller, code } = await running();
    controller.enqueue({ namespace: 'default', name: 'a' });
    await settled();
    stop.abort();
    await clock.pass(5_000);
    controller.enqueue({ namespace: 'default', name: 'b' });
    expect(leases.current?.spec?.holderIdentity).toBeDefined();
    pass.resolve({});
    expect(await whileTimePasses(code)).toBe(0);
    expect(events).toEqual(['start cache', 'start poller', 'pass', 'pass over, leading', 'stop poller', 'stop cache']);
    expect(leases.current?.spec?.holderIdentity).toBeUndefined();
  });

  it('on a standby leaves out what only a leader runs', async () => {
    const other = make();
    other.election.start();
    await clock.pass(500);
    const { manager } = make();
    const code = manager.run(stop.signal);
    await whileTimePasses(vi.waitUntil(() => events.includes('start cache'), { timeout: 5_000 }));
    await clock.pass(5_000);
    stop.abort();
    expect(await whileTimePasses(code)).toBe(0);
    expect(events).toEqual(['start cache', 'stop cache']);
    expect(leases.current?.spec?.holderIdentity).toBe(other.election.identity);
    await whileTimePasses(other.election.stop({ release: false }));
  });
});

describe('what can go wrong', () => {
  it('a lost lease starts nothing new, waits for the pass under way and exits 1', async () => {
    const { controller, code } = await running();
    controller.enqueue({ namespace: 'default', name: 'a' });
    await settled();
    leases.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'another' } }));
    await clock.pass(6_000);
    controller.enqueue({ namespace: 'default', name: 'b' });
    await settled();
    pass.resolve({});
    expect(await whileTimePasses(code)).toBe(1);
    expect(events.filter((event) => event === 'pass')).toHaveLength(1);
    expect(leases.current?.spec?.holderIdentity).toBe('another');
  });

  it('a pass that hangs is abandoned in time, and the lease is left to run out since a call may be in flight', async () => {
    const { controller, code } = await running();
    controller.enqueue({ namespace: 'default', name: 'a' });
    await settled();
    stop.abort();
    const before = clock.monotonicMs();
    expect(await whileTimePasses(code)).toBe(1);
    expect(clock.monotonicMs() - before).toBeLessThan(25_000);
    expect(leases.current?.spec?.holderIdentity).toBeDefined();
    expect(log.lines.map(({ message }) => message).join('\n')).toContain('abandoned');
  });

  it('a part that fails to start stops what was started before it, and exits 1', async () => {
    const broken: Step = {
      name: 'broken',
      why: 'to fail',
      start: () => {
        throw new Error('no way');
      },
    };
    const { manager } = make({ always: [step('cache'), broken] });
    expect(await whileTimePasses(manager.run(stop.signal))).toBe(1);
    expect(events).toEqual(['start cache', 'stop cache']);
  });

  it('a part that fails to stop does not keep the lease from being given back, but shows in the exit code', async () => {
    const broken: Step = {
      name: 'broken',
      why: 'to fail',
      stop: () => {
        throw new Error('no way');
      },
    };
    const { code } = await running({ leading: [step('poller'), broken] });
    stop.abort();
    expect(await whileTimePasses(code)).toBe(1);
    expect(leases.current?.spec?.holderIdentity).toBeUndefined();
  });

  it('a part that finds that the process must not go on ends it cleanly with 1', async () => {
    const failed = new AbortController();
    const { code } = await running({ failed: failed.signal });
    failed.abort(new Error('the store went back in time'));
    expect(await whileTimePasses(code)).toBe(1);
    expect(leases.current?.spec?.holderIdentity).toBeUndefined();
  });

  it('SIGTERM while a cache is still filling ends at once', async () => {
    const never: Step = { name: 'never', why: 'to wait', start: () => new Promise(() => {}), stop: () => void events.push('stop never') };
    const { manager } = make({ always: [never] });
    const code = manager.run(stop.signal);
    await settled(10);
    stop.abort();
    expect(await whileTimePasses(code)).toBe(0);
    expect(events).toEqual(['stop never']);
  });

  it('an address that is taken is named with its flag', async () => {
    const taken = await running();
    const { manager } = make({ healthAddress: `127.0.0.1:${taken.manager.healthPort}` });
    expect(await whileTimePasses(manager.run(stop.signal))).toBe(1);
    const said = log.lines.find(({ level }) => level === 'error')?.fields['error'];
    expect(String(said)).toContain(`--health-address 127.0.0.1:${taken.manager.healthPort}`);
  });
});

describe('what the kubelet and Prometheus ask', () => {
  it('is answered with health and metrics on their own ports', async () => {
    const { manager } = await running();
    expect((await get(manager.healthPort, '/healthz')).status).toBe(200);
    expect((await get(manager.healthPort, '/readyz')).status).toBe(200);
    const metrics = await get(manager.metricsPort, '/metrics');
    expect([metrics.headers.get('content-type'), await metrics.text()]).toEqual(['text/plain; version=0.0.4', 'up 1\n']);
    expect((await get(manager.metricsPort, '/healthz')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${manager.metricsPort}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('is served nowhere when it is switched off', async () => {
    const { manager } = await running({ healthAddress: undefined, metricsAddress: undefined });
    expect([manager.healthPort, manager.metricsPort]).toEqual([undefined, undefined]);
  });

  it('is "not ready", with the reason, while a cache is incomplete or its watch is broken', async () => {
    const cache = { name: 'things', synced: false, stale: false };
    const { manager } = await running({ ready: [freshnessCheck(cache)] });
    const ask = async () => {
      const answer = await get(manager.healthPort, '/readyz');
      return [answer.status, await answer.text()] as const;
    };
    expect(await ask()).toEqual([503, expect.stringContaining('not ready: things: the first complete state')]);
    cache.synced = true;
    expect((await ask())[0]).toBe(200);
    cache.stale = true;
    expect(await ask()).toEqual([503, expect.stringContaining('out of date')]);
    expect((await get(manager.healthPort, '/healthz')).status).toBe(200);
  });

  it('does not tell outsiders why a page failed', async () => {
    const renderMetrics = async (): Promise<never> => {
      throw new Error('password=hunter2');
    };
    const { manager } = await running({ renderMetrics });
    const answer = await get(manager.metricsPort, '/metrics');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
  });

  it('finds nothing any more after the end', async () => {
    const { manager, code } = await running();
    const { healthPort } = manager;
    await get(healthPort, '/healthz');
    stop.abort();
    await whileTimePasses(code);
    await expect(get(healthPort, '/healthz')).rejects.toThrow('fetch failed');
  });
});

describe('addresses', () => {
  it.each([
    [':9090', { port: 9090 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9091', { host: '::1', port: 9091 }],
  ])('%s', (address, expected) => {
    expect(parseAddress(address, '--metrics-address')).toEqual(expected);
  });

  it.each(['9090', 'localhost', ':99999', ''])('refuse "%s" with the name of the flag', (address) => {
    expect(() => parseAddress(address, '--metrics-address')).toThrow('--metrics-address');
  });

  it('a server that was never started stops without complaint', async () => {
    await expect(new HttpServer({ flag: '--x', address: ':0', routes: {}, onError: () => {} }).stop()).resolves.toBeUndefined();
  });
});

describe('signals', () => {
  it('become one abort that names the first of them, until nobody listens any more', () => {
    const process = new EventEmitter();
    const { signal, dispose } = stopSignal(process as unknown as NodeJS.Process);
    process.emit('SIGTERM', 'SIGTERM');
    expect(String(signal.reason)).toContain('SIGTERM');
    dispose();
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(0);
  });
});
