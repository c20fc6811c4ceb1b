import { describe, expect, it } from 'vitest';
import { done, refused, unknown } from '../../src/base/outcomes.ts';
import { Gate } from '../../src/braze/gate.ts';
import { FakeClock } from '../support/fake-clock.ts';

const unauthorized = refused({ reason: 'unauthorized', status: 401, message: 'schedule.create: Braze answered 401 (Invalid API Key)' });
const forbidden = refused({ reason: 'forbidden', status: 403, message: 'catalogs.list: Braze answered 403 (Access Denied)' });

describe('the gate', () => {
  it('lets one probe through a minute after a 401, and the others wait for the next', () => {
    const clock = new FakeClock('2026-12-06T11:30:00Z');
    const gate = new Gate(clock);
    gate.learn('schedule.create', 'k', unauthorized);
    expect(gate.refuse('items.put', 'k')).toMatchObject({ reason: 'not-sent' });
    expect(gate.refuse('items.put', 'k')?.retryAt?.toString()).toBe('2026-12-06T11:31:00Z');
    clock.advance(60_000);
    expect(gate.refuse('items.get', 'k')).toBeUndefined();
    expect(gate.refuse('items.put', 'k')?.retryAt?.toString()).toBe('2026-12-06T11:32:00Z');
  });

  it('opens when a probe succeeds, and also when it was refused for another reason', () => {
    const gate = new Gate(new FakeClock('2026-12-06T11:30:00Z'));
    gate.learn('schedule.create', 'k', unauthorized);
    gate.learn('items.get', 'k', refused({ reason: 'unknown-id', status: 404, message: '' }));
    expect(gate.refuse('schedule.create', 'k')).toBeUndefined();
  });

  it('stays as it is when a probe ends without an answer', () => {
    const gate = new Gate(new FakeClock('2026-12-06T11:30:00Z'));
    gate.learn('schedule.create', 'k', unauthorized);
    gate.learn('items.get', 'k', unknown('time-out'));
    expect(gate.refuse('schedule.create', 'k')).toMatchObject({ reason: 'not-sent' });
  });

  it('asks nothing of a key that was not refused', () => {
    const gate = new Gate(new FakeClock('2026-12-06T11:30:00Z'));
    gate.learn('schedule.create', 'old', unauthorized);
    gate.learn('catalogs.list', 'old', forbidden);
    expect(gate.refuse('schedule.create', 'new')).toBeUndefined();
    expect(gate.refuse('catalogs.list', 'new')).toBeUndefined();
  });

  it.each([401, 403])('stops an optional endpoint alone when it is answered %s, and reports neither', (status) => {
    const clock = new FakeClock('2026-12-06T11:30:00Z');
    const gate = new Gate(clock);
    const reason = status === 401 ? 'unauthorized' : 'forbidden';
    gate.learn('broadcasts.list', 'k', refused({ reason, status, message: 'broadcasts.list: no' }));
    expect(gate.refuse('broadcasts.list', 'k')).toMatchObject({ reason: 'not-sent' });
    expect(gate.refuse('schedule.create', 'k')).toBeUndefined();
    expect([gate.stopped, gate.forbidden]).toEqual([undefined, undefined]);
    gate.open();
    expect(gate.refuse('broadcasts.list', 'k')).toBeUndefined();
  });

  it('stays closed after a 401 when an optional endpoint was answered', () => {
    const gate = new Gate(new FakeClock('2026-12-06T11:30:00Z'));
    gate.learn('schedule.create', 'k', unauthorized);
    gate.learn('broadcasts.list', 'k', done([]));
    expect(gate.refuse('schedule.create', 'k')).toMatchObject({ reason: 'not-sent' });
  });

  it('keeps an endpoint closed that was answered 403 although others succeed', () => {
    const gate = new Gate(new FakeClock('2026-12-06T11:30:00Z'));
    gate.learn('catalogs.list', 'k', forbidden);
    gate.learn('items.put', 'k', done(undefined));
    expect(gate.refuse('catalogs.list', 'k')?.message).toContain('Access Denied');
    expect(gate.refuse('items.put', 'k')).toBeUndefined();
  });
});
