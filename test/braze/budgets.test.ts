import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Limits, WindowBudgets } from '../../src/braze/budgets.ts';
import { SampledBrazeClock } from '../../src/braze/clock.ts';
import type { Claim } from '../../src/braze/types.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LIMITS: Limits = { hour: 250_000, broadcast: 250, audience_min: 10, catalog_sync: 45, catalog_async: 16_000 };
const START = '2026-12-06T11:30:10Z';

function budgets(limits: Partial<Limits> = {}, start = START) {
  const clock = new FakeClock(start);
  return { clock, budgets: new WindowBudgets({ clock, brazeClock: new SampledBrazeClock(), limits: () => ({ ...LIMITS, ...limits }) }) };
}

/** Lets the time until `at` pass; nothing when that is behind. */
function goTo(clock: FakeClock, at: Temporal.Instant): void {
  if (Temporal.Instant.compare(at, clock.now()) > 0) clock.advanceTo(at);
}

const claim = (key: string, firesAt = '2026-12-06T13:00:00Z', audience = 'a'): Claim => ({
  key,
  firesAt: Temporal.Instant.from(firesAt),
  buckets: ['broadcast', 'audience_min'],
  audience,
});
const sync = (key: string, firesAt = '2026-12-06T13:00:00Z'): Claim => ({
  key,
  firesAt: Temporal.Instant.from(firesAt),
  buckets: ['catalog_sync'],
});

describe('a window', () => {
  it('grants its limit and tells the next when to ask again', () => {
    const { budgets: b, clock } = budgets();
    for (let n = 0; n < 10; n += 1) expect(b.take(claim(`k${n}`))).toEqual({ granted: true });
    const refusal = b.take(claim('late'));
    expect(refusal.granted).toBe(false);
    if (!refusal.granted) goTo(clock, refusal.eta);
    expect(clock.now().toString()).toBe('2026-12-06T11:31:01Z');
    expect(b.take(claim('late'))).toEqual({ granted: true });
  });

  it('counts a call near its end in the next window too, since Braze may', () => {
    const { budgets: b, clock } = budgets({}, '2026-12-06T11:30:59.500Z');
    for (let n = 0; n < 10; n += 1) expect(b.take(claim(`k${n}`)).granted).toBe(true);
    goTo(clock, Temporal.Instant.from('2026-12-06T11:31:01Z'));
    expect(b.take(claim('next'))).toMatchObject({ granted: false });
    goTo(clock, Temporal.Instant.from('2026-12-06T11:32:01Z'));
    expect(b.take(claim('next'))).toEqual({ granted: true });
  });

  it('follows Braze’s clock, not ours', () => {
    const clock = new FakeClock('2026-12-06T11:30:10Z');
    const brazeClock = { reading: () => ({ offsetMs: 40_000, at: clock.now() }) };
    const b = new WindowBudgets({ clock, brazeClock, limits: () => ({ ...LIMITS, audience_min: 1 }) });
    expect(b.take(claim('one')).granted).toBe(true);
    const refusal = b.take(claim('two'));
    expect(refusal.granted ? undefined : refusal.eta.toString()).toBe('2026-12-06T11:30:21Z');
  });

  it('says what is left, for the metric', () => {
    const { budgets: b } = budgets();
    b.take(claim('one', undefined, 'a'));
    b.take(claim('two', undefined, 'b'));
    b.take(claim('three', undefined, 'b'));
    expect([b.remaining('broadcast'), b.remaining('audience_min'), b.remaining('hour')]).toEqual([247, 8, 250_000]);
  });
});

describe('the line', () => {
  it('puts the nearest send first, and an urgent late-comer before everybody', () => {
    const { budgets: b, clock } = budgets({ audience_min: 1 });
    b.take(claim('first'));
    const far = b.take(claim('far', '2026-12-20T12:00:00Z'));
    b.take(claim('near', '2026-12-06T12:00:00Z'));
    if (!far.granted) goTo(clock, far.eta);
    expect(b.take(claim('far', '2026-12-20T12:00:00Z'))).toMatchObject({ granted: false });
    expect(b.take(claim('urgent', '2026-12-06T11:40:00Z'))).toEqual({ granted: true });
    expect(b.take(claim('near', '2026-12-06T12:00:00Z'))).toMatchObject({ granted: false });
  });

  it('gives the next one what the more urgent cannot use because their audience is spent', () => {
    const { budgets: b } = budgets({ broadcast: 12, audience_min: 10 });
    for (let n = 0; n < 10; n += 1) b.take(claim(`a${n}`, undefined, 'a'));
    for (let n = 0; n < 50; n += 1) expect(b.take(claim(`wait${n}`, '2026-12-06T11:50:00Z', 'a')).granted).toBe(false);
    expect(b.take(claim('other', '2026-12-30T12:00:00Z', 'b'))).toEqual({ granted: true });
  });

  it('forgets who does not come back', () => {
    const { budgets: b, clock } = budgets({ audience_min: 1 });
    b.take(claim('first'));
    expect(b.take(claim('dead', '2026-12-06T12:00:00Z')).granted).toBe(false);
    goTo(clock, Temporal.Instant.from('2026-12-06T11:31:10Z'));
    expect(b.take(claim('alive'))).toMatchObject({ granted: false });
    goTo(clock, Temporal.Instant.from('2026-12-06T11:31:20Z'));
    expect(b.take(claim('alive'))).toEqual({ granted: true });
  });

  it('gives different times to ask again to those in different windows', () => {
    const { budgets: b } = budgets();
    for (let n = 0; n < 10; n += 1) b.take(claim(`k${n}`));
    const etas = Array.from({ length: 25 }, (_, n) => b.take(claim(`w${String(n).padStart(2, '0')}`)));
    const minutes = etas.map((grant) => (grant.granted ? '' : grant.eta.toString().slice(14, 16)));
    expect([
      minutes.filter((m) => m === '31').length,
      minutes.filter((m) => m === '32').length,
      minutes.filter((m) => m === '33').length,
    ]).toEqual([10, 10, 5]);
  });

  it('answers a claim in a line of 10,000 without looking at each of them', () => {
    const { budgets: b } = budgets();
    for (let n = 0; n < 10; n += 1) b.take(claim(`k${n}`));
    for (let n = 0; n < 10_000; n += 1)
      b.take(claim(`w${n}`, Temporal.Instant.from('2026-12-07T00:00:00Z').add({ minutes: n }).toString()));
    expect(b.take(claim('far', '2027-12-07T00:00:00Z'))).toMatchObject({ granted: false });
    expect(b.peek(claim('w9999', '2026-12-13T22:39:00Z'))).toMatchObject({ granted: false });
  });
});

describe('a reservation', () => {
  it('counts in every later window until it is used', () => {
    const { budgets: b, clock } = budgets({ audience_min: 2 });
    expect(b.reserve(claim('move')).granted).toBe(true);
    clock.advance(5 * 60_000);
    expect(b.take(claim('one', '2026-12-06T11:40:00Z')).granted).toBe(true);
    expect(b.take(claim('two', '2026-12-06T11:40:00Z')).granted).toBe(false);
    expect(b.take(claim('move'))).toEqual({ granted: true });
    expect(b.take(claim('move'))).toMatchObject({ granted: false });
  });

  it('sends those behind it to the next windows, not for as many windows as they are', () => {
    const { budgets: b } = budgets();
    for (let n = 0; n < 10; n += 1) expect(b.reserve(claim(`k${n}`)).granted).toBe(true);
    const etas = Array.from({ length: 25 }, (_, n) => b.reserve(claim(`w${String(n).padStart(2, '0')}`)));
    const minutes = etas.map((grant) => (grant.granted ? '' : grant.eta.toString().slice(14, 16)));
    expect(minutes.map((m) => Number(m) - 30)).toEqual([...Array(10).fill(1), ...Array(10).fill(2), ...Array(5).fill(3)]);
  });

  it('is given back once, however often it is released', () => {
    const { budgets: b } = budgets({ audience_min: 2 });
    b.reserve(claim('move'));
    b.reserve(claim('move'));
    b.release('move');
    b.release('move');
    expect([b.take(claim('one')).granted, b.take(claim('two')).granted, b.take(claim('three')).granted]).toEqual([true, true, false]);
  });

  it('does not give back a call that was taken', () => {
    const { budgets: b } = budgets({ audience_min: 1 });
    b.reserve(claim('move'));
    b.take(claim('move'));
    b.release('move');
    expect(b.take(claim('next')).granted).toBe(false);
  });

  it('lapses after half an hour, so that a vanished object holds nothing', () => {
    const { budgets: b, clock } = budgets({ audience_min: 1 });
    b.reserve(claim('gone'));
    clock.advance(29 * 60_000);
    expect(b.take(claim('next')).granted).toBe(false);
    clock.advance(2 * 60_000);
    expect(b.take(claim('next')).granted).toBe(true);
  });
});

describe('what Braze says', () => {
  it('lowers what is left and never raises it', () => {
    const { budgets: b } = budgets();
    b.observed('catalog_sync', 2, Temporal.Instant.from('2026-12-06T11:31:00Z'));
    expect(b.remaining('catalog_sync')).toBe(2);
    b.observed('catalog_sync', 40, Temporal.Instant.from('2026-12-06T11:31:00Z'));
    expect(b.remaining('catalog_sync')).toBe(2);
  });

  it('of a window that has ended changes nothing', () => {
    const { budgets: b } = budgets();
    b.observed('catalog_sync', 0, Temporal.Instant.from('2026-12-06T11:30:00Z'));
    expect(b.remaining('catalog_sync')).toBe(45);
  });

  it('with a 429 stops the bucket until the time it named', () => {
    const { budgets: b, clock } = budgets();
    const until = Temporal.Instant.from('2026-12-06T11:30:40Z');
    b.blocked(['catalog_sync'], until);
    const refusal = b.take(sync('a'));
    expect(refusal).toMatchObject({ granted: false });
    if (!refusal.granted) expect(refusal.eta.toString()).toBe(until.toString());
    goTo(clock, until);
    expect(b.take(sync('a'))).toEqual({ granted: true });
  });
});

describe('under any order of asking', () => {
  type Step = { readonly op: 'take' | 'reserve' | 'release'; readonly who: number; readonly audience: number; readonly waitMs: number };
  const step: fc.Arbitrary<Step> = fc.record({
    op: fc.constantFrom('take', 'take', 'take', 'reserve', 'release'),
    who: fc.nat(20),
    audience: fc.nat(2),
    waitMs: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(30_000)),
  });
  const of = ({ who, audience }: Step): Claim =>
    claim(`k${who}`, Temporal.Instant.from('2026-12-06T13:00:00Z').add({ minutes: who }).toString(), `aud${audience}`);

  it('no window of Braze sees more calls than its limit, though our clock is off by a second', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.integer({ min: -900, max: 900 }), (steps, errorMs) => {
        const { budgets: b, clock } = budgets({ broadcast: 6, audience_min: 3 });
        const seen = new Map<string, number>();
        for (const each of steps) {
          clock.advance(each.waitMs);
          if (each.op === 'release') b.release(`k${each.who}`);
          else if (each.op === 'reserve') b.reserve(of(each));
          else if (b.take(of(each)).granted) {
            const minute = Math.floor((clock.now().epochMilliseconds + errorMs) / 60_000);
            for (const id of [`all/${minute}`, `aud${each.audience}/${minute}`]) seen.set(id, (seen.get(id) ?? 0) + 1);
          }
        }
        for (const [id, count] of seen) expect(count, id).toBeLessThanOrEqual(id.startsWith('all/') ? 6 : 3);
      }),
      { numRuns: 300 },
    );
  });

  it('a granted claim is never less urgent than one that waits for the same limits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { minLength: 5, maxLength: 40 }), (order) => {
        const { budgets: b, clock } = budgets({ audience_min: 3 });
        for (let n = 0; n < 3; n += 1) b.take(claim(`warm${n}`));
        const at = (n: number) => Temporal.Instant.from('2026-12-06T13:00:00Z').add({ minutes: n }).toString();
        for (const n of order) b.take(claim(`w${n}`, at(n)));
        goTo(clock, Temporal.Instant.from('2026-12-06T11:31:01Z'));
        const granted = order.filter((n) => b.take(claim(`w${n}`, at(n))).granted);
        expect(granted.toSorted((x, y) => x - y)).toEqual(order.toSorted((x, y) => x - y).slice(0, 3));
      }),
      { numRuns: 200 },
    );
  });

  it('everybody who asks when told to gets a call, in as many windows as the limit needs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 7 }), (count, limit) => {
        const { budgets: b, clock } = budgets({ audience_min: limit });
        const waiting = new Map(Array.from({ length: count }, (_, n) => [`w${n}`, clock.now()]));
        let rounds = 0;
        while (waiting.size > 0) {
          const [key, at] = [...waiting].reduce((soonest, each) => (Temporal.Instant.compare(each[1], soonest[1]) < 0 ? each : soonest));
          goTo(clock, at);
          const grant = b.take(claim(key));
          if (grant.granted) waiting.delete(key);
          else waiting.set(key, grant.eta);
          rounds += 1;
          expect(rounds).toBeLessThan(count * 4 + 10);
        }
        const minutes = (clock.now().epochMilliseconds - Temporal.Instant.from(START).epochMilliseconds) / 60_000;
        expect(minutes).toBeLessThanOrEqual(Math.ceil(count / limit));
      }),
      { numRuns: 100 },
    );
  });
});
