import { describe, expect, it } from 'vitest';
import { heldPrefix, rowsOf, settledUpTo } from '../../src/ledger/rows.ts';
import { AT, created, recorded, sent } from './objects.ts';

const rows = (object: Parameters<typeof rowsOf>[0], heldUpTo = 0) => rowsOf(object, { ownerId: 'cluster-a', heldUpTo });
const inFlight = { id: 'op2', holder: 'pod-1', startedAt: '2026-12-06T08:58:00Z' };

describe('the rows of an object', () => {
  it('are an intent and an outcome for a call, and an outcome for what was none', () => {
    const found = rows(recorded({ entries: [created(1), sent(1)] }));
    expect(found.map(({ operation_id, phase, action, at }) => [operation_id, phase, action, at])).toEqual([
      ['op1', 'intent', 'created', '2026-12-06T08:59:59Z'],
      ['op1', 'outcome', 'created', AT],
      ['u1/2', 'outcome', 'sent', AT],
    ]);
    expect(found[1]).toMatchObject({ match_key: 'football-data/600123/c1', owner_id: 'cluster-a', schedule_id: 's1', outcome: 'done' });
  });

  it('are only the intent while the call may still be running', () => {
    const object = recorded({ entries: [created(1), created(2, 'unknown')], operation: inFlight });
    expect(rows(object).map(({ operation_id, phase }) => `${operation_id} ${phase}`)).toEqual(['op1 intent', 'op1 outcome', 'op2 intent']);
    expect(rows(object).at(-1)).toMatchObject({ holder: 'pod-1', outcome: null });
    expect(settledUpTo(object)).toBe(1);
  });

  it('say unknown as the outcome once the operation is given up', () => {
    const object = recorded({ entries: [created(1, 'unknown')] });
    expect(rows(object).at(-1)).toMatchObject({ phase: 'outcome', outcome: 'unknown' });
    expect(settledUpTo(object)).toBe(1);
  });

  it('name the call that a person resolved, under an id of their own', () => {
    const resolved = { operationId: 'op1', at: AT, action: 'resolved', outcome: 'done' };
    const found = rows(recorded({ entries: [created(1, 'unknown'), resolved] }));
    expect(found.at(-1)).toMatchObject({ operation_id: 'u1/2', action: 'resolved', reason: 'op1' });
  });

  it('are only those that are not held', () => {
    expect(rows(recorded({ entries: [created(1), sent(1)] }), 1).map(({ sequence }) => sequence)).toEqual([2]);
  });
});

describe('how far an object is held', () => {
  const object = recorded({ entries: [created(1), sent(1), created(3)] });

  it('is the last sequence before the first that is missing', () => {
    expect(heldPrefix(object, new Set([1, 3]))).toBe(1);
    expect(heldPrefix(object, new Set([1, 2, 3]))).toBe(3);
    expect(heldPrefix(object, new Set())).toBe(0);
  });

  it('passes over the entry that stands for what was trimmed away', () => {
    const gap = { at: AT, action: 'skipped', outcome: 'done', reason: 'HistoryTrimmed' };
    expect(heldPrefix(recorded({ entries: [gap, sent(9)], from: 8 }), new Set([9]))).toBe(9);
  });
});
