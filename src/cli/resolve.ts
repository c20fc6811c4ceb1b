/** `matchday resolve`: a person says what became of a call whose answer was lost, or that a send did not go out. */
import type { MatchNotification } from '../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { RESOLVE } from '../crds/words.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode, UsageError } from './errors.ts';
import type { Input } from './input.ts';
import { type Ref, refOf, titled } from './refs.ts';
import { type Answerable, answerable, type Claim } from './resolvable.ts';
import type { Session } from './session.ts';
import { conditionOf } from './shown.ts';
import { pairs } from './spoken.ts';
import { untilShows } from './wait.ts';
import { annotating, dryRunNote, writeUnderVersion } from './write.ts';

export const resolve: Command = {
  name: 'resolve',
  summary: 'Say what became of a call whose answer was lost',
  usage: 'NAME (--not-created | --schedule-id ID | --not-sent)',
  about: [
    'Without a fence the operator stops when the answer to a create or an update was lost (CreateUnresolved, UpdateUnresolved): Braze may hold a schedule that nobody knows the id of, and a second one would send twice. Look in Braze, then say what is there: --schedule-id with its id, or --not-created when there is none (for an update: when the schedule is as it was).',
    'With --not-sent a send that counts as sent is opened again. It is taken only 15 minutes after the send was due, and when nothing of it is left in Braze.',
    'What is known is printed before anything is written. What you say is written as an annotation under the version of the object that was looked at; the operator acts upon it, and notes it in the history.',
  ],
  examples: [
    { what: 'Braze holds nothing for this match: make the schedule', command: 'matchday resolve pl-600123 --not-created' },
    { what: 'Braze does hold it: take it over', command: 'matchday resolve pl-600123 --schedule-id 8b2d… -n push' },
    {
      what: 'See what is in doubt and what would follow, and write nothing',
      command: 'matchday resolve pl-600123 --not-created --dry-run',
    },
    { what: 'Nobody got the push: allow another one', command: 'matchday resolve pl-600123 --not-sent' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['not-created', 'schedule-id', 'not-sent', 'wait', 'timeout', 'dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const claim = claimOf(input);
  const timeoutMs = input.durationMs('timeout');
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS]);
  let told: Answerable | undefined;
  const said = await writeUnderVersion(session, ref, (object: MatchNotification) => {
    const found = answerable(object, claim, session.now);
    if (told === undefined) tell(session, ref, found);
    else sameQuestion(ref, told, found);
    told = found;
    return { ...found, patch: annotating(RESOLVE, JSON.stringify(found.resolution)) };
  });
  session.say(`${titled(ref)}: written down${dryRunNote(session)}.`);
  if (session.dryRun !== 'none' || !input.on('wait')) return 0;
  return await awaitOperator(session, ref, { said, timeoutMs });
}

/** What a person said of one call must not be taken for another that came up while it was being written. */
function sameQuestion(ref: Ref, before: Answerable, now: Answerable): void {
  const [asked, found] = [before.resolution.operationId, now.resolution.operationId];
  if (asked !== found) throw new CliError(`${titled(ref)} waits for another call by now (${found}, not ${asked}): look at that one first.`);
}

/** Throws `UsageError` unless exactly one thing is claimed. */
function claimOf(input: Input): Claim {
  const scheduleId = input.text('schedule-id');
  const claims: Claim[] = [
    ...(input.on('not-created') ? [{ kind: 'not-created' as const }] : []),
    ...(scheduleId === undefined ? [] : [{ kind: 'created' as const, scheduleId: scheduleId.trim() }]),
    ...(input.on('not-sent') ? [{ kind: 'not-sent' as const }] : []),
  ];
  const [claim, second] = claims;
  if (claim === undefined || second !== undefined)
    throw new UsageError('Say exactly one of --not-created, --schedule-id ID and --not-sent.');
  return claim;
}

function tell({ say }: Session, ref: Ref, { evidence, effect }: Answerable): void {
  say(`${titled(ref)}:`);
  say(pairs(evidence));
  say(effect);
}

async function awaitOperator(
  session: Session,
  ref: Ref,
  { said, timeoutMs }: { readonly said: Answerable; readonly timeoutMs: number },
): Promise<ExitCode> {
  const object = await untilShows<MatchNotification>(session, ref, { done: (each) => isActedUpon(each, said), timeoutMs });
  if (object === undefined) {
    session.say('The operator has not acted upon it yet. It will as soon as it runs: look with matchday status.');
    return 1;
  }
  const ready = conditionOf(object, 'Ready');
  session.say(
    `${titled(ref)}: resolved. Now ${object.status?.phase ?? 'Pending'}, ${ready?.reason ?? 'no word yet'}: ${ready?.message ?? ''}`,
  );
  return 0;
}

function isActedUpon({ status }: MatchNotification, { resolution }: Answerable): boolean {
  if (resolution.result === 'not-sent') return status?.lastSent === undefined || status.lastSent.disprovedAt !== undefined;
  return status?.operation?.id !== resolution.operationId;
}
