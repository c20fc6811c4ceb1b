/** How the ledger gets to its database: TLS as the URL and the PG* variables say, and which words are secrets. */
import { readFileSync } from 'node:fs';
import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
  const client = new Client(connectionOf({ kind: 'url', url: `${postgres.url()}${query}` }, { env }));
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

describe('a password that stands in a file', () => {
  it('is read anew for each connection, without its line end, wins over the URL, and is told to who keeps secrets', async () => {
    await using directory = await mkdtempDisposable(path.join(tmpdir(), 'matchday-password-'));
    const passwordFile = path.join(directory.path, 'password');
    const told: string[] = [];
    const url = new URL(postgres.url());
    url.password = 'an-old-one';
    const connection = connectionOf({ kind: 'url', url: url.href, passwordFile }, { onPassword: (password) => void told.push(password) });
    const asked = async (): Promise<void> => {
      const client = new Client(connection);
      await client.connect();
      await client.end();
    };
    await expect(asked()).rejects.toThrow(/ENOENT.*password/);
    // As the kubelet mounts it.
    await writeFile(passwordFile, 'a-wrong-one', { mode: 0o440 });
    await expect(asked()).rejects.toThrow(/password authentication failed/);
    await rm(passwordFile);
    await writeFile(passwordFile, `${decodeURIComponent(new URL(postgres.url()).password)}\n`, { mode: 0o440 });
    await asked();
    expect(told).toEqual(['a-wrong-one', decodeURIComponent(new URL(postgres.url()).password)]);
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
