import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, hashOf, sameJson } from '../../src/base/hash.ts';

const json = fc.jsonValue({ maxDepth: 3 });

describe('JSON values', () => {
  it('are the same exactly when their canonical forms are', () => {
    fc.assert(fc.property(json, json, (a, b) => sameJson(a, b) === (canonical(a) === canonical(b))));
    fc.assert(fc.property(json, (a) => sameJson(a, structuredClone(a))));
  });

  it('are the same in any order of keys and with undefined members', () => {
    const [a, b] = [
      { one: 1, two: [{ three: 3, four: undefined }] },
      { two: [{ three: 3 }], one: 1, five: undefined },
    ];
    expect(sameJson(a, b)).toBe(true);
    expect(hashOf(a)).toBe(hashOf(b));
    expect(sameJson(a, { ...b, five: null })).toBe(false);
    expect(sameJson([], {})).toBe(false);
  });
});
