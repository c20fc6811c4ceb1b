import { describe, expect, it } from 'vitest';
import { NotInTime, until } from '../../sandbox/process/until.ts';

describe('waiting until something is so', () => {
  it('returns what the first look finds that finds anything', async () => {
    let looks = 0;
    const found = await until(() => (++looks < 3 ? undefined : looks), { what: 'the third look', timeoutMs: 5_000, everyMs: 1 });
    expect(found).toBe(3);
  });

  it('takes false, 0 and null for findings', async () => {
    for (const value of [false, 0, null]) expect(await until(() => value, { what: 'a value', timeoutMs: 0 })).toBe(value);
  });

  it('takes an error for "not yet", and names the last one when time is up', async () => {
    const look = (): never => {
      throw new Error('connection refused');
    };
    const failure = await until(look, { what: 'the server', timeoutMs: 20, everyMs: 1 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotInTime);
    expect(String(failure)).toContain('waited 0.02 s for the server; the last look failed with: connection refused');
  });

  it('ends with the reason of its signal', async () => {
    const signal = AbortSignal.abort(new Error('no longer wanted'));
    await expect(until(() => undefined, { what: 'nothing', timeoutMs: 5_000, signal })).rejects.toThrow('no longer wanted');
  });
});
