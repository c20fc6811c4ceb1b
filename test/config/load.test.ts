import { describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig } from '../../src/config/load.ts';

const POD = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function load({ argv = [], env = {}, files = {} }: { argv?: string[]; env?: ConfigSources['env']; files?: Record<string, string> } = {}) {
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return text;
  };
  return loadConfig({ argv, env, readFile });
}

function ok(given: Parameters<typeof load>[0]) {
  const loaded = load(given);
  return 'ok' in loaded ? loaded.ok : expect.unreachable(`not accepted: ${JSON.stringify(loaded)}`);
}

function error(given: Parameters<typeof load>[0]): string {
  const loaded = load(given);
  return 'error' in loaded ? loaded.error : expect.unreachable('accepted');
}

describe('the configuration without anything given', () => {
  it('is the documented one', () => {
    expect(ok({})).toEqual({
      kubeconfig: undefined,
      context: undefined,
      watchNamespaces: [],
      lease: { namespace: 'default', name: 'matchday', durationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 },
      ownerId: undefined,
      allowedEndpoints: [],
      allowedTranslators: [],
      extraCa: undefined,
      footballDataUrl: 'https://api.football-data.org',
      database: undefined,
      ledgerGraceMs: 600_000,
      metricsAddress: { host: undefined, port: 9090 },
      healthAddress: { host: undefined, port: 9091 },
      logLevel: 'info',
      concurrency: 16,
      dryRun: false,
    });
  });

  it('puts the lease into the namespace of the pod', () => {
    expect(ok({ files: { [POD]: 'matchday-system\n' } }).lease.namespace).toBe('matchday-system');
    expect(ok({ files: { [POD]: 'matchday-system' }, argv: ['--lease-namespace', 'other'] }).lease.namespace).toBe('other');
  });
});

describe('each flag', () => {
  const CERT = '-----BEGIN CERTIFICATE-----\n…';
  it.each([
    ['kubeconfig', '/k', { kubeconfig: '/k' }],
    ['context', 'kind', { context: 'kind' }],
    ['watch-namespaces', 'a, b,,a', { watchNamespaces: ['a', 'b'] }],
    ['lease-namespace', 'ops', { lease: { namespace: 'ops' } }],
    ['lease-name', 'blue', { lease: { name: 'blue' } }],
    ['lease-duration', '1m30s', { lease: { durationMs: 90_000 } }],
    ['renew-deadline', '8s', { lease: { renewDeadlineMs: 8_000 } }],
    ['retry-period', '3s', { lease: { retryPeriodMs: 3_000 } }],
    ['owner-id', 'cluster-a', { ownerId: 'cluster-a' }],
    ['allow-endpoint', 'http://127.0.0.1:8080/', { allowedEndpoints: ['http://127.0.0.1:8080'] }],
    ['allow-translator', 'https://translate.example', { allowedTranslators: ['https://translate.example'] }],
    ['ca-file', '/ca.pem', { extraCa: CERT }],
    ['football-data-url', 'http://localhost:9/v4x/', { footballDataUrl: 'http://localhost:9/v4x' }],
    ['database-url', 'postgres://u:p@h/d', { database: { kind: 'url', url: 'postgres://u:p@h/d' } }],
    ['ledger-grace', '0s', { ledgerGraceMs: 0 }],
    ['metrics-address', '127.0.0.1:0', { metricsAddress: { host: '127.0.0.1', port: 0 } }],
    ['health-address', '[::1]:9', { healthAddress: { host: '::1', port: 9 } }],
    ['metrics-address', '0', { metricsAddress: undefined }],
    ['log-level', 'debug', { logLevel: 'debug' }],
    ['concurrency', '1', { concurrency: 1 }],
    ['dry-run', 'true', { dryRun: true }],
  ])('--%s %s is read from arguments, environment and file alike', (name, value, expected) => {
    const files = { '/ca.pem': CERT, '/m.yaml': `${name}: ${JSON.stringify(value)}\n` };
    const variable = `MATCHDAY_${name.toUpperCase().replaceAll('-', '_')}`;
    expect(ok({ argv: [`--${name}`, value], files })).toMatchObject(expected);
    expect(ok({ argv: [`--${name}=${value}`], files })).toMatchObject(expected);
    expect(ok({ env: { [variable]: value }, files })).toMatchObject(expected);
    expect(ok({ argv: ['--config', '/m.yaml'], files })).toMatchObject(expected);
  });
});

describe('the order', () => {
  const files = { '/m.yaml': 'log-level: warn\nconcurrency: 2\nlease-name: file\n' };

  it('is argument, environment, file', () => {
    const env = { MATCHDAY_CONFIG: '/m.yaml', MATCHDAY_CONCURRENCY: '3', MATCHDAY_LOG_LEVEL: 'error' };
    expect(ok({ argv: ['--log-level', 'debug'], env, files })).toMatchObject({
      logLevel: 'debug',
      concurrency: 3,
      lease: { name: 'file' },
    });
  });

  it('counts for the file itself too', () => {
    expect(ok({ argv: ['--config', '/m.yaml'], env: { MATCHDAY_CONFIG: '/absent' }, files }).concurrency).toBe(2);
  });

  it('takes whole lists, it does not add them up', () => {
    const lists = { '/m.yaml': 'allow-endpoint: [https://a.example, https://b.example]\nwatch-namespaces: [x, y]\n' };
    expect(ok({ argv: ['--config=/m.yaml'], files: lists })).toMatchObject({
      allowedEndpoints: ['https://a.example', 'https://b.example'],
      watchNamespaces: ['x', 'y'],
    });
    const argv = ['--config', '/m.yaml', '--allow-endpoint', 'https://c.example', '--allow-endpoint', 'https://d.example:8443'];
    expect(ok({ argv, files: lists }).allowedEndpoints).toEqual(['https://c.example', 'https://d.example:8443']);
  });

  it('is the last one among repeated arguments', () => {
    expect(ok({ argv: ['--concurrency', '4', '--concurrency', '5'] }).concurrency).toBe(5);
  });

  it('passes over empty variables', () => {
    expect(ok({ env: { MATCHDAY_LOG_LEVEL: '' } }).logLevel).toBe('info');
  });
});

describe('a switch', () => {
  it.each([
    [['--dry-run'], true],
    [['--dry-run', '--log-level', 'debug'], true],
    [['--dry-run=false'], false],
    [['--dry-run', 'false'], false],
  ])('%j is %s', (argv, dryRun) => {
    expect(ok({ argv }).dryRun).toBe(dryRun);
  });
});

describe('the database', () => {
  it.each(['PGHOST', 'PGSERVICE', 'PGDATABASE'])('is where the PG* variables say when %s is set', (variable) => {
    expect(ok({ env: { [variable]: 'x' } }).database).toEqual({ kind: 'environment' });
  });

  it('is the URL when both are given', () => {
    const loaded = ok({ argv: ['--database-url', 'postgresql://h/d'], env: { PGHOST: 'x' } });
    expect(loaded.database).toEqual({ kind: 'url', url: 'postgresql://h/d' });
  });
});

describe('a bad configuration', () => {
  const files = {
    '/list.yaml': 'log-level: [info]',
    '/nested.yaml': 'lease-name: { a: 1 }',
    '/empty-value.yaml': 'lease-name:',
    '/unknown.yaml': 'lease-nam: x',
    '/self.yaml': 'config: /other.yaml',
    '/array.yaml': '- a',
    '/broken.yaml': 'database-url: postgres://u:hunter2@h/d\n  x: : y',
    '/not-pem': 'hello',
  };

  it.each([
    [
      'an unknown flag',
      { argv: ['--allow-endpont', 'https://x'] },
      '--allow-endpont: there is no such flag; matchday run --help lists them',
    ],
    ['a stray argument', { argv: ['start'] }, '"start": an argument that belongs to no flag; matchday run --help lists them'],
    ['a single dash', { argv: ['-x'] }, '"-x": an argument that belongs to no flag; matchday run --help lists them'],
    ['a flag without its value', { argv: ['--context'] }, '--context: a value must follow'],
    ['a flag in place of a value', { argv: ['--context', '--dry-run'] }, '--context: a value must follow'],
    ['an empty value', { argv: ['--context='] }, '--context: "" must not be empty'],
    [
      'an unknown variable',
      { env: { MATCHDAY_LOGLEVEL: 'x' } },
      'MATCHDAY_LOGLEVEL: there is no such setting; matchday run --help lists them',
    ],
    [
      'an unknown key',
      { argv: ['--config', '/unknown.yaml'] },
      'lease-nam (in /unknown.yaml): there is no such setting; matchday run --help lists them',
    ],
    [
      'a file that names a file',
      { argv: ['--config', '/self.yaml'] },
      'config (in /self.yaml): a configuration file can not name another one',
    ],
    ['a list for one value', { argv: ['--config', '/list.yaml'] }, 'log-level (in /list.yaml): takes one value, not a list'],
    [
      'a mapping for a value',
      { argv: ['--config', '/nested.yaml'] },
      'lease-name (in /nested.yaml): must be a text, a number, true or false, or a list of these',
    ],
    [
      'a key without a value',
      { argv: ['--config', '/empty-value.yaml'] },
      'lease-name (in /empty-value.yaml): must be a text, a number, true or false, or a list of these',
    ],
    [
      'a file of another shape',
      { argv: ['--config', '/array.yaml'] },
      '--config /array.yaml: must hold keys and values, such as "log-level: debug"',
    ],
    ['a file that is not there', { argv: ['--config', '/absent.yaml'] }, '--config: /absent.yaml can not be read (ENOENT)'],
    ['a CA that is not there', { env: { MATCHDAY_CA_FILE: '/absent' } }, 'MATCHDAY_CA_FILE: /absent can not be read (ENOENT)'],
    ['a CA that is none', { argv: ['--ca-file', '/not-pem'] }, '--ca-file: /not-pem holds no PEM certificate'],
    [
      'a bad duration',
      { argv: ['--ledger-grace', '10'] },
      '--ledger-grace: "10" must be days, hours, minutes and seconds, such as 1h30m or 0s',
    ],
    ['a duration beyond counting', { argv: ['--ledger-grace', '99999999999999d'] }, '--ledger-grace: "99999999999999d" must be shorter'],
    ['a bad count', { argv: ['--concurrency', '0'] }, '--concurrency: "0" must be a whole number from 1 to 256'],
    ['a count with a fraction', { argv: ['--concurrency', '1.5'] }, '--concurrency: "1.5" must be a whole number from 1 to 256'],
    ['a bad switch', { argv: ['--dry-run=yes'] }, '--dry-run: "yes" must be true or false'],
    ['a bad level', { env: { MATCHDAY_LOG_LEVEL: 'trace' } }, 'MATCHDAY_LOG_LEVEL: "trace" must be one of debug, info, warn, error'],
    [
      'a bad address',
      { argv: ['--metrics-address', '9090'] },
      '--metrics-address: "9090" must be [HOST]:PORT with a port from 0 to 65535, or 0',
    ],
    [
      'a port that is none',
      { argv: ['--metrics-address', ':70000'] },
      '--metrics-address: ":70000" must be [HOST]:PORT with a port from 0 to 65535, or 0',
    ],
    ['a bare IPv6 address', { argv: ['--metrics-address', '::1:80'] }, '--metrics-address: "::1:80" must have an IPv6 address in brackets'],
    [
      'an endpoint with a path',
      { argv: ['--allow-endpoint', 'https://x.example/y'] },
      '--allow-endpoint: "https://x.example/y" must be an origin: scheme, host and port only',
    ],
    [
      'an endpoint in the clear',
      { argv: ['--allow-endpoint', 'http://x.example'] },
      '--allow-endpoint: "http://x.example" must be https; http only for 127.0.0.1, localhost and [::1]',
    ],
    ['an endpoint that is no URL', { argv: ['--allow-endpoint', 'x.example'] }, '--allow-endpoint: "x.example" must be a URL'],
    [
      'a provider in the clear',
      { argv: ['--football-data-url', 'http://api.football-data.org'] },
      '--football-data-url: "http://api.football-data.org" must be https; http only for 127.0.0.1, localhost and [::1]',
    ],
    ['a lease of no length', { argv: ['--lease-duration', '1s'] }, '--lease-duration: must be 2s or more'],
    ['a renew deadline beyond the lease', { argv: ['--renew-deadline', '15s'] }, '--renew-deadline: must be shorter than lease-duration'],
    [
      'a retry period beyond the deadline',
      { env: { MATCHDAY_RETRY_PERIOD: '9s' } },
      '--renew-deadline: must be longer than 1.2 times retry-period',
    ],
    ['no pause between retries', { argv: ['--retry-period', '0s'] }, '--retry-period: must be 1s or more'],
  ])('with %s is refused in one line that names the key', (_case, given, message) => {
    expect(error({ ...given, files })).toBe(message);
  });

  it.each([
    ['as an argument', { argv: ['--database-url', 'mysql://u:hunter2@h/d'] }],
    ['as an unknown argument', { argv: ['--database-ur=postgres://u:hunter2@h/d'] }],
    ['in the environment', { env: { MATCHDAY_DATABASE_URL: 'u:hunter2@h' } }],
    ['in a file that is broken', { argv: ['--config', '/broken.yaml'] }],
  ])('never repeats a password given %s', (_case, given) => {
    const message = error({ ...given, files });
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('\n');
  });
});

describe('the variables that Kubernetes sets for a service named matchday', () => {
  it.each([
    'MATCHDAY_SERVICE_HOST',
    'MATCHDAY_SERVICE_PORT',
    'MATCHDAY_SERVICE_PORT_METRICS',
    'MATCHDAY_PORT',
    'MATCHDAY_PORT_9090_TCP',
    'MATCHDAY_PORT_9090_TCP_ADDR',
    'MATCHDAY_METRICS_SERVICE_HOST',
  ])('%s is passed over', (variable) => {
    expect(ok({ env: { [variable]: 'tcp://10.0.0.1:9090' } }).concurrency).toBe(16);
  });
});
