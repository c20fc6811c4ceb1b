import { describe, expect, it } from 'vitest';
import type { MatchNotification, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { kickoffsAfter } from '../../src/reconcilers/match-notification/kickoffs.ts';
import { specOf } from './objects.ts';

const NOW = Temporal.Instant.from('2026-12-01T09:00:00Z');
const at = '2026-12-01T09:00:00Z';

function objectWith(
  spec: Partial<MatchNotification['spec']>,
  status: MatchNotificationStatus | undefined,
  generation = 2,
): MatchNotification {
  return {
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'MatchNotification',
    metadata: { name: 'pl-1', namespace: 'club', uid: 'u', resourceVersion: '1', generation },
    spec: { ...specOf(), ...spec },
    ...(status === undefined ? {} : { status }),
  };
}
const first = { kickoff: '2026-12-06T12:30:00Z', sendAt: '2026-12-06T11:30:00Z' };
const moved = { kickoff: '2026-12-06T15:00:00Z', sendAt: '2026-12-06T14:00:00Z' };

describe('the history of kickoffs', () => {
  it('begins with the first one seen', () => {
    expect(kickoffsAfter(objectWith(first, undefined), NOW)).toEqual([{ ...first, at }]);
  });

  it('gains each move, and says when', () => {
    const before = [{ ...first, at: '2026-11-01T00:00:00Z' }];
    expect(kickoffsAfter(objectWith(moved, { observedGeneration: 1, kickoffs: before }), NOW)).toEqual([...before, { ...moved, at }]);
  });

  it('gains nothing from a change of something else', () => {
    const before = [{ ...first, at: '2026-11-01T00:00:00Z' }];
    expect(kickoffsAfter(objectWith(first, { observedGeneration: 1, kickoffs: before }), NOW)).toEqual(before);
  });

  it('is never the reason of a write: an object seen before, by an operator that kept none, stays without', () => {
    expect(kickoffsAfter(objectWith(moved, { observedGeneration: 2 }), NOW)).toBeUndefined();
  });

  it('keeps the first and the latest eleven', () => {
    const before = Array.from({ length: 12 }, (_, n) => ({ ...first, at: `2026-11-${String(n + 10)}T00:00:00Z` }));
    const after = kickoffsAfter(objectWith(moved, { observedGeneration: 1, kickoffs: before }), NOW) ?? [];
    expect(after).toHaveLength(12);
    expect([after[0], after[1], after.at(-1)]).toEqual([before[0], before[2], { ...moved, at }]);
  });
});
