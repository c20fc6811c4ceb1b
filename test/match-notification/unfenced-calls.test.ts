import { describe, expect, it } from 'vitest';
import { done } from '../../src/base/outcomes.ts';
import { specOf } from './objects.ts';
import { Bench, inSeconds, lost, refusal, unreachable } from './shell/bench.ts';

const NOW = '2026-12-06T09:00:00Z';

function unfenced(now = NOW): Bench {
  const bench = new Bench(now).begin();
  bench.fenced = false;
  return bench;
}
async function armedBench(): Promise<Bench> {
  const bench = unfenced();
  await bench.passes();
  expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's1', sendAt: '2026-12-06T11:30:00Z' } });
  bench.calls.length = 0;
  bench.clock.advance(600_000);
  return bench;
}
async function movedTo(bench: Bench, sendAt: string): Promise<void> {
  bench.api.apply(specOf({ sendAt }));
  await bench.passes();
}
const ready = (bench: Bench) => bench.status.conditions?.find(({ type }) => type === 'Ready');

describe('without a fence', () => {
  it('one call arms a send, in two writes', async () => {
    const bench = unfenced();
    await bench.passes();
    expect(bench.calls).toEqual(['create']);
    expect(bench.status).toMatchObject({ phase: 'Scheduled', occasion: { announced: [expect.any(String)] } });
    expect(bench.status.fence).toBeUndefined();
  });

  it('an update that keeps the id is recorded', async () => {
    const bench = await armedBench();
    await movedTo(bench, '2026-12-06T12:10:00Z');
    expect(bench.calls).toEqual(['update s1']);
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's1', firesAt: '2026-12-06T12:10:00Z' } });
    expect(bench.status.operation).toBeUndefined();
  });

  it('an update that is answered with another id is recorded, and the old id is deleted', async () => {
    const bench = await armedBench();
    bench.updateAnswers.push(done({ scheduleId: 's9' }));
    await movedTo(bench, '2026-12-06T12:10:00Z');
    expect(bench.calls).toEqual(['update s1', 'delete s1']);
    expect(bench.status).toMatchObject({ schedule: { id: 's9' }, occasion: { announced: [expect.any(String)] } });
    expect(bench.status.obsolete).toBeUndefined();
  });

  it('an update of what Braze does not know is followed by its delete, and then by a create', async () => {
    const bench = await armedBench();
    bench.updateAnswers.push(refusal('unknown-id'));
    await movedTo(bench, '2026-12-06T12:10:00Z');
    bench.clock.advance(2_000);
    await bench.passes();
    expect(bench.calls).toEqual(['update s1', 'delete s1', 'create']);
    expect(bench.status).toMatchObject({ schedule: { id: 's2', firesAt: '2026-12-06T12:10:00Z' } });
  });

  it('an update that must wait leaves the old time standing, and is made again', async () => {
    const bench = await armedBench();
    bench.updateAnswers.push(refusal('rate-limited', { status: 429, retryAt: inSeconds(bench, 30) }));
    await movedTo(bench, '2026-12-06T12:10:00Z');
    expect(bench.status).toMatchObject({ schedule: { id: 's1', firesAt: '2026-12-06T11:30:00Z' } });
    bench.clock.advance(30_000);
    await bench.passes();
    expect(bench.status).toMatchObject({ schedule: { id: 's1', firesAt: '2026-12-06T12:10:00Z' } });
  });

  it('a lost create stops everything until a person names the schedule', async () => {
    const bench = unfenced();
    bench.createAnswers.push(lost);
    await bench.passes();
    expect(bench.status.phase).toBe('Blocked');
    expect(ready(bench)?.reason).toBe('CreateUnresolved');
    bench.clock.advance(3_600_000);
    await bench.passes();
    expect(bench.count('create')).toBe(1);
    const operationId = bench.status.operation?.id;
    bench.annotations = { 'matchday.dev/resolve': JSON.stringify({ operationId, result: 'created', scheduleId: 's7' }) };
    await bench.passes();
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's7' } });
    expect(bench.calls).toEqual(['create']);
    expect(bench.told).toEqual(expect.arrayContaining(['CreateUnresolved', 'Resolved']));
  });

  it('a lost create is made again when a person says that it made nothing', async () => {
    const bench = unfenced();
    bench.createAnswers.push(lost);
    await bench.passes();
    bench.clock.advance(10_000);
    bench.annotations = {
      'matchday.dev/resolve': JSON.stringify({ operationId: bench.status.operation?.id, result: 'not-created' }),
    };
    await bench.passes();
    expect(bench.status).toMatchObject({ phase: 'Scheduled', attempt: 2 });
    // The answer stays on the object, and must not answer the next question.
    bench.api.apply(specOf({ sendAt: '2026-12-06T12:10:00Z' }));
    bench.updateAnswers.push(lost);
    await bench.passes();
    expect(ready(bench)?.reason).toBe('UpdateUnresolved');
  });

  it('a lost create is made again at once under Recreate, and never under Abandon', async () => {
    const again = unfenced();
    again.unresolved = 'Recreate';
    again.createAnswers.push(lost);
    await again.passes();
    again.clock.advance(10_000);
    await again.passes();
    expect(again.status).toMatchObject({ phase: 'Scheduled', attempt: 2 });
    const never = unfenced();
    never.unresolved = 'Abandon';
    never.createAnswers.push(lost);
    await never.passes();
    never.clock.advance(10_000);
    await never.passes();
    expect(never.status.phase).toBe('Missed');
    expect(never.count('create')).toBe(1);
  });

  it('a lost update deletes nothing and makes nothing under Block; what is known goes under Abandon', async () => {
    const bench = await armedBench();
    bench.updateAnswers.push(lost);
    await movedTo(bench, '2026-12-06T12:10:00Z');
    expect(bench.status).toMatchObject({ phase: 'Blocked', schedule: { id: 's1' }, operation: { kind: 'Update' } });
    expect(bench.calls).toEqual(['update s1']);
    bench.unresolved = 'Abandon';
    await bench.passes();
    expect(bench.calls).toEqual(['update s1', 'delete s1']);
    expect(bench.status.phase).toBe('Missed');
  });

  it('an answer that came and could not be recorded is recorded before anything else', async () => {
    const bench = await armedBench();
    bench.updateAnswers.push(done({ scheduleId: 's9' }));
    bench.api.apply(specOf({ sendAt: '2026-12-06T12:10:00Z' }));
    let writes = 0;
    bench.beforeWrite = () => {
      writes += 1;
      if (writes === 2) unreachable();
    };
    await expect(bench.pass()).rejects.toThrow();
    bench.beforeWrite = () => {};
    await bench.passes();
    expect(bench.status).toMatchObject({ schedule: { id: 's9' } });
    expect(bench.calls).toEqual(['update s1', 'delete s1']);
  });

  it('a schedule that was made for nobody is deleted until it is gone: it would be sent', async () => {
    const bench = unfenced();
    bench.duringCreate = () => bench.overwrite(({ operation: _, ...rest }) => rest);
    bench.deleteAnswers.push(lost);
    await expect(bench.pass()).rejects.toThrow('s1 was made for nobody');
    bench.duringCreate = () => {};
    await bench.pass();
    expect(bench.calls).toEqual(['create', 'delete s1', 'delete s1']);
  });

  it('a delete inside the buffer proves nothing: what it deleted counts as sent', async () => {
    const bench = await armedBench();
    bench.clock.advance(130 * 60_000);
    bench.api.apply(specOf({ suspend: true }));
    await bench.passes();
    expect(bench.calls).toEqual(['delete s1']);
    expect(bench.status.obsolete).toHaveLength(1);
    bench.clock.advance(10 * 60_000);
    await bench.passes();
    expect(bench.status).toMatchObject({ lastSent: { reason: 'PresumedSent', scheduleId: 's1' } });
  });

  it('an adopted schedule is owned from then on', async () => {
    const bench = unfenced();
    const { campaignId } = specOf();
    bench.annotations = { 'matchday.dev/adopt-schedule': JSON.stringify({ id: 'old', campaignId, sendAt: '2026-12-06T11:30:02Z' }) };
    await bench.passes();
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 'old' }, adopted: { id: 'old' } });
    expect(bench.calls).toEqual([]);
  });
});

describe('with a fence', () => {
  it('an adopted schedule is deleted, and one with a token takes its place', async () => {
    const bench = new Bench(NOW).begin();
    const { campaignId } = specOf();
    bench.annotations = { 'matchday.dev/adopt-schedule': JSON.stringify({ id: 'old', campaignId, sendAt: '2026-12-06T11:30:00Z' }) };
    await bench.passes();
    expect(bench.calls.slice(0, 3)).toEqual(['delete old', 'read', 'create']);
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's1' }, fence: { state: 'open', confirmed: true } });
  });

  it('what was armed without one is closed, deleted and made anew under it', async () => {
    const bench = await armedBench();
    bench.fenced = true;
    await bench.passes();
    expect(bench.count('delete s1')).toBe(1);
    expect(bench.status).toMatchObject({ schedule: { id: 's2' }, fence: { state: 'open', confirmed: true } });
  });

  it('an update in doubt from before is never opened', async () => {
    const bench = await armedBench();
    const token = bench.status.schedule?.token;
    bench.updateAnswers.push(lost);
    await movedTo(bench, '2026-12-06T12:10:00Z');
    bench.fenced = true;
    bench.clock.advance(10_000);
    await bench.passes();
    expect(bench.calls).not.toContain(`put "${token}"`);
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's2' } });
  });
});
