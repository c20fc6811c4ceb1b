import { describe, expect, it } from 'vitest';
import { type DateSample, offsetOf, SampledBrazeClock } from '../../src/braze/clock.ts';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const SENT = at('2026-12-06T11:30:00.200Z');

/** An exchange of 100 ms that began at 11:30:00.200 and was answered with `date`. */
const sample = (date: string, change: Partial<DateSample> = {}): DateSample => ({
  date,
  sentMs: SENT,
  receivedMs: SENT + 100,
  sentMonotonicMs: 5_000,
  receivedMonotonicMs: 5_100,
  ...change,
});

describe('the offset of Braze’s clock', () => {
  it.each([
    ['is none when both clocks may be the same', 'Sun, 06 Dec 2026 11:30:00 GMT', 0],
    ['is the least that explains a Date ahead of ours', 'Sun, 06 Dec 2026 11:30:30 GMT', 29_700],
    ['is the least that explains a Date behind ours', 'Sun, 06 Dec 2026 11:29:30 GMT', -29_200],
  ])('%s', (_, date, offset) => {
    expect(offsetOf(sample(date))).toBe(offset);
  });

  it.each([
    ['took longer than 5 s', { receivedMs: SENT + 6_000, receivedMonotonicMs: 11_000 }],
    ['saw our clock stepped forward', { receivedMs: SENT + 3_600_000 }],
    ['saw our clock stepped back', { receivedMs: SENT - 1 }],
    ['has a date that is none', { date: 'yesterday' }],
  ])('is not learnt from an exchange that %s', (_, change) => {
    const clock = new SampledBrazeClock();
    expect(clock.sample(sample('Sun, 06 Dec 2026 11:30:30 GMT', change))).toBe(false);
    expect(clock.reading()).toBeUndefined();
  });

  it('is kept with the time at which it was learnt', () => {
    const clock = new SampledBrazeClock();
    expect(clock.sample(sample('Sun, 06 Dec 2026 11:30:30 GMT'))).toBe(true);
    const reading = clock.reading();
    expect(reading?.offsetMs).toBe(29_700);
    expect(reading?.at.toString()).toBe('2026-12-06T11:30:00.3Z');
  });
});
