/**
 * One object of the import. A new one is there with its annotation from its first write on, so that the operator takes the old schedule over
 * before it makes one of its own; then its fields are given to the feed. Server-side applies without force: repeated, by two at once or
 * after a crash between any two of them, they come to the same. An object that is there already gets the annotation, under its version.
 */
import { ApiError } from '../../controller/client-errors.ts';
import { FEED_FIELDS } from '../../crds/feed-fields.ts';
import type { FieldTree } from '../../crds/kube.ts';
import { API_VERSION } from '../../crds/kube.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../crds/resources.ts';
import { ADOPT, FEED_FIELD_MANAGER, SCHEDULE_FINALIZER } from '../../crds/words.ts';
import type { ApplyBody } from '../../reconcilers/fixture-feed/wish.ts';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';
import { CLI_FIELD_MANAGER } from '../session.ts';
import { annotating, writeUnderVersion } from '../write.ts';
import type { Judged } from './judge.ts';

export interface Import {
  readonly wish: ApplyBody;
  readonly shown: MatchNotification | undefined;
  readonly write: NonNullable<Judged['write']>;
}

export async function writeOne(session: Session, { wish, shown, write }: Import): Promise<void> {
  if (shown !== undefined) return await annotate(session, shown, write);
  await handToFeed(session, await make(session, wish, write));
}

async function annotate(session: Session, shown: MatchNotification, { adopt, suspend }: Import['write']): Promise<void> {
  const { namespace, name } = shown.metadata;
  await writeUnderVersion(session, { kind: MATCH_NOTIFICATIONS, key: { namespace, name } }, ({ metadata }: MatchNotification) => {
    if (metadata.annotations?.[ADOPT] !== shown.metadata.annotations?.[ADOPT] || metadata.deletionTimestamp !== undefined)
      throw new CliError(`MatchNotification ${namespace}/${name} has changed meanwhile: import again.`);
    const said = adopt === undefined ? {} : annotating(ADOPT, JSON.stringify(adopt));
    return { patch: { ...said, ...(suspend === undefined ? {} : { spec: { suspend } }) } };
  });
}

function make({ kube }: Session, wish: ApplyBody, { adopt, suspend }: Import['write']): Promise<MatchNotification> {
  const { metadata, spec } = wish;
  const annotations = { ...metadata.annotations, ...(adopt === undefined ? {} : { [ADOPT]: JSON.stringify(adopt) }) };
  const body = { ...wish, metadata: { ...metadata, annotations }, spec: { ...spec, ...(suspend === undefined ? {} : { suspend }) } };
  return apply({ kube }, body, CLI_FIELD_MANAGER);
}

/** Whether an import died before the feed was given its fields: it would leave them alone for ever. */
export const isHalfMade = (object: MatchNotification): boolean => FEED_FIELDS.some((field) => ourSpec(object)[`f:${field}`] !== undefined);

const ourSpec = ({ metadata }: MatchNotification): FieldTree =>
  metadata.managedFields?.find(({ manager, operation }) => manager === CLI_FIELD_MANAGER && operation === 'Apply')?.fieldsV1?.['f:spec'] ??
  {};

/** Says the same as the object as the feed, and from then on, in our own name, nothing but what no feed writes. */
export async function handToFeed(session: Session, object: MatchNotification): Promise<void> {
  const { metadata, spec } = object;
  const { name, namespace } = metadata;
  const feeds = Object.fromEntries(FEED_FIELDS.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]]));
  const same = { name, namespace, labels: metadata.labels, finalizers: [SCHEDULE_FINALIZER] };
  await apply(session, { apiVersion: API_VERSION, kind: 'MatchNotification', metadata: same, spec: feeds }, FEED_FIELD_MANAGER);
  const adopt = metadata.annotations?.[ADOPT];
  const ours = { name, namespace, ...(adopt === undefined ? {} : { annotations: { [ADOPT]: adopt } }) };
  const suspend = ourSpec(object)['f:suspend'] === undefined ? {} : { spec: { suspend: spec.suspend } };
  await apply(session, { apiVersion: API_VERSION, kind: 'MatchNotification', metadata: ours, ...suspend }, CLI_FIELD_MANAGER);
}

interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: object;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

async function apply({ kube }: Pick<Session, 'kube'>, body: Applied, fieldManager: string): Promise<MatchNotification> {
  const { name, namespace } = body.metadata;
  try {
    return await kube.patch<MatchNotification>(MATCH_NOTIFICATIONS, { namespace, name }, { type: 'apply', body, fieldManager });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isConflict) throw error;
    const message = `MatchNotification ${namespace}/${name} is being written by somebody else: suspend the feed, and import again. (${error.message})`;
    throw new CliError(message, { cause: error });
  }
}
