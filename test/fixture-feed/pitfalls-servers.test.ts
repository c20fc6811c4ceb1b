/** Servers that lag and answer in turn, and what comes close to a send (contracts 2.9), on the simulator's real port. */
import { describe, expect, it } from 'vitest';
import { onSockets } from './bench-on-sockets.ts';

const HOUR_MS = 3_600_000;
const LAGGING = [
  { name: 'fresh', lagMs: 0 },
  { name: 'hours', lagMs: 5 * HOUR_MS },
  { name: 'weeks', lagMs: 21 * 24 * HOUR_MS },
];

describe('servers that lag and answer in turn (contracts 2.9)', () => {
  it('an older answer after a newer one undoes nothing, not even after a restart', { timeout: 30_000 }, async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-25T16:30:00Z' }]);
    await bench.run({ minutes: 12 });
    const before = object().metadata.resourceVersion;
    await provider.admin.setBackends(LAGGING, 'in-turn');
    await bench.run({ hours: 1 });
    bench.restart();
    await bench.run({ hours: 1 });
    expect(object().metadata.resourceVersion).toBe(before);
  });

  it('a move is followed although two of three servers do not have it yet', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.setBackends(LAGGING, 'in-turn');
    await bench.run({ minutes: 30 });
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-25T16:30:00Z' }]);
    await bench.run({ minutes: 20 });
    expect(object().spec.kickoff).toBe('2026-01-25T16:30:00Z');
  });

  it('TIMED that falls back to SCHEDULED for two polls 45 minutes before the kickoff is not held', async () => {
    const { bench, provider, id, object } = await onSockets();
    bench.clock.advanceTo(Temporal.Instant.from(object().spec.kickoff).subtract({ minutes: 105 }));
    await bench.run({ minutes: 2 });
    await provider.admin.setOddities([{ kind: 'timed-to-scheduled', ids: [id], answers: 2 }]);
    await bench.run({ minutes: 15 });
    expect(bench.writes.filter(({ after }) => after.metadata.name === `pl-${id}`).map(({ after }) => after.spec.hold)).toEqual([undefined]);
  });

  it('a kickoff that moves by an hour with 29 minutes to go is followed within two minutes', async () => {
    const { bench, provider, id, object } = await onSockets({ leadTime: '20m' });
    bench.clock.advanceTo(Temporal.Instant.from(object().spec.kickoff).subtract({ minutes: 35 }));
    await bench.run({ minutes: 6 });
    const utcDate = Temporal.Instant.from(object().spec.kickoff).add({ hours: 1 }).toString();
    await provider.admin.edit([{ kind: 'move', id, utcDate }]);
    await bench.run({ minutes: 2 });
    expect(object().spec.kickoff).toBe(utcDate);
  });

  it('a match is read every minute from two hours before its send on, however long the interval', async () => {
    const { bench, provider, id, object } = await onSockets({ interval: '6h' });
    bench.clock.advanceTo(Temporal.Instant.from(object().spec.sendAt).subtract({ hours: 5 }));
    await bench.run({ hours: 4 });
    const utcDate = Temporal.Instant.from(object().spec.kickoff).add({ hours: 1 }).toString();
    await provider.admin.edit([{ kind: 'move', id, utcDate }]);
    await bench.run({ minutes: 2 });
    expect(object().spec.kickoff).toBe(utcDate);
  });

  it('a stamp in the future does not keep a later real move from being followed', async () => {
    const { bench, provider, id, object } = await onSockets();
    await provider.admin.setOddities([{ kind: 'future-stamp', ids: [id], byMinutes: 114, answers: 3 }]);
    await bench.run({ minutes: 16 });
    await provider.admin.edit([{ kind: 'move', id, utcDate: '2026-01-25T16:30:00Z' }]);
    await bench.run({ hours: 3 });
    expect(object().spec.kickoff).toBe('2026-01-25T16:30:00Z');
  });
});
