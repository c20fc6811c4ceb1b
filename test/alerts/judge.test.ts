/** The judge itself: it lets pass what docs/alerts.md says, and nothing else. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findPromtool } from '../../sandbox/prometheus/promtool.ts';
import { complaintOf } from './judge.ts';
import type { Scene } from './scene.ts';

const BEGINS = Temporal.Instant.from('2026-12-06T09:00:00Z');
const LEADER = 'leader_election_master_status{name="matchday",pod="one"}';
const AN_HOUR = 120;

/** An hour in which one operator leads until the given half minute, then does not, and is gone from another on. */
function scene(options: { readonly leadsUntil?: number; readonly goneFrom?: number; readonly causes?: Scene['causes'] }): Scene {
  const { leadsUntil = AN_HOUR, goneFrom = AN_HOUR, causes = new Map() } = options;
  const samples = Array.from({ length: goneFrom }, (_, slot) => ({ slot, value: slot < leadsUntil ? 1 : 0 }));
  const last = goneFrom < AN_HOUR ? [{ slot: goneFrom, value: undefined }] : [];
  const recording = { begins: BEGINS, slots: AN_HOUR, series: new Map([[LEADER, [...samples, ...last]]]) };
  return { name: 'written', recording, causes, beside: [] };
}
const since = (alert: string, minutes: number): Scene['causes'] => new Map([[alert, BEGINS.add({ minutes })]]);

describe('the judge of a scene', () => {
  beforeAll(() => findPromtool().then(() => {}), 30 * 60_000);

  it.each<[string, Scene]>([
    ['nothing fires, as it should be', scene({})],
    ['an alert fires as long after its cause as it should', scene({ leadsUntil: 20, causes: since('MatchdayNoLeader', 10) })],
    ['a series ends, and is missed at once', scene({ goneFrom: 20, causes: since('MatchdayOperatorDown', 10) })],
  ])('has nothing to say when %s', async (_, written) => {
    expect(await complaintOf(written)).toBe('');
  });

  it.each<[string, Scene]>([
    ['an alert fires that should not', scene({ leadsUntil: 20 })],
    ['an alert does not fire', scene({ causes: since('MatchdayNoLeader', 10) })],
    ['it fires before its cause', scene({ leadsUntil: 20, causes: since('MatchdayNoLeader', 20) })],
    ['it fires late', scene({ leadsUntil: 40, causes: since('MatchdayNoLeader', 10) })],
  ])('complains when %s', async (_, written) => {
    expect(await complaintOf(written)).toContain('FAILED');
  });
});
