/** The object and the facts in the words of the protocol's rules. Pure; built once per decision. */
import { parseDuration } from '../../base/durations.ts';
import { hasPassed, instant, isBefore, plusMs } from '../../base/instants.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../crds/match-notification.ts';
import { type Facts, keptBufferMs, type Obsolete, type Owned, type Schedule } from './facts.ts';
import { firstFire, lastFire } from './fire-times.ts';

/** After this long without a sample Braze's clock counts as unknown (design §4). */
const MAX_CLOCK_SKEW_MS = 20_000;
/** Slack beyond two time-outs between a create and its margin (design §4, Create). */
const CREATE_SLACK_MS = 15_000;

export class View {
  readonly object: MatchNotification;
  readonly facts: Facts;
  /** Our own clock: for waiting. */
  readonly now: Temporal.Instant;
  /** Braze's clock: for everything that is near a send. */
  readonly brazeNow: Temporal.Instant;
  readonly status: MatchNotificationStatus;
  readonly obsolete: readonly Obsolete[];
  readonly announced: readonly string[];

  constructor(object: MatchNotification, facts: Facts, now: Temporal.Instant) {
    this.object = object;
    this.facts = facts;
    this.now = now;
    this.brazeNow = facts.brazeClock.kind === 'known' ? plusMs(now, facts.brazeClock.offsetMs) : now;
    this.status = object.status ?? {};
    this.obsolete = this.status.obsolete ?? [];
    this.announced = this.status.occasion?.announced ?? [];
  }

  get schedule(): Schedule | undefined {
    return this.status.schedule;
  }

  get deleting(): boolean {
    return this.object.metadata.deletionTimestamp !== undefined;
  }

  /** Every schedule that we hold an id of. */
  get owned(): readonly Owned[] {
    const all: Owned[] = this.obsolete.map((entry) => ({ ...entry, token: entry.token }));
    return this.status.schedule ? [this.status.schedule, ...all] : all;
  }

  wasAnnounced(owned: Owned): boolean {
    return owned.token !== undefined && this.announced.includes(owned.token);
  }

  /** Nearer than the margin: what is done to it now can't be relied upon. */
  insideMargin(firesAt: string | Temporal.Instant): boolean {
    const at = typeof firesAt === 'string' ? instant(firesAt) : firesAt;
    return hasPassed(plusMs(at, -this.facts.settings.marginMs), this.brazeNow);
  }

  /** Nearer than the buffer: Braze's own delete is best effort. */
  insideBuffer(firesAt: string): boolean {
    return hasPassed(plusMs(instant(firesAt), -keptBufferMs(this.facts.settings)), this.brazeNow);
  }

  /** The last moment at which it may go out: an update whose answer was lost leaves two. */
  lastFire(owned: Owned): string {
    return lastFire(this.status, owned);
  }

  /** The first moment at which it may go out. */
  firstFire(owned: Owned): string {
    return firstFire(this.status, owned);
  }

  fired(firesAt: string): boolean {
    return hasPassed(instant(firesAt), this.brazeNow);
  }

  /** firesAt of an announced token without a schedule id of ours: what an earlier life of this object left open. */
  get orphanedAnnouncement(): string | undefined {
    const held = new Set(this.owned.map((owned) => owned.token));
    const orphan = this.announced.some((token) => !held.has(token));
    return orphan ? this.status.fence?.sendAt : undefined;
  }

  /** This occasion's message went out (or counts as such): derived anew each time, never stored as permission. */
  get occasionSent(): boolean {
    const sent = this.status.lastSent;
    if (sent === undefined || sent.disprovedAt !== undefined) return false;
    return isBefore(this.facts.desired.sendAt, plusMs(instant(sent.sendAt), parseDuration(this.object.spec.resendAfter)));
  }

  /** The earliest instant a create begun now may be told to fire at. */
  get earliestFire(): Temporal.Instant {
    const { marginMs, requestTimeoutMs } = this.facts.settings;
    return plusMs(this.brazeNow, marginMs + 2 * requestTimeoutMs + CREATE_SLACK_MS);
  }

  get clockSkewed(): boolean {
    const clock = this.facts.brazeClock;
    return clock.kind === 'known' && Math.abs(clock.offsetMs) > MAX_CLOCK_SKEW_MS;
  }

  /** Another process announced what the item is to say, a moment ago. */
  get isOthersTurn(): boolean {
    const until = this.facts.othersTurnUntil;
    return until !== undefined && isBefore(this.now, until);
  }

  /** True when a call of this kind failed lately and its back-off still runs. */
  backingOff(kind: 'fence' | 'read' | 'sweep' | 'create' | 'update'): boolean {
    const at = this.facts.notBefore[kind];
    return at !== undefined && isBefore(this.now, at);
  }
}
