/** When each kind was last heard of, as `/metrics` tells it. */
import { expect, it } from 'vitest';
import { tellSilence } from '../../src/process/silence.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';

const NOW_SECONDS = 1_796_000_000;

it('a watch of one namespace that fell silent is not hidden by those of the others', async () => {
  const metrics = createMetrics();
  const watches = [
    { name: 'matchnotifications', silentForMs: 400_000 },
    { name: 'matchnotifications', silentForMs: 1_000 },
    { name: 'fixturefeeds', silentForMs: 2_000 },
    { name: 'brazeworkspaces', silentForMs: undefined },
  ];
  tellSilence(watches, { metrics, clock: new FakeClock(Temporal.Instant.fromEpochMilliseconds(NOW_SECONDS * 1000)) });
  const { body } = await metrics.page();
  const told = [...body.matchAll(/^matchday_reflector_last_event_timestamp_seconds\{kind="(\w+)"\} (\d+)$/gm)];
  expect(told.map(([, kind, seconds]) => [kind, NOW_SECONDS - Number(seconds)])).toEqual([
    ['matchnotifications', 400],
    ['fixturefeeds', 2],
  ]);
});
