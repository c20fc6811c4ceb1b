/**
 * `loadConfig`: arguments over environment over file, checked, or one line that says what is wrong. Pure but for the files it is
 * handed a reader for; nothing is read at import.
 */
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { FlagReader, readNamedFile } from './flag-reader.ts';
import { runHelp } from './help.ts';
import { fromArguments, fromEnvironment, fromFile, type GivenFlags } from './sources.ts';

export interface ConfigSources {
  /** What follows `matchday run`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file. Throws when it can't be read. */
  readonly readFile: (path: string) => string;
}

/** `error` is for standard error and exit code 2; `help` for standard output and 0. */
export type LoadedConfig = { readonly ok: Config } | { readonly error: string } | { readonly help: string };

export function loadConfig(sources: ConfigSources): LoadedConfig {
  if (sources.argv.some((argument) => argument === '--help' || argument === '-h')) return { help: runHelp() };
  try {
    return { ok: readConfig(sources) };
  } catch (error) {
    if (error instanceof ConfigError) return { error: error.message };
    throw error;
  }
}

/** Written by Kubernetes into each pod that has a service account. */
const POD_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function readConfig(sources: ConfigSources): Config {
  const flags = new FlagReader(givenFlags(sources));
  const config: Config = {
    kubeconfig: flags.text('kubeconfig'),
    context: flags.text('context'),
    watchNamespaces: flags.list('watch-namespaces'),
    lease: {
      namespace: flags.text('lease-namespace') ?? podNamespace(sources.readFile) ?? 'default',
      name: flags.requiredText('lease-name'),
      durationMs: flags.durationMs('lease-duration'),
      renewDeadlineMs: flags.durationMs('renew-deadline'),
      retryPeriodMs: flags.durationMs('retry-period'),
    },
    ownerId: flags.text('owner-id'),
    allowedEndpoints: flags.origins('allow-endpoint'),
    allowedTranslators: flags.origins('allow-translator'),
    extraCa: flags.pem('ca-file', sources.readFile),
    footballDataUrl: flags.url('football-data-url'),
    database: flags.database('database-url', sources.env),
    ledgerGraceMs: flags.durationMs('ledger-grace'),
    metricsAddress: flags.address('metrics-address'),
    healthAddress: flags.address('health-address'),
    logLevel: flags.level('log-level'),
    concurrency: flags.count('concurrency', { min: 1, max: 256 }),
    dryRun: flags.switch('dry-run'),
  };
  flags.checkTogether(config);
  return config;
}

function givenFlags({ argv, env, readFile }: ConfigSources): GivenFlags {
  const fromArgv = fromArguments(argv);
  const fromEnv = fromEnvironment(env);
  const file = fromArgv.get('config') ?? fromEnv.get('config');
  const path = file?.values.at(-1);
  const read = file === undefined || path === undefined ? [] : [...fromFile(path, readNamedFile(file, path, readFile))];
  return new Map([...read, ...fromEnv, ...fromArgv]);
}

function podNamespace(readFile: (path: string) => string): string | undefined {
  try {
    return readFile(POD_NAMESPACE).trim() || undefined;
  } catch {
    return undefined; // Not in a pod.
  }
}
