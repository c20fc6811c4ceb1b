import { afterEach, describe, expect, it } from 'vitest';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const fenced = (token: string) => ({ campaign_id: CAMPAIGN, trigger_properties: { notification: 'fd-1', token } });
const open = (token: string) => h.sim.setItem('matchday', 'fd-1', { token, home: 'Aston Villa', away: 'Arsenal' });

describe('a schedule fires', () => {
  it('once per user, at its time, however far the clock jumps', async () => {
    h = await harness();
    const id = await h.createId();
    h.clock.set('2026-12-06T11:29:59Z');
    expect(h.sim.deliveries()).toHaveLength(0);
    h.clock.set('2026-12-09T00:00:00Z');
    h.clock.set('2026-12-10T00:00:00Z');
    const deliveries = h.sim.deliveries({ scheduleId: id });
    expect(deliveries.map((one) => one.user)).toEqual(['fan-1', 'fan-2', 'fan-3', 'fan-4', 'fan-5']);
    expect(new Set(deliveries.map((one) => one.firedMs))).toEqual(new Set([Date.parse('2026-12-06T11:30:00Z')]));
  });

  it('in the order of time within one jump', async () => {
    h = await harness();
    const late = await h.createId({ schedule: { time: '2026-12-06T12:00:00Z' } });
    const early = await h.createId({ schedule: { time: '2026-12-06T10:00:00Z' } });
    h.clock.advance({ hours: 24 });
    expect([...new Set(h.sim.deliveries().map((one) => one.scheduleId))]).toEqual([early, late]);
  });

  it('twice when it was created twice: create never dedups', async () => {
    h = await harness();
    const first = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    const second = await h.createId({ trigger_properties: { notification: 'fd-1' } });
    expect(first).not.toBe(second);
    h.clock.advance({ hours: 3 });
    expect(h.sim.timesTold('fd-1')['fan-1']).toBe(2);
  });
});

describe('the fence', () => {
  it('lets the schedule through whose token the catalog item holds', async () => {
    h = await harness();
    await h.create(fenced('t1'));
    open('t1');
    h.clock.advance({ hours: 3 });
    expect(h.sim.deliveries()[0]?.messages[0]?.fields).toEqual({ alert: 'Aston Villa v Arsenal' });
    expect(h.sim.timesTold('fd-1')).toEqual({ 'fan-1': 1, 'fan-2': 1, 'fan-3': 1, 'fan-4': 1, 'fan-5': 1 });
  });

  it.each([
    ['closed', ''],
    ['open for a successor', 't2'],
  ])('aborts while it is %s', async (_, token) => {
    h = await harness();
    await h.create(fenced('t1'));
    open(token);
    h.clock.advance({ hours: 3 });
    expect(h.sim.deliveries()).toHaveLength(0);
    expect(h.sim.aborts().map((one) => [one.outcome, one.reason])).toEqual(Array(5).fill(['aborted', 'matchday: superseded']));
  });

  it('aborts while the item is missing', async () => {
    h = await harness();
    await h.create(fenced('t1'));
    h.clock.advance({ hours: 3 });
    expect(h.sim.aborts().map((one) => one.reason)).toEqual(Array(5).fill('matchday: superseded'));
  });

  it('of two schedules lets only the one through that is open', async () => {
    h = await harness();
    await h.create(fenced('t1'));
    const second = String((await h.create(fenced('t2'))).json['schedule_id']);
    open('t2');
    h.clock.advance({ hours: 3 });
    expect(new Set(h.sim.deliveries().map((one) => one.scheduleId))).toEqual(new Set([second]));
    expect(h.sim.aborts()).toHaveLength(5);
  });

  it('is read as it was renderLagMs ago', async () => {
    h = await harness({ renderLagMs: 60_000 });
    open('t1');
    await h.create(fenced('t1'));
    h.clock.set('2026-12-06T11:29:30Z');
    open('');
    h.clock.set('2026-12-06T11:31:00Z');
    expect(h.sim.deliveries()).toHaveLength(5);
  });

  it('closed in the middle of a long send stops the rest of the users', async () => {
    h = await harness({ sendDurationMs: 40_000 });
    open('t1');
    await h.create(fenced('t1'));
    h.clock.set('2026-12-06T11:30:15Z');
    open('');
    h.clock.set('2026-12-06T11:31:00Z');
    expect(h.sim.deliveries().map((one) => one.renderedMs - one.firedMs)).toEqual([0, 10_000]);
    expect(h.sim.aborts()).toHaveLength(3);
  });
});

describe('who is reached', () => {
  it('is only the recipients, each once though named twice, with their own properties over the common ones', async () => {
    h = await harness();
    await h.create({
      broadcast: false,
      recipients: [
        { external_user_id: 'fan-2', trigger_properties: { home: 'Villa' } },
        { external_user_id: 'fan-2' },
        { email: 'fan-3@fans.example' },
        { braze_id: 'braze-fan-4' },
        { external_user_id: 'nobody' },
      ],
      trigger_properties: { home: 'Aston Villa' },
    });
    h.clock.advance({ hours: 3 });
    expect(h.sim.deliveries().map((one) => [one.user, one.messages[0]?.fields['alert']])).toEqual([
      ['fan-2', 'Match: Villa'],
      ['fan-3', 'Match: Aston Villa'],
      ['fan-4', 'Match: Aston Villa'],
    ]);
  });

  it('is the segment cut by a Connected Audience', async () => {
    h = await harness();
    const users = [{ id: 'a', attributes: { club: 'AVL' } }, { id: 'b', attributes: { club: 'ARS' } }, 'c'];
    h.sim.changeCampaign(PLAIN, { users });
    const custom_attribute = { custom_attribute_name: 'club', comparison: 'equals', value: 'AVL' };
    await h.create({ audience: { AND: [{ custom_attribute }] } });
    h.clock.advance({ hours: 3 });
    expect(h.sim.deliveries().map((one) => one.user)).toEqual(['a']);
  });

  it.each([
    ['on with no window', { enabled: true, windowMs: 0 }, 2],
    ['on with a day', { enabled: true, windowMs: 86_400_000 }, 1],
    ['off', { enabled: false, windowMs: 0 }, 1],
  ])('depends on re-eligibility: %s', async (_, reEligibility, times) => {
    h = await harness();
    h.sim.changeCampaign(PLAIN, { reEligibility });
    await h.create({ trigger_properties: { notification: 'fd-1' } });
    await h.create({ trigger_properties: { notification: 'fd-1' }, schedule: { time: '2026-12-06T13:00:00Z' } });
    h.clock.advance({ hours: 6 });
    expect(h.sim.timesTold('fd-1')['fan-1']).toBe(times);
    expect(h.sim.aborts().every((one) => one.outcome === 'not-eligible')).toBe(true);
  });

  it('is nobody once the campaign was stopped', async () => {
    h = await harness();
    await h.create();
    h.sim.stopCampaign(PLAIN);
    h.clock.advance({ hours: 3 });
    expect(h.sim.aborts().map((one) => one.outcome)).toEqual(Array(5).fill('campaign-stopped'));
  });
});
