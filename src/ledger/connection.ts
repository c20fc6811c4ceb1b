/**
 * Where the ledger's database is: a URL, or what the `PG*` variables of the process say. The driver reads `PGPASSFILE` for each new
 * connection, so that a password can be replaced without a restart; the CA's certificate is read once.
 */
import { readFileSync } from 'node:fs';
import type { PoolConfig } from 'pg';

export type DatabaseSetting = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'environment' };
type Environment = Readonly<Record<string, string | undefined>>;

/** The driver reads the `PG*` variables itself, but for PGSSLROOTCERT. Throws when that names a file that can't be read. */
export function connectionOf(database: DatabaseSetting, env: Environment = {}): PoolConfig {
  const where = database.kind === 'url' ? { connectionString: database.url } : {};
  const { PGSSLROOTCERT: ca, PGSSLMODE: mode } = env;
  const verifies = mode === 'require' || mode === 'verify-ca' || mode === 'verify-full';
  return ca === undefined || ca === '' || !verifies ? where : { ...where, ssl: { ca: readFileSync(ca, 'utf8') } };
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
