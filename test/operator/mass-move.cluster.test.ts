/**
 * A whole day's fixtures get another kickoff three quarters of an hour before their send. Braze takes ten creates a minute: the old times
 * stand while there is budget to wait for, the rest is closed in time, and nobody hears of a match twice.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stack } from '../../sandbox/stack/index.ts';
import { notification } from '../../sandbox/stack/manifests.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import {
  creates,
  endScale,
  isArmed,
  minuteByMinute,
  minuteOf,
  ONE_FAN,
  reasonOf,
  scaleStage,
  spent,
  table,
  tell,
  walkOver,
} from './scale-support.ts';

const FIXTURES = 200;

let stack: Stack;
let oldSend: Temporal.Instant;
let newSend: Temporal.Instant;
beforeAll(async () => {
  const instant = Temporal.Now.instant().round({ smallestUnit: 'hour', roundingMode: 'floor' });
  stack = await scaleStage({ instant });
  await stack.workspace({ requestTimeout: '1s' });
  oldSend = instant.add({ hours: 3 });
  newSend = oldSend.add({ hours: 1 });
  const campaignId = stack.campaign({ users: ONE_FAN });
  const kickoff = oldSend.add({ hours: 1 });
  await stack.apply(Array.from({ length: FIXTURES }, (_, index) => notification({ match: String(70_000 + index), campaignId, kickoff })));
});
afterAll(() => endScale(stack));

async function moveAll(): Promise<void> {
  const spec = { kickoff: newSend.add({ hours: 1 }).toString(), sendAt: newSend.toString() };
  const move = ({ metadata: { namespace, name } }: MatchNotification) =>
    stack.connection.patch<MatchNotification>(MATCH_NOTIFICATIONS, { namespace, name }, { type: 'merge', body: { spec } });
  await Promise.all(stack.notifications.list().map(move));
}

type Deed = 'closed' | 'deleted' | 'created' | 'opened';

/** What a call did to how many fixtures. */
function deedsOf({ endpoint, status, body }: (typeof stack.braze.log.entries)[number]): readonly Deed[] {
  if (status === undefined || status >= 300) return [];
  if (endpoint === 'campaign-create') return ['created'];
  if (endpoint === 'campaign-delete') return ['deleted'];
  if (endpoint !== 'item-put' && endpoint !== 'items-put') return [];
  const { items } = body as { readonly items: readonly { readonly token?: string; readonly state?: string }[] };
  return items.filter(({ state }) => state !== 'sent').map(({ token }) => (token === '' ? 'closed' : 'opened'));
}

/** Per minute after `from`. */
function timeline(from: Temporal.Instant, afterSeq: number): string {
  const rows = new Map<number, Record<Deed, number> & { minute: number }>();
  for (const entry of stack.braze.log.where({ afterSeq })) {
    const minute = minuteOf(entry.atMs) - minuteOf(from.epochMilliseconds);
    for (const deed of deedsOf(entry)) {
      const row = rows.get(minute) ?? { minute, closed: 0, deleted: 0, created: 0, opened: 0 };
      rows.set(minute, { ...row, [deed]: row[deed] + 1 });
    }
  }
  return table(
    'minute after the move',
    [...rows.values()].sort((a, b) => a.minute - b.minute),
  );
}

/** How each fixture ended for the fan. */
function ends() {
  const count = { once: 0, 'once, at the old time': 0, twice: 0, 'not, and says so': 0, lost: 0 };
  const delivered = Map.groupBy(stack.braze.deliveries(), ({ notification: item }) => item);
  for (const object of stack.notifications.list()) {
    const [first, ...more] = delivered.get(object.status?.fence?.item) ?? [];
    if (more.length > 0) count.twice += 1;
    else if (first?.firedMs === newSend.epochMilliseconds) count.once += 1;
    else if (first !== undefined) count['once, at the old time'] += 1;
    else if (reasonOf(object) === 'Missed') count['not, and says so'] += 1;
    else count.lost += 1;
  }
  return count;
}

describe('200 fixtures of one kickoff', () => {
  it('that move by an hour 45 minutes before their send are each told of once, at the new time', { timeout: 300_000 }, async () => {
    await stack.notifications.until(() => (stack.notifications.list().length === FIXTURES ? true : undefined), { what: 'all objects' });
    await minuteByMinute(stack, { atRest: isArmed, what: 'every fixture to be armed' });

    const moved = oldSend.subtract({ minutes: 45 });
    const before = stack.braze.log.entries.at(-1)?.seq ?? 0;
    stack.clock.set(moved);
    await moveAll();
    const isMoved = (object: MatchNotification): boolean => isArmed(object) && object.status?.schedule?.sendAt === newSend.toString();
    await minuteByMinute(stack, { atRest: isMoved, what: 'every fixture to be armed for the new time' });
    const took = minuteOf(stack.clock.now().epochMilliseconds) - minuteOf(moved.epochMilliseconds);
    tell(timeline(moved, before));

    await walkOver(stack, oldSend);
    expect(stack.braze.deliveries()).toEqual([]);
    await walkOver(stack, newSend);
    await stack.notifications.until(() => (stack.notifications.list().every(({ status }) => status?.phase === 'Sent') ? true : undefined), {
      what: 'every fixture to be Sent',
    });
    tell(`all moved after ${took} minutes; ${JSON.stringify(ends())}`);
    expect(ends()).toEqual({ once: FIXTURES, 'once, at the old time': 0, twice: 0, 'not, and says so': 0, lost: 0 });
    expect(creates(stack, before)).toHaveLength(FIXTURES);
    expect(spent(stack)).toEqual({ mostCreates: 10, refused: 0 });
  });
});
