/** `matchday status`: what needs somebody, what is sent next, how feeds and workspaces are. Reads only. */
import { hasPassed, instant } from '../../base/instants.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { readAll } from '../objects.ts';
import { takenFields } from '../owners.ts';
import type { Session } from '../session.ts';
import { conditionOf } from '../shown.ts';
import { byUrgency, feedProblem, notificationProblem, type Problem, workspaceProblem } from './problems.ts';

export interface Send {
  readonly namespace: string;
  readonly name: string;
  readonly fixture: string;
  readonly kickoff: string;
  readonly sendAt: string;
  readonly phase: string;
  readonly ready: string;
  readonly reason: string;
  /** `sendAt (editor)`: what somebody took from the feed. */
  readonly taken: readonly string[];
}

export interface FeedLine {
  readonly namespace: string;
  readonly name: string;
  readonly competition: string;
  readonly lastSuccessAt?: string;
  readonly ready: string;
  readonly reason: string;
  readonly fixtures: number;
  readonly applied: number;
  readonly held: number;
  readonly conflicts: number;
}

export interface WorkspaceLine {
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: string;
  readonly fence: string;
  readonly ready: string;
  readonly reason: string;
  readonly campaigns: readonly { readonly id: string; readonly live: string; readonly fenced: string }[];
}

export interface Overview {
  readonly problems: readonly Problem[];
  /** All that are ahead, nearest first. */
  readonly sends: readonly Send[];
  readonly feeds: readonly FeedLine[];
  readonly workspaces: readonly WorkspaceLine[];
}

export async function overviewOf(session: Session): Promise<Overview> {
  const { now } = session;
  const [notifications, feeds, workspaces] = await Promise.all([
    readAll(session, MATCH_NOTIFICATIONS, (object: MatchNotification) => ({
      problem: notificationProblem(object, now),
      line: isAhead(object, now) ? sendLine(object) : undefined,
    })),
    readAll(session, FIXTURE_FEEDS, (feed: FixtureFeed) => ({ problem: feedProblem(feed, now), line: feedLine(feed) })),
    readAll(session, BRAZE_WORKSPACES, (workspace: BrazeWorkspace) => ({
      problem: workspaceProblem(workspace),
      line: workspaceLine(workspace),
    })),
  ]);
  const problems = [...workspaces, ...feeds, ...notifications].flatMap(({ problem }) => problem ?? []);
  const sends = notifications.flatMap(({ line }) => line ?? []);
  return {
    problems: problems.toSorted(byUrgency),
    sends: sends.toSorted((a, b) => a.sendAt.localeCompare(b.sendAt)),
    feeds: feeds.map(({ line }) => line),
    workspaces: workspaces.map(({ line }) => line),
  };
}

const isAhead = ({ spec, metadata }: MatchNotification, now: Temporal.Instant): boolean =>
  metadata.deletionTimestamp === undefined && !hasPassed(instant(spec.sendAt), now);

function sendLine(object: MatchNotification): Send {
  const { metadata, spec, status } = object;
  const ready = conditionOf(object, 'Ready');
  const sides = [spec.match.home?.name, spec.match.away?.name].map((name) => name ?? 'to be decided');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    fixture: status?.fixture ?? sides.join(' v '),
    kickoff: spec.kickoff,
    sendAt: spec.sendAt,
    phase: status?.phase ?? 'Pending',
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? '',
    taken: takenFields(object).map(({ field, manager }) => `${field} (${manager})`),
  };
}

function feedLine(feed: FixtureFeed): FeedLine {
  const { metadata, spec, status } = feed;
  const ready = conditionOf(feed, 'Ready');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    competition: [spec.source.competition, spec.source.season].filter(Boolean).join(' '),
    ...(status?.lastSuccessAt === undefined ? {} : { lastSuccessAt: status.lastSuccessAt }),
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? '',
    fixtures: status?.fixtures ?? 0,
    applied: status?.applied ?? 0,
    held: status?.held ?? 0,
    conflicts: status?.conflicts ?? 0,
  };
}

function workspaceLine(workspace: BrazeWorkspace): WorkspaceLine {
  const { metadata, spec, status } = workspace;
  const ready = conditionOf(workspace, 'Ready');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    endpoint: spec.endpoint,
    fence: spec.fence === undefined ? 'unfenced' : (conditionOf(workspace, 'FenceReady')?.status ?? 'Unknown'),
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? '',
    campaigns: (status?.campaigns ?? []).map(({ id, live, fenced }) => ({ id, live, fenced })),
  };
}
