/** What a feed tells people by events and lines: when something turns, not while it stays so. */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { EventRecorder } from '../../telemetry/events.ts';
import type { Log } from '../../telemetry/log.ts';
import type { FeedMemory } from './memory.ts';
import { missingOf } from './misses.ts';
import type { NameProblem } from './name-table.ts';
import type { Verdict } from './verdict.ts';

export interface Telling {
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  readonly own: readonly MatchNotification[];
  readonly log: Log;
}

const subjectOf = ({ apiVersion, kind, metadata }: FixtureFeed | MatchNotification) => {
  const { namespace, name, uid } = metadata;
  return { apiVersion, kind, namespace, name, uid };
};

export function tellApplied(events: EventRecorder, feed: FixtureFeed, changed: number): void {
  const note = changed === 1 ? 'A poll changed 1 MatchNotification.' : `A poll changed ${changed} MatchNotifications.`;
  events.record(subjectOf(feed), { type: 'Normal', reason: 'FixturesApplied', note });
}

/** An event and a line when the feed turns bad or well again. */
export function tellTurn(events: EventRecorder, { feed, log }: Telling, { reason, message }: Verdict): void {
  const before = feed.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (before?.reason === reason) return;
  const bad = reason !== 'Fresh' && reason !== 'Suspended';
  if (bad) log.warn('the feed is not well', { reason, said: message });
  else log.info('the feed is well', { reason, said: message });
  events.record(subjectOf(feed), { type: bad ? 'Warning' : 'Normal', reason, note: message });
}

/** When what keeps names from being translated becomes another thing. */
export function tellNames(events: EventRecorder, { feed }: Telling, problem: NameProblem | undefined): void {
  const before = feed.status?.conditions?.find((condition) => condition.type === 'NamesIncomplete');
  if (problem === undefined || before?.reason === problem.reason) return;
  events.record(subjectOf(feed), { type: 'Warning', reason: 'NamesIncomplete', note: `${problem.reason}: ${problem.message}` });
}

/** Once for each match that becomes missing; the recorder joins what comes again after a restart. */
export function tellMissing(events: EventRecorder, { memory, own }: Telling): void {
  const told = memory.toldMissing;
  const missing = new Set(missingOf(memory.misses));
  for (const id of told) if (!missing.has(id)) told.delete(id);
  for (const object of own) {
    const { id } = object.spec.match;
    if (!missing.has(id) || told.has(id)) continue;
    told.add(id);
    const note =
      'The provider lists this match no longer and does not find it by id. It is sent as last known: nothing is cancelled by an absence. ' +
      'If it will not be played, or was replaced by another match, suspend or delete this object.';
    events.record(subjectOf(object), { type: 'Warning', reason: 'FixtureMissing', note });
  }
}
