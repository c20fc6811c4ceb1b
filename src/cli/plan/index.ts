/** `matchday plan`: what the next poll would change. Reads; writes nothing and calls no Braze. */
import { ApiError } from '../../controller/client-errors.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { byMatch, orphansFor } from '../../reconcilers/fixture-feed/roster.ts';
import type { Command } from '../command.ts';
import type { ExitCode } from '../errors.ts';
import type { Input } from '../input.ts';
import { read, readAll } from '../objects.ts';
import { print } from '../output.ts';
import { feedOf } from '../owners.ts';
import { refOf } from '../refs.ts';
import type { Session } from '../session.ts';
import { changesOf } from './changes.ts';
import { readFixtures } from './source.ts';
import { type FeedPlan, planText } from './text.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'Show what the next poll of a feed would change, and what that means at Braze',
  usage: '[FEED]',
  about: [
    "Reads the season once with the feed's own token, which costs one call of its budget and needs the right to read the Secret, and decides as the feed would. Nothing is written, and Braze is not called. Without a name: all feeds of the namespace.",
    'A move is applied when a second answer says it again; changes that need that are marked. What somebody took from the feed stays, and is listed. With --recorded nobody is asked: shown is what a change of the feed itself (leadTime, template) would do to the objects it has.',
  ],
  examples: [
    { what: 'What would change', command: 'matchday plan pl' },
    { what: 'For a script', command: "matchday plan pl -o json | jq '.[].changes[].name'" },
    { what: 'Without asking the provider', command: 'matchday plan pl --recorded' },
  ],
  arguments: { min: 0, max: 1 },
  flags: ['recorded', 'football-data-url', 'output'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const all = await readAll(session, FIXTURE_FEEDS, (feed: FixtureFeed) => feed);
  const feeds = input.args.length === 0 ? all : [await read<FixtureFeed>(session, refOf(input.name, session.namespace, [FIXTURE_FEEDS]))];
  const objects = await readAll(session, MATCH_NOTIFICATIONS, (object: MatchNotification) => object);
  const plans: FeedPlan[] = [];
  // One after the other: feeds may share a token, and with it its calls a minute.
  for (const feed of feeds) plans.push(await planOf(session, input, { feed, own: ownOf(feed, all, objects) }));
  print(session, input.output, { data: plans, text: () => planText(plans) });
  return 0;
}

/** The objects that the feed writes: with its label, or left behind by a feed that is gone. */
function ownOf(feed: FixtureFeed, feeds: readonly FixtureFeed[], objects: readonly MatchNotification[]): readonly MatchNotification[] {
  const { namespace, name } = feed.metadata;
  const isFeed = (other: string): boolean => feeds.some(({ metadata }) => metadata.namespace === namespace && metadata.name === other);
  const near = objects.filter(({ metadata }) => metadata.namespace === namespace);
  const labelled = near.filter((object) => feedOf(object) === name);
  return [...byMatch([...labelled, ...orphansFor({ feed, objects: near, isFeed })]).values()];
}

async function planOf(
  session: Session,
  input: Input,
  { feed, own }: { readonly feed: FixtureFeed; readonly own: readonly MatchNotification[] },
): Promise<FeedPlan> {
  const rows = input.on('recorded') ? undefined : await readFixtures(session, feed, input.text('football-data-url') ?? '');
  const workspace = await workspaceOf(session, feed);
  const { namespace, name } = feed.metadata;
  return {
    namespace,
    feed: name,
    ...(rows === undefined ? {} : { read: rows.length }),
    objects: own.length,
    ...changesOf({ feed, own, rows: rows ?? [], workspace, now: session.now }),
  };
}

async function workspaceOf({ kube }: Session, { metadata, spec }: FixtureFeed): Promise<BrazeWorkspace | undefined> {
  const key = { namespace: metadata.namespace, name: spec.template.spec.workspaceRef.name };
  try {
    return await kube.get<BrazeWorkspace>(BRAZE_WORKSPACES, key);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}
