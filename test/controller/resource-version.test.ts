import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/controller/backoff.ts';
import { compareResourceVersions, isNotNewer, isOlder } from '../../src/controller/resource-version.ts';

describe('resourceVersions', () => {
  it('order as the whole numbers that they are, of any length', () => {
    const versions = fc.bigInt({ min: 0n, max: 10n ** 40n });
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        const order = compareResourceVersions(String(a), String(b));
        expect(Math.sign(order ?? Number.NaN)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('with leading zeros are the same number', () => {
    expect(compareResourceVersions('007', '7')).toBe(0);
    expect(compareResourceVersions('0', '00')).toBe(0);
  });

  it('that are no numbers are comparable with themselves only', () => {
    expect(compareResourceVersions('abc', 'abc')).toBe(0);
    expect(compareResourceVersions('abc', '7')).toBeUndefined();
    expect(isOlder('abc', '7') || isOlder('7', 'abc') || isNotNewer('', '7')).toBe(false);
  });
});

describe('a back-off', () => {
  it('doubles from its base to its cap, jitter included, and starts over when something worked', () => {
    const backoff = new Backoff({ baseMs: 800, capMs: 30_000, random: () => 0 });
    expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([800, 1_600, 3_200, 6_400, 12_800, 20_000, 20_000]);
    backoff.reset();
    expect(backoff.next()).toBe(800);
  });

  it('never leaves 0.8 to 30 s, whatever chance says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
        const backoff = new Backoff({ baseMs: 800, capMs: 30_000, random: () => chance });
        for (let i = 0; i < failures; i++) {
          const ms = backoff.next();
          expect(ms).toBeGreaterThanOrEqual(800);
          expect(ms).toBeLessThanOrEqual(30_000);
        }
      }),
    );
  });
});
