/** `matchday release`: fields that somebody took are the feed's again. One write; the value stays until the feed sets its own. */
import { FEED_FIELDS, type FeedField } from '../crds/feed-fields.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode, UsageError } from './errors.ts';
import type { Input } from './input.ts';
import { feedOf, handedToFeed, type Taken, takenFields } from './owners.ts';
import { refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { dryRunNote, writeUnderVersion } from './write.ts';

export const release: Command = {
  name: 'release',
  summary: 'Give fields that somebody took back to the feed',
  usage: 'NAME [--field FIELD]',
  about: [
    'Whoever sets a field of an object that a feed made (kubectl edit, kubectl apply --server-side --force-conflicts) owns that field: the feed leaves it alone from then on and reports a conflict. This command hands the field back. Its value stays until the feed sets its own at its next poll.',
  ],
  examples: [
    { what: 'Everything that somebody took', command: 'matchday release pl-600123' },
    { what: 'The send time only', command: 'matchday release pl-600123 --field sendAt' },
    { what: 'See who owns what, and write nothing', command: 'matchday release pl-600123 --dry-run' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['field', 'dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const asked = fieldsOf(input);
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS]);
  const { taken, feed } = await writeUnderVersion(session, ref, (object: MatchNotification) => {
    const judged = judge(object, asked);
    const managedFields = handedToFeed(
      object,
      judged.taken.map(({ field }) => field),
    );
    return { ...judged, patch: { metadata: { managedFields } } };
  });
  for (const { field, manager } of taken)
    session.say(`${titled(ref)}: ${field} is taken from ${manager} and given to the feed${dryRunNote(session)}.`);
  session.say(
    `FixtureFeed ${ref.key.namespace}/${feed} sets its own value at its next poll. At once: matchday reconcile ff/${feed} -n ${ref.key.namespace}`,
  );
  return 0;
}

/** Throws `UsageError`. Empty: all. */
function fieldsOf(input: Input): readonly FeedField[] {
  return input.texts('field').map((text) => {
    const field = FEED_FIELDS.find((each) => each === text.replace(/^\.?spec\./, ''));
    if (field === undefined) throw new UsageError(`--field ${text}: no field that a feed sets; those are ${FEED_FIELDS.join(', ')}.`);
    return field;
  });
}

function judge(object: MatchNotification, asked: readonly FeedField[]): { readonly taken: readonly Taken[]; readonly feed: string } {
  const name = `MatchNotification ${object.metadata.namespace}/${object.metadata.name}`;
  const feed = feedOf(object);
  if (feed === undefined)
    throw new CliError(`${name} was made by no feed: its fields are yours, and there is nobody to give them back to.`);
  const all = takenFields(object);
  const taken = all.filter(({ field }) => asked.length === 0 || asked.includes(field));
  if (taken.length > 0) return { taken, feed };
  const others = all.map(({ field, manager }) => `${field} (${manager})`).join(', ');
  throw new CliError(
    `${name}: nobody but feed ${feed} owns ${asked.length === 0 ? 'any of its fields' : asked.join(', ')}.${others === '' ? '' : ` Taken are: ${others}.`}`,
  );
}
