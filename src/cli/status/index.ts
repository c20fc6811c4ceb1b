/** `matchday status`: reads, and writes nothing. */
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import type { Command } from '../command.ts';
import { type ExitCode, UsageError } from '../errors.ts';
import type { Input } from '../input.ts';
import { read } from '../objects.ts';
import { print } from '../output.ts';
import { refOf } from '../refs.ts';
import type { Session } from '../session.ts';
import { detailOf } from './one.ts';
import { detailText } from './one-text.ts';
import { overviewOf } from './overview.ts';
import { overviewText } from './overview-text.ts';

export const status: Command = {
  name: 'status',
  summary: 'Show what needs somebody, and what is sent next; with a name, everything about one fixture',
  usage: '[NAME]',
  about: [
    'Without a name: what needs somebody first, each with the next step to take; then the next sends, the feeds with the age of what they know, and the workspaces.',
    'With the name of a MatchNotification: the wish, what Braze holds as recorded, how they differ, the catalog item, which fields somebody took from the feed, the history in words, and the next step.',
  ],
  examples: [
    { what: 'The state of the namespace', command: 'matchday status' },
    { what: 'Of all namespaces, with more columns', command: 'matchday status -A -o wide' },
    { what: 'Everything about one fixture', command: 'matchday status pl-600123 -n push' },
    { what: 'What needs somebody, for a script', command: "matchday status -o json | jq '.problems'" },
  ],
  arguments: { min: 0, max: 1 },
  flags: ['all-namespaces', 'output'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  if (input.args.length > 0) return await one(session, input);
  const overview = await overviewOf(session);
  const options = { now: session.now, wide: input.output === 'wide', namespaces: session.listed === undefined };
  print(session, input.output, { data: overview, text: () => overviewText(overview, options) });
  return 0;
}

async function one(session: Session, input: Input): Promise<ExitCode> {
  if (input.on('all-namespaces')) throw new UsageError('An object is in one namespace: give -n NAMESPACE rather than -A.');
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS]);
  const detail = detailOf(await read<MatchNotification>(session, ref));
  print(session, input.output, { data: detail, text: () => detailText(detail, session.now) });
  return 0;
}
