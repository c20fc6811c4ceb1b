/**
 * What one fixture costs: writes to the API server and calls to Braze, counted exactly. A bound that is exceeded is a regression; one that
 * is undercut should be lowered here.
 */
import { Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { clusterForTests } from '../support/cluster.ts';
import { ONE_FAN, reasonOf, tell } from './scale-support.ts';
import { inHours, itemOf, lastCall, stage, story, untilDealtWith } from './support.ts';

let stack: Stack;
let campaignId: string;
/** Each state of each object that the API server ever told of: every write that changed something is one. */
const states: MatchNotification[] = [];
const watched = new AbortController();
beforeAll(async () => {
  const cluster = await clusterForTests();
  stack = await stage({ cluster });
  campaignId = stack.campaign({ users: ONE_FAN });
  const path = `/apis/matchday.dev/v1alpha1/namespaces/${stack.namespace}/matchnotifications`;
  const take = (_phase: string, object: MatchNotification): void => void states.push(object);
  const request = await new Watch(cluster.kubeConfig).watch(path, {}, take, () => {});
  watched.signal.addEventListener('abort', () => request.abort());
  // A campaign's preflight belongs to no fixture.
  await untilDealtWith(stack, await stack.notify({ match: '2000', campaignId, kickoff: inHours(stack, 90) }), 'Scheduled');
});
afterAll(async () => {
  watched.abort();
  await stack?.stop();
});

/** What `change` led to until the object was at rest again: the reasons that were written in order, and the story in Braze. */
async function costOf(match: string, spec: Partial<Parameters<Stack['notify']>[0]> = {}) {
  const name = `pl-${match}`;
  const [statesBefore, callsBefore] = [states.length, lastCall(stack)];
  await stack.notify({ match, campaignId, kickoff: inHours(stack, 80), ...spec });
  const object = await stack.notifications.waitFor(name, (now) => untilRest(now));
  await seen(object);
  const mine = states.slice(statesBefore).filter(({ metadata }) => metadata.name === name);
  const written = mine.map((state) => `${reasonOf(state)}${state.status?.fence?.confirmed ? '+' : ''}`);
  return { written: written.slice(1), calls: story(stack, itemOf(object), callsBefore) };
}

const untilRest = ({ status, metadata }: MatchNotification): boolean =>
  status?.observedGeneration === metadata.generation &&
  status?.phase === 'Scheduled' &&
  status.fence?.confirmed === true &&
  status.fence.state === 'open';

/** The watch of ours has told of this state too. */
const seen = (object: MatchNotification): Promise<void> =>
  expect
    .poll(() => states.some(({ metadata }) => metadata.resourceVersion === object.metadata.resourceVersion), { timeout: 10_000 })
    .toBe(true) as Promise<void>;

describe('one fixture', () => {
  it('is created with three writes of status: intent, outcome, confirmation', async () => {
    const { written, calls } = await costOf('2001');
    tell(`create: ${written.join(' → ')} · ${calls.join(', ')}`);
    expect(calls).toEqual(['read', 'create', 'open', 'read']);
    expect(written).toEqual(['Creating', 'Opening', 'Scheduled+']);
  });

  it('is moved with five: retired, swept, and the three of a create', async () => {
    await costOf('2002');
    const { written, calls } = await costOf('2002', { kickoff: inHours(stack, 70) });
    tell(`move: ${written.join(' → ')} · ${calls.join(', ')}`);
    expect(calls.filter((call) => call !== 'read')).toEqual(['close', 'delete', 'create', 'open']);
    expect(written).toEqual(['Moving', 'Creating', 'Creating', 'Opening', 'Scheduled+']);
  });

  it('is renamed with two', async () => {
    await costOf('2003');
    const match = {
      provider: 'football-data',
      id: '2003',
      competition: 'PL',
      home: { id: '58', name: 'Villa', tla: 'AVL' },
      away: { id: '57', name: 'Arsenal FC' },
    };
    const { written, calls } = await costOf('2003', { spec: { match } });
    tell(`rename: ${written.join(' → ')} · ${calls.join(', ')}`);
    expect(calls).toEqual(['open', 'read']);
    expect(written).toHaveLength(2);
  });

  it('costs nothing at rest', async () => {
    await costOf('2004');
    const [statesBefore, callsBefore] = [states.length, lastCall(stack)];
    stack.clock.advance(3 * 3_600_000);
    // Another one is made meanwhile: whatever time had woken was served before it.
    await costOf('2005', { kickoff: inHours(stack, 75) });
    expect(states.slice(statesBefore).filter(({ metadata }) => metadata.name !== 'pl-2005')).toEqual([]);
    expect(
      stack.braze.log
        .where({ afterSeq: callsBefore })
        .filter(({ notifications }) => !notifications.includes(itemOf(stack.notifications.get('pl-2005')!)) && notifications.length > 0),
    ).toEqual([]);
  });

  it('is not written when another operator takes over', async () => {
    await costOf('2006');
    const statesBefore = states.length;
    const [old] = stack.operators;
    const next = await stack.startOperator({ name: 'the next' });
    await old?.stop();
    await next.leads();
    // Another one is made by it: whatever the take-over had woken was served before.
    await costOf('2007', { kickoff: inHours(stack, 100) });
    expect(
      states
        .slice(statesBefore)
        .filter(({ metadata }) => metadata.name !== 'pl-2007')
        .map((state) => `${state.metadata.name}: ${reasonOf(state)}`),
    ).toEqual([]);
  });
});
