/** How the ledger gets to its database: TLS as the URL and the PG* variables say, and which words are secrets. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { connectionOf, passwordsOf } from '../../src/ledger/connection.ts';

const CERTIFICATES = path.join(import.meta.dirname, 'tls');
const CA = path.join(CERTIFICATES, 'ca.pem');
const pem = (name: string): string => readFileSync(path.join(CERTIFICATES, name), 'utf8');

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start({ tls: { certificate: pem('server.pem'), key: pem('server.key') } });
}, 60_000);
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

async function isEncrypted(query: string, env: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const client = new Client(connectionOf({ kind: 'url', url: `${postgres.url()}${query}` }, env));
  await client.connect();
  try {
    const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]?.ssl ?? false;
  } finally {
    await client.end();
  }
}

describe('TLS to the database', () => {
  it('is as the URL says', async () => {
    expect(await isEncrypted('?sslmode=disable')).toBe(false);
    expect(await isEncrypted(`?sslmode=verify-full&sslrootcert=${CA}`)).toBe(true);
  });

  it('is as the PG* variables say', async () => {
    expect(await isEncrypted('', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: CA })).toBe(true);
  });

  it('refuses a server that nobody vouches for', async () => {
    await expect(isEncrypted('?sslmode=verify-full')).rejects.toThrow(/certificate/);
  });
});

describe('what may be said nowhere', () => {
  it.each([
    ['of a URL', { kind: 'url', url: 'postgres://u:p%40ss-word@h/d' }, {}, ['p%40ss-word', 'p@ss-word']],
    ['of its query', { kind: 'url', url: 'postgres://h/d?user=u&password=in-query' }, {}, ['in-query']],
    ['of the environment', { kind: 'environment' }, { PGPASSWORD: 'from-the-environment' }, ['from-the-environment']],
    ['of a setting without one', { kind: 'url', url: 'postgres://u@h/d' }, {}, []],
  ] as const)('is the password %s', (_where, database, env, passwords) => {
    expect(passwordsOf(database, env)).toEqual(passwords);
  });
});
