/**
 * The ledger's side of Postgres. One pool of few connections; every statement has a time-out, and a connection that breaks is replaced
 * by the next call. The password is asked for with each new connection (`PGPASSFILE`), so that it can be rotated without a restart.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool, type PoolConfig } from 'pg';
import type { LedgerRow } from './types.ts';

export const MIGRATIONS_DIRECTORY = join(import.meta.dirname, 'migrations');
export const MIGRATIONS_TABLE = 'schedule_ledger_migrations';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 15_000;

/** The database was migrated by a newer matchday, or not at all: nothing is written. */
export class WrongSchema extends Error {
  override readonly name = 'WrongSchema';
}

export class LedgerDatabase {
  readonly #pool: Pool;

  constructor(connection: PoolConfig) {
    this.#pool = new Pool({
      ...connection,
      max: 2,
      application_name: 'matchday-ledger',
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      query_timeout: STATEMENT_MS + 1_000,
      idleTimeoutMillis: 60_000,
    });
    // An idle connection that breaks is no news: the next statement opens another. Without a listener it would end the process.
    this.#pool.on('error', () => {});
  }

  /** Throws `WrongSchema` when the tables are not those that this program knows. */
  async checkSchema(): Promise<void> {
    const known = await knownMigrations();
    const { rows: tables } = await this.#pool.query<{ present: string | null }>('select to_regclass($1) as present', [MIGRATIONS_TABLE]);
    if (tables[0]?.present == null)
      throw new WrongSchema('the ledger database has no tables yet: run `matchday ledger migrate` as the owner of the schema');
    const { rows } = await this.#pool.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by run_on, id`);
    const done = new Set(rows.map(({ name }) => name));
    const newer = [...done].filter((name) => !known.includes(name));
    if (newer.length > 0)
      throw new WrongSchema(`the ledger database was migrated by a newer matchday (${newer.join(', ')}): run that version, or a newer one`);
    const missing = known.filter((name) => !done.has(name));
    if (missing.length > 0)
      throw new WrongSchema(`the ledger database lacks ${missing.join(', ')}: run \`matchday ledger migrate\` as the owner of the schema`);
  }

  /** Writes rows in this order; those that are there already stay as they are. All or nothing. */
  async insert(rows: readonly LedgerRow[]): Promise<void> {
    if (rows.length === 0) return;
    const columns = Object.keys(COLUMNS).join(', ');
    const types = Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ');
    await this.#pool.query({
      name: 'ledger-insert',
      text: `insert into schedule_ledger (${columns}) select ${columns} from rows from (jsonb_to_recordset($1::jsonb) as (${types})) with ordinality order by ordinality`,
      values: [JSON.stringify(rows)],
    });
  }

  /** By object, the sequences whose outcomes are in the ledger. */
  async held(uids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
    const { rows } = await this.#pool.query<{ uid: string; sequences: number[] }>({
      name: 'ledger-held',
      text: `select uid, array_agg(sequence) as sequences from schedule_ledger where phase = 'outcome' and uid = any($1) group by uid`,
      values: [uids],
    });
    return new Map(rows.map(({ uid, sequences }) => [uid, new Set(sequences)]));
  }

  /** Ends when statements in flight have. */
  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const COLUMNS = {
  operation_id: 'text',
  phase: 'text',
  match_key: 'text',
  owner_id: 'text',
  namespace: 'text',
  name: 'text',
  uid: 'text',
  sequence: 'integer',
  provider: 'text',
  match_id: 'text',
  competition: 'text',
  fixture: 'text',
  campaign_id: 'text',
  action: 'text',
  outcome: 'text',
  attempt: 'integer',
  schedule_id: 'text',
  send_at: 'timestamptz',
  reason: 'text',
  message: 'text',
  holder: 'text',
  at: 'timestamptz',
} as const satisfies Record<keyof LedgerRow, string>;

async function knownMigrations(): Promise<readonly string[]> {
  const files = await readdir(MIGRATIONS_DIRECTORY);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}
