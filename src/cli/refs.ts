/** How an object is named on the command line: `NAME`, or `KIND/NAME` as kubectl has it. */
import type { ObjectKey } from '../controller/types.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, type KindDescriptor, MATCH_NOTIFICATIONS } from '../crds/resources.ts';
import { UsageError } from './errors.ts';

export interface Ref {
  readonly kind: KindDescriptor;
  readonly key: ObjectKey;
}

const KINDS = [MATCH_NOTIFICATIONS, FIXTURE_FEEDS, BRAZE_WORKSPACES] as const;

/** `allowed[0]` is what a bare name means. Throws `UsageError`. */
export function refOf(text: string, namespace: string, allowed: readonly [KindDescriptor, ...KindDescriptor[]]): Ref {
  const [, said, name = ''] = /^(?:([^/]*)\/)?([^/]*)$/.exec(text) ?? [];
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) throw new UsageError(`"${text}" is no name of an object: write NAME or KIND/NAME.`);
  const kind = said === undefined ? allowed[0] : KINDS.find((each) => isCalled(each, said.toLowerCase()));
  if (kind === undefined || !allowed.includes(kind))
    throw new UsageError(`"${text}": the kind must be one of ${allowed.map(({ shortNames }) => shortNames[0]).join(', ')}.`);
  return { kind, key: { namespace, name } };
}

const isCalled = ({ singular, plural, shortNames }: KindDescriptor, said: string): boolean =>
  said === singular || said === plural || shortNames.includes(said) || [singular, plural].some((name) => said.startsWith(`${name}.`));

/** `MatchNotification default/pl-1`, for sentences. */
export const titled = ({ kind, key }: Ref): string => `${kind.kind} ${key.namespace}/${key.name}`;
