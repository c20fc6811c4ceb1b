/** The tables of the old system, read from a real Postgres, and what is not taken for them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { readOldSystem } from '../../src/ledger/old-system.ts';
import { makeOldTables, OLD_DATABASE, writeEntry } from './old-system.ts';

const NOW = Temporal.Instant.from('2026-12-06T08:00:00Z');
const SEND = Temporal.Instant.from('2026-12-06T11:30:00Z');

let postgres: Postgres;
let url: string;
beforeAll(async () => {
  postgres = await Postgres.start();
}, 60_000);
afterAll(async () => await postgres?.[Symbol.asyncDispose]());
beforeEach(async () => {
  url = await makeOldTables(postgres);
});

const read = () => readOldSystem({ connectionString: url }, NOW);
const old = (text: string) => postgres.query(text, [], { database: OLD_DATABASE });

describe('the old system', () => {
  it('is read row by row, and its fingerprint changes with it', async () => {
    await writeEntry(postgres, { match: '123', scheduleId: 'real-AAA', sendAt: SEND, status: 'scheduled' });
    const first = await read();
    expect(first.rows).toEqual([
      { matchId: '123', scheduleId: 'real-AAA', status: 'scheduled', signature: '2026-12-06T11:30|Home+Away', sendAt: SEND },
    ]);
    expect((await read()).fingerprint).toBe(first.fingerprint);
    await old("update schedule_ledger set braze_schedule_id = 'real-BBB'");
    expect((await read()).fingerprint).not.toBe(first.fingerprint);
  });

  it.each(['timestamp', 'text'])('may keep its times as %s: they are UTC', async (type) => {
    await old(`alter table schedule_ledger alter column send_at_utc type ${type} using '2026-12-06T11:30:00'::${type}`);
    await old("insert into schedule_ledger values (1, 'a', '', '2026-12-06T11:30:00', 'x')");
    expect((await read()).rows[0]?.sendAt).toEqual(SEND);
  });

  it('holds a lock until that has run out', async () => {
    await old(
      "insert into scheduler_locks values ('braze-scheduler', null, '2026-12-06T08:04:00Z'), ('braze-reconcile', null, '2026-12-06T07:59:00Z')",
    );
    expect((await read()).held).toEqual(['braze-scheduler, until 2026-12-06T08:04:00Z']);
  });

  it('may have no table of locks', async () => {
    await old('drop table scheduler_locks');
    expect((await read()).held).toEqual([]);
  });
});

describe('what is not the old system', () => {
  it("is matchday's own ledger, although its table has the same name", async () => {
    await old('drop table schedule_ledger');
    await migrate({ connection: { connectionString: url } });
    await expect(read()).rejects.toThrow("the schedule_ledger there is matchday's own ledger");
  });

  it('is a table with other columns, or none', async () => {
    await old('alter table schedule_ledger drop column signature');
    await expect(read()).rejects.toThrow('it lacks the columns signature');
    await old('drop table schedule_ledger');
    await expect(read()).rejects.toThrow('has no table schedule_ledger');
  });

  it("refuses matchday's migrations, and says so", async () => {
    await expect(migrate({ connection: { connectionString: url } })).rejects.toThrow(
      "this schema holds the old system's schedule_ledger: give the ledger a database, or a schema, of its own",
    );
  });
});
