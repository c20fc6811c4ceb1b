/** The ledger beside a running operator: a match day with the database away for an hour in the middle of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { rowsOf } from '../../src/ledger/rows.ts';
import { verify } from '../../src/ledger/verify.ts';
import { armed, BRISK_LEASE, dealtWith, inHours, itemOf, onceAt, stage, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

const WRITER = { user: 'matchday', password: 'writer-of-the-ledger' } as const;
const OWNER_ID = 'cluster-under-test';

let postgres: Postgres;
let stack: Stack;
beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query(`create role ${WRITER.user} login password '${WRITER.password}'`);
  await migrate({ connection: { connectionString: postgres.url() }, writer: WRITER.user });
  stack = await stage({ operatorFlags: [...BRISK_LEASE, '--owner-id', OWNER_ID, '--database-url', postgres.url(WRITER)] });
});
afterAll(async () => {
  await stack?.stop();
  await postgres?.[Symbol.asyncDispose]();
});

interface Row {
  readonly operation_id: string;
  readonly phase: string;
  readonly action: string;
  readonly outcome: string | null;
  readonly schedule_id: string | null;
}
const words = ({ operation_id, phase, action, outcome, schedule_id }: Row): string =>
  [operation_id, phase, action, outcome ?? '', schedule_id ?? ''].join(' ');

async function ledger(): Promise<readonly string[]> {
  const { rows } = await postgres.query<Row>('select operation_id, phase, action, outcome, schedule_id from schedule_ledger');
  return rows.map(words).sort();
}
/** As the running operator publishes it. */
async function lag(): Promise<number> {
  const page = await stack.operators[0]?.metrics();
  return Number(/^matchday_ledger_lag_entries (\d+)$/m.exec(page ?? '')?.[1] ?? Number.NaN);
}
/** What the ledger should hold of these objects, as they were seen last. */
const expected = (objects: Iterable<MatchNotification>): readonly string[] =>
  [...objects].flatMap((object) => rowsOf(object, { ownerId: OWNER_ID, heldUpTo: 0 }).map(words)).sort();

describe('the ledger of a match day', () => {
  it('is whole although the database was away for an hour of it, and no send was affected', async () => {
    const campaignId = stack.campaign();
    const kickoff = inHours(stack, 4);
    const last = new Map<string, MatchNotification>();
    const forget = stack.notifications.onChange((_before, after) => {
      if (after !== undefined) last.set(after.metadata.name, after);
    });
    const objects = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((match) => armed(stack, { match: `70${match}`, campaignId, kickoff })),
    );
    const items = new Map(objects.map((object) => [object.metadata.name, itemOf(object)]));
    await postgres.interrupt({ signal: 'SIGKILL' });
    // Moved, held and deleted while nobody writes it down.
    const moved = kickoff.add({ minutes: 30 });
    await stack.notify({ match: '702', campaignId, kickoff: moved });
    await stack.notify({ match: '703', campaignId, kickoff, spec: { hold: { reason: 'Postponed' } } });
    await stack.connection.delete(MATCH_NOTIFICATIONS, { namespace: stack.namespace, name: 'pl-704' });
    await untilDealtWith(stack, 'pl-702', 'Scheduled');
    await untilDealtWith(stack, 'pl-703', 'Held');
    const gone = stack.notifications.waitGone('pl-704');
    await walkTo(stack, stack.clock.now().add({ minutes: 12 }), { from: stack.clock.now().add({ minutes: 11 }) });
    await gone;
    await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
    await postgres.resume();
    await walkPastSend(stack, moved.subtract({ hours: 1 }));
    for (const name of ['pl-701', 'pl-702', 'pl-705', 'pl-706']) await untilDealtWith(stack, name, 'Sent');
    await stack.notifications.waitFor('pl-701', (object) => dealtWith(object, 'Sent') && object.status?.fence?.state === 'sent');
    await until(async () => ((await lag()) === 0 ? true : undefined), {
      what: 'the ledger to be written',
      timeoutMs: 40_000,
      everyMs: 200,
    });
    forget();
    const sends = (name: string) => told(stack, items.get(name) ?? '');
    expect(sends('pl-701')).toEqual(onceAt(kickoff.subtract({ hours: 1 })));
    expect(sends('pl-702')).toEqual(onceAt(moved.subtract({ hours: 1 })));
    for (const name of ['pl-703', 'pl-704']) expect(sends(name)).toEqual({});
    expect(await ledger()).toEqual(expected(last.values()));
    expect((await verify({ connectionString: postgres.url() })).flaws).toEqual([]);
  }, 120_000);
});
