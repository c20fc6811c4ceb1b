/**
 * Feeds in one process, on a clock that jumps from one pass to the next: the real reconciler, and objects in a table, where an apply by the
 * only manager says what the object says. What the API server adds (owners of fields, validation by CEL) has its own tests.
 */
import { ApiError } from '../../src/controller/client-errors.ts';
import type { KubeObject, ObjectKey, Patch, Resource, Store } from '../../src/controller/types.ts';
import type { FixtureFeed, FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { fixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { API_VERSION } from '../../src/crds/kube.ts';
import { type MatchNotification, matchNotificationSpec } from '../../src/crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import type { FootballDataApi } from '../../src/football-data/types.ts';
import { FEED_INDEX, feedIndex } from '../../src/reconcilers/fixture-feed/identity.ts';
import { FixtureFeedReconciler } from '../../src/reconcilers/fixture-feed/reconciler.ts';
import type { ApplyBody } from '../../src/reconcilers/fixture-feed/wish.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { noTranslators } from '../support/no-translators.ts';

export interface FeedBenchOptions {
  readonly clock: FakeClock;
  readonly api: (token: string) => FootballDataApi;
  readonly seed?: number;
}

/** One write of an object, as the feed made it. */
export interface Written {
  readonly at: Temporal.Instant;
  readonly before: MatchNotification | undefined;
  readonly after: MatchNotification;
}

const idOf = ({ namespace, name }: ObjectKey): string => `${namespace}/${name}`;

export class FeedBench {
  readonly clock: FakeClock;
  readonly objects = new Map<string, MatchNotification>();
  readonly feeds = new Map<string, FixtureFeed>();
  readonly tokens = new Map<string, string>();
  readonly events: { readonly at: Temporal.Instant; readonly name: string; readonly reason: string; readonly note: string }[] = [];
  readonly writes: Written[] = [];
  readonly deleted: string[] = [];
  readonly succeededAt = new Map<string, Temporal.Instant>();
  /** Told of each write, before it counts. */
  onWrite: (written: Written) => void = (written) => void this.writes.push(written);
  readonly #nextAt = new Map<string, Temporal.Instant>();
  readonly #byFeed = new Map<string, Set<string>>();
  readonly #options: FeedBenchOptions;
  readonly #random: () => number;
  #reconciler: FixtureFeedReconciler;
  #versions = 0;

  constructor(options: FeedBenchOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.#random = lcg(options.seed ?? 1);
    this.#reconciler = this.#newReconciler();
  }

  /** A feed with a token of its own Secret; the first pass is due at once. */
  addFeed(
    name: string,
    spec: Partial<FixtureFeedSpec> & { competition: string; season?: string },
    options: { namespace?: string; token?: string } = {},
  ): ObjectKey {
    const { competition, season = '2025', ...rest } = spec;
    const key = { namespace: options.namespace ?? 'club', name };
    this.tokens.set(idOf({ namespace: key.namespace, name: `token-${name}` }), options.token ?? 'sandbox-token');
    this.feeds.set(idOf(key), {
      apiVersion: API_VERSION,
      kind: 'FixtureFeed',
      metadata: { ...key, uid: `uid-${idOf(key)}`, resourceVersion: String(++this.#versions), generation: 1 },
      spec: {
        ...fixtureFeedSpec.parse({
          source: { competition, season, tokenSecretRef: { name: `token-${name}`, key: 'token' } },
          template: { spec: { workspaceRef: { name: 'main' }, campaignId: 'campaign-1', audience: { broadcast: true } } },
        }),
        ...rest,
      },
    });
    this.#nextAt.set(idOf(key), this.clock.now());
    return key;
  }

  change(key: ObjectKey, spec: Partial<FixtureFeedSpec>): void {
    const feed = this.feed(key);
    const metadata = { ...feed.metadata, generation: (feed.metadata.generation ?? 0) + 1 };
    this.feeds.set(idOf(key), { ...feed, metadata, spec: { ...feed.spec, ...spec } });
    this.#nextAt.set(idOf(key), this.clock.now());
  }

  /** What the API server or a person changes in a feed's metadata. */
  touch(key: ObjectKey, metadata: Partial<FixtureFeed['metadata']>): void {
    const feed = this.feed(key);
    this.feeds.set(idOf(key), { ...feed, metadata: { ...feed.metadata, ...metadata } });
    this.#nextAt.set(idOf(key), this.clock.now());
  }

  feed(key: ObjectKey): FixtureFeed {
    const found = this.feeds.get(idOf(key));
    if (found === undefined) throw new Error(`there is no feed ${idOf(key)}`);
    return found;
  }

  notification(name: string, namespace = 'club'): MatchNotification {
    const found = this.objects.get(idOf({ namespace, name }));
    if (found === undefined) throw new Error(`there is no notification ${name}`);
    return found;
  }

  conditions(key: ObjectKey): readonly string[] {
    return (this.feed(key).status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  }

  message(key: ObjectKey, type: string): string {
    return this.feed(key).status?.conditions?.find((condition) => condition.type === type)?.message ?? '';
  }

  /** One pass of the feed that is due first, after the clock went there; false when none asks for one before `until`. */
  async step(until: Temporal.Instant): Promise<boolean> {
    let first: string | undefined;
    for (const [id, at] of this.#nextAt) {
      const best = first === undefined ? undefined : this.#nextAt.get(first);
      if (best === undefined || Temporal.Instant.compare(at, best) < 0) first = id;
    }
    const at = first === undefined ? undefined : this.#nextAt.get(first);
    if (first === undefined || at === undefined || Temporal.Instant.compare(at, until) > 0) {
      if (Temporal.Instant.compare(this.clock.now(), until) < 0) this.clock.advanceTo(until);
      return false;
    }
    if (Temporal.Instant.compare(this.clock.now(), at) < 0) this.clock.advanceTo(at);
    await this.pass(first);
    return true;
  }

  /** Lets time pass, with every pass at its time. */
  async run(duration: Temporal.DurationLike): Promise<void> {
    const until = this.clock.now().add(duration);
    while (await this.step(until));
  }

  async pass(id: string): Promise<void> {
    const [namespace = '', name = ''] = id.split('/');
    this.#nextAt.delete(id);
    const { requeueAt } = await this.#reconciler.reconcile({ namespace, name }, new AbortController().signal);
    const now = this.clock.now();
    if (requeueAt !== undefined && !this.#nextAt.has(id)) {
      // Never twice at one instant: a queue takes its time as well.
      const soonest = now.add({ milliseconds: 1 });
      this.#nextAt.set(id, Temporal.Instant.compare(requeueAt, soonest) < 0 ? soonest : requeueAt);
    }
  }

  /** A new process: nothing is remembered. */
  restart(): void {
    this.#reconciler = this.#newReconciler();
    for (const id of this.feeds.keys()) this.#nextAt.set(id, this.clock.now());
  }

  #newReconciler(): FixtureFeedReconciler {
    return new FixtureFeedReconciler({
      kube: {
        get: async <T extends KubeObject>(_resource: Resource, key: ObjectKey) => this.#secret(key) as KubeObject as T,
        patch: async <T extends KubeObject>(resource: Resource, key: ObjectKey, patch: Patch) =>
          (resource.plural === MATCH_NOTIFICATIONS.plural
            ? this.#apply(patch.body as ApplyBody)
            : this.#patchFeed(key, patch)) as KubeObject as T,
        delete: async (_resource, key) => {
          this.deleted.push(key.name);
          this.remove(key);
        },
      },
      feeds: storeOf(
        () => this.feeds,
        () => [],
      ),
      notifications: storeOf(
        () => this.objects,
        (index, value) => (index === FEED_INDEX ? [...(this.#byFeed.get(value) ?? [])].map((id) => this.objects.get(id)) : []),
      ),
      footballData: ({ token }) => this.#options.api(token),
      recorded: () => true,
      translators: noTranslators(this.clock),
      allowTranslators: [],
      wake: (key) => void this.#nextAt.set(idOf(key), this.clock.now()),
      registerSecret: () => {},
      clock: this.clock,
      log: silentLog,
      events: {
        record: ({ name }, { reason, note }) => void this.events.push({ at: this.clock.now(), name, reason, note }),
      },
      metrics: { succeeded: (key, at) => void this.succeededAt.set(idOf(key), at), remaining: () => {}, gone: () => {} },
      random: this.#random,
    });
  }

  #secret(key: ObjectKey): object {
    const token = this.tokens.get(idOf(key));
    if (token === undefined) throw new ApiError('GET', 404, { reason: 'NotFound', message: 'no' });
    return { metadata: key, data: { token: Buffer.from(token).toString('base64') } };
  }

  #patchFeed(key: ObjectKey, { body }: Patch): FixtureFeed {
    const { metadata, ...rest } = body as Partial<FixtureFeed>;
    const feed = this.feed(key);
    const next = { ...feed, ...rest, metadata: { ...feed.metadata, ...metadata } };
    this.feeds.set(idOf(key), next);
    return next;
  }

  #apply(body: ApplyBody): MatchNotification {
    const id = idOf(body.metadata);
    const before = this.objects.get(id);
    const { suspend, ignoreHold } = before?.spec ?? {};
    const people = { ...(suspend === undefined ? {} : { suspend }), ...(ignoreHold === undefined ? {} : { ignoreHold }) };
    const spec = matchNotificationSpec.parse({ ...people, ...body.spec });
    const after: MatchNotification = {
      ...before,
      apiVersion: body.apiVersion,
      kind: 'MatchNotification',
      metadata: {
        ...before?.metadata,
        ...body.metadata,
        uid: before?.metadata.uid ?? `uid-${id}`,
        generation: (before?.metadata.generation ?? 0) + 1,
        resourceVersion: String(++this.#versions),
      },
      spec,
    };
    this.onWrite({ at: this.clock.now(), before, after });
    this.put(after);
    return after;
  }

  put(object: MatchNotification): void {
    const id = idOf(object.metadata);
    this.objects.set(id, object);
    for (const value of feedIndex(object)) this.#byFeed.set(value, (this.#byFeed.get(value) ?? new Set()).add(id));
  }

  remove(key: ObjectKey): void {
    this.objects.delete(idOf(key));
    for (const ids of this.#byFeed.values()) ids.delete(idOf(key));
  }
}

function storeOf<T extends KubeObject>(
  table: () => ReadonlyMap<string, T>,
  byIndex: (name: string, value: string) => readonly (T | undefined)[],
): Store<T> {
  return {
    get: (key) => table().get(idOf(key)),
    list: () => [...table().values()],
    byIndex: (name, value) => byIndex(name, value).filter((object) => object !== undefined),
    written: () => {},
    synced: true,
  };
}

/** The same numbers each time. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
