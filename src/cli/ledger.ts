/** `matchday ledger`: the database of the ledger. It asks no cluster; `migrate` runs as the owner of the schema, `verify` as anybody who may read. */
import { connectionOf, type DatabaseSetting } from '../ledger/connection.ts';
import { migrate } from '../ledger/migrate.ts';
import { type Flaw, verify } from '../ledger/verify.ts';
import type { Command } from './command.ts';
import { CliError, type ExitCode, UsageError } from './errors.ts';
import type { Input } from './input.ts';
import type { Session } from './session.ts';

export const ledger: Command = {
  name: 'ledger',
  summary: 'Migrate the database of the ledger, or check that its chains are whole',
  usage: '(migrate | verify) --database-url URL [--database-password-file PATH]',
  about: [
    'migrate brings the schema up to this version, in one transaction and under a lock. Run it as the owner of the schema; --writer names the role of the operator, which may then add rows and read, and nothing else.',
    'verify reads the whole ledger, and names each row that was changed or is missing. Exit code 1 when there is one.',
    'Without --database-url the PG* variables say where the database is.',
  ],
  examples: [
    { what: 'Before the first start, and with each new version', command: 'matchday ledger migrate --writer matchday' },
    { what: 'See whether somebody cut a row out', command: 'matchday ledger verify --database-url postgres://db/matchday' },
  ],
  arguments: { min: 1, max: 1 },
  flags: ['database-url', 'database-password-file', 'writer'],
  run,
};

async function run(session: Session, input: Input): Promise<ExitCode> {
  const url = input.text('database-url');
  const passwordFile = input.text('database-password-file');
  const where: DatabaseSetting = url === undefined ? { kind: 'environment', passwordFile } : { kind: 'url', url, passwordFile };
  const connection = connectionOf(where, { env: session.env });
  switch (input.name) {
    case 'migrate':
      return await migrated(session, await migrate({ connection, writer: input.text('writer') }).catch(refused));
    case 'verify':
      return verified(session, await verify(connection).catch(refused));
    default:
      throw new UsageError(`"${input.name}" is neither migrate nor verify.`);
  }
}

/** The driver's own words name host, role and reason, and never the password. */
function refused(error: unknown): never {
  const words = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  throw new CliError(`The database of the ledger refused it: ${words}. Check --database-url, and the rights of its role.`, {
    cause: error,
  });
}
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function migrated(session: Session, done: readonly string[]): Promise<ExitCode> {
  if (done.length === 0) session.say('The schema is up to date.');
  for (const name of done) session.say(`Migrated: ${name}.`);
  return 0;
}

function verified(session: Session, { rows, chains, flaws }: { rows: number; chains: number; flaws: readonly Flaw[] }): ExitCode {
  for (const { match_key: match, seq, problem } of flaws) session.say(`${match}${seq === null ? '' : `, row ${seq}`}: ${problem}.`);
  session.say(`${rows} rows of ${chains} matches: ${flaws.length === 0 ? 'whole' : `${flaws.length} do not fit`}.`);
  return flaws.length === 0 ? 0 : 1;
}
