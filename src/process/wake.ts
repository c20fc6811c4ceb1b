/** Which change wakes whom. Handlers only enqueue keys. */
import type { Controller } from '../controller/controller.ts';
import type { KubeObject, ObjectKey } from '../controller/types.ts';
import type { BrazeWorkspace } from '../crds/braze-workspace.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { WORKSPACE_INDEX, workspaceIndexKey } from '../reconcilers/braze-workspace/ports.ts';
import { localesOf, localesOfFeed } from '../reconcilers/braze-workspace/usage.ts';
import { MATCH_INDEX, matchIndex } from '../reconcilers/match-notification/content.ts';
import type { Kinds } from './kinds.ts';

export interface Controllers {
  readonly notifications: Controller;
  readonly workspaces: Controller;
  readonly feeds: Controller;
}

const keyOf = ({ metadata }: KubeObject): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name });

/** Whatever wakes somebody only puts a key into a queue. */
type Queues = Readonly<Record<keyof Controllers, Pick<Controller, 'enqueue'>>>;

export function wakeOnChange(kinds: Kinds, controllers: Queues): void {
  kinds.feeds.subscribe((_type, old, current) => {
    each([old, current], (object) => controllers.feeds.enqueue(keyOf(object)));
    if (said(old && localesOfFeed(old)) !== said(current && localesOfFeed(current)))
      each([old, current], (object) => controllers.workspaces.enqueue(workspaceOf(object, object.spec.template.spec)));
  });
  kinds.workspaces.subscribe((_type, old, current) => {
    each([old, current], (object) => controllers.workspaces.enqueue(keyOf(object)));
    // A changed spec (the kill switch, a margin) concerns every notification; a changed status none.
    const either = current ?? old;
    if (either !== undefined && old?.metadata.generation !== current?.metadata.generation)
      wakeNotificationsOf(kinds, controllers, keyOf(either));
  });
  kinds.notifications.subscribe((_type, old, current) => {
    each([old, current], (object) => controllers.notifications.enqueue(keyOf(object)));
    if (matchOf(old) !== matchOf(current)) each([old, current], (object) => wakeTwins(kinds, controllers, object));
    if (usesBraze(old) !== usesBraze(current) || said(old && localesOf(old)) !== said(current && localesOf(current)))
      each([old, current], (object) => controllers.workspaces.enqueue(workspaceOf(object, object.spec)));
  });
}

export function wakeNotificationsOf(kinds: Kinds, controllers: Pick<Queues, 'notifications'>, workspace: ObjectKey): void {
  for (const object of kinds.notifications.byIndex(WORKSPACE_INDEX, workspaceIndexKey(workspace)))
    controllers.notifications.enqueue(keyOf(object));
}

/** The younger of two objects for one match waits for the older to be gone, and gives way to one that comes, be it new or from another campaign. */
function wakeTwins(kinds: Kinds, controllers: Queues, changed: MatchNotification): void {
  for (const key of matchIndex(changed)) {
    for (const twin of kinds.notifications.byIndex(MATCH_INDEX, key)) controllers.notifications.enqueue(keyOf(twin));
  }
}

const matchOf = (object: MatchNotification | undefined): string | undefined => object && matchIndex(object).join();

/** Whether the workspace must stay because of this object. */
function usesBraze(object: MatchNotification | undefined): boolean {
  const { schedule, operation, obsolete } = object?.status ?? {};
  return schedule !== undefined || operation !== undefined || (obsolete?.length ?? 0) > 0;
}

/** The catalog needs fields for the locales of its names. */
const said = (locales: readonly string[] | undefined): string => (locales ?? []).toSorted().join(' ');

const workspaceOf = ({ metadata }: KubeObject, { workspaceRef }: Pick<MatchNotification['spec'], 'workspaceRef'>): ObjectKey => ({
  namespace: metadata.namespace ?? '',
  name: workspaceRef.name,
});

function each<T extends MatchNotification | BrazeWorkspace | KubeObject>(
  objects: readonly (T | undefined)[],
  act: (object: T) => void,
): void {
  for (const object of objects) if (object !== undefined) act(object);
}
