/**
 * To vitest's matchers any two Temporal instants are equal: they have no own members. This compares what they are, in every test.
 */
import { expect } from 'vitest';

function equalInstants(a: unknown, b: unknown): boolean | undefined {
  if (a instanceof Temporal.Instant && b instanceof Temporal.Instant) return a.equals(b);
  // Not both: vitest's own comparison, asymmetric matchers such as expect.any included.
  return undefined;
}

expect.addEqualityTesters([equalInstants]);
