import { describe, expect, it } from 'vitest';
import { Bench, inSeconds, lost, refusal } from './shell/bench.ts';
import { closing } from './situations.ts';

const closed = (object: Parameters<typeof closing>[0]) => closing(object, { confirmed: true, why: 'Postponed' });

describe('deleting a schedule', () => {
  it('is recorded when Braze did it', async () => {
    const bench = new Bench('2026-12-06T09:00:00Z').begin(closed);
    await bench.pass();
    expect(bench.calls).toEqual(['delete s1']);
    expect(bench.status.obsolete).toBeUndefined();
    expect(bench.status.occasion?.announced).toBeUndefined();
  });

  it('is asked again when the id is unknown because it was made a moment ago', async () => {
    const bench = new Bench('2026-12-01T00:02:00Z').begin(closed);
    bench.deleteAnswers.push(refusal('unknown-id'));
    expect(await bench.passes()).toEqual(inSeconds(bench, 30));
    expect(bench.status.obsolete).toHaveLength(1);
  });

  it('takes an unknown id for gone five minutes later', async () => {
    const bench = new Bench('2026-12-01T00:05:10Z').begin(closed);
    bench.deleteAnswers.push(refusal('unknown-id'));
    await bench.pass();
    expect(bench.status.obsolete).toBeUndefined();
  });

  it.each([
    ['no answer', lost],
    ['another refusal', refusal('campaign-not-found')],
  ])('is tried again after %s', async (_says, answer) => {
    const bench = new Bench('2026-12-06T09:00:00Z').begin(closed);
    bench.deleteAnswers.push(answer);
    expect(await bench.passes()).toEqual(inSeconds(bench, 2));
    expect(bench.status.obsolete).toHaveLength(1);
  });

  it('inside the buffer proves nothing until the close is confirmed, and is asked again at once then', async () => {
    const bench = new Bench('2026-12-06T11:20:00Z').begin((object) => closing(object));
    await bench.passes();
    expect(bench.calls.slice(0, 4)).toEqual(['put ""', 'delete s1', 'read', 'delete s1']);
    expect(bench.status.obsolete).toBeUndefined();
  });

  it('inside the buffer proves nothing while a write of its token may still arrive', async () => {
    const bench = new Bench('2026-12-06T11:20:00Z').begin((object) => closing(object, { confirmed: true, unsettled: [lostToken(object)] }));
    expect(await bench.passes()).toEqual(inSeconds(bench, 15));
    expect(bench.status.obsolete).toHaveLength(1);
    expect(bench.count('create')).toBe(0);
  });

  it('after which it is too late to send is told of as missed, once, though no rest said so first', async () => {
    const bench = new Bench('2026-12-06T11:45:00Z').begin((object) => {
      const { obsolete = [], ...rest } = closing(object, { confirmed: true });
      const wanted = { sendAt: '2026-12-06T11:30:00Z', since: '2026-12-01T00:00:00Z' };
      return { ...rest, wanted, obsolete: obsolete.map((entry) => ({ ...entry, firesAt: '2026-12-06T12:20:00Z' })) };
    });
    await bench.passes();
    expect(bench.status).toMatchObject({ phase: 'Missed' });
    expect(Object.values(bench.status.history ?? {}).map(({ action }) => action)).toEqual(['moved', 'missed']);
    expect(bench.told.filter((reason) => reason === 'Missed' || reason === 'Moved')).toEqual(['Missed', 'Moved']);
  });

  it('is not begun when the lease does not outlive it', async () => {
    const bench = new Bench('2026-12-06T09:00:00Z').begin(closed);
    bench.mayStart = false;
    await bench.pass();
    expect(bench.calls).toEqual([]);
  });
});

function lostToken(object: Parameters<typeof closing>[0]): string {
  return closing(object).obsolete?.[0]?.token ?? '';
}
