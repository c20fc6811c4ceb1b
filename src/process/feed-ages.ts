/**
 * How old each feed's knowledge is, for `/metrics`: what this process heard, or what the status tells, whichever is later. A process that
 * was started while the provider is down, and the standby, know of the last answer all the same; else a stale feed would be forgotten by
 * each restart. Read anew for each page, so that a feed that is gone or suspended leaves no series.
 */
import { parseDuration } from '../base/durations.ts';
import { instant } from '../base/instants.ts';
import type { ObjectKey } from '../controller/types.ts';
import type { FixtureFeed } from '../crds/fixture-feed.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export class FeedAges {
  readonly #metrics: Pick<Metrics, 'feedLastSuccess' | 'feedInterval'>;
  /** Milliseconds since 1970, by feed. */
  readonly #heardMs = new Map<string, number>();

  constructor(metrics: Pick<Metrics, 'feedLastSuccess' | 'feedInterval'>) {
    this.#metrics = metrics;
  }

  succeeded(feed: ObjectKey, at: Temporal.Instant): void {
    this.#heardMs.set(keyOf(feed), at.epochMilliseconds);
  }

  /** Another feed may come by the same name. */
  gone(feed: ObjectKey): void {
    this.#heardMs.delete(keyOf(feed));
  }

  /** Tells of these feeds and of no others. */
  read(feeds: readonly FixtureFeed[]): void {
    this.#metrics.feedLastSuccess.reset();
    this.#metrics.feedInterval.reset();
    // A feed that a person suspended is as old as they want it to be.
    for (const feed of feeds.filter(({ spec }) => !spec.suspend)) this.#tell(feed);
  }

  #tell({ metadata, spec, status }: FixtureFeed): void {
    const { namespace, name } = metadata;
    this.#metrics.feedInterval.set({ namespace, name }, parseDuration(spec.interval) / 1000);
    const told = status?.lastSuccessAt === undefined ? undefined : instant(status.lastSuccessAt).epochMilliseconds;
    const moments = [told, this.#heardMs.get(keyOf(metadata))].filter((moment) => moment !== undefined);
    if (moments.length > 0) this.#metrics.feedLastSuccess.set({ namespace, name }, Math.max(...moments) / 1000);
  }
}

const keyOf = ({ namespace, name }: ObjectKey): string => `${namespace}/${name}`;
