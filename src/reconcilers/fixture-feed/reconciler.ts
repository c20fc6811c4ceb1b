/**
 * The FixtureFeed's reconciler: when a poll is due, read the token, ask the provider, fold the answer into what is known, apply what
 * differs, say how it went (design §3).
 *
 * Two processes that both do this apply the same; an older knowledge loses nothing but time, because a send is decided by the
 * MatchNotification and its own reconciler. A crash anywhere leaves some fixtures applied and others not; the next pass goes on. Nothing
 * is ever deleted or held because an answer is missing, empty, old or an error; what is removed was finished long ago.
 */
import { parseDuration } from '../../base/durations.ts';
import { instant, isBefore, plusMs } from '../../base/instants.ts';
import type { ObjectKey, ReconcileResult, Reconciler } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { FIXTURE_FEEDS } from '../../crds/resources.ts';
import { FEED_REASONS } from '../../crds/words.ts';
import type { Fixture, FixturesAnswer } from '../../football-data/types.ts';
import { type Log, logFor } from '../../telemetry/log.ts';
import { applyAll } from './apply-all.ts';
import { expired, removeExpired } from './expire.ts';
import { guard } from './guard.ts';
import { FEED_INDEX, indexKey, isOwn } from './identity.ts';
import { forget, learn } from './learn.ts';
import { dueAt, emptyMemory, type FeedMemory, occasionOf } from './memory.ts';
import { type Plan, plan } from './plan.ts';
import { type Polled, poll } from './poll.ts';
import { afterFailure, afterSuccess } from './poll-times.ts';
import type { FixtureFeedPorts } from './ports.ts';
import { seedFrom } from './seed.ts';
import { type Counts, isWorthWriting, statusFor } from './status.ts';
import { readToken } from './token.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** A match may be corrected for a while after its kickoff; later its object is history and costs no calls. */
const FOLLOW_AFTER_KICKOFF_MS = 6 * 3_600_000;
const RETRY_MS = 30_000;
const NOT_SYNCED_MS = 1_000;

/** One pass over one feed. */
interface Pass {
  readonly key: ObjectKey;
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  /** The objects that this feed made. */
  readonly own: readonly MatchNotification[];
  readonly now: Temporal.Instant;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class FixtureFeedReconciler implements Reconciler {
  readonly #ports: FixtureFeedPorts;
  readonly #memories = new Map<string, FeedMemory>();

  constructor(ports: FixtureFeedPorts) {
    this.#ports = ports;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const feed = this.#ports.feeds.get(key);
    if (feed === undefined || feed.metadata.deletionTimestamp !== undefined) return this.#gone(key);
    const now = this.#ports.clock.now();
    // Without the objects nothing is known, and the first stale answer would be believed.
    if (!this.#ports.notifications.synced) return { requeueAt: plusMs(now, NOT_SYNCED_MS) };
    const pass = this.#pass({ key, feed, now, signal });
    if (feed.spec.suspend) return await this.#suspended(pass);
    const due = dueAt(pass.memory, feed, now);
    return { requeueAt: due ?? (await this.#poll(pass)) };
  }

  #gone(key: ObjectKey): ReconcileResult {
    if (this.#memories.delete(`${key.namespace}/${key.name}`)) this.#ports.metrics.gone(key);
    return {};
  }

  #pass(start: Pick<Pass, 'key' | 'feed' | 'now' | 'signal'>): Pass {
    const { key, feed } = start;
    const own = this.#ports.notifications.byIndex(FEED_INDEX, indexKey(feed)).filter((object) => isOwn(feed, object));
    return { ...start, memory: this.#memoryOf(feed), own, log: logFor(this.#ports.log, { kind: feed.kind, ...key }) };
  }

  #memoryOf(feed: FixtureFeed): FeedMemory {
    const id = indexKey(feed);
    const kept = this.#memories.get(id);
    if (kept?.uid === feed.metadata.uid) return kept;
    const fresh = emptyMemory(feed.metadata.uid);
    this.#memories.set(id, fresh);
    return fresh;
  }

  async #suspended(pass: Pass): Promise<ReconcileResult> {
    // Woken up, it polls at once.
    pass.memory.polledFor = undefined;
    const message = 'The feed is suspended: nothing is polled, existing objects stay as they are. Set spec.suspend to false to go on.';
    await this.#show(pass, { reason: 'Suspended', message }, {});
    return {};
  }

  /** Asks the provider and acts on the answer; returns when to ask again. */
  async #poll(pass: Pass): Promise<Temporal.Instant> {
    const { feed, memory, now, signal } = pass;
    const read = await readToken(this.#ports.kube, feed, signal);
    if ('missing' in read) return await this.#tokenMissing(pass, read.missing);
    const polled = await poll(this.#api(pass, read.token), feed, this.#followed(pass));
    memory.polledFor = occasionOf(feed);
    // Until this pass knows better: a status that can't be written must not make it ask the provider in a tight loop.
    memory.nextPollAt = plusMs(now, this.#retryMs(feed));
    const { answer } = polled;
    if (answer.quota.remaining !== undefined) this.#ports.metrics.remaining(pass.key, answer.quota.remaining);
    memory.nextPollAt = answer.kind === 'matches' ? await this.#heard(pass, { ...polled, answer }) : await this.#unheard(pass, answer);
    memory.notBefore = answer.kind === 'rate-limited' ? memory.nextPollAt : undefined;
    return latestOf(memory.nextPollAt, now);
  }

  async #tokenMissing(pass: Pass, message: string): Promise<Temporal.Instant> {
    await this.#show(pass, { reason: 'SecretNotFound', message }, {});
    return plusMs(pass.now, this.#retryMs(pass.feed));
  }

  #retryMs(feed: FixtureFeed): number {
    return Math.min(RETRY_MS, parseDuration(feed.spec.interval));
  }

  #api({ key, feed, memory }: Pass, token: string) {
    if (memory.client?.token === token) return memory.client.api;
    this.#ports.registerSecret(`${key.namespace}/${feed.spec.source.tokenSecretRef.name}/${feed.spec.source.tokenSecretRef.key}`, token);
    const api = this.#ports.footballData({ feed: key, token });
    memory.client = { token, api };
    return api;
  }

  /** Matches whose objects may still have something ahead, nearest first: they are read by id when the list leaves them out. */
  #followed({ own, now }: Pass): readonly string[] {
    const since = plusMs(now, -FOLLOW_AFTER_KICKOFF_MS);
    return own
      .filter(({ spec, metadata }) => metadata.deletionTimestamp === undefined && isBefore(since, instant(spec.kickoff)))
      .sort((a, b) => (a.spec.kickoff < b.spec.kickoff ? -1 : 1))
      .map(({ spec }) => spec.match.id);
  }

  /** No fixtures in the answer: nothing changes but what the feed says of itself. */
  async #unheard(pass: Pass, answer: Exclude<FixturesAnswer, { kind: 'matches' }>): Promise<Temporal.Instant> {
    const { memory, feed, now } = pass;
    memory.failures += 1;
    const verdict = verdictOn(answer, feed) ?? { reason: 'ProviderUnavailable', message: answer.message };
    await this.#show(pass, verdict, { polledAt: now });
    const { kind } = answer;
    const retry = kind === 'rate-limited' ? { retryAt: answer.retryAt } : {};
    return afterFailure({ ...this.#times(pass), kind, failures: memory.failures, ...retry });
  }

  async #heard(pass: Pass, heard: Polled & { readonly answer: Extract<FixturesAnswer, { kind: 'matches' }> }): Promise<Temporal.Instant> {
    const { memory, feed, now } = pass;
    const { answer } = heard;
    this.#learn(pass, answer.matches, heard.byId);
    const planned = plan({ feed, known: memory.known, shown: (name) => this.#shown(pass, name), settled: memory.settled, now });
    memory.nextSendAt = planned.nextSendAt;
    const refusal = this.#isPersonsChange(pass) ? undefined : guard({ feed, applies: planned.applies, objects: planned.objects });
    const complaint = refusal ?? (await this.#apply(pass, planned)) ?? verdictOn(answer, feed);
    const counts = this.#counts(pass, planned);
    if (complaint === undefined) this.#succeeded(pass);
    else memory.failures += 1;
    await this.#show(pass, complaint ?? fresh(counts, heard.unlisted), { counts, polledAt: now });
    if (complaint !== undefined && goesOnByItself(complaint)) {
      return afterFailure({ ...this.#times(pass), kind: 'failed', failures: memory.failures });
    }
    const confirm = [...memory.known.values()].some((known) => known.wantsConfirmation && this.#matters(pass, known.id));
    return afterSuccess({ ...this.#times(pass), confirm, quota: answer.quota });
  }

  /** What a person changed in the feed may change every object. After a restart the status tells whether the change was seen before. */
  #isPersonsChange({ feed, memory }: Pass): boolean {
    return feed.metadata.generation !== (memory.appliedGeneration ?? feed.status?.observedGeneration);
  }

  /** Undefined when everything was applied. */
  async #apply(pass: Pass, planned: Plan): Promise<Verdict | undefined> {
    const { memory, feed, own, now, log, signal } = pass;
    const applied = await applyAll(planned.applies, { ...this.#ports, ...pass, settled: memory.settled });
    if (applied.changed > 0) this.#tellApplied(pass, applied.changed);
    await removeExpired(expired(feed, own, now), { kube: this.#ports.kube, log, signal });
    if (applied.failure !== undefined) return applyFailed(applied.failed, applied.failure);
    memory.appliedGeneration = feed.metadata.generation;
    return undefined;
  }

  #succeeded({ key, memory, now }: Pass): void {
    memory.failures = 0;
    memory.succeededAt = now;
    this.#ports.metrics.succeeded(key, now);
  }

  #learn(pass: Pass, listed: readonly Fixture[], byId: readonly Fixture[]): void {
    const { memory, feed, own, now } = pass;
    const known = new Map(memory.known);
    for (const object of own) {
      const { id } = object.spec.match;
      if (!known.has(id)) known.set(id, seedFrom(object));
    }
    const learnt = learn(known, [...listed, ...byId], { now, leadTimeMs: parseDuration(feed.spec.leadTime) });
    memory.known = forget(learnt, new Set([...listed.map(({ id }) => id), ...own.map(({ spec }) => spec.match.id)]));
    const names = new Set(own.map(({ metadata }) => metadata.name));
    for (const name of memory.settled.keys()) if (!names.has(name)) memory.settled.delete(name);
  }

  #shown({ key }: Pass, name: string): MatchNotification | undefined {
    return this.#ports.notifications.get({ namespace: key.namespace, name });
  }

  /** Whether a second look at this match is worth a call: it has an object, or may get one. */
  #matters({ own, feed, memory, now }: Pass, id: string): boolean {
    if (own.some(({ spec }) => spec.match.id === id)) return true;
    const kickoff = memory.known.get(id)?.play.value.kickoff;
    return kickoff !== undefined && isBefore(now, kickoff) && isBefore(kickoff, plusMs(now, parseDuration(feed.spec.window)));
  }

  #counts({ feed, memory }: Pass, planned: Plan): Counts {
    const lefts = [...memory.settled.values()].map(({ left }) => left).filter((left) => left.length > 0);
    return {
      fixtures: memory.known.size,
      applied: this.#ports.notifications.byIndex(FEED_INDEX, indexKey(feed)).length,
      held: planned.held,
      conflicts: lefts.length,
      foreignSendAt: lefts.filter((left) => left.includes('.spec.sendAt')).length,
    };
  }

  #times({ feed, memory, now }: Pass) {
    return { now, intervalMs: parseDuration(feed.spec.interval), random: this.#ports.random, nextSendAt: memory.nextSendAt };
  }

  #tellApplied({ feed }: Pass, changed: number): void {
    const { namespace, name, uid } = feed.metadata;
    const note = changed === 1 ? 'A poll changed 1 MatchNotification.' : `A poll changed ${changed} MatchNotifications.`;
    this.#ports.events.record(
      { apiVersion: feed.apiVersion, kind: feed.kind, namespace, name, uid },
      { type: 'Normal', reason: 'FixturesApplied', note },
    );
  }

  /** Writes the status when it says something new. */
  async #show(pass: Pass, verdict: Verdict, seen: { counts?: Counts; polledAt?: Temporal.Instant }): Promise<void> {
    const { feed, memory, key, now, signal } = pass;
    const next = statusFor({ feed, verdict, counts: seen.counts, polledAt: seen.polledAt, succeededAt: memory.succeededAt, now });
    if (!isWorthWriting(feed.status, next)) return;
    this.#tellTurn(pass, verdict);
    const patch = { type: 'merge', body: { status: next }, subresource: 'status' } as const;
    this.#ports.feeds.written(await this.#ports.kube.patch<FixtureFeed>(FIXTURE_FEEDS, key, patch, { signal }));
  }

  /** An event and a line when the feed turns bad or well again, not while it stays so. */
  #tellTurn({ feed, log }: Pass, { reason, message }: Verdict): void {
    const before = feed.status?.conditions?.find((condition) => condition.type === 'Ready');
    if (before?.reason === reason) return;
    const bad = reason !== 'Fresh' && reason !== 'Suspended';
    if (bad) log.warn('the feed is not well', { reason, said: message });
    else log.info('the feed is well', { reason, said: message });
    const { namespace, name, uid } = feed.metadata;
    const subject = { apiVersion: feed.apiVersion, kind: feed.kind, namespace, name, uid };
    this.#ports.events.record(subject, { type: bad ? 'Warning' : 'Normal', reason, note: message });
  }
}

const latestOf = (at: Temporal.Instant, now: Temporal.Instant): Temporal.Instant => (isBefore(at, now) ? now : at);

function fresh({ fixtures, applied, held }: Counts, unlisted: number): Verdict {
  const gone = unlisted === 0 ? '' : ` ${unlisted} of them are in no list any more and not found by id: look whether they were replaced.`;
  return { reason: 'Fresh', message: `${fixtures} fixtures known, ${applied} followed, ${held} of them held.${gone}` };
}

/** Trying again soon may help; what waits for a person is looked at as usual. */
const goesOnByItself = ({ reason }: Verdict): boolean => FEED_REASONS[reason].class === 'reconciling';

const applyFailed = (failed: number, failure: string): Verdict => ({
  reason: 'ApplyFailed',
  message: `${failed} objects could not be applied and are tried again. The first: ${failure}`,
});
