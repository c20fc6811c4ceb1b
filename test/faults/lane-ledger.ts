/** The ledger of a lane: a database of its own behind a proxy, and the verdict on what it holds of an object (design §8, P5). */
import { randomBytes } from 'node:crypto';
import type { Postgres } from '../../sandbox/postgres/postgres.ts';
import { NotInTime, until } from '../../sandbox/process/until.ts';
import type { Watched } from '../../sandbox/stack/watched.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { rowsOf } from '../../src/ledger/rows.ts';
import { verify } from '../../src/ledger/verify.ts';
import { PostgresProxy } from '../support/postgres-proxy.ts';

/** A writer that was refused tries again every ten seconds at most. */
const WRITTEN_MS = 25_000;
const LOOK_MS = 50;

type Row = Readonly<Record<'operation_id' | 'phase' | 'action', string> & Record<'outcome' | 'schedule_id', string | null>>;

export class LaneLedger implements AsyncDisposable {
  readonly proxy: PostgresProxy;
  /** For operators: through the proxy, with the rights of a writer. */
  readonly env: Readonly<Record<string, string>>;
  /** May appear nowhere. */
  readonly password: string;
  readonly #postgres: Postgres;
  readonly #database: string;
  /** As it was seen last: an object that is gone still has its rows. */
  readonly #last = new Map<string, MatchNotification>();

  static async open(postgres: Postgres, database: string): Promise<LaneLedger> {
    const password = randomBytes(12).toString('hex');
    await postgres.query(`create role ${database} login password '${password}'`);
    await postgres.query(`create database ${database}`);
    await migrate({ connection: { connectionString: postgres.url(superuserOf(database)) }, writer: database });
    return new LaneLedger(postgres, { database, password, proxy: await PostgresProxy.start(postgres.port) });
  }

  private constructor(
    postgres: Postgres,
    { database, password, proxy }: { readonly database: string; readonly password: string; readonly proxy: PostgresProxy },
  ) {
    this.#postgres = postgres;
    this.#database = database;
    this.password = password;
    this.proxy = proxy;
    this.env = { MATCHDAY_DATABASE_URL: `postgres://${database}:${password}@127.0.0.1:${proxy.port}/${database}` };
  }

  /** Remembers what is seen of objects, and tells of each statement. */
  follow(notifications: Watched<MatchNotification>, tell: (text: string) => void): void {
    this.proxy.tell(tell);
    notifications.onChange((_before, after) => {
      if (after !== undefined) this.#last.set(after.metadata.name, after);
    });
  }

  /** What differs between the object's history and its rows, and what is wrong with the chains, when nothing more is written. */
  async judge(name: string): Promise<readonly string[]> {
    const object = this.#last.get(name);
    if (object === undefined) return [];
    const wanted = rowsOf(object, { ownerId: '', heldUpTo: 0 }).map(words).sort();
    let held: readonly string[] = [];
    const isWhole = async (): Promise<true | undefined> => {
      held = await this.#rows(object.metadata.uid);
      return held.length >= wanted.length ? true : undefined;
    };
    await until(isWhole, { what: 'the ledger to be whole', timeoutMs: WRITTEN_MS, everyMs: LOOK_MS }).catch((error: unknown) => {
      if (!(error instanceof NotInTime)) throw error;
    });
    const { flaws } = await verify({ connectionString: this.#postgres.url(superuserOf(this.#database)) });
    return [
      ...wanted.filter((row) => !held.includes(row)).map((row) => `the ledger lacks ${row}`),
      ...held
        .filter((row, index) => !wanted.includes(row) || held.indexOf(row) !== index)
        .map((row) => `the ledger should not hold ${row}`),
      ...flaws.map(({ match_key, problem }) => `the ledger's chain of ${match_key}: ${problem}`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
  }

  async #rows(uid: string): Promise<readonly string[]> {
    const text = 'select operation_id, phase, action, outcome, schedule_id from schedule_ledger where uid = $1';
    const { rows } = await this.#postgres.query<Row>(text, [uid], { database: this.#database });
    return rows.map(words).sort();
  }
}

const superuserOf = (database: string) => ({ user: 'postgres', password: 'sandbox-superuser', database });

const words = ({ operation_id, phase, action, outcome, schedule_id }: Row): string =>
  [operation_id, phase, action, outcome ?? '', schedule_id ?? ''].join(' ').trim();
