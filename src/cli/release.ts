/** `matchday release`: fields that somebody took are the feed's again. One write; the value stays until the feed sets its own. */
import { ApiError } from '../controller/client-errors.ts';
import { FEED_FIELDS, type FeedField } from '../crds/feed-fields.ts';
import type { FixtureFeed } from '../crds/fixture-feed.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { COMPETITION_LABEL } from '../crds/words.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode, UsageError } from './errors.ts';
import type { Input } from './input.ts';
import { read } from './objects.ts';
import { feedOf, handedToFeed, takenFields, takenLabels } from './owners.ts';
import { refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { dryRunNote, writeUnderVersion } from './write.ts';

export const release: Command = {
  name: 'release',
  summary: 'Give fields that somebody took back to the feed',
  usage: 'NAME [--field FIELD]',
  about: [
    'Whoever sets a field of an object that a feed made (kubectl edit, kubectl apply --server-side --force-conflicts) owns that field: the feed leaves it alone from then on and reports a conflict. This command hands the field back. Its value stays until the feed sets its own at its next poll. Labels that the feed sets count too: --field labels.',
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

const LABELS = 'labels';
type Asked = FeedField | typeof LABELS;

/** Something of the feed's that somebody else owns. */
interface Taken {
  readonly of: Asked;
  /** As people write it, such as `sendAt` or `labels.team`. */
  readonly path: string;
  readonly manager: string;
}

async function run(session: Session, input: Input): Promise<ExitCode> {
  const asked = askedOf(input);
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS]);
  const labels = await labelsOf(session, await read<MatchNotification>(session, ref));
  const { taken, feed } = await writeUnderVersion(session, ref, (object: MatchNotification) => {
    const judged = judge(object, labels, asked);
    return { ...judged, patch: { metadata: { managedFields: handed(object, labels, judged.taken) } } };
  });
  for (const { path, manager } of taken)
    session.say(`${titled(ref)}: ${path} is taken from ${manager} and given to the feed${dryRunNote(session)}.`);
  session.say(
    `FixtureFeed ${ref.key.namespace}/${feed} sets its own value at its next poll. At once: matchday reconcile ff/${feed} -n ${ref.key.namespace}`,
  );
  return 0;
}

/** The labels that the feed of an object sets. One that is gone sets none any more. */
async function labelsOf(session: Session, object: MatchNotification): Promise<readonly string[]> {
  const feed = feedOf(object);
  if (feed === undefined) return [];
  try {
    const { spec } = await session.kube.get<FixtureFeed>(FIXTURE_FEEDS, { namespace: object.metadata.namespace, name: feed });
    return [COMPETITION_LABEL, ...Object.keys(spec.template.metadata?.labels ?? {})];
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return [COMPETITION_LABEL];
    throw error;
  }
}

/** Throws `UsageError`. Empty: all. */
function askedOf(input: Input): readonly Asked[] {
  return input.texts('field').map((text) => {
    if (text.replace(/^\.?metadata\./, '') === LABELS) return LABELS;
    const field = FEED_FIELDS.find((each) => each === text.replace(/^\.?spec\./, ''));
    if (field !== undefined) return field;
    throw new UsageError(`--field ${text}: no field that a feed sets; those are ${[...FEED_FIELDS, LABELS].join(', ')}.`);
  });
}

function allTaken(object: MatchNotification, labels: readonly string[]): readonly Taken[] {
  return [
    ...takenFields(object).map(({ field, manager }) => ({ of: field, path: field, manager })),
    ...takenLabels(object, labels).map(({ label, manager }) => ({ of: LABELS, path: `${LABELS}.${label}`, manager }) as const),
  ];
}

function handed(object: MatchNotification, labels: readonly string[], taken: readonly Taken[]) {
  const isTaken = (of: Asked): boolean => taken.some((one) => one.of === of);
  return handedToFeed(object, {
    fields: FEED_FIELDS.filter(isTaken),
    labels: isTaken(LABELS) ? takenLabels(object, labels).map(({ label }) => label) : [],
  });
}

function judge(object: MatchNotification, labels: readonly string[], asked: readonly Asked[]) {
  const name = `MatchNotification ${object.metadata.namespace}/${object.metadata.name}`;
  const feed = feedOf(object);
  if (feed === undefined)
    throw new CliError(`${name} was made by no feed: its fields are yours, and there is nobody to give them back to.`);
  const all = allTaken(object, labels);
  const taken = all.filter(({ of }) => asked.length === 0 || asked.includes(of));
  if (taken.length > 0) return { taken, feed };
  const others = all.map(({ path, manager }) => `${path} (${manager})`).join(', ');
  throw new CliError(
    `${name}: nobody but feed ${feed} owns ${asked.length === 0 ? 'any of its fields' : asked.join(', ')}.${others === '' ? '' : ` Taken are: ${others}.`}`,
  );
}
