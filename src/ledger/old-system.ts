/**
 * What the system before this one left in its Postgres: `schedule_ledger` (one row per match, or several after its races) and
 * `scheduler_locks`. Only read, in one read-only transaction, so that rows and locks are of one moment.
 *
 * Its table is called like ours: which one it is shows in the columns, and ours is refused.
 */
import { createHash } from 'node:crypto';
import { Client, type ClientConfig } from 'pg';

export interface OldRow {
  readonly matchId: string;
  /** A Braze id, a `pending-…` placeholder, or nothing. */
  readonly scheduleId: string;
  readonly status: string;
  readonly signature: string;
  /** Undefined: unreadable. */
  readonly sendAt: Temporal.Instant | undefined;
}

export interface OldSystem {
  /** By match, then by send time. */
  readonly rows: readonly OldRow[];
  /** Locks that a run still holds, in words. */
  readonly held: readonly string[];
  /** Tells whether somebody wrote in between. */
  readonly fingerprint: string;
}

/** The tables are not those of the old system. */
class NotTheOldSystem extends Error {
  override readonly name = 'NotTheOldSystem';
}

const COLUMNS = ['match_id', 'braze_schedule_id', 'signature', 'send_at_utc', 'status'] as const;
/** A run that does not say when its lock ends is taken to go on for this long: twice its time-out. */
const LOCK_MS = 10 * 60_000;
const STATEMENT_MS = 30_000;

/** Throws `NotTheOldSystem`, or with the database's words. */
export async function readOldSystem(connection: ClientConfig, now: Temporal.Instant): Promise<OldSystem> {
  const client = new Client({
    ...connection,
    application_name: 'matchday-import',
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_MS,
  });
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const rows = (await oldRows(client)).toSorted(inOrder);
    const held = await heldLocks(client, now);
    return { rows, held, fingerprint: fingerprintOf(rows) };
  } finally {
    await client.end();
  }
}

async function columnsOf(client: Client, table: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

async function oldRows(client: Client): Promise<readonly OldRow[]> {
  const columns = await columnsOf(client, 'schedule_ledger');
  if (columns.size === 0) throw new NotTheOldSystem('that database has no table schedule_ledger: --from must lead to the old system');
  if (columns.has('operation_id') && columns.has('match_key'))
    throw new NotTheOldSystem("the schedule_ledger there is matchday's own ledger: --from must lead to the database of the old system");
  const missing = COLUMNS.filter((column) => !columns.has(column));
  if (missing.length > 0)
    throw new NotTheOldSystem(`the schedule_ledger there is not the old system's: it lacks the columns ${missing.join(', ')}`);
  const { rows } = await client.query<Record<(typeof COLUMNS)[number], string | null>>(
    `select match_id::text, braze_schedule_id::text, signature::text, status::text, ${inUtc(columns.get('send_at_utc'))} as send_at_utc from schedule_ledger`,
  );
  return rows.map((row) => ({
    matchId: row.match_id?.trim() ?? '',
    scheduleId: row.braze_schedule_id?.trim() ?? '',
    status: row.status?.trim() ?? '',
    signature: row.signature ?? '',
    sendAt: utcInstant(row.send_at_utc),
  }));
}

/** Whatever the session's time zone is: a column with one is turned to UTC, one without is UTC by its name. */
const inUtc = (type: string | undefined): string =>
  type === 'timestamp with time zone'
    ? `to_char(send_at_utc at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS')`
    : type === 'timestamp without time zone'
      ? `to_char(send_at_utc, 'YYYY-MM-DD"T"HH24:MI:SS.MS')`
      : 'send_at_utc::text';

/** A time without a zone is UTC. */
function utcInstant(text: unknown): Temporal.Instant | undefined {
  if (typeof text !== 'string') return undefined;
  const zoned = /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(text.replace(/^\d{4}-\d{2}-\d{2}/, '')) ? text : `${text}Z`;
  try {
    return Temporal.Instant.from(zoned);
  } catch {
    return undefined;
  }
}

async function heldLocks(client: Client, now: Temporal.Instant): Promise<readonly string[]> {
  if ((await columnsOf(client, 'scheduler_locks')).size === 0) return [];
  const { rows } = await client.query<{ lock: Record<string, unknown> }>('select to_jsonb(l) as lock from scheduler_locks l');
  return rows.flatMap(({ lock }) => {
    const until = heldUntil(lock);
    return until === undefined || Temporal.Instant.compare(until, now) <= 0 ? [] : [`${nameOf(lock)}, until ${until}`];
  });
}

/** From its expiry, or else from when it was taken: how the columns are called is not known for sure. */
function heldUntil(lock: Readonly<Record<string, unknown>>): Temporal.Instant | undefined {
  const times = Object.entries(lock).flatMap(([name, value]) => {
    const at = utcInstant(value);
    return at === undefined ? [] : [{ name, at }];
  });
  const expiry = times.find(({ name }) => /expire|until/i.test(name));
  if (expiry !== undefined) return expiry.at;
  return times.find(({ name }) => /lock|acquire|update/i.test(name))?.at.add({ milliseconds: LOCK_MS });
}

const nameOf = (lock: Readonly<Record<string, unknown>>): string =>
  String(Object.entries(lock).find(([name]) => /name|key/i.test(name))?.[1] ?? 'a lock');

function inOrder(a: OldRow, b: OldRow): number {
  const key = ({ matchId, sendAt, scheduleId }: OldRow): string => [matchId, sendAt?.toString() ?? '', scheduleId].join(' ');
  return key(a) < key(b) ? -1 : 1;
}

const fingerprintOf = (rows: readonly OldRow[]): string =>
  createHash('sha256')
    .update(JSON.stringify(rows.map(({ sendAt, ...row }) => ({ ...row, sendAt: sendAt?.toString() }))))
    .digest('hex');
