/** Which change wakes whom. */
import { describe, expect, it } from 'vitest';
import { keepWhole, ObjectStore } from '../../src/controller/store.ts';
import type { ObjectKey } from '../../src/controller/types.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { wakeOnChange } from '../../src/process/wake.ts';
import { MATCH_INDEX, matchIndex } from '../../src/reconcilers/match-notification/content.ts';
import { notification } from '../match-notification/objects.ts';

const onHandlerFailure = ({ error }: { error: unknown }): never => {
  throw error;
};
const queue = (woken: string[] = []) => ({ woken, enqueue: ({ name }: ObjectKey): void => void woken.push(name) });

/** A cache that holds one armed object, and who is woken from then on. */
async function withArmed() {
  const notifications = new ObjectStore<MatchNotification>({
    transform: keepWhole(),
    onHandlerFailure,
    indexes: { [MATCH_INDEX]: matchIndex },
  });
  const workspaces = new ObjectStore<BrazeWorkspace>({ transform: keepWhole(), onHandlerFailure });
  const feeds = new ObjectStore<FixtureFeed>({ transform: keepWhole(), onHandlerFailure });
  const queues = { notifications: queue(), workspaces: queue(), feeds: queue() };
  wakeOnChange({ notifications, workspaces, feeds, steps: [], ready: [] }, queues);
  const feed = notifications.feed();
  const snapshot = feed.snapshot();
  snapshot.object(notification({ metadata: { name: 'armed', uid: 'b' } }));
  await snapshot.commit('1');
  queues.notifications.woken.length = 0;
  return { feed, woken: queues.notifications.woken };
}

describe('a new object', () => {
  it('wakes the other of its match: made within one second, the new one may be the older by its uid', async () => {
    const { feed, woken } = await withArmed();
    feed.changed(notification({ metadata: { name: 'newcomer', uid: 'a', resourceVersion: '2' } }));
    expect(woken).toContain('armed');
  });

  it('wakes nobody of another match', async () => {
    const { feed, woken } = await withArmed();
    const { match } = notification().spec;
    feed.changed(notification({ metadata: { name: 'other', uid: 'c', resourceVersion: '2' }, spec: { match: { ...match, id: '7' } } }));
    expect(new Set(woken)).toEqual(new Set(['other']));
  });
});
