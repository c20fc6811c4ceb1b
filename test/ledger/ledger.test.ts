import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { until } from '../../sandbox/process/until.ts';
import { systemClock } from '../../src/base/clock.ts';
import { runCli } from '../../src/cli/index.ts';
import { connectionOf } from '../../src/ledger/connection.ts';
import { LedgerDatabase, WrongSchema } from '../../src/ledger/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { verify } from '../../src/ledger/verify.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { created, recorded, sent } from './objects.ts';

const OWNER = { user: 'matchday_owner', password: 'owner' } as const;
const WRITER = { user: 'matchday', password: 'writer' } as const;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start();
  for (const { user, password } of [OWNER, WRITER]) await postgres.query(`create role ${user} login password '${password}'`);
  await postgres.query(`grant create, usage on schema public to ${OWNER.user}`);
}, 60_000);
afterAll(async () => await postgres[Symbol.asyncDispose]());

const dropAll = () =>
  postgres.query(`drop owned by ${OWNER.user}, ${WRITER.user} cascade; grant create, usage on schema public to ${OWNER.user}`);
const migrated = () => migrate({ connection: { connectionString: postgres.url(OWNER) }, writer: WRITER.user });

function openLedger(): Ledger {
  const database = new LedgerDatabase(connectionOf({ kind: 'url', url: postgres.url(WRITER) }));
  const ledger = new Ledger({ database, ownerId: 'cluster-a', clock: systemClock, log: silentLog });
  const running = ledger.run();
  onTestFinished(async () => {
    await ledger.stop();
    await running;
  });
  return ledger;
}
const written = (ledger: Ledger) =>
  until(async () => (ledger.lag === 0 ? true : undefined), { what: 'the ledger to be written', timeoutMs: 9_000, everyMs: 10 });
const timeline = async () =>
  (await postgres.query<{ action: string; phase: string }>('select action, phase from schedule_ledger_timeline')).rows.map(
    ({ action, phase }) => `${action} ${phase}`,
  );

describe('the ledger', () => {
  beforeAll(migrated);
  beforeEach(() => postgres.query('set session_replication_role = replica; truncate schedule_ledger, schedule_ledger_head'));

  it('holds each entry once, whoever writes it and however often', async () => {
    const object = recorded({ entries: [created(1), sent(1)] });
    const [one, two] = [openLedger(), openLedger()];
    for (const ledger of [one, two]) ledger.changed(object);
    await Promise.all([one, two].map(written));
    expect(await timeline()).toEqual(['created intent', 'created outcome', 'sent outcome']);
    expect(one.heldUpTo('u1')).toBe(2);
    expect((await postgres.query('select action, outcome from schedule_ledger_current')).rows).toEqual([
      { action: 'sent', outcome: 'done' },
    ]);
  });

  it('is whole after an outage, and nothing is written twice', async () => {
    const ledger = openLedger();
    ledger.changed(recorded({ entries: [created(100)] }));
    await written(ledger);
    await postgres.interrupt({ signal: 'SIGKILL' });
    onTestFinished(() => postgres.resume().catch(() => {}));
    for (let n = 1; n <= 50; n += 1) ledger.changed(recorded({ uid: `m${n}`, match: `${n}`, entries: [created(n), sent(n)] }));
    await until(async () => (ledger.failing === '' ? undefined : true), {
      what: 'the ledger to hear of it',
      timeoutMs: 9_000,
      everyMs: 10,
    });
    expect(ledger.lag).toBe(100);
    await postgres.resume();
    await written(ledger);
    const { rows } = await postgres.query<{ count: string }>('select count(*) from schedule_ledger');
    // The intent and outcome of match 600123, and two calls' rows and a send of each of fifty.
    expect(rows[0]?.count).toBe(String(2 + 50 * 3));
    expect((await verify({ connectionString: postgres.url(WRITER) })).flaws).toEqual([]);
  }, 30_000);

  it('knows after a restart how far it holds an object', async () => {
    const first = openLedger();
    first.changed(recorded({ entries: [created(1), sent(1)] }));
    await written(first);
    const second = openLedger();
    second.changed(recorded({ entries: [created(1), sent(1), created(3)] }));
    await written(second);
    expect(second.heldUpTo('u1')).toBe(3);
  });

  it.each([
    ['the writer', WRITER],
    ['the owner', OWNER],
  ])('refuses %s to change or remove a row', async (_who, login) => {
    const ledger = openLedger();
    ledger.changed(recorded({ entries: [created(1)] }));
    await written(ledger);
    for (const statement of ["update schedule_ledger set action = 'x'", 'delete from schedule_ledger', 'truncate schedule_ledger'])
      await expect(postgres.query(statement, [], login)).rejects.toThrow(/append-only|permission denied/);
  });

  it('lets the writer neither forge the end of a chain nor change the tables', async () => {
    for (const statement of [
      'update schedule_ledger_head set entries = 0',
      'delete from schedule_ledger_head',
      'drop table schedule_ledger',
      'alter table schedule_ledger disable trigger all',
    ])
      await expect(postgres.query(statement, [], WRITER)).rejects.toThrow(/permission denied|must be owner/);
  });

  it.each([
    ['cut out of the middle', "delete from schedule_ledger where operation_id = 'u1/2'", 'missing or out of place'],
    [
      'cut off at the end',
      "delete from schedule_ledger where operation_id = 'op3' and phase = 'outcome'",
      'the last is not the one it was',
    ],
    ['changed', "update schedule_ledger set schedule_id = 'forged' where operation_id = 'op1' and phase = 'outcome'", 'was changed'],
  ])('shows a row that was %s behind its back', async (_what, tampering, problem) => {
    const ledger = openLedger();
    ledger.changed(recorded({ entries: [created(1), sent(1), created(3)] }));
    await written(ledger);
    expect(await verify({ connectionString: postgres.url(OWNER) })).toMatchObject({ rows: 5, chains: 1, flaws: [] });
    await postgres.query(`set session_replication_role = replica; ${tampering}`);
    const { flaws } = await verify({ connectionString: postgres.url(OWNER) });
    expect(flaws.map((flaw) => flaw.problem).join()).toContain(problem);
  });
});

describe('matchday ledger', () => {
  beforeEach(dropAll);

  async function matchday(...argv: string[]) {
    const said: string[] = [];
    const add = (text: string): void => void said.push(text);
    const env = { KUBECONFIG: '/there/is/no/kubeconfig' };
    const code = await runCli(['ledger', ...argv], { out: add, err: add, env, clock: systemClock });
    return { code, said: said.join('') };
  }

  it('migrates as the owner, gives the writer its rights, and needs no cluster', async () => {
    const url = postgres.url(OWNER);
    expect(await matchday('migrate', '--database-url', url, '--writer', WRITER.user)).toEqual({
      code: 0,
      said: 'Migrated: 0001_ledger.\n',
    });
    expect(await matchday('migrate', '--database-url', url)).toEqual({ code: 0, said: 'The schema is up to date.\n' });
    expect(await matchday('verify', '--database-url', postgres.url(WRITER))).toEqual({ code: 0, said: '0 rows of 0 matches: whole.\n' });
  });

  it('names a row that is missing, with exit code 1', async () => {
    await migrated();
    const ledger = openLedger();
    ledger.changed(recorded({ entries: [created(1), sent(1), created(3)] }));
    await written(ledger);
    await postgres.query("set session_replication_role = replica; delete from schedule_ledger where operation_id = 'u1/2'");
    const { code, said } = await matchday('verify', '--database-url', postgres.url(OWNER));
    expect(code).toBe(1);
    expect(said).toContain('football-data/600123/c1, row ');
  });

  it('says what the database said, and no password', async () => {
    const { code, said } = await matchday('verify', '--database-url', postgres.url({ ...WRITER, password: 'wrong-and-secret' }));
    expect(code).toBe(1);
    expect(said).toContain('password authentication failed for user "matchday"');
    expect(said).not.toContain('wrong-and-secret');
  });
});

describe('the schema of the ledger', () => {
  beforeEach(dropAll);

  it('is migrated once, however many start at once', async () => {
    const connection = { connectionString: postgres.url(OWNER) };
    const done = await Promise.all([migrate({ connection }), migrate({ connection }), migrate({ connection })]);
    expect(done.flat()).toEqual(['0001_ledger']);
  });

  it('of a newer matchday is refused with the names of what is newer', async () => {
    await migrated();
    await postgres.query("insert into schedule_ledger_migrations (name, run_on) values ('0999_future', now())");
    const database = new LedgerDatabase({ connectionString: postgres.url(WRITER) });
    onTestFinished(() => database.close());
    await expect(database.checkSchema()).rejects.toThrow(WrongSchema);
    await expect(database.checkSchema()).rejects.toThrow('migrated by a newer matchday (0999_future)');
  });

  it('that is not there yet is refused with what to do', async () => {
    const database = new LedgerDatabase({ connectionString: postgres.url(WRITER) });
    onTestFinished(() => database.close());
    await expect(database.checkSchema()).rejects.toThrow('run `matchday ledger migrate`');
  });
});
