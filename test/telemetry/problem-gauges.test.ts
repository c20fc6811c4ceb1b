/** Which conditions of an object are shown as problems in `/metrics`. */
import { describe, expect, it } from 'vitest';
import { feedWith, NOW } from '../fixture-feed/samples.ts';
import { gaugesPage } from './gauges-page.ts';

/** The problems of one feed with these conditions (`FeedFresh=False Stale`), as the page shows them. */
async function shown(conditions: readonly string[]): Promise<readonly string[]> {
  const said = conditions.map((condition) => {
    const [type = '', status = '', reason = ''] = condition.split(/[= ]/);
    return {
      type,
      status: status === 'True' ? ('True' as const) : ('False' as const),
      reason,
      message: '',
      lastTransitionTime: NOW.toString(),
    };
  });
  const page = await gaugesPage({ feeds: [{ ...feedWith(), status: { conditions: said } }], now: NOW });
  const series = /^matchday_resource_condition\{.*type="(\w+)",reason="(\w+)"\} 1$/gm;
  return [...page.matchAll(series)].map(([, type, reason]) => `${type} ${reason}`);
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
