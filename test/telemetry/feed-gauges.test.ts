/** What `/metrics` says of how old a feed's knowledge is: enough for an alert that neither forgets nor cries wolf. */
import { describe, expect, it } from 'vitest';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import { feedWith, NOW } from '../fixture-feed/samples.ts';
import { gaugesPage } from './gauges-page.ts';

const KEY = { namespace: 'club', name: 'pl' };
const seconds = (at: Temporal.Instant): number => at.epochMilliseconds / 1000;
const ago = (minutes: number): Temporal.Instant => NOW.subtract({ minutes });

async function shown(feed: FixtureFeed, did?: Parameters<typeof gaugesPage>[0]['did']) {
  const page = await gaugesPage({ feeds: [feed], now: NOW, ...(did === undefined ? {} : { did }) });
  const value = (name: string): number | undefined => {
    const [, text] = new RegExp(`^${name}\\{namespace="club",name="pl"\\} (\\S+)$`, 'm').exec(page) ?? [];
    return text === undefined ? undefined : Number(text);
  };
  return { lastSuccess: value('matchday_feed_last_success_timestamp_seconds'), interval: value('matchday_feed_interval_seconds') };
}

describe('the age of a feed', () => {
  const answered = (minutes: number): FixtureFeed => ({ ...feedWith(), status: { lastSuccessAt: ago(minutes).toString() } });

  it('is known to a process that has not heard from the provider itself: what the status says outlives a restart', async () => {
    expect(await shown(answered(90))).toEqual({ lastSuccess: seconds(ago(90)), interval: 300 });
  });

  it('counts from what this process heard, which the status tells only every few minutes', async () => {
    expect((await shown(answered(4), (gauges) => gauges.feedSucceeded(KEY, ago(1)))).lastSuccess).toBe(seconds(ago(1)));
    expect((await shown(answered(1), (gauges) => gauges.feedSucceeded(KEY, ago(4)))).lastSuccess).toBe(seconds(ago(1)));
  });

  it('is not told before the first answer: nothing is no moment in 1970', async () => {
    expect(await shown(feedWith())).toEqual({ lastSuccess: undefined, interval: 300 });
  });

  it('comes with the interval that it is to be judged by', async () => {
    expect((await shown(feedWith({ interval: '6h' }))).interval).toBe(21_600);
  });

  it('is not told of a suspended feed: it is as old as a person wants it to be', async () => {
    const suspended = { ...answered(90), ...feedWith({ suspend: true }) };
    expect(await shown(suspended, (gauges) => gauges.feedSucceeded(KEY, ago(90)))).toEqual({});
  });

  it('is not told of a feed that is gone, nor of another one that comes by the same name', async () => {
    const page = await gaugesPage({ now: NOW, did: (gauges) => gauges.feedSucceeded(KEY, ago(1)) });
    expect(page).not.toContain('name="pl"');
    const successor = await shown(feedWith(), (gauges) => {
      gauges.feedSucceeded(KEY, ago(1));
      gauges.feedGone(KEY);
    });
    expect(successor.lastSuccess).toBeUndefined();
  });
});
