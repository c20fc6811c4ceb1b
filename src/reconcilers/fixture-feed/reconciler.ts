/**
 * The FixtureFeed's reconciler: when a poll is due, read the token, ask the provider, fold the answer into what is known, apply what
 * differs, say how it went (design §3).
 *
 * Two processes that both do this apply the same; an older knowledge loses nothing but time, because a send is decided by the
 * MatchNotification and its own reconciler. A crash anywhere leaves some fixtures applied and others not; the next pass goes on. Nothing
 * is ever deleted or held because an answer is missing, empty, old or an error (but a send that is minutes away, where
 * `sendWhenStale: false` asks for it); what is removed was finished long ago, or owns nothing beside an older object.
 */
import { parseDuration } from '../../base/durations.ts';
import { earliest, isBefore, plusMs } from '../../base/instants.ts';
import type { ObjectKey, ReconcileResult, Reconciler } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FIXTURE_FEEDS } from '../../crds/resources.ts';
import { FEED_REASONS } from '../../crds/words.ts';
import type { Heard, Turn } from '../../football-data/token-desk.ts';
import { type Seat, TokenDesks } from '../../football-data/token-desks.ts';
import { type Log, logFor } from '../../telemetry/log.ts';
import { applyAll } from './apply-all.ts';
import { applyNames } from './apply-names.ts';
import { ask } from './ask.ts';
import { keepByPolicy, letGo } from './deletion.ts';
import { doubtOf } from './doubt.ts';
import { expired, remove } from './expire.ts';
import { freshnessOf, lastAnswer, nextGateAt } from './freshness.ts';
import { gate } from './gate.ts';
import { guard } from './guard.ts';
import { FEED_INDEX, indexKey, objectName } from './identity.ts';
import { learnHeard } from './learn-heard.ts';
import { dueAt, emptyMemory, type FeedMemory } from './memory.ts';
import { missingOf, notFoundOf } from './misses.ts';
import { conflictsIn, type Plan, plan } from './plan.ts';
import { afterFailure, nextList, nextRead } from './poll-times.ts';
import type { FixtureFeedPorts } from './ports.ts';
import { byMatch, orphansFor, surplusOf } from './roster.ts';
import { type Counts, isWorthWriting, statusFor } from './status.ts';
import { tellApplied, tellMissing, tellNames, tellTurn } from './tell.ts';
import { readToken } from './token.ts';
import { type FeedNames, Translations } from './translations.ts';
import { applyFailed, fresh, type Verdict, verdictOn } from './verdict.ts';
import { followed, nextNearAt, watchedMatch, watchOf } from './watch.ts';

const RETRY_MS = 30_000;
/** A near match that was not read for so long is read now: more are near than one call can ask for, or it became so just now. */
const UNREAD_MS = 45_000;
const NOT_SYNCED_MS = 1_000;

/** One pass over one feed. */
interface Pass {
  readonly key: ObjectKey;
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  /** Objects of feeds that are gone, which this one goes on with. */
  readonly orphans: readonly MatchNotification[];
  /** The feed's objects, one for each match, orphans included. */
  readonly own: readonly MatchNotification[];
  readonly now: Temporal.Instant;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Absent: the feed asks for none. */
  readonly names?: FeedNames | undefined;
}

export class FixtureFeedReconciler implements Reconciler {
  readonly #ports: FixtureFeedPorts;
  readonly #desks: TokenDesks;
  readonly #translations: Translations;
  readonly #memories = new Map<string, FeedMemory>();

  constructor(ports: FixtureFeedPorts) {
    this.#ports = ports;
    this.#desks = new TokenDesks({ api: ports.footballData, clock: ports.clock, random: ports.random });
    this.#translations = new Translations(ports);
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const feed = this.#ports.feeds.get(key);
    if (feed === undefined) return this.#gone(key);
    const now = this.#ports.clock.now();
    // Without the objects nothing is known, and the first stale answer would be believed.
    if (!this.#ports.notifications.synced) return { requeueAt: plusMs(now, NOT_SYNCED_MS) };
    if (feed.metadata.deletionTimestamp !== undefined) return await this.#going({ key, feed, now, signal });
    await keepByPolicy(feed, this.#ports, signal);
    const begun = this.#pass({ key, feed, now, signal });
    if (feed.spec.suspend) return await this.#suspended(begun);
    const pass = { ...begun, names: await this.#translations.of(begun) };
    await this.#poll(pass);
    return { requeueAt: this.#nextAt(pass) };
  }

  #gone(key: ObjectKey): ReconcileResult {
    const id = `${key.namespace}/${key.name}`;
    const memory = this.#memories.get(id);
    if (memory !== undefined) this.#forgetFeed(id, memory);
    return {};
  }

  async #going({ key, feed, now, signal }: Pick<Pass, 'key' | 'feed' | 'now' | 'signal'>): Promise<ReconcileResult> {
    this.#gone(key);
    const again = await letGo({ feed, objects: this.#labelled(feed), now, signal }, this.#ports);
    return again === undefined ? {} : { requeueAt: again };
  }

  #forgetFeed(id: string, memory: FeedMemory): void {
    this.#memories.delete(id);
    if (memory.seat !== undefined) this.#desks.leave(id, memory.seat);
    this.#translations.forget(id);
    const [namespace = '', name = ''] = id.split('/');
    this.#ports.metrics.gone({ namespace, name });
  }

  #pass(start: Pick<Pass, 'key' | 'feed' | 'now' | 'signal'>): Pass {
    const { key, feed } = start;
    const orphans = this.#orphans(feed);
    return {
      ...start,
      memory: this.#memoryOf(feed),
      orphans,
      own: this.#own({ feed, orphans }),
      log: logFor(this.#ports.log, { kind: feed.kind, ...key }),
    };
  }

  #labelled(feed: FixtureFeed): readonly MatchNotification[] {
    return this.#ports.notifications.byIndex(FEED_INDEX, indexKey(feed));
  }

  #own({ feed, orphans }: Pick<Pass, 'feed' | 'orphans'>): readonly MatchNotification[] {
    // What was adopted meanwhile is among the labelled, as it is now.
    return [...byMatch([...this.#labelled(feed), ...orphans]).values()];
  }

  #orphans(feed: FixtureFeed): readonly MatchNotification[] {
    const { feeds, notifications } = this.#ports;
    const { namespace } = feed.metadata;
    if (!feeds.synced) return [];
    const isFeed = (name: string): boolean => feeds.get({ namespace, name }) !== undefined;
    return orphansFor({ feed, objects: notifications.list(namespace), isFeed });
  }

  #memoryOf(feed: FixtureFeed): FeedMemory {
    const id = indexKey(feed);
    const kept = this.#memories.get(id);
    if (kept?.uid === feed.metadata.uid) return kept;
    if (kept !== undefined) this.#forgetFeed(id, kept);
    const fresh = emptyMemory(feed.metadata.uid);
    this.#memories.set(id, fresh);
    return fresh;
  }

  async #suspended(pass: Pass): Promise<ReconcileResult> {
    const { memory, feed } = pass;
    // Woken up, it polls at once; until then others need not read its matches for it.
    memory.polledFor = undefined;
    memory.seat?.desk.watch(indexKey(feed), []);
    const message = 'The feed is suspended: nothing is polled, existing objects stay as they are. Set spec.suspend to false to go on.';
    await this.#show(pass, { reason: 'Suspended', message }, {});
    return {};
  }

  /** Asks the provider when something is due, and acts on what it and others of the same token heard. */
  async #poll(pass: Pass): Promise<void> {
    const { feed, memory, now, signal } = pass;
    const id = indexKey(feed);
    if (isBefore(now, dueAt(memory, feed, now)) && !memory.seat?.desk.hasNews(id)) {
      this.#watchNear(pass);
      await this.#applyNames(pass);
      return await this.#gate(pass);
    }
    const read = await readToken(this.#ports.kube, feed, signal);
    if ('missing' in read) return await this.#tokenMissing(pass, read.missing);
    const { desk } = this.#seat(pass, read.token);
    const asked = await ask({ id, feed, memory, now, desk });
    if (desk.remaining !== undefined) this.#ports.metrics.remaining(pass.key, desk.remaining);
    const heard = desk.take(id);
    if (heard.length > 0) await this.#heard(pass, heard);
    else if (asked?.turn.kind === 'refused') await this.#unheard(pass, asked.of, asked.turn);
    await this.#gate(pass);
  }

  async #applyNames(pass: Pass): Promise<void> {
    if (!this.#translations.takeArrived(pass.feed)) return;
    await applyNames({ ...pass, own: this.#own(pass) }, { ...this.#ports, planning: () => this.#planning(pass) });
  }

  /** When this feed wants its next pass. */
  #nextAt(pass: Pass): Temporal.Instant {
    const { feed, memory } = pass;
    const now = this.#ports.clock.now();
    const due = dueAt(memory, feed, now);
    const own = this.#own(pass);
    const others = [nextGateAt(own, now), nextNearAt(own, now)].filter((at) => at !== undefined);
    return earliest(due, ...others);
  }

  async #tokenMissing(pass: Pass, message: string): Promise<void> {
    const { memory, feed, now } = pass;
    memory.listAt = plusMs(now, this.#retryMs(feed));
    memory.notBefore = memory.listAt;
    memory.readAt = undefined;
    await this.#show(pass, { reason: 'SecretNotFound', message }, {});
    await this.#gate(pass);
  }

  #retryMs(feed: FixtureFeed): number {
    return Math.min(RETRY_MS, parseDuration(feed.spec.interval));
  }

  #seat({ key, feed, memory }: Pass, token: string): Seat {
    const id = indexKey(feed);
    if (memory.seat?.id === this.#desks.idOf(token)) return memory.seat;
    if (memory.seat !== undefined) this.#desks.leave(id, memory.seat);
    const { name, key: secretKey } = feed.spec.source.tokenSecretRef;
    this.#ports.registerSecret(`${key.namespace}/${name}/${secretKey}`, token);
    memory.seat = this.#desks.join(id, token, () => this.#ports.wake(key));
    return memory.seat;
  }

  /** No fixtures in the answer: nothing changes but what the feed says of itself. */
  async #unheard(pass: Pass, of: 'list' | 'read', { answer }: Extract<Turn, { kind: 'refused' }>): Promise<void> {
    const { memory, feed, now, own } = pass;
    memory.failures += 1;
    const { kind } = answer;
    const retry = kind === 'rate-limited' ? { retryAt: answer.retryAt } : {};
    const times = { now, intervalMs: parseDuration(feed.spec.interval), random: this.#ports.random, nextSendAt: memory.nextSendAt };
    const again = afterFailure({ ...times, kind, failures: memory.failures, ...retry });
    // Set before the status is written: one that can't be must not make the next pass ask the provider in a tight loop.
    if (of === 'list') memory.listAt = again;
    else memory.readAt = again;
    if (kind === 'rate-limited') memory.notBefore = again;
    if (of === 'list' && kind === 'failed') this.#watchNear({ ...pass, own });
    const verdict = verdictOn(answer, feed) ?? { reason: 'ProviderUnavailable', message: answer.message };
    await this.#show(pass, verdict, { polledAt: now });
  }

  async #heard(pass: Pass, heard: readonly Heard[]): Promise<void> {
    const { memory, feed, own, now } = pass;
    const listed = heard.some(({ list }) => list !== undefined);
    const learning = { feed, memory, own, followed: followed(own, now) };
    const retryAt = plusMs(now, this.#retryMs(feed));
    if (listed) memory.listAt = retryAt;
    learnHeard(learning, heard);
    if (listed) learnHeard(learning, await this.#readMissing(pass, learning.followed));
    tellMissing(this.#ports.events, pass);
    const planned = plan({ ...this.#planning(pass) });
    memory.nextSendAt = planned.nextSendAt;
    const refusal = this.#isPersonsChange(pass) ? undefined : guard({ feed, applies: planned.applies, objects: planned.objects });
    const complaint = refusal ?? (await this.#apply(pass, planned)) ?? memory.listVerdict;
    const counts = this.#counts(pass, planned);
    if (complaint !== undefined) memory.failures += 1;
    else this.#succeeded(pass, listed);
    this.#setTimes(pass, { listed, complaint });
    await this.#show(pass, complaint ?? fresh(counts, { unlisted: notFoundOf(memory.misses).length, heard }), { counts, polledAt: now });
  }

  #planning(pass: Pass) {
    const { memory, feed, now } = pass;
    const roster = new Map(this.#own(pass).map((object) => [object.spec.match.id, object]));
    const shown = (id: string) => roster.get(id) ?? this.#named(pass, objectName(feed, id));
    const doubt = doubtOf({ feed, memory, now, shown });
    return { feed, known: memory.known, shown, settled: memory.settled, now, doubt, names: pass.names?.source };
  }

  /** Reads by id what is followed and not in the list (contracts 2.7, 1–2), together with what else is watched. */
  async #readMissing({ feed, memory, own, now }: Pass, ids: readonly string[]): Promise<readonly Heard[]> {
    const missing = ids.filter((id) => memory.misses.has(id));
    const { seat, known } = memory;
    if (missing.length === 0 || seat === undefined) return [];
    const id = indexKey(feed);
    const { watched } = watchOf({ feed, own, known, now });
    seat.desk.watch(id, [...missing.map((match) => watchedMatch(match, known, { feed, now })), ...watched]);
    await seat.desk.read(id);
    return seat.desk.take(id);
  }

  /** When the list and the matches are asked for next, and which those are. */
  #setTimes(pass: Pass, { listed, complaint }: { listed: boolean; complaint: Verdict | undefined }): void {
    const { memory, feed, now } = pass;
    const { random } = this.#ports;
    const intervalMs = parseDuration(feed.spec.interval);
    const watch = this.#watchNear(pass);
    memory.readAt = nextRead({ now, intervalMs, random, confirm: watch.confirm || watch.unread, near: watch.near });
    const retried = complaint !== undefined && goesOnByItself(complaint);
    if (retried && (listed || complaint.reason === 'ApplyFailed')) {
      const times = { now, intervalMs, random, nextSendAt: memory.nextSendAt };
      memory.listAt = afterFailure({ ...times, kind: 'failed', failures: memory.failures });
    } else if (listed) {
      memory.listAt = nextList({ now, intervalMs, random, confirm: watch.confirmByList });
    } else if (watch.confirmByList) {
      const soon = nextList({ now, intervalMs, random, confirm: true });
      memory.listAt = memory.listAt === undefined ? undefined : earliest(memory.listAt, soon);
    }
  }

  /** Tells the desk which matches to read; after a list that failed those that are near still are. */
  #watchNear(pass: Pass) {
    const { memory, feed, now } = pass;
    const watch = watchOf({ feed, own: this.#own(pass), known: memory.known, now });
    memory.seat?.desk.watch(indexKey(feed), watch.watched);
    if (memory.readAt === undefined && watch.near)
      memory.readAt = nextRead({ now, intervalMs: RETRY_MS, random: this.#ports.random, confirm: false, near: true });
    const unread = memory.seat?.desk.hasUnread(indexKey(feed), plusMs(now, -UNREAD_MS)) ?? false;
    return { ...watch, unread: watch.near && unread };
  }

  /** What a person changed in the feed may change every object. After a restart the status tells whether the change was seen before. */
  #isPersonsChange({ feed, memory }: Pass): boolean {
    return feed.metadata.generation !== (memory.appliedGeneration ?? feed.status?.observedGeneration);
  }

  /** Undefined when everything was applied. */
  async #apply(pass: Pass, planned: Plan): Promise<Verdict | undefined> {
    const { memory, feed, own, now, log, signal } = pass;
    const names = new Set(own.map(({ metadata }) => metadata.name));
    for (const name of memory.settled.keys()) if (!names.has(name)) memory.settled.delete(name);
    const applied = await applyAll(planned.applies, { ...this.#ports, ...pass, settled: memory.settled });
    if (applied.changed > 0) tellApplied(this.#ports.events, feed, applied.changed);
    const { kube, recorded } = this.#ports;
    const over = expired({ feed, own, season: memory.season, now, recorded });
    const surplus = surplusOf(feed, this.#labelled(feed), this.#own(pass)).filter(recorded);
    await remove(over, { kube, log, signal, why: 'it ended long ago' });
    await remove(surplus, { kube, log, signal, why: 'an older object stands for its match' });
    if (applied.failure !== undefined) return applyFailed(applied.failed, applied.failure);
    memory.appliedGeneration = feed.metadata.generation;
    return undefined;
  }

  /** A send that is minutes away, of a match that no answer confirmed lately. */
  #gate(pass: Pass): Promise<void> {
    const { kube, notifications, events } = this.#ports;
    return gate({ ...pass, own: this.#own(pass) }, { kube, notifications, events, planning: () => this.#planning(pass) });
  }

  #succeeded({ key, memory, now }: Pass, listed: boolean): void {
    memory.failures = 0;
    if (!listed) return;
    memory.succeededAt = now;
    this.#ports.metrics.succeeded(key, now);
  }

  #named({ key }: Pass, name: string): MatchNotification | undefined {
    return this.#ports.notifications.get({ namespace: key.namespace, name });
  }

  #counts({ feed, memory }: Pass, planned: Plan): Counts {
    const conflicts = conflictsIn(planned, memory.settled);
    return {
      fixtures: memory.known.size,
      applied: this.#labelled(feed).length,
      held: planned.held,
      conflicts: conflicts.length,
      foreignSendAt: conflicts.filter((paths) => paths.includes('.spec.sendAt')).length,
    };
  }

  /** Writes the status when it says something new. */
  async #show(pass: Pass, verdict: Verdict, seen: { counts?: Counts; polledAt?: Temporal.Instant }): Promise<void> {
    const { feed, memory, key, now, signal } = pass;
    const next = statusFor({
      feed,
      verdict,
      counts: seen.counts,
      polledAt: seen.polledAt,
      succeededAt: memory.succeededAt,
      freshness: freshnessOf(feed, lastAnswer(feed, memory.succeededAt), now),
      missing: missingOf(memory.misses).map((id) => pass.own.find(({ spec }) => spec.match.id === id)?.metadata.name ?? id),
      names: pass.names?.problem,
      now,
    });
    if (!isWorthWriting(feed.status, next)) return;
    tellTurn(this.#ports.events, pass, verdict);
    tellNames(this.#ports.events, pass, pass.names?.problem);
    const patch = { type: 'merge', body: { status: next }, subresource: 'status' } as const;
    this.#ports.feeds.written(await this.#ports.kube.patch<FixtureFeed>(FIXTURE_FEEDS, key, patch, { signal }));
  }
}

/** Trying again soon may help; what waits for a person is looked at as usual. */
const goesOnByItself = ({ reason }: Verdict): boolean => FEED_REASONS[reason].class === 'reconciling';
