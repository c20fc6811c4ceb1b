/** What the feed's reconciler needs of the world. */
import type { Clock } from '../../base/clock.ts';
import type { KubeClient, ObjectKey, Store } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { FootballDataApi } from '../../football-data/types.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Translators } from '../../translation/translators.ts';

export interface FeedMetrics {
  /** A whole answer was read and applied. */
  succeeded(feed: ObjectKey, at: Temporal.Instant): void;
  /** Calls left in the token's window. */
  remaining(feed: ObjectKey, calls: number): void;
  /** The feed is gone: its series go too. */
  gone(feed: ObjectKey): void;
}

export interface FixtureFeedPorts {
  readonly kube: Pick<KubeClient, 'get' | 'patch' | 'delete'>;
  readonly feeds: Store<FixtureFeed>;
  /** With the index `FEED_INDEX` made by `feedIndex`. Must keep spec, status, labels, annotations, finalizers, generation and deletionTimestamp. */
  readonly notifications: Store<MatchNotification>;
  /** A client for this token. Called when a token is new, whoever's Secret it is in. */
  readonly footballData: (request: { readonly token: string }) => FootballDataApi;
  /** A pass for this feed now: another feed with the same token heard something about its matches. */
  readonly wake: (feed: ObjectKey) => void;
  /** Whether the ledger holds all that happened to the object; true where none is kept. */
  readonly recorded: (object: MatchNotification) => boolean;
  readonly translators: Translators;
  /** Origins that `--allow-translator` names. */
  readonly allowTranslators: readonly string[];
  /** Keeps the token out of every text that leaves the process; called before the token's first use. */
  readonly registerSecret: (owner: string, value: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly metrics: FeedMetrics;
  /** From 0 to 1; for jitter. */
  readonly random: () => number;
}
