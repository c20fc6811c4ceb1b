/**
 * Every flag of the command line, once, in kubectl's spelling. A verb names those it takes; the help texts and docs/reference/cli.md are
 * made from this table.
 */

interface CliFlagRow {
  /** Its one-letter form. */
  readonly short?: string;
  /** What stands for the value in the help text. Absent: a switch, which may still be given as `--flag=false`. */
  readonly takes?: string;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  /** What it means to give it without a value. */
  readonly bare?: string;
  /** As it would be given. */
  readonly default?: string;
  /** May be given more than once, or with commas between values. */
  readonly many?: true;
  readonly help: string;
}

export const CLI_FLAGS = {
  namespace: { short: 'n', takes: 'NAMESPACE', help: "Namespace to look in. Default: the context's, else default." },
  'all-namespaces': { short: 'A', help: 'Look in all namespaces.' },
  context: { takes: 'NAME', help: 'Context of the kubeconfig. Default: its current one.' },
  kubeconfig: { takes: 'PATH', help: "Kubeconfig file. Default: the pod's service account, else KUBECONFIG, else ~/.kube/config." },
  output: { short: 'o', takes: 'FORMAT', choices: ['json', 'yaml', 'wide'], help: 'json, yaml, or wide for more columns and rows.' },
  'dry-run': {
    takes: 'client|server|none',
    choices: ['client', 'server', 'none'],
    bare: 'client',
    default: 'none',
    help: 'client: say what would be written and write nothing. server: let the API server check it, and keep nothing.',
  },
  wait: { default: 'true', help: 'Wait until the operator has acted. --wait=false returns as soon as it is written down.' },
  timeout: { takes: 'DURATION', default: '60s', help: 'How long to wait, such as 30s or 2m.' },
  'not-created': { help: 'Braze made (or changed) nothing.' },
  'schedule-id': { takes: 'ID', help: 'Braze made it, or has it after the update: the id of the schedule there.' },
  'not-sent': { help: 'What counts as sent did not go out.' },
  field: { takes: 'FIELD', many: true, help: 'A field to give back, such as sendAt. Default: all that somebody took.' },
  owner: { takes: 'OWNER', help: "The owner to take it from. Default: the one that the object's condition shows." },
  yes: { help: 'Do it without asking first.' },
  recorded: { help: 'Ask nobody: use what the objects say, and show what a change of the feed itself would do.' },
  'database-url': { takes: 'URL', help: 'Postgres database of the ledger. Default: the PG* variables.' },
  'database-password-file': { takes: 'PATH', help: 'File with its password; wins over the one of the URL.' },
  writer: { takes: 'ROLE', help: 'Role that the operator logs in with: it is given what it needs.' },
  from: { takes: 'URL', help: 'Postgres database of the old system; it is only read.' },
  campaign: { takes: 'ID', help: 'Campaign that the old system scheduled in.' },
  apply: { help: 'Write it. Without it only what would be done is shown.' },
  'allow-endpoint': { takes: 'URL', many: true, help: 'As for the operator: an exact origin outside the documented Braze hosts.' },
  'football-data-url': { takes: 'URL', default: 'https://api.football-data.org', help: 'Where fixtures are read.' },
} as const satisfies Record<string, CliFlagRow>;

export type CliFlagName = keyof typeof CLI_FLAGS;
export type SwitchName = { [Name in CliFlagName]: (typeof CLI_FLAGS)[Name] extends { takes: string } ? never : Name }[CliFlagName];
export type TextName = Exclude<CliFlagName, SwitchName>;

/** What every verb takes. */
export const COMMON_FLAGS = ['namespace', 'context', 'kubeconfig'] as const satisfies readonly CliFlagName[];

export const cliFlagRow = (name: CliFlagName): CliFlagRow => CLI_FLAGS[name];

/** `-n, --namespace NAMESPACE`, as the help shows it. */
export function spelled(name: CliFlagName): string {
  const { short, takes } = cliFlagRow(name);
  return `${short === undefined ? '' : `-${short}, `}--${name}${takes === undefined ? '' : ` ${takes}`}`;
}
