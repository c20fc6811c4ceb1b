import { describe, expect, it } from 'vitest';
import { instant } from '../../src/base/instants.ts';
import { Bench, inSeconds, lost, refusal, unreachable } from './shell/bench.ts';

const NOW = '2026-12-06T09:00:00Z';
/** Reads the item, so that the next pass creates. */
async function aboutToCreate(now = NOW): Promise<Bench> {
  const bench = new Bench(now).begin();
  await bench.pass();
  expect(bench.calls).toEqual(['read']);
  return bench;
}
const later = (status: object) => ({ ...status, lastHandledReconcileAt: 'changed meanwhile' });

describe('a create call', () => {
  it('ends in an armed send', async () => {
    const bench = new Bench(NOW).begin();
    await bench.passes();
    expect(bench.status).toMatchObject({ phase: 'Scheduled', schedule: { id: 's1' }, fence: { state: 'open', confirmed: true } });
    expect(bench.item?.token).toBe(bench.status.schedule?.token);
    expect(bench.count('create')).toBe(1);
  });

  it('is recorded on the fresh object when somebody else wrote meanwhile and the operation is still ours', async () => {
    const bench = await aboutToCreate();
    bench.duringCreate = () => bench.overwrite(later);
    await bench.pass();
    expect(bench.status).toMatchObject({ schedule: { id: 's1' }, lastHandledReconcileAt: 'changed meanwhile' });
    expect(bench.calls).toEqual(['read', 'create']);
  });

  it('is left alone when its record went through and only the answer of it was lost', async () => {
    const bench = await aboutToCreate();
    bench.beforeWrite = (n) => {
      if (n !== 2) return;
      bench.beforeWrite = () => {};
      const operation = bench.status.operation;
      bench.overwrite(({ operation: _, ...rest }) => ({
        ...rest,
        history: {
          '000001': { at: NOW, action: 'created', outcome: 'done', scheduleId: 's1', ...(operation ? { operationId: operation.id } : {}) },
        },
      }));
    };
    await bench.pass();
    expect(bench.count('delete')).toBe(0);
  });

  it('is compensated by one delete and nothing else when its intent was replaced', async () => {
    const bench = await aboutToCreate();
    bench.duringCreate = () => bench.overwrite(({ operation: _, ...rest }) => rest);
    await bench.pass();
    expect(bench.calls).toEqual(['read', 'create', 'delete s1']);
    expect(bench.status.schedule).toBeUndefined();
    expect(bench.told).toContain('Compensated');
  });

  it('keeps its answer while the API server is away, and records it before anything else', async () => {
    const bench = await aboutToCreate();
    bench.duringCreate = () => {
      bench.beforeWrite = unreachable;
    };
    await expect(bench.pass()).rejects.toThrow();
    await expect(bench.pass()).rejects.toThrow();
    expect(bench.status.operation).toBeDefined();
    bench.beforeWrite = () => {};
    await bench.pass();
    expect(bench.status).toMatchObject({ schedule: { id: 's1' } });
    expect(bench.count('create')).toBe(1);
  });

  it('that could not be recorded is not put over what another writer made of the object meanwhile', async () => {
    const bench = await aboutToCreate();
    bench.duringCreate = () => {
      bench.beforeWrite = unreachable;
    };
    await expect(bench.pass()).rejects.toThrow();
    bench.beforeWrite = () => {};
    bench.overwrite(({ operation: _, ...rest }) => rest);
    await bench.pass();
    expect(bench.status.schedule).toBeUndefined();
    expect(bench.calls).toEqual(['read', 'create', 'delete s1']);
  });

  it('that nobody recorded is waited for by another process, then dropped, and its token is never opened', async () => {
    const bench = await aboutToCreate();
    bench.duringCreate = () => {
      bench.beforeWrite = unreachable;
    };
    await expect(bench.pass()).rejects.toThrow();
    const dead = bench.status.operation?.token;
    const next = new Bench(NOW, { identity: 'two', on: bench });
    expect(await next.passes()).toEqual(inSeconds(next, 70));
    expect(next.calls).toEqual([]);
    next.clock.advance(70_000);
    await next.passes();
    expect(next.status).toMatchObject({ phase: 'Scheduled', attempt: 2 });
    expect(next.calls).not.toContain(`put "${dead}"`);
  });

  it('answered inside the margin is to be deleted, and is never announced', async () => {
    const bench = await aboutToCreate('2026-12-06T11:28:00Z');
    bench.duringCreate = () => bench.clock.advance(90_000);
    await bench.pass();
    expect(bench.status).toMatchObject({ obsolete: [{ id: 's1', why: 'AnsweredTooLate' }] });
    expect(bench.status.schedule).toBeUndefined();
    expect(bench.status.occasion?.announced).toBeUndefined();
    expect(bench.count('put')).toBe(0);
  });

  it('refused for a limit is made again when the limit ends', async () => {
    const bench = await aboutToCreate();
    const retryAt = instant('2026-12-06T09:00:42Z');
    bench.createAnswers.push(refusal('rate-limited', { status: 429, retryAt }));
    expect(await bench.passes()).toEqual(retryAt);
    expect(bench.status).toMatchObject({ history: { '000001': { outcome: 'refused', reason: 'rate-limited' } } });
    expect(bench.status.operation).toBeUndefined();
  });

  it('without an answer is made again under another token', async () => {
    const bench = await aboutToCreate();
    bench.createAnswers.push(lost);
    expect(await bench.passes()).toEqual(inSeconds(bench, 2));
    expect(bench.status).toMatchObject({ attempt: 1, history: { '000001': { outcome: 'unknown' } } });
    bench.clock.advance(2_000);
    await bench.passes();
    expect(bench.status).toMatchObject({ attempt: 2, phase: 'Scheduled' });
  });

  it('is not begun when the lease does not outlive it', async () => {
    const bench = await aboutToCreate();
    bench.mayStart = false;
    expect((await bench.pass()).requeueAt).toEqual(inSeconds(bench, 1));
    expect(bench.calls).toEqual(['read']);
    expect(bench.status.operation).toBeUndefined();
  });
});
