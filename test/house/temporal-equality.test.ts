import { expect, it } from 'vitest';

it('two instants are equal only when they are the same', () => {
  const at = { now: Temporal.Instant.from('2026-12-06T11:30:00Z') };
  expect(at).toEqual({ now: Temporal.Instant.from('2026-12-06T11:30:00Z') });
  expect(at).not.toEqual({ now: Temporal.Instant.from('2026-12-06T11:31:00Z') });
  expect(at).not.toMatchObject({ now: Temporal.Instant.from('2026-12-06T11:31:00Z') });
});
