/**
 * The ledger beside a running operator that was told of it by the PG* variables: its password is rotated, and a match day has the database
 * away for an hour in the middle of it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
let directory: string;
const logged: string[] = [];

/** As a Secret that is mounted as a file. */
async function writePassword(password: string): Promise<void> {
  await writeFile(path.join(directory, 'pgpass'), `127.0.0.1:${postgres.port}:matchday:${WRITER.user}:${password}\n`, { mode: 0o600 });
}

beforeAll(async () => {
  postgres = await Postgres.start();
  directory = await mkdtemp(path.join(tmpdir(), 'matchday-pgpass-'));
  await postgres.query(`create role ${WRITER.user} login password '${WRITER.password}'`);
  await migrate({ connection: { connectionString: postgres.url() }, writer: WRITER.user });
  await writePassword(WRITER.password);
  stack = await stage({ operators: 0, workspace: false, operatorFlags: [...BRISK_LEASE, '--owner-id', OWNER_ID] });
  const where = { PGHOST: '127.0.0.1', PGPORT: String(postgres.port), PGUSER: WRITER.user, PGDATABASE: 'matchday' };
  const env = { ...where, PGPASSFILE: path.join(directory, 'pgpass') };
  const operator = await stack.startOperator({ env, onLine: (line) => void logged.push(line) });
  await operator.leads();
  await stack.workspace({ margin: '10s', requestTimeout: '1s' });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await postgres?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
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
  const { rows } = await postgres.query<Row>(
    "select operation_id, phase, action, outcome, schedule_id from schedule_ledger where name not in ('pl-801', 'pl-802')",
  );
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

const untilWritten = () =>
  until(async () => ((await lag()) === 0 ? true : undefined), { what: 'the ledger to be written', timeoutMs: 40_000, everyMs: 200 });
const heldOf = async (name: string): Promise<number> =>
  (await postgres.query('select from schedule_ledger where name = $1', [name])).rowCount ?? 0;

describe("the writer's password", () => {
  it('is rotated without a restart, and is said nowhere', async () => {
    const campaignId = stack.campaign();
    await armed(stack, { match: '801', campaignId, kickoff: inHours(stack, 40) });
    await until(async () => ((await heldOf('pl-801')) > 0 ? true : undefined), { what: 'rows', timeoutMs: 40_000, everyMs: 100 });
    const rotated = 'rotated-and-secret';
    await postgres.query(`alter role ${WRITER.user} password '${rotated}'`);
    await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [WRITER.user]);
    await armed(stack, { match: '802', campaignId, kickoff: inHours(stack, 40) });
    // The old password is refused by now, and an answer that names it would be logged.
    await until(() => Promise.resolve(logged.some((line) => line.includes('password authentication failed')) ? true : undefined), {
      what: 'the old password to be refused',
      timeoutMs: 40_000,
      everyMs: 100,
    });
    await writePassword(rotated);
    await until(async () => ((await heldOf('pl-802')) > 0 ? true : undefined), { what: 'rows again', timeoutMs: 40_000, everyMs: 100 });
    await untilWritten();
    const said = [...logged, await stack.operators[0]?.metrics(), await stack.kubectlOrThrow(['get', 'mn,events', '-o', 'json'])].join(
      '\n',
    );
    for (const secret of [WRITER.password, rotated]) expect(said).not.toContain(secret);
    for (const name of ['pl-801', 'pl-802']) await stack.kubectlOrThrow(['delete', 'mn', name, '--wait=true']);
    await untilWritten();
  }, 120_000);
});

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
    await untilWritten();
    forget();
    const sends = (name: string) => told(stack, items.get(name) ?? '');
    expect(sends('pl-701')).toEqual(onceAt(kickoff.subtract({ hours: 1 })));
    expect(sends('pl-702')).toEqual(onceAt(moved.subtract({ hours: 1 })));
    for (const name of ['pl-703', 'pl-704']) expect(sends(name)).toEqual({});
    expect(await ledger()).toEqual(expected(last.values()));
    expect((await verify({ connectionString: postgres.url() })).flaws).toEqual([]);
    // Against Braze itself: each schedule that it made for this campaign stands in the ledger once, as one that was made.
    const made = stack.braze.log.where({ endpoint: 'campaign-create', campaignId }).map(({ scheduleId }) => scheduleId ?? '');
    const { rows } = await postgres.query<{ schedule_id: string }>(
      "select schedule_id from schedule_ledger where campaign_id = $1 and action = 'created' and outcome = 'done'",
      [campaignId],
    );
    expect(rows.map(({ schedule_id }) => schedule_id).sort()).toEqual(made.sort());
  }, 120_000);
});
