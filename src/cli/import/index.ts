/**
 * `matchday import`: from the tables of the system before this one to MatchNotifications that take its live schedules over
 * (docs/import.md). It decides first and for all, then writes object by object; whatever interrupts it, running it again goes on.
 */
import { parseDuration } from '../../base/durations.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { RESEND_AFTER } from '../../crds/match-notification-spec.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { connectionOf } from '../../ledger/connection.ts';
import { type OldRow, type OldSystem, readOldSystem } from '../../ledger/old-system.ts';
import { objectName } from '../../reconcilers/fixture-feed/identity.ts';
import type { Command } from '../command.ts';
import { CliError, type ExitCode, UsageError } from '../errors.ts';
import type { Input } from '../input.ts';
import { read, readAll } from '../objects.ts';
import { print } from '../output.ts';
import { refOf } from '../refs.ts';
import type { Session } from '../session.ts';
import { groundOf, obstaclesOf } from './campaigns.ts';
import { type Finder, type FoundMatch, finderOf } from './fixtures.ts';
import { judge, type Setting } from './judge.ts';
import { type ImportReport, type MatchReport, reportText } from './text.ts';
import { handToFeed, isHalfMade, writeOne } from './write.ts';

export const importOld: Command = {
  name: 'import',
  summary: 'Take over the schedules of the system before this one',
  usage: '[FEED…] --from URL --campaign ID',
  about: [
    "Reads the old system's schedule_ledger and scheduler_locks, and the season of each feed (all feeds of the namespace unless named), and says what becomes of every match: adopt (a live schedule is taken over: deleted, and one of ours made), new (nothing to take over, one of ours is made), sent (it counts as sent), over, done (by an earlier run), no-fixture (no feed has it), unresolved (a person must look; what to do is said). Nothing is written without --apply, and a second run changes nothing.",
    '--campaign is the campaign that the old system scheduled in. When the feeds use the same one, every message of it must hold the fence; when they use another, the old one must be stopped. Both are read from Braze, with the key of the workspace: --apply does nothing before they are so, nor while a run of the old system holds a lock.',
    'The order of a cut-over: stop the cron, paste the fence or stop the campaign, import, verify, start the feeds (docs/import.md).',
  ],
  examples: [
    { what: 'See what would happen', command: 'matchday import --from postgres://reader@old-db/app --campaign 4d1f0d4c-…' },
    { what: 'Do it', command: 'matchday import pl --from postgres://reader@old-db/app --campaign 4d1f0d4c-… --apply' },
  ],
  arguments: { min: 0, max: 100 },
  flags: ['from', 'campaign', 'apply', 'allow-endpoint', 'football-data-url', 'output'],
  run,
};

/** A minute beside the buffer: between this decision and the operator's delete lies a person, and a queue. */
const SLACK_MS = 60_000;

async function run(session: Session, input: Input): Promise<ExitCode> {
  const from = input.text('from');
  const campaign = input.text('campaign');
  if (from === undefined || campaign === undefined) throw new UsageError('--from and --campaign must be given.');
  const old = await readOld(from, session);
  const feeds = await feedsOf(session, input);
  const objects = await readAll(
    { ...session, kube: session.kube, listed: session.namespace },
    MATCH_NOTIFICATIONS,
    (object: MatchNotification) => object,
  );
  const find = await finderOf(session, { feeds, objects, footballDataUrl: input.text('football-data-url') ?? '' });
  const ground = await groundFor(session, input, { feeds, campaign });
  const obstacles = [
    ...old.held.map((lock) => `A run of the old system holds ${lock}: stop its cron, and wait for it to end`),
    ...ground.obstacles,
  ];
  const plan = planOf(old.rows, find, ground.setting);
  const apply = input.on('apply') && obstacles.length === 0;
  if (apply) await writeAll(session, plan);
  const report: ImportReport = { applied: apply, matches: plan.map(({ report: match }) => match), obstacles };
  print(session, input.output, { data: report, text: () => reportText(report) });
  if (!input.on('apply')) return 0;
  if (!apply) return 1;
  return await stoodStill(session, from, old);
}

async function readOld(from: string, { now, env }: Session): Promise<OldSystem> {
  try {
    return await readOldSystem(connectionOf({ kind: 'url', url: from }, { env }), now);
  } catch (error) {
    const words =
      error instanceof AggregateError ? error.errors.map(String).join('; ') : error instanceof Error ? error.message : String(error);
    throw new CliError(`The database of the old system can't be imported from: ${words}.`, { cause: error });
  }
}

async function feedsOf(session: Session, input: Input): Promise<readonly FixtureFeed[]> {
  const { kube, namespace } = session;
  if (input.args.length > 0)
    return await Promise.all(input.args.map((name) => read<FixtureFeed>(session, refOf(name, namespace, [FIXTURE_FEEDS]))));
  const feeds = await readAll({ ...session, kube, listed: namespace }, FIXTURE_FEEDS, (feed: FixtureFeed) => feed);
  if (feeds.length === 0)
    throw new CliError(`There is no FixtureFeed in namespace ${namespace}: apply one first, with spec.suspend: true.`);
  return feeds;
}

/** What holds for all matches of one import. */
type SharedSetting = Omit<Setting, 'resendAfterMs'>;

interface Site {
  readonly setting: SharedSetting;
  readonly obstacles: readonly string[];
}

/** All feeds of one import send through one campaign: what is right for one campaign may send twice in another. */
async function groundFor(
  session: Session,
  input: Input,
  { feeds, campaign }: { readonly feeds: readonly FixtureFeed[]; readonly campaign: string },
): Promise<Site> {
  const [first, ...others] = feeds.map(({ spec }) => spec.template.spec);
  if (first === undefined) throw new UsageError('No feed is given.');
  const { campaignId, workspaceRef } = first;
  if (others.some((spec) => spec.campaignId !== campaignId || spec.workspaceRef.name !== workspaceRef.name))
    throw new CliError('These feeds use several campaigns or workspaces: name those of one, and import once for each.');
  const workspace = await read<BrazeWorkspace>(session, refOf(workspaceRef.name, session.namespace, [BRAZE_WORKSPACES]));
  const campaigns = { workspace, oldCampaign: campaign, newCampaign: campaignId };
  const { updateBuffer, requestTimeout } = workspace.spec;
  const setting: SharedSetting = {
    ground: groundOf(campaigns),
    oldCampaign: campaign,
    now: session.now,
    nearMs: parseDuration(updateBuffer) + parseDuration(requestTimeout) + SLACK_MS,
  };
  return { setting, obstacles: await obstaclesOf(session, { ...campaigns, allowEndpoints: input.texts('allow-endpoint') }) };
}

interface Planned {
  readonly report: MatchReport;
  readonly found: FoundMatch;
}

function planOf(rows: readonly OldRow[], find: Finder, shared: SharedSetting): readonly Planned[] {
  const byMatch = Map.groupBy(rows, ({ matchId }) => matchId);
  return [...byMatch].map(([match, ofMatch]) => {
    const found = find(match);
    const setting = { ...shared, resendAfterMs: parseDuration(found.shown?.spec.resendAfter ?? RESEND_AFTER) };
    const object = found.shown?.metadata.name ?? (found.feed === undefined ? '' : objectName(found.feed, match));
    return { found, report: { match, object, fixture: found.fixture, rows: ofMatch, ...judge({ rows: ofMatch, ...found }, setting) } };
  });
}

/** One after the other: an import is some hundred objects, and one that fails stops it where it can be read. */
async function writeAll(session: Session, plan: readonly Planned[]): Promise<void> {
  for (const { report, found } of plan) {
    const { wish, shown } = found;
    if (shown !== undefined && isHalfMade(shown)) await handToFeed(session, shown);
    if (report.write !== undefined && typeof wish !== 'string') await writeOne(session, { wish, shown, write: report.write });
  }
}

/** What was written while we read and wrote is not imported: the old system was not stopped. */
async function stoodStill(session: Session, from: string, { fingerprint }: OldSystem): Promise<ExitCode> {
  const after = await readOld(from, session);
  if (after.fingerprint === fingerprint) return 0;
  session.say('The tables of the old system changed meanwhile: it still runs. Stop its cron, then import again.');
  return 1;
}
