/**
 * Every flag of `matchday run` (design §6a), once. The help text, docs/reference/flags.md, the environment variables and the keys of
 * the configuration file are made from this table.
 */

export const FLAG_KINDS = {
  text: 'a text',
  list: 'values with commas between them',
  duration: 'days, hours, minutes and seconds, such as 1h30m',
  count: 'a whole number',
  switch: 'true or false',
  level: 'debug, info, warn or error',
  url: 'an https URL; http only for 127.0.0.1, localhost and [::1]',
  origins: 'exact origins (scheme, host, port; no path); may be given more than once',
  database: 'a postgres:// URL',
  address: '[HOST]:PORT; port 0 takes a free one, 0 alone switches it off',
} as const;
export type FlagKind = keyof typeof FLAG_KINDS;

export interface FlagRow {
  readonly kind: FlagKind;
  /** What stands for the value in the help text. */
  readonly placeholder: string;
  /** As it would be given. Absent: see the help. */
  readonly default?: string;
  /** Its value may carry a password: it is never printed. */
  readonly secret?: true;
  readonly help: string;
}

export const FLAGS = {
  config: {
    kind: 'text',
    placeholder: 'PATH',
    help: 'YAML file whose keys are the names of these flags.',
  },
  kubeconfig: {
    kind: 'text',
    placeholder: 'PATH',
    help: "Kubeconfig file. Default: the pod's service account, else KUBECONFIG, else ~/.kube/config.",
  },
  context: {
    kind: 'text',
    placeholder: 'NAME',
    help: 'Context of the kubeconfig. Default: its current one.',
  },
  'watch-namespaces': {
    kind: 'list',
    placeholder: 'A,B',
    help: 'Namespaces to work in. Default: all.',
  },
  'lease-namespace': {
    kind: 'text',
    placeholder: 'NAME',
    help: "Namespace of the leader election's Lease. Default: the pod's, else default.",
  },
  'lease-name': {
    kind: 'text',
    placeholder: 'NAME',
    default: 'matchday',
    help: "Name of the leader election's Lease.",
  },
  'lease-duration': {
    kind: 'duration',
    placeholder: 'DURATION',
    default: '15s',
    help: 'How long a lease that is not renewed keeps others out. At least 2s.',
  },
  'renew-deadline': {
    kind: 'duration',
    placeholder: 'DURATION',
    default: '10s',
    help: 'After this long without a renewal the leader stops. Shorter than lease-duration.',
  },
  'retry-period': {
    kind: 'duration',
    placeholder: 'DURATION',
    default: '2s',
    help: 'Pause after a failed attempt to take or renew the lease. renew-deadline must be longer than 1.2 times this.',
  },
  'owner-id': {
    kind: 'text',
    placeholder: 'ID',
    help: 'Who owns fence items in Braze. Default: the uid of namespace kube-system. A cluster that takes over after a disaster is given the id of the first.',
  },
  'allow-endpoint': {
    kind: 'origins',
    placeholder: 'URL',
    help: 'Origin outside the documented Braze hosts that a BrazeWorkspace may name, such as the sandbox.',
  },
  'allow-translator': {
    kind: 'origins',
    placeholder: 'URL',
    help: 'Origin of a translator that a FixtureFeed may name in spec.translation.provider. Default: none.',
  },
  'ca-file': {
    kind: 'text',
    placeholder: 'PATH',
    help: 'PEM certificates to trust beside the built-in ones, for Braze, football-data and translators.',
  },
  'football-data-url': {
    kind: 'url',
    placeholder: 'URL',
    default: 'https://api.football-data.org',
    help: 'Where fixtures are read.',
  },
  'database-url': {
    kind: 'database',
    placeholder: 'URL',
    secret: true,
    help: 'Postgres database of the ledger. Default: the PG* variables, when PGHOST, PGSERVICE or PGDATABASE is set; else no ledger is kept.',
  },
  'database-password-file': {
    kind: 'text',
    placeholder: 'PATH',
    help: "File with the password of the ledger's database, such as a mounted Secret; read for each connection, so that it can be rotated.",
  },
  'ledger-grace': {
    kind: 'duration',
    placeholder: 'DURATION',
    default: '10m',
    help: 'How long the deletion of an object waits for the ledger at most.',
  },
  'metrics-address': {
    kind: 'address',
    placeholder: 'ADDRESS',
    default: ':9090',
    help: 'Where /metrics is served.',
  },
  'health-address': {
    kind: 'address',
    placeholder: 'ADDRESS',
    default: ':9091',
    help: 'Where /healthz and /readyz are served.',
  },
  'log-level': {
    kind: 'level',
    placeholder: 'LEVEL',
    default: 'info',
    help: 'The least level that is logged: debug, info, warn or error.',
  },
  concurrency: {
    kind: 'count',
    placeholder: 'COUNT',
    default: '16',
    help: 'Reconciles that run at once, per controller. 1 to 256.',
  },
  'dry-run': {
    kind: 'switch',
    placeholder: 'true|false',
    default: 'false',
    help: 'Decide and report, call nothing, write only the condition DryRun.',
  },
} as const satisfies Record<string, FlagRow>;
export type FlagName = keyof typeof FLAGS;
export type FlagNameOf<Kind extends FlagKind> = { [Name in FlagName]: (typeof FLAGS)[Name]['kind'] extends Kind ? Name : never }[FlagName];

export const FLAG_NAMES = Object.keys(FLAGS).filter(isFlagName);

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

export function flagRow(name: FlagName): FlagRow {
  return FLAGS[name];
}

/** `lease-name` → `MATCHDAY_LEASE_NAME`. */
export function variableOf(name: FlagName): string {
  return `MATCHDAY_${name.toUpperCase().replaceAll('-', '_')}`;
}
