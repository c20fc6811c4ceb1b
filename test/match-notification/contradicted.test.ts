import { describe, expect, it } from 'vitest';
import type { MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { Bench } from './shell/bench.ts';
import { armed } from './situations.ts';

/** As a second leader that can't read Braze would have it. */
function contradicted(status: MatchNotificationStatus): MatchNotificationStatus {
  const conditions = (status.conditions ?? []).map((one) =>
    one.type === 'Ready' ? { ...one, status: 'False' as const, reason: 'BrazeUnavailable', message: 'no answer' } : one,
  );
  return { ...status, conditions };
}

/** An armed object of which this process has just said so, over what another had said; that one says it again. */
async function contradictedTwice(): Promise<Bench> {
  const bench = new Bench('2026-12-06T09:00:00Z').begin(armed);
  await bench.passes();
  bench.overwrite(contradicted);
  await bench.passes();
  expect(reason(bench)).toBe('Scheduled');
  bench.overwrite(contradicted);
  return bench;
}

const reason = (bench: Bench): string | undefined => bench.status.conditions?.find(({ type }) => type === 'Ready')?.reason;

describe('what another writer says over our words', () => {
  it('is left for ten seconds from when we said it, and corrected then', async () => {
    const bench = await contradictedTwice();
    expect(await bench.passes()).toEqual(bench.clock.now().add({ seconds: 10 }));
    expect(reason(bench)).toBe('BrazeUnavailable');
    bench.clock.advance(10_000);
    await bench.passes();
    expect(reason(bench)).toBe('Scheduled');
  });

  it('is corrected at once when people changed the object since', async () => {
    const bench = await contradictedTwice();
    bench.api.apply({ ...bench.api.get().spec, kickoff: '2026-12-06T12:31:00Z' });
    await bench.passes();
    expect(reason(bench)).not.toBe('BrazeUnavailable');
  });
});
