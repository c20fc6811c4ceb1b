/**
 * Each alert of deploy/prometheus fires on what a real operator serves in the situation that it is for, as long after it as docs/alerts.md
 * says, and none in a healthy hour. Operators, API server and simulators are real processes on a moved clock; their metrics are scraped on
 * it, and Prometheus' own evaluation decides (a first run builds promtool: some minutes).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { findPromtool } from '../../sandbox/prometheus/promtool.ts';
import { away, muddled, refusing } from './braze-scenes.ts';
import { healthy, lockedOut } from './feed-scenes.ts';
import { DOCUMENTED } from './fires-after.ts';
import { complaintOf } from './judge.ts';
import { leases, silence } from './process-scenes.ts';
import { ALERTS } from './rules.ts';
import type { Scene } from './scene.ts';

const MINUTES = 60_000;
const fired = new Set<string>();

async function judged(play: () => Promise<Scene>): Promise<void> {
  const scene = await play();
  expect(await complaintOf(scene), scene.name).toBe('');
  for (const alert of scene.causes.keys()) fired.add(alert);
}

beforeAll(() => findPromtool().then(() => {}), 30 * MINUTES);

describe.concurrent('on the metrics of real operators', { timeout: 5 * MINUTES }, () => {
  // The longest first: five are played at once.
  it('nothing is told in a healthy hour in which a send goes out', () => judged(healthy));
  it('no leader, two leaders and no operator are told, and what was missed meanwhile', () => judged(leases));
  it('a pass that hangs and a watch that hears nothing are told', () => judged(silence));
  it('a Braze that fails is told, and the send that comes near, and is missed, and the ledger that is behind', () => judged(away));
  it('a wrong clock, a limit and a refused key are told', () => judged(refusing));
  it('a lost answer, a double, a missing fence, a stopped campaign and the doubtful send are told', () => judged(muddled));
  it('a feed that is locked out is told, and that it is stale, over a restart', () => judged(lockedOut));
});

it('every alert was seen firing, and docs/alerts.md has a row for each', () => {
  expect([...fired].sort()).toEqual([...ALERTS].sort());
  expect([...DOCUMENTED].sort()).toEqual([...ALERTS].sort());
});
