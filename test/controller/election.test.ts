import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaderElection, type LeaderElectionOptions, type LeaseFeed } from '../../src/controller/election.ts';
import { freshLease, type Lease } from '../../src/controller/election-lease.ts';
import { leaseTimings } from '../../src/controller/election-timings.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';
import { FakeLeases, type LeaseClient } from '../support/fake-leases.ts';

let leases: FakeLeases;
let clock: FakeClock;
let elections: LeaderElection[];

beforeEach(() => {
  leases = new FakeLeases();
  clock = new FakeClock();
  elections = [];
});
afterEach(async () => {
  await Promise.all(elections.map((election) => stopped(election, false)));
});

function candidate(options: Partial<LeaderElectionOptions> = {}): LeaderElection {
  const defaults = { client: leases, clock, namespace: 'default', name: 'matchday', timings: leaseTimings(), log: silentLog };
  const election = new LeaderElection({ ...defaults, ...options });
  elections.push(election);
  return election;
}

async function stopped(election: LeaderElection, release: boolean): Promise<boolean> {
  const stop = election.stop({ release });
  await clock.pass(4_000, 500);
  return stop;
}

/** A leader on a Lease that was free from the start. */
async function leader(options: Partial<LeaderElectionOptions> = {}): Promise<LeaderElection> {
  if (leases.current === undefined) await leases.create({} as never, 'default', freshLease('matchday'));
  const election = candidate(options);
  election.start();
  await clock.pass(200);
  if (!election.leading) throw new Error('the only candidate does not lead a lease that was free');
  return election;
}

/** A client whose answers and requests a test can hold back or lose. */
function wire(): LeaseClient & { down: boolean; hold: boolean; release(): void; holdAnswers: boolean } {
  let held: (() => void)[] = [];
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    if (gate.down) throw new Error('connection refused');
    if (gate.hold) await new Promise<void>((resolve) => held.push(resolve));
    const answer = call();
    answer.catch(() => {});
    if (gate.holdAnswers) await new Promise<void>((resolve) => held.push(resolve));
    return answer;
  };
  const gate = {
    down: false,
    hold: false,
    holdAnswers: false,
    release: () => {
      for (const resolve of held.splice(0)) resolve();
      held = [];
    },
    get: ((resource, key) => through(() => leases.get(resource, key))) as LeaseClient['get'],
    create: ((resource, namespace, body) => through(() => leases.create(resource, namespace, body))) as LeaseClient['create'],
    replace: ((resource, body) => through(() => leases.replace(resource, body))) as LeaseClient['replace'],
  };
  return gate;
}

describe('becoming the leader', () => {
  it('takes a lease that was given back at once', async () => {
    const election = await leader();
    expect(await election.elected).toBe(true);
    expect(leases.current?.spec).toMatchObject({ holderIdentity: election.identity, leaseDurationSeconds: 15, leaseTransitions: 1 });
  });

  it('claims an absent lease and believes only after a whole lease, since a holder of the deleted one may still believe', async () => {
    const election = candidate();
    election.start();
    await clock.pass(14_500);
    expect(leases.current?.spec?.holderIdentity).toBe(election.identity);
    expect(leases.current?.spec?.acquireTime).toBeUndefined();
    expect(election.mayStart(0)).toBe(false);
    await clock.pass(1_500);
    expect(election.mayStart(0)).toBe(true);
  });

  it('waits until a foreign record stood unchanged for a lease on its own monotonic clock', async () => {
    const first = await leader();
    const second = candidate();
    second.start();
    await clock.pass(60_000);
    expect([first.leading, second.leading]).toEqual([true, false]);
    await stopped(first, false);
    await clock.pass(9_000);
    expect(second.leading).toBe(false);
    await clock.pass(8_000);
    expect(second.leading).toBe(true);
  });

  it('treats its own name of a former life as a stranger', async () => {
    const first = await leader();
    await stopped(first, false);
    const secondLife = candidate();
    expect(secondLife.identity).not.toBe(first.identity);
    secondLife.start();
    await clock.pass(10_000);
    expect(secondLife.mayStart(0)).toBe(false);
    await clock.pass(6_000);
    expect(secondLife.mayStart(0)).toBe(true);
  });

  it('waits as long as the holder wrote that its lease is, when that is longer than ours', async () => {
    await leader({ timings: leaseTimings({ leaseDurationMs: 60_000 }) }).then((first) => stopped(first, false));
    const second = candidate();
    second.start();
    await clock.pass(55_000);
    expect(second.leading).toBe(false);
    await clock.pass(10_000);
    expect(second.leading).toBe(true);
  });

  it('does not take a lease whose holder was cleared by hand before a whole lease passed', async () => {
    const client = wire();
    const first = await leader({ client });
    const second = candidate();
    second.start();
    await clock.pass(1_000);
    client.hold = true;
    leases.edit(({ spec: { holderIdentity: _, ...spec } = {}, ...lease }) => ({ ...lease, spec }) as Lease);
    await clock.pass(8_000);
    expect(first.mayStart(0) && second.mayStart(0)).toBe(false);
    await clock.pass(9_000);
    expect([first.mayStart(0), second.mayStart(0)]).toEqual([false, true]);
  });

  it('takes over at once when a feed shows that the lease was given back', async () => {
    const first = await leader();
    const second = candidate({ feed: leases });
    second.start();
    await clock.pass(1_000);
    const stop = first.stop({ release: true });
    await settled(10);
    clock.advance(1);
    await settled(10);
    expect(await stop).toBe(true);
    expect(second.mayStart(9_000)).toBe(true);
  });

  it('asks for nothing while a feed tells it everything', async () => {
    await leader();
    const second = candidate({ feed: leases });
    second.start();
    await clock.pass(1_000);
    const before = leases.requests;
    await clock.pass(60_000);
    expect(leases.requests - before).toBe(12);
  });

  it('takes over without a release when a feed is silently dead', async () => {
    const first = await leader();
    const dead: LeaseFeed = {
      follow: (listener) => {
        listener(leases.current);
        return () => {};
      },
    };
    const second = candidate({ feed: dead });
    second.start();
    await clock.pass(40_000);
    expect([first.leading, second.leading]).toEqual([true, false]);
    await stopped(first, true);
    await clock.pass(31_000);
    expect(second.leading).toBe(true);
  });

  it('keeps trying when the API server is down at the start', async () => {
    await leases.create({} as never, 'default', freshLease('matchday'));
    const client = wire();
    client.down = true;
    const election = candidate({ client });
    election.start();
    await clock.pass(30_000);
    expect(election.leading).toBe(false);
    client.down = false;
    await clock.pass(3_000);
    expect(election.leading).toBe(true);
  });

  it('leads soon after the answer to its taking was lost', async () => {
    await leases.create({} as never, 'default', freshLease('matchday'));
    const client = wire();
    const election = candidate({ client });
    election.start();
    client.holdAnswers = true;
    await clock.pass(200);
    client.release();
    await clock.pass(200);
    expect(leases.current?.spec?.holderIdentity).toBe(election.identity);
    expect(election.leading).toBe(false);
    client.holdAnswers = false;
    await clock.pass(3_000);
    expect(election.leading).toBe(true);
  });
});

describe('staying the leader', () => {
  it('renews every five seconds', async () => {
    await leader();
    const before = leases.requests;
    await clock.pass(60_000);
    expect(leases.requests - before).toBe(12);
  });

  it('can always start the longest call while renewals are answered', async () => {
    const election = await leader();
    for (let second = 0; second < 30; second++) {
      expect(election.mayStart(election.timings.longestCallMs)).toBe(true);
      await clock.pass(1_000);
    }
  });

  it('starts no call that its lease does not outlive', async () => {
    const client = wire();
    const election = await leader({ client });
    client.down = true;
    await clock.pass(6_000);
    expect(election.mayStart(8_000)).toBe(true);
    expect(election.mayStart(10_000)).toBe(false);
  });

  it('counts a renewal that is answered late from its sending', async () => {
    const client = wire();
    const election = await leader({ client });
    client.holdAnswers = true;
    await clock.pass(9_000);
    expect(election.mayStart(6_500)).toBe(false);
    client.release();
    await settled();
    expect(election.leading).toBe(true);
    expect(election.mayStart(6_500)).toBe(true);
    expect(election.mayStart(14_500)).toBe(false);
  });

  it('loses when no renewal is answered within the renew deadline, and never leads again', async () => {
    const client = wire();
    const election = await leader({ client });
    client.hold = true;
    await clock.pass(10_500);
    expect(election.lost.aborted).toBe(true);
    expect(election.mayStart(0)).toBe(false);
    client.hold = false;
    client.release();
    await clock.pass(60_000);
    expect(election.leading).toBe(false);
  });

  it('survives a renewal whose answer was lost', async () => {
    const client = wire();
    const election = await leader({ client });
    await clock.pass(4_800);
    client.holdAnswers = true;
    await clock.pass(300);
    client.holdAnswers = false;
    await clock.pass(30_000);
    expect(election.mayStart(9_000)).toBe(true);
  });

  it('does not care about steps of the wall clock', async () => {
    const first = await leader();
    const second = candidate();
    second.start();
    for (const stepMs of [3_600_000, -7_200_000, 86_400_000]) {
      clock.step(stepMs);
      await clock.pass(10_000);
      expect([first.mayStart(5_000), second.mayStart(0)]).toEqual([true, false]);
    }
  });

  it('renews with a new version even when the wall clock stands still', async () => {
    await leader();
    const version = leases.current?.metadata.resourceVersion;
    for (let second = 0; second < 6; second++) {
      clock.step(-1_000);
      await clock.pass(1_000, 1_000);
    }
    expect(leases.current?.metadata.resourceVersion).not.toBe(version);
  });

  it('keeps what others wrote on the Lease', async () => {
    const election = await leader();
    leases.edit((lease) => ({ ...lease, metadata: { ...lease.metadata, labels: { team: 'push' } } }) as Lease);
    await clock.pass(20_000);
    expect(election.leading).toBe(true);
    expect(leases.current?.metadata).toMatchObject({ labels: { team: 'push' } });
  });

  it('puts a deleted lease back with its next renewal, before a standby claims it', async () => {
    const first = await leader();
    const second = candidate();
    second.start();
    await clock.pass(3_000);
    leases.delete();
    await clock.pass(30_000);
    expect([first.mayStart(9_000), second.mayStart(0)]).toEqual([true, false]);
    expect(leases.current?.spec).toMatchObject({ holderIdentity: first.identity });
  });

  it('ends when another process holds the lease', async () => {
    const election = await leader();
    leases.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'somebody-else' } }));
    await clock.pass(6_000);
    expect(election.lost.aborted).toBe(true);
    expect(String(election.lost.reason)).toContain('somebody-else');
    await clock.pass(20_000);
    expect(leases.current?.spec?.holderIdentity).toBe('somebody-else');
  });
});

describe('leaving', () => {
  it('stops believing before it gives the lease back', async () => {
    const client = wire();
    const election = await leader({ client });
    client.hold = true;
    const stop = election.stop({ release: true });
    expect(election.mayStart(0)).toBe(false);
    client.release();
    client.hold = false;
    await clock.pass(500);
    expect(await stop).toBe(true);
    expect(leases.current?.spec?.holderIdentity).toBeUndefined();
  });

  it('does not hang when the API server does not answer', async () => {
    const client = wire();
    const election = await leader({ client });
    client.hold = true;
    expect(await stopped(election, true)).toBe(false);
    client.release();
  });

  it('gives back what a write still under way took', async () => {
    await leases.create({} as never, 'default', freshLease('matchday'));
    const client = wire();
    const election = candidate({ client });
    election.start();
    client.holdAnswers = true;
    await clock.pass(200);
    client.release();
    await settled();
    clock.advance(1);
    await settled();
    expect(leases.current?.spec?.holderIdentity).toBe(election.identity);
    const stop = election.stop({ release: true });
    client.holdAnswers = false;
    client.release();
    await clock.pass(500);
    expect(await stop).toBe(true);
    expect(leases.current?.spec?.holderIdentity).toBeUndefined();
  });

  it('answers false to who waits to be elected', async () => {
    const election = candidate();
    election.start();
    await stopped(election, true);
    expect(await election.elected).toBe(false);
    expect(clock.listeners).toBe(0);
  });
});
