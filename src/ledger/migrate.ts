/**
 * Migrations of the ledger's schema: versioned SQL files, in order, in one transaction, under an advisory lock, so that two that start at
 * once do not meet. Run by `matchday ledger migrate` as the owner of the schema; the operator's own role may only insert and select.
 */
import { runner } from 'node-pg-migrate';
import { Client, type ClientConfig, escapeIdentifier } from 'pg';
import { MIGRATIONS_DIRECTORY, MIGRATIONS_TABLE } from './database.ts';

export interface MigrateOptions {
  readonly connection: ClientConfig;
  /** The role that the operator logs in with: it is given what it needs, and nothing else. */
  readonly writer?: string | undefined;
}

/** Brings the schema up to this version; returns the names of the migrations that were run. Throws with the database's words. */
export async function migrate({ connection, writer }: MigrateOptions): Promise<readonly string[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    await refuseOldSystem(client);
    const done = await runner({
      dbClient: client,
      dir: MIGRATIONS_DIRECTORY,
      direction: 'up',
      migrationsTable: MIGRATIONS_TABLE,
      checkOrder: true,
      advisoryLockMode: 'wait',
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    });
    if (writer !== undefined) await grant(client, writer);
    return done.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The system before this one called its table the same. */
async function refuseOldSystem(client: Client): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('schedule_ledger') and attname = 'braze_schedule_id'`,
  );
  if (rowCount === 0) return;
  throw new Error("this schema holds the old system's schedule_ledger: give the ledger a database, or a schema, of its own");
}

/** What the writer may: add rows and read. The functions and the head of the chain run with the owner's rights. */
async function grant(client: Client, writer: string): Promise<void> {
  const role = escapeIdentifier(writer);
  await client.query(`grant select, insert on schedule_ledger to ${role}`);
  await client.query(
    `grant select on schedule_ledger_head, schedule_ledger_timeline, schedule_ledger_current, ${MIGRATIONS_TABLE} to ${role}`,
  );
}
