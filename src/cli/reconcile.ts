/** `matchday reconcile`: ask for what would come later by itself. */
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { REQUESTED_AT } from '../crds/words.ts';
import type { Command } from './command.ts';
import type { ExitCode } from './errors.ts';
import type { Input } from './input.ts';
import { refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { annotating, dryRunNote, writeUnderVersion } from './write.ts';

export const reconcile: Command = {
  name: 'reconcile',
  summary: 'Look at an object now: read back, poll, or check',
  usage: 'NAME | ff/NAME | bw/NAME',
  about: [
    'Asks the operator for what would come later by itself: for a MatchNotification the catalog item is read back, a FixtureFeed polls, a BrazeWorkspace checks key, catalog and campaigns. A wait that Braze or football-data.org asked for is kept.',
  ],
  examples: [
    { what: 'Read back the catalog item of a fixture', command: 'matchday reconcile pl-600123' },
    { what: 'Poll a feed now', command: 'matchday reconcile ff/pl' },
    { what: 'Check a workspace after a change in Braze', command: 'matchday reconcile bw/main -n push' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS, FIXTURE_FEEDS, BRAZE_WORKSPACES]);
  await writeUnderVersion(session, ref, () => ({ patch: annotating(REQUESTED_AT, session.now.toString({ smallestUnit: 'millisecond' })) }));
  session.say(`${titled(ref)}: asked for${dryRunNote(session)}.`);
  return 0;
}
