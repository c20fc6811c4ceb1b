/** `matchday approve`: let a feed apply exactly the changes that it stopped at. */
import type { FixtureFeed } from '../crds/fixture-feed.ts';
import { FIXTURE_FEEDS } from '../crds/resources.ts';
import { APPROVE } from '../crds/words.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode } from './errors.ts';
import type { Input } from './input.ts';
import { refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { saysTrue } from './shown.ts';
import { annotating, dryRunNote, writeUnderVersion } from './write.ts';

export const approve: Command = {
  name: 'approve',
  summary: 'Let a feed apply the changes that it stopped at',
  usage: 'FEED [HASH]',
  about: [
    'A poll that would move or hold more sends than spec.maxChangesPerPoll stops with TooManyChanges, because that is more likely a mistake of the provider than the truth. Look at the changes with matchday plan, then approve them. The approval is for exactly these changes, named by the hash that the condition shows: when the provider says something else by then, the feed asks again.',
  ],
  examples: [
    { what: 'Look, then approve', command: 'matchday plan pl && matchday approve pl' },
    { what: 'Only if these are still the changes', command: 'matchday approve pl h1f2e3d4c5b6a' },
  ],
  arguments: { min: 1, max: 2 },
  flags: ['dry-run'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const ref = refOf(input.name, session.namespace, [FIXTURE_FEEDS]);
  const [, asked] = input.args;
  const { hash, message } = await writeUnderVersion(session, ref, (feed: FixtureFeed) => {
    const stalled = saysTrue(feed, 'Stalled');
    const shown = /matchday\.dev\/approve=(h[0-9a-f]+)/.exec(stalled?.message ?? '')?.[1];
    if (stalled?.reason !== 'TooManyChanges' || shown === undefined)
      throw new CliError(
        `${titled(ref)} waits for no approval${stalled === undefined ? '.' : `: it says ${stalled.reason}: ${stalled.message}`}`,
      );
    if (asked !== undefined && asked !== shown)
      throw new CliError(
        `${titled(ref)} shows ${shown} by now, not ${asked}: the changes are others. Look at them with matchday plan ${ref.key.name}.`,
      );
    return { hash: shown, message: stalled.message, patch: annotating(APPROVE, shown) };
  });
  session.say(message.replace(/ Nothing is applied\..*$/s, ''));
  session.say(`${titled(ref)}: approved ${hash}${dryRunNote(session)}. They are applied with the next poll, which is made at once.`);
  return 0;
}
