/** `matchday suspend` and `matchday resume`: a person's switch, spec.suspend. No feed ever writes it. */
import type { KubeObject } from '../controller/types.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import type { Command } from './command.ts';
import type { Input } from './input.ts';
import { type Ref, refOf, titled } from './refs.ts';
import type { Session } from './session.ts';
import { dryRunNote, writeUnderVersion } from './write.ts';

interface Suspendable extends KubeObject {
  readonly spec: { readonly suspend?: boolean };
}

const MEANING: Readonly<Record<string, { readonly suspended: string; readonly resumed: string }>> = {
  [MATCH_NOTIFICATIONS.kind]: {
    suspended: 'What is armed in Braze is closed and deleted; nothing is sent.',
    resumed: 'The send is made again if its time still allows.',
  },
  [FIXTURE_FEEDS.kind]: {
    suspended: 'Nothing is polled; the objects it made stay as they are, and are sent.',
    resumed: 'It polls at once.',
  },
  [BRAZE_WORKSPACES.kind]: {
    suspended: 'The kill switch: every open item is closed, nothing is created.',
    resumed: 'Sends are made again where their times still allow.',
  },
};

const shared = {
  usage: 'NAME | ff/NAME | bw/NAME',
  arguments: { min: 1, max: 1 },
  flags: ['dry-run'],
} as const;

export const suspend: Command = {
  ...shared,
  name: 'suspend',
  summary: 'Send nothing of an object, a feed or a whole workspace',
  about: [
    'Sets spec.suspend. A suspended MatchNotification is closed and deleted in Braze; a suspended FixtureFeed polls no more, and what it made is sent all the same; a suspended BrazeWorkspace closes every open item and creates nothing: the kill switch.',
  ],
  examples: [
    { what: 'One fixture', command: 'matchday suspend pl-600123' },
    { what: 'Everything of a workspace, at once', command: 'matchday suspend bw/main' },
  ],
  run: (session, input) => set(session, input, true),
};

export const resume: Command = {
  ...shared,
  name: 'resume',
  summary: 'Undo suspend',
  about: ['Sets spec.suspend to false. What should have been sent meanwhile is sent only while startingDeadline allows.'],
  examples: [
    { what: 'One fixture', command: 'matchday resume pl-600123' },
    { what: 'A feed', command: 'matchday resume ff/pl' },
  ],
  run: (session, input) => set(session, input, false),
};

async function set(session: Session, input: Input, wanted: boolean): Promise<0> {
  const ref = refOf(input.name, session.namespace, [MATCH_NOTIFICATIONS, FIXTURE_FEEDS, BRAZE_WORKSPACES]);
  const { before } = await writeUnderVersion(session, ref, ({ spec }: Suspendable) => ({
    before: spec.suspend === true,
    patch: { spec: { suspend: wanted } },
  }));
  const word = wanted ? 'suspended' : 'resumed';
  session.say(
    `${titled(ref)}: ${before === wanted ? `was ${wanted ? 'suspended' : 'not suspended'} already` : `${word}${dryRunNote(session)}`}. ${meaning(ref, word)}`,
  );
  return 0;
}

const meaning = ({ kind }: Ref, word: 'suspended' | 'resumed'): string => MEANING[kind.kind]?.[word] ?? '';
