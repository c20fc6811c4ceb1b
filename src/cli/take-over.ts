/** `matchday take-over`: take a fence item, or a catalog, from the owner that the object's condition shows. */
import type { KubeObject } from '../controller/types.ts';
import { BRAZE_WORKSPACES, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { TAKE_OVER } from '../crds/words.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode } from './errors.ts';
import type { Input } from './input.ts';
import { type Ref, refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { saysTrue, type WithConditions } from './shown.ts';
import { annotating, dryRunNote, writeUnderVersion } from './write.ts';

interface WithStatus extends KubeObject, WithConditions {}

const TAKEABLE: readonly string[] = ['OwnedElsewhere', 'WorkspaceChanged'];

export const takeOver: Command = {
  name: 'take-over',
  summary: 'Take a fence item or a catalog from another owner',
  usage: 'NAME | bw/NAME [--owner OWNER]',
  about: [
    'A MatchNotification that is Stalled/OwnedElsewhere found its catalog item open for another owner, such as another cluster that still works on the same Braze workspace. Stop that one first: two that both write lead to OwnershipContested. Then this command writes down the owner that was seen, and the operator takes the item from that owner and no other.',
    'A BrazeWorkspace that is Stalled/WorkspaceChanged found a catalog of another owner behind its key. Take it over only when the key is the right one.',
  ],
  examples: [
    { what: 'A fixture after the other cluster was stopped', command: 'matchday take-over pl-600123' },
    { what: 'The catalog of a workspace', command: 'matchday take-over bw/main' },
    { what: 'From an owner that you name yourself', command: 'matchday take-over pl-600123 --owner 4c1d…/push/pl-600123' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['owner', 'dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS, BRAZE_WORKSPACES]);
  const { owner } = await writeUnderVersion(session, ref, (object: WithStatus) => {
    const seen = ownerSeen(ref, object, input.text('owner'));
    return { owner: seen, patch: annotating(TAKE_OVER, seen) };
  });
  session.say(`${titled(ref)}: to be taken over from ${owner}${dryRunNote(session)}. The operator acts upon it when it next looks.`);
  return 0;
}

/** Throws `CliError` when the object stands against no other owner. */
function ownerSeen(ref: Ref, object: WithStatus, named: string | undefined): string {
  const stalled = saysTrue(object, 'Stalled');
  if (stalled === undefined || !TAKEABLE.includes(stalled.reason))
    throw new CliError(
      `${titled(ref)} stands against no other owner (its condition Stalled says ${stalled?.reason ?? 'nothing'}): nothing to take over.`,
    );
  const shown = shownOwner(stalled.message);
  if (named !== undefined && shown !== undefined && named !== shown)
    throw new CliError(`${titled(ref)}: the owner seen is ${shown}, not ${named}. Look again before taking it from anybody.`);
  const owner = named ?? shown;
  if (owner === undefined) throw new CliError(`${titled(ref)} does not show the owner: give it with --owner. It says: ${stalled.message}`);
  return owner;
}

/** The conditions name the annotation's value: `… matchday.dev/take-over to "owner"`, or `matchday.dev/take-over=owner`. */
function shownOwner(message: string): string | undefined {
  const [, quoted, plain] = /matchday\.dev\/take-over(?: to "([^"]+)"|=(\S+))/.exec(message) ?? [];
  return quoted ?? plain?.replace(/[.,;]$/, '');
}
