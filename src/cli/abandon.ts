/** `matchday abandon`: let go of an object without calling Braze. What it owns there stays, and is named before anything is written. */
import type { MatchNotification } from '../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { ABANDON } from '../crds/words.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode } from './errors.ts';
import type { Input } from './input.ts';
import { refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { when } from './spoken.ts';
import { annotating, dryRunNote, writeUnderVersion } from './write.ts';

export const abandon: Command = {
  name: 'abandon',
  summary: 'Let go of an object without calling Braze',
  usage: 'NAME --yes',
  about: [
    'For an object that is being deleted and can not be cleaned up, because the key or the Braze workspace is gone. What it owns in Braze stays there and may be sent: stop it by hand. Without --yes the ids are listed and nothing is written.',
    'It takes effect when the object is deleted.',
  ],
  examples: [
    { what: 'See what would stay behind', command: 'matchday abandon pl-600123' },
    { what: 'Let go', command: 'matchday abandon pl-600123 --yes && kubectl delete mn pl-600123' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['yes', 'dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS]);
  const sure = input.on('yes') || session.dryRun !== 'none';
  const { behind, going } = await writeUnderVersion(session, ref, (object: MatchNotification) => {
    const left = leftBehind(object, session.now);
    if (!sure) throw new CliError([`${titled(ref)} would leave behind in Braze:`, ...left, 'Nothing is written without --yes.'].join('\n'));
    return { behind: left, going: object.metadata.deletionTimestamp !== undefined, patch: annotating(ABANDON, 'true') };
  });
  session.say(`${titled(ref)}: abandoned${dryRunNote(session)}. What stays behind in Braze:`);
  for (const line of behind) session.say(line);
  if (!going) session.say(`It takes effect with: kubectl delete mn ${ref.key.name} -n ${ref.key.namespace}`);
  return 0;
}

function leftBehind({ status }: MatchNotification, now: Temporal.Instant): readonly string[] {
  const { schedule, obsolete = [], operation, fence } = status ?? {};
  const lines = [...(schedule === undefined ? [] : [schedule]), ...obsolete].map(
    ({ id, campaignId, firesAt }) => `  schedule ${id} of campaign ${campaignId}, due ${when(firesAt, now)}`,
  );
  if (operation !== undefined)
    lines.push(
      `  whatever ${operation.kind} ${operation.id} of campaign ${operation.campaignId} left, due ${when(operation.firesAt, now)}`,
    );
  if (fence !== undefined && fence.token !== '') lines.push(`  catalog item ${fence.item}, open: its schedule is sent`);
  return lines.length === 0 ? ['  nothing that is known of'] : lines;
}
