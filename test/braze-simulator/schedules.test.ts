import { afterEach, describe, expect, it } from 'vitest';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const firedAt = () => [...new Set(h.sim.deliveries().map((one) => new Date(one.firedMs).toISOString().slice(11, 16)))];
const usersAt = (time: string) =>
  h.sim
    .deliveries()
    .filter((one) => new Date(one.firedMs).toISOString().slice(11, 16) === time)
    .map((one) => one.user);

describe('contracts 1.2: create', () => {
  it.each([200, 201] as const)('answers %i with the ids and success', async (successStatus) => {
    h = await harness({ successStatus });
    const answer = await h.create();
    expect(answer.status).toBe(successStatus);
    expect(answer.json).toEqual({ dispatch_id: expect.any(String), schedule_id: expect.any(String), message: 'success' });
  });

  it('answers the send id where the send is tracked', async () => {
    h = await harness();
    const made = await h.call('POST', '/sends/id/create', { campaign_id: PLAIN, send_id: 'gameweek-15' });
    expect(made.json).toEqual({ message: 'success', send_id: 'gameweek-15' });
    expect((await h.create({ send_id: 'gameweek-15' })).json['send_id']).toBe('gameweek-15');
    expect((await h.create({ campaign_id: CAMPAIGN, send_id: 'gameweek-15' })).status).toBe(400);
  });

  it.each([
    ['without a zone', '2026-12-06T11:30:00'],
    ['with an offset', '2026-12-06T13:30:00+02:00'],
  ])('takes an instant %s', async (_, time) => {
    h = await harness();
    await h.create({ schedule: { time } });
    h.clock.advance({ hours: 5 });
    expect(firedAt()).toEqual(['11:30']);
  });

  it('refuses a time in the past, or sends at once', async () => {
    h = await harness();
    expect((await h.create({ schedule: { time: '2026-12-06T08:59:59Z' } })).status).toBe(400);
    h.sim.setOptions({ pastTime: 'send-now' });
    expect((await h.create({ schedule: { time: '2026-12-06T08:59:59Z' } })).status).toBe(201);
    expect(firedAt()).toEqual(['09:00']);
  });

  it('reaches 90 days ahead, or as far as maxAheadDays says', async () => {
    h = await harness();
    const far = { schedule: { time: '2027-04-01T00:00:00Z' } };
    expect((await h.create(far)).status).toBe(400);
    h.sim.setOptions({ maxAheadDays: 400 });
    expect((await h.create(far)).status).toBe(201);
  });

  it('takes an absent broadcast as false, or as true', async () => {
    h = await harness();
    expect((await h.create({ broadcast: undefined })).json['message']).toBe('No Recipients');
    h.sim.setOptions({ absentBroadcast: 'broadcast' });
    const answer = await h.create({ broadcast: undefined });
    expect([answer.status, answer.headers.get('x-ratelimit-limit')]).toEqual([201, '250']);
  });

  it.each([
    ['accept', 201],
    ['400', 400],
  ] as const)('for a stopped campaign: %s', async (stoppedCampaign, status) => {
    h = await harness({ stoppedCampaign });
    h.sim.stopCampaign(PLAIN);
    expect((await h.create()).status).toBe(status);
    h.clock.advance({ hours: 3 });
    expect(h.sim.deliveries()).toHaveLength(0);
  });

  it('in local time reaches each user by their own wall clock', async () => {
    h = await harness();
    await h.create({ schedule: { time: '2026-12-07T12:00:00', in_local_time: true } });
    h.clock.advance({ hours: 48 });
    expect(h.sim.deliveries().map((one) => [one.user, new Date(one.firedMs).toISOString().slice(11, 16)])).toEqual([
      ['fan-5', '03:00'],
      ['fan-4', '09:00'],
      ['fan-1', '12:00'],
      ['fan-2', '12:00'],
      ['fan-3', '17:00'],
    ]);
  });

  it('at the optimal time ignores the clock part', async () => {
    h = await harness();
    await h.create({ schedule: { time: '2026-12-07T01:23:45', at_optimal_time: true } });
    h.clock.advance({ hours: 48 });
    expect(usersAt('18:00')).toEqual(['fan-1', 'fan-2']);
    expect(usersAt('09:00')).toEqual(['fan-5']);
  });

  it.each([
    ['company', 400],
    ['all', 201],
  ] as const)('a local time that has passed in the company zone but not everywhere: %s', async (localTimePassed, status) => {
    h = await harness({ localTimePassed });
    expect((await h.create({ schedule: { time: '2026-12-06T08:30:00', in_local_time: true } })).status).toBe(status);
  });
});

describe('whose zone decides that a local time has passed', () => {
  it.each([
    ['UTC', 400],
    ['America/New_York', 201],
  ])("the company's: %s", async (companyTimeZone, status) => {
    h = await harness({ companyTimeZone });
    expect((await h.create({ schedule: { time: '2026-12-06T08:30:00', in_local_time: true } })).status).toBe(status);
  });
});

describe('contracts 1.3: update', () => {
  it('replaces the schedule whole and keeps the id', async () => {
    h = await harness();
    const id = await h.createId();
    const answer = await h.update(id, '2026-12-06T12:45:00Z');
    expect(answer.json).toEqual({ message: 'success' });
    h.clock.advance({ hours: 5 });
    expect(firedAt()).toEqual(['12:45']);
    expect(h.sim.deliveries().every((one) => one.scheduleId === id)).toBe(true);
  });

  it('does not apply trigger properties', async () => {
    h = await harness();
    const id = await h.createId({ trigger_properties: { home: 'Villa' } });
    await h.update(id, '2026-12-06T12:45:00Z', { trigger_properties: { home: 'Arsenal' } });
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries()[0]?.messages[0]?.fields['alert']).toBe('Match: Villa');
  });

  it('with a forgotten in_local_time falls back to UTC', async () => {
    h = await harness();
    const id = await h.createId({ schedule: { time: '2026-12-08T12:00:00', in_local_time: true } });
    await h.update(id, '2026-12-08T12:00:00');
    h.clock.advance({ hours: 72 });
    expect(firedAt()).toEqual(['12:00']);
  });

  it('may answer with a new id in place of the old', async () => {
    h = await harness({ updateId: 'new-replace' });
    const id = await h.createId();
    const next = (await h.update(id, '2026-12-06T12:45:00Z')).json['schedule_id'];
    expect(next).not.toBe(id);
    h.clock.advance({ hours: 5 });
    expect(new Set(h.sim.deliveries().map((one) => one.scheduleId))).toEqual(new Set([next]));
  });

  it('may answer with a new id and keep the old: both send', async () => {
    h = await harness({ updateId: 'new-keep-old' });
    const id = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    await h.update(id, '2026-12-06T12:45:00Z');
    h.clock.advance({ hours: 5 });
    expect(firedAt()).toEqual(['11:30', '12:45']);
    expect(h.sim.timesTold('fd-1')['fan-1']).toBe(2);
  });

  it('does nothing once the local time has passed in any zone, and says success', async () => {
    h = await harness();
    const id = await h.createId({ schedule: { time: '2026-12-06T20:00:00', in_local_time: true } });
    const answer = await h.update(id, '2026-12-07T22:00:00Z');
    expect(answer.json['message']).toBe('success');
    h.clock.advance({ hours: 48 });
    expect(firedAt()).not.toContain('22:00');
    expect(h.sim.deliveries()).toHaveLength(5);
  });

  it('is refused without a schedule', async () => {
    h = await harness();
    const id = await h.createId();
    const answer = await h.call('POST', '/campaigns/trigger/schedule/update', { campaign_id: PLAIN, schedule_id: id });
    expect(answer.status).toBe(400);
  });
});

describe('contracts 1.4: delete', () => {
  it('stops the send', async () => {
    h = await harness();
    const id = await h.createId();
    expect((await h.remove(id)).json).toEqual({ message: 'success' });
    h.clock.advance({ hours: 5 });
    expect([h.sim.deliveries(), h.sim.aborts(), h.sim.schedules()[0]?.state]).toEqual([[], [], 'deleted']);
  });

  const gone = {
    unknown: async () => 'no-such-id',
    deleted: async () => {
      const id = await h.createId();
      await h.remove(id);
      return id;
    },
    sent: async () => {
      const id = await h.createId();
      h.clock.advance({ hours: 5 });
      return id;
    },
  } as const;
  const cases = ([400, 404, 200] as const).flatMap((status) =>
    Object.keys(gone).map((state) => [state as keyof typeof gone, status] as const),
  );

  it.each(cases)('of a schedule that is %s answers %i to delete and update', async (state, unknownSchedule) => {
    h = await harness({ unknownSchedule });
    const id = await gone[state]();
    expect((await h.remove(id)).status).toBe(unknownSchedule);
    expect((await h.update(id, '2026-12-07T12:45:00Z')).status).toBe(unknownSchedule);
    expect(h.sim.deliveries().length).toBe(state === 'sent' ? 5 : 0);
  });

  it('with the campaign of another is a 400, with an unknown one Invalid Campaign ID; nothing is deleted', async () => {
    h = await harness();
    const id = await h.createId();
    expect((await h.remove(id, CAMPAIGN)).status).toBe(400);
    expect((await h.remove(id, 'nobody')).json['message']).toBe('Invalid Campaign ID');
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries()).toHaveLength(5);
  });

  it('misses a schedule that is not visible yet', async () => {
    h = await harness({ createVisibleAfterMs: 300_000 });
    const id = await h.createId();
    expect((await h.remove(id)).status).toBe(400);
    h.clock.advance({ minutes: 5 });
    expect((await h.remove(id)).status).toBe(201);
  });
});

describe('contracts 1.3: the best-effort window', () => {
  const near = { bestEffortWindowMs: 20 * 60_000, bestEffortShare: 0.6 };

  it('one second before it, a delete reaches everybody', async () => {
    h = await harness(near);
    const id = await h.createId();
    h.clock.set('2026-12-06T11:09:59Z');
    await h.remove(id);
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries()).toHaveLength(0);
  });

  it.each([
    ['some', 0.6, ['fan-4', 'fan-5']],
    ['all', 1, []],
    ['none', 0, ['fan-1', 'fan-2', 'fan-3', 'fan-4', 'fan-5']],
  ])('inside it, a delete answers success and reaches %s', async (_, bestEffortShare, told) => {
    h = await harness({ ...near, bestEffortShare });
    const id = await h.createId();
    h.clock.set('2026-12-06T11:10:00Z');
    expect((await h.remove(id)).json).toEqual({ message: 'success' });
    expect(h.sim.schedules()[0]?.survivors).toBe(told.length > 0);
    expect((await h.remove(id)).status).toBe(400);
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries().map((one) => one.user)).toEqual(told);
  });

  it('inside it, an update moves some and leaves the others; each is told once', async () => {
    h = await harness(near);
    const id = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    h.clock.set('2026-12-06T11:20:00Z');
    expect((await h.update(id, '2026-12-06T13:00:00Z')).json['message']).toBe('success');
    h.clock.advance({ hours: 5 });
    expect(usersAt('11:30')).toEqual(['fan-4', 'fan-5']);
    expect(usersAt('13:00')).toEqual(['fan-1', 'fan-2', 'fan-3']);
    expect(Object.values(h.sim.timesTold('fd-1'))).toEqual([1, 1, 1, 1, 1]);
  });

  it('an update with a new id in the window splits the users between the two', async () => {
    h = await harness({ ...near, updateId: 'new-replace' });
    const id = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    h.clock.set('2026-12-06T11:20:00Z');
    await h.update(id, '2026-12-06T13:00:00Z');
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries({ scheduleId: id }).map((one) => one.user)).toEqual(['fan-4', 'fan-5']);
    expect(Object.values(h.sim.timesTold('fd-1'))).toEqual([1, 1, 1, 1, 1]);
  });

  it('during the send, a delete still reaches some of those whose turn has not come', async () => {
    h = await harness({ ...near, sendDurationMs: 40_000, bestEffortShare: 1 });
    const id = await h.createId();
    h.clock.set('2026-12-06T11:30:15Z');
    expect((await h.remove(id)).status).toBe(201);
    h.clock.advance({ hours: 1 });
    expect(h.sim.deliveries().map((one) => one.user)).toEqual(['fan-1', 'fan-2']);
  });
});

describe('contracts 1.5: canvases', () => {
  const canvas = (verb: string, body: object) => h.call('POST', `/canvas/trigger/schedule/${verb}`, { canvas_id: 'canvas-1', ...body });

  it.each(['context', 'canvas_entry_properties'])('are created with their content under %s, updated and deleted', async (name) => {
    h = await harness();
    const body = { broadcast: true, schedule: { time: '2026-12-06T11:30:00Z' }, [name]: { home: 'Villa' } };
    const id = (await canvas('create', body)).json['schedule_id'];
    const second = (await canvas('create', body)).json['schedule_id'];
    expect((await canvas('delete', { schedule_id: second })).status).toBe(201);
    expect((await canvas('update', { schedule_id: id, schedule: { time: '2026-12-06T12:00:00Z' } })).status).toBe(201);
    h.clock.advance({ hours: 5 });
    expect(h.sim.deliveries()).toHaveLength(5);
    expect(h.sim.deliveries()[0]?.messages[0]?.fields['alert']).toBe('VillaVilla');
  });

  it('a campaign is no canvas', async () => {
    h = await harness();
    expect((await canvas('create', { canvas_id: PLAIN, broadcast: true })).json['message']).toBe('Invalid Canvas ID');
  });
});
