/** Which conditions of an object are shown as problems in `/metrics`. */
import { describe, expect, it } from 'vitest';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { KubeObject } from '../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { readGauges } from '../../src/process/gauges.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { feedWith } from '../fixture-feed/samples.ts';
import { FakeClock } from '../support/fake-clock.ts';

function storeOf<T extends KubeObject>(): ObjectStore<T> {
  const onHandlerFailure = ({ error }: { error: unknown }): never => {
    throw error;
  };
  return new ObjectStore<T>({ transform: keepWhole(), onHandlerFailure });
}

/** The problems of one feed with these conditions (`FeedFresh=False Stale`), as the page shows them. */
async function shown(conditions: readonly string[]): Promise<readonly string[]> {
  const feeds = storeOf<FixtureFeed>();
  const kinds = { feeds, notifications: storeOf<MatchNotification>(), workspaces: storeOf<BrazeWorkspace>(), steps: [], ready: [] };
  const metrics = createMetrics();
  readGauges(kinds, metrics, new FakeClock('2026-12-01T00:00:00Z'));
  const snapshot = feeds.feed().snapshot();
  const said = conditions.map((condition) => {
    const [type = '', status = '', reason = ''] = condition.split(/[= ]/);
    return { type, status, reason, message: '', lastTransitionTime: '2026-12-01T00:00:00Z' };
  });
  snapshot.object({ ...feedWith(), status: { conditions: said } } as KubeObject);
  await snapshot.commit('10');
  const { body } = await metrics.page();
  const series = /^matchday_resource_condition\{.*type="(\w+)",reason="(\w+)"\} 1$/gm;
  return [...body.matchAll(series)].map(([, type, reason]) => `${type} ${reason}`);
}

describe('the problems of a feed', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['all is well', ['Ready=True Fresh', 'FeedFresh=True Fresh'], []],
    [
      'the provider does not answer, from the first failed poll on',
      ['Ready=False ProviderUnavailable', 'Reconciling=True ProviderUnavailable', 'FeedFresh=True Fresh'],
      ['Reconciling ProviderUnavailable'],
    ],
    ['what is known is old', ['Ready=True Fresh', 'FeedFresh=False Stale'], ['FeedFresh Stale']],
    [
      'matches are missing and people took the send times',
      ['Ready=True Fresh', 'FixturesMissing=True NotFound', 'Overridden=True Overridden'],
      ['FixturesMissing NotFound', 'Overridden Overridden'],
    ],
  ])('when %s', async (_, conditions, problems) => {
    expect(await shown(conditions)).toEqual(problems);
  });
});
