/**
 * Where the ledger's database is: a URL, or what the `PG*` variables of the process say. The file of `--database-password-file`, or the
 * driver's own `PGPASSFILE`, is read for each new connection, so that a password can be replaced without a restart; the CA's certificate
 * is read once. The driver takes no PGPASSFILE that its group may read, which a Secret that is mounted into a pod always is.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { PoolConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

export type DatabaseSetting = ({ readonly kind: 'url'; readonly url: string } | { readonly kind: 'environment' }) & {
  readonly passwordFile?: string | undefined;
};
type Environment = Readonly<Record<string, string | undefined>>;

export interface ConnectionOptions {
  readonly env?: Environment;
  /** Told of each password before it is used: it may be said nowhere (P6). */
  readonly onPassword?: (password: string) => void;
}

/** The driver reads the `PG*` variables itself, but for PGSSLROOTCERT. Throws when that names a file that can't be read. */
export function connectionOf(database: DatabaseSetting, { env = {}, onPassword }: ConnectionOptions = {}): PoolConfig {
  // As `connectionString` it would win over the password.
  const where = database.kind === 'url' ? parseIntoClientConfig(database.url) : {};
  const { passwordFile } = database;
  const password = passwordFile === undefined ? {} : { password: () => passwordIn(passwordFile, onPassword) };
  const { PGSSLROOTCERT: ca, PGSSLMODE: mode } = env;
  const verifies = mode === 'require' || mode === 'verify-ca' || mode === 'verify-full';
  const tls = ca === undefined || ca === '' || !verifies ? {} : { ssl: { ca: readFileSync(ca, 'utf8') } };
  return { ...where, ...password, ...tls };
}

/** Without the line end that editors and `echo` leave. */
async function passwordIn(file: string, onPassword: ConnectionOptions['onPassword']): Promise<string> {
  const password = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  onPassword?.(password);
  return password;
}

/** Every spelling of the password that the setting or the environment holds: none of them may be said anywhere (P6). */
export function passwordsOf(database: DatabaseSetting, env: Environment): readonly string[] {
  return [env['PGPASSWORD'] ?? '', ...(database.kind === 'url' ? inUrl(database.url) : [])].filter((password) => password !== '');
}

function inUrl(text: string): readonly string[] {
  if (!URL.canParse(text)) return [text];
  const { password, searchParams } = new URL(text);
  return [password, decoded(password), searchParams.get('password') ?? ''];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
